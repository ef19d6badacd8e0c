"""The face of understanding: contracts proposed for a file, and what was understood of it, row by row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from jingwei.catalog.contract_files import RESOURCE_ID
from jingwei.collection.connectors import ROW, open_source
from jingwei.collection.understanding.names import name_of
from jingwei.collection.understanding.propose import Proposal, propose
from jingwei.collection.understanding.tables import Understanding, Understood, together, understand
from jingwei.kernel.errors import BadInput
from jingwei.kernel.text import Text

SYSTEM = "department"
"""Source system of a contract for which nobody has named one."""


_GENERIC = re.compile(r"(?:sheet|工作表|table|data)[ _]?\d*", re.IGNORECASE)
"""Names of sheets that say nothing."""


class NotAResource(BadInput):
    code = "not-a-resource-name"
    what = Text("资源名 {id} 不能用。", "{id} cannot name a resource.")
    do = Text(
        "写成 系统.表，只用小写字母、数字和下划线，如 police.resident。",
        "Write system.table in lower case letters, digits and underscores, such as police.resident.",
    )


def infer(location: str, resource: str | None = None, sheet: str | None = None) -> list[Proposal]:
    """A contract for every table at a path or URL, or those of one sheet. Sheets of one shape make one."""
    if resource is not None and not RESOURCE_ID.fullmatch(resource):
        raise NotAResource(id=resource)
    found = understand(location, sheet)
    tables = merged(found)
    taken: list[str] = []
    proposals = []
    for table in tables:
        made = _id(table, resource, tables, taken)
        taken.append(made)
        proposals.append(propose(table, made))
    return proposals


def merged(found: Understanding) -> list[Understood]:
    """The tables with sheets of one shape put together."""
    tables = list(found.tables)
    for sheets in found.alike:
        of_them = [table for table in tables if table.sheet in sheets and table.from_row == 1]
        # what else stands on those sheets cannot be read along
        if any(table.sheet in sheets and table.from_row > 1 for table in tables):
            continue
        place = tables.index(of_them[0])
        tables = [table for table in tables if table not in of_them]
        tables.insert(place, together(of_them[0], sheets))
    return tables


def _id(table: Understood, resource: str | None, tables: Sequence[Understood], taken: Sequence[str]) -> str:
    """`system.table`: the given name, or one from the table's title, sheet or file."""
    if resource is not None and (table is tables[0] or len(tables) == 1):
        return resource
    system = resource.rsplit(".", 1)[0] if resource else SYSTEM
    stem = Path(urlsplit(table.location).path if "://" in table.location else table.location).stem
    several = len({other.sheet for other in tables}) > 1
    sheet = None if table.sheet is None or _GENERIC.fullmatch(table.sheet) else table.sheet
    said = (sheet if several else None) or table.title or sheet or stem
    own = {name.rsplit(".", 1)[1] for name in taken}
    name, _ = name_of(said, own)
    return f"{system}.{name}"


def rows(table: Understood, long: bool = True) -> Iterator[tuple[tuple[int, ...], list[list[str]]]]:
    """The table's rows with their numbers, a batch at a time, as a run reads them."""
    with open_source(table.source(long)) as reader:
        for batch in reader.batches():
            cells = [batch.rows.column(name).to_pylist() for name in (ROW, *reader.columns)]
            yield tuple(cells[0]), [list(row) for row in zip(*cells[1:], strict=True)]


def header(table: Understood, long: bool = True) -> tuple[str, ...]:
    """The columns of those rows."""
    with open_source(table.source(long)) as reader:
        return reader.columns
