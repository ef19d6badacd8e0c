"""Which connector reads a contract's source, and from where."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from jingwei.catalog.contracts import Contract
from jingwei.collection.connectors import Connector, Reject, Source, for_format
from jingwei.collection.connectors.locations import resolve, without_password
from jingwei.collection.connectors.rejects import reason
from jingwei.collection.errors import NoSource


def source_of(contract: Contract, location: str | None) -> Source:
    """The contract's own source, or the given path or URL read with the contract's options."""
    server = contract.server
    if location is None and server is None:
        raise NoSource(resource=contract.id)
    place = location if location is not None else _located(server.location if server else "")
    resolved = resolve(place, server.format if server and location is None else None)
    headers = tuple(field.headers for field in contract.fields)
    options = {**(server.options if server else {}), "server": server.name if server else ""}
    return Source(
        resolved.location, resolved.format, resolved.table or (server.table if server else None), headers, options
    )


def _located(place: str) -> str:
    """Relative paths of contracts start from the node's folder of sources."""
    return place if "://" in place else str(Path(settings.SOURCES) / place)


def connector_of(source: Source) -> Connector:
    connector = for_format(source.format)
    if connector is None:
        raise KeyError(source.format)
    return connector


def shown(location: str) -> str:
    """A location fit for eyes: without a password."""
    return without_password(location)


def words(reject: Reject) -> tuple[str, str]:
    text = reason(reject)
    return text.zh, text.en
