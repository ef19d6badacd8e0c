"""What other rooms may use of the catalog's pages."""

from __future__ import annotations

from jingwei.directory import encyclopedia, graph, listing


def make_ready() -> None:
    """Works out indexes and lineage before the first reader asks."""
    listing.listing("", {})
    encyclopedia.find("")
    graph.graph()
