"""The wrong rows of an upload as the page lays them out: few columns, the key first, then the wrong ones; every cell an input."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jingwei.catalog.codes import CodeList
from jingwei.catalog.contracts import Contract, Field
from jingwei.catalog.elements import Element
from jingwei.collection.uploads.checking import Verdict, WrongRow
from jingwei.kernel.text import Text

SHOWN_COLUMNS = 6
LONGEST_LIST = 300


@dataclass(frozen=True)
class Cell:
    """`codes` names the list its labels are offered from."""

    field: str
    title: Text
    text: str
    wrong: bool
    corrected: bool
    codes: str | None


@dataclass(frozen=True)
class Row:
    number: int
    cells: list[Cell] | None
    text: str
    reasons: list[Text]
    wrong: list[str]
    accepted: bool


@dataclass(frozen=True)
class Sheet:
    fields: list[Field]
    rows: list[Row]


def sheet(
    contract: Contract, elements: Mapping[str, Element], found: Verdict, rows: Sequence[WrongRow], asked: str
) -> Sheet:
    wrong = [name for row in rows for name, _, _ in row.reasons if name]
    here = {one.field for one in found.matched if one.header}
    order = [*(f.name for f in contract.keys), asked.rpartition(":")[0], *wrong]
    order += [f.name for f in contract.fields]
    names = [name for name in dict.fromkeys(order) if name in here][:SHOWN_COLUMNS]
    fields = [contract.field(name) for name in names]
    return Sheet(fields, [drawn(row, fields, contract, elements, found) for row in rows])


def drawn(
    row: WrongRow,
    fields: Sequence[Field],
    contract: Contract,
    elements: Mapping[str, Element],
    found: Verdict,
) -> Row:
    faulty = [name for name, _, _ in row.reasons if name]
    titles = {f.name: f.title for f in contract.fields if f not in fields}
    said = Text("{field}：{why}", "{field}: {why}")
    reasons = [
        said.fill(field=titles[name], why=text) if name in titles else text for name, _, text in row.reasons
    ]
    corrected = found.replaced.get(str(row.row), {})
    cells = None
    if row.cells is not None:
        cells = [
            Cell(
                field.name,
                field.title,
                row.cells.get(field.name, ""),
                field.name in faulty,
                field.name in corrected,
                coded(field, elements),
            )
            for field in fields
            if field.name in row.cells
        ]
    return Row(row.row, cells, row.text, reasons, faulty, row.accepted)


def coded(field: Field, elements: Mapping[str, Element]) -> str | None:
    element = elements.get(field.element_name)
    return element.codes if element else None


def lists(
    fields: Sequence[Field], elements: Mapping[str, Element], codes: Mapping[str, CodeList]
) -> dict[str, list[Text]]:
    """Labels to choose from, by code list; a very long one is left to typing."""
    wanted = dict.fromkeys(name for field in fields if (name := coded(field, elements)))
    return {
        name: [entry.title.text() for entry in codes[name].entries]
        for name in wanted
        if name in codes and len(codes[name].entries) <= LONGEST_LIST
    }
