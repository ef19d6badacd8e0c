"""Quarantined rows as a page or a file shows them: columns in the contract's order, the wrong cell marked.

What a department wrote is evidence and is kept as it came, but a page shows identity numbers and telephones
masked, wrong ones too, until someone with the right asks; the asking is recorded. In a file for the provider
every cell that a spreadsheet would take for a formula is disarmed with an apostrophe.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from jingwei.catalog.contracts import Contract, Field
from jingwei.catalog.elements import Element
from jingwei.collection.connectors.headers import plain
from jingwei.collection.quarantine import QuarantinedRow
from jingwei.kernel.text import Text

SHOWN_COLUMNS = 4
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True)
class Cell:
    text: str
    wrong: bool = False
    masked: bool = False


@dataclass(frozen=True)
class Shown:
    """A row ready to draw; `reasons` are whole sentences."""

    number: int
    cells: list[Cell]
    reasons: list[Text]


@dataclass(frozen=True)
class Sheet:
    """The columns a page shows and its rows."""

    titles: list[Text]
    rows: list[Shown]
    masked: bool


def sheet(
    contract: Contract,
    elements: Mapping[str, Element],
    rows: Sequence[QuarantinedRow],
    *,
    reason: str,
    in_full: bool,
    persons: bool,
) -> Sheet:
    """Few enough columns to read: the wrong ones first, then key and the fields declared first."""
    wrong = [r.field for row in rows for r in row.reasons if r.field]
    asked = reason.rpartition(":")[0]
    first = [name for name in dict.fromkeys([asked, *wrong]) if any(f.name == name for f in contract.fields)]
    rest = [*(f.name for f in contract.keys), *(f.name for f in contract.fields)]
    names = list(dict.fromkeys([*first[: SHOWN_COLUMNS - 1], *rest]))[:SHOWN_COLUMNS]
    fields = [f for f in contract.fields if f.name in names]
    fields.sort(key=lambda f: names.index(f.name))
    titles = {f.name: f.title for f in contract.fields if f not in fields}
    shown = [
        Shown(
            row.row,
            cells(row, fields, elements, in_full=in_full, persons=persons),
            said(row, titles, persons),
        )
        for row in rows
    ]
    return Sheet([f.title for f in fields], shown, any(c.masked for row in shown for c in row.cells))


def said(row: QuarantinedRow, elsewhere: Mapping[str, Text], persons: bool) -> list[Text]:
    """Why the row was set aside; a fault in a column that is not shown names it. Reasons quote the row,
    so whoever may not see persons is not told them."""
    if not persons:
        return []
    named = Text("{field}：{why}", "{field}: {why}")
    return [
        named.fill(field=elsewhere[r.field], why=r.text) if r.field in elsewhere else r.text
        for r in row.reasons
    ]


def cells(
    row: QuarantinedRow,
    fields: Sequence[Field],
    elements: Mapping[str, Element],
    *,
    in_full: bool,
    persons: bool,
) -> list[Cell]:
    """`persons` False hides everything personal whole: an administrator has no business with residents."""
    faulty = {r.field for r in row.reasons}
    out = []
    for field in fields:
        text = value_of(row, field)
        element = elements.get(field.element or "")
        personal = element is not None and element.classification in ("personal", "sensitive")
        hidden = text
        if personal and not persons:
            hidden = "*" * min(len(text), 6)
        elif element and not in_full:
            hidden = element.mask_text(text)
        out.append(Cell(hidden, wrong=field.name in faulty, masked=hidden != text))
    return out


def value_of(row: QuarantinedRow, field: Field) -> str:
    """What the department wrote under this field, by whichever of its headers the row used."""
    if not isinstance(row.original, dict):
        return row.original if field.key == 1 else ""
    wanted = {plain(header) for header in field.headers}
    found = next((v for header, v in row.original.items() if plain(header) in wanted), None)
    return "" if found is None else str(found)


def csv_lines(contract: Contract, rows: Iterable[QuarantinedRow], heads: Sequence[str]) -> Iterator[str]:
    """A CSV file with the rows as they came, for the provider: source row, its columns, what is wrong."""
    yield "\ufeff" + line([*heads[:1], *(f.header for f in contract.fields), *heads[1:]])
    for row in rows:
        told = "；".join(str(r.text) for r in row.reasons)
        values = [value_of(row, field) for field in contract.fields]
        if not isinstance(row.original, dict):
            values = [row.original, *[""] * (len(contract.fields) - 1)]
        yield line([str(row.row), *values, told])


def line(values: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([disarmed(value) for value in values])
    return out.getvalue()


def disarmed(value: str) -> str:
    return f"'{value}" if value.startswith(FORMULA) else value
