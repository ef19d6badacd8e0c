"""Where a contract's table is read from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from django.conf import settings

from jingwei.catalog.contracts import Contract, Unpivot
from jingwei.collection.connectors import Reject, Source
from jingwei.collection.connectors.rejects import reason
from jingwei.collection.connectors.resolve import resolve
from jingwei.collection.errors import NoSource


def place_of(contract: Contract, location: str | None) -> str:
    """Path or URL of the table: the given one, else the contract's own."""
    if location is not None:
        return location
    if contract.server is None:
        raise NoSource(resource=contract.id)
    return _located(contract.server.location)


def source_of(contract: Contract, location: str | None) -> Source:
    """The contract's own source, or the given path or URL read with the contract's options."""
    server = contract.server
    options = {**(server.options if server else {}), "server": server.name if server else ""}
    if contract.unpivot:
        options["unpivot"] = _by_header(contract, contract.unpivot)
    return resolve(
        place_of(contract, location),
        server.format if server and location is None else None,
        server.table if server else None,
        [field.headers for field in contract.fields],
        options,
        hint=server.format if server else None,
    )


def _by_header(contract: Contract, unpivot: Unpivot) -> Unpivot:
    """Its columns by their headers: a contract may name the fields instead."""
    header = {field.name: field.header for field in contract.fields}
    into, value = (header.get(name, name) for name in (unpivot.into, unpivot.value))
    return replace(unpivot, into=into, value=value)


def _located(place: str) -> str:
    """Relative paths of contracts start from the node's folder of sources."""
    return place if "://" in place else str(Path(settings.SOURCES) / place)


def words(reject: Reject) -> tuple[str, str]:
    text = reason(reject)
    return text.zh, text.en
