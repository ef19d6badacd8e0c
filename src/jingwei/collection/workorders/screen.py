"""What the pages of work orders show, ready to draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from jingwei.catalog.codes import CodeList
from jingwei.catalog.contracts import Contract, Field
from jingwei.catalog.elements import Element
from jingwei.collection import rows
from jingwei.collection.models import RowNote, WorkOrder
from jingwei.collection.standardize import standardizer_of
from jingwei.collection.workorders import book, mending
from jingwei.collection.workorders.lines import Line
from jingwei.kernel.text import Text
from jingwei.packs.service import installed

WEEKDAYS = Text("一二三四五六日", "Mon Tue Wed Thu Fri Sat Sun")
RECOGNISED_BY = 3
"""So many good cells are shown beside the wrong ones, for the officer to know whose row it is."""


@dataclass(frozen=True)
class Deadline:
    """The day in words, what is left, and whether that is bad, needs a person, or is fine."""

    day: str
    left: Text
    kind: str


def deadline(order: WorkOrder) -> Deadline:
    today = timezone.localdate()
    day = spoken_day(order.due, today)
    if order.state == WorkOrder.CLOSED:
        closed = timezone.localdate(order.closed) if order.closed else today
        in_time = closed <= order.due
        return Deadline(
            day,
            Text("按期", "in time") if in_time else Text("晚了", "late"),
            "ok" if in_time else "warn",
        )
    left = book.days_left(order.due, today)
    if order.late:
        told = Text("逾期 {n} 个工作日", "{n} working days late").fill(n=max(-left, 1))
        return Deadline(day, told, "bad")
    if left == 0:
        return Deadline(day, Text("今天到期", "due today"), "warn")
    told = Text("还有 {n} 个工作日", "{n} working day left" if left == 1 else "{n} working days left")
    return Deadline(day, told.fill(n=left), "")


def spoken_day(day: date, today: date) -> str:
    """`11-27（周五）`; the year only where it is another."""
    written = f"{day:%m-%d}" if day.year == today.year else day.isoformat()
    weekday = Text(
        f"{written}（周{WEEKDAYS.zh[day.weekday()]}）", f"{written} ({WEEKDAYS.en.split()[day.weekday()]})"
    )
    return str(weekday)


@dataclass(frozen=True)
class Cell:
    """A cell to correct: `text` as it came, `draft` what was typed and not handed in."""

    field: Field
    text: str
    value: str
    why: Text | None
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def wrong(self) -> bool:
        return self.why is not None

    @property
    def long(self) -> bool:
        return len(self.value) > 60


@dataclass(frozen=True)
class Sheet:
    """A row to mend: the wrong cells first, some good ones to know it by, then all others."""

    line: Line
    wrong: tuple[Cell, ...]
    known_by: tuple[Cell, ...]
    others: tuple[Cell, ...]
    whole: tuple[Text, ...]
    note: RowNote | None


def sheets(contract: Contract, lines: Sequence[Line], notes: Mapping[str, RowNote]) -> list[Sheet]:
    return [_sheet(contract, line, notes.get(line.mark)) for line in lines]


def _sheet(contract: Contract, line: Line, note: RowNote | None) -> Sheet:
    draft = dict(note.values) if note else {}
    faults: dict[str, Text] = {}
    for reason in line.reasons:
        faults.setdefault(reason.field, reason.text)
    whole = tuple(r.text for r in line.reasons if r.field not in {f.name for f in contract.fields})
    cells = {f.name: _cell(f, line, draft, faults.get(f.name)) for f in contract.fields}
    wrong = [cells[name] for name in line.wrong(contract)]
    if isinstance(line.original, str):
        # A stretch that was no record has no cells yet: all of them are to be filled.
        wrong = list(cells.values())
    first = list(dict.fromkeys([*(f.name for f in contract.keys), *cells]))
    known_by = [cells[n] for n in first if cells[n] not in wrong and cells[n].text][:RECOGNISED_BY]
    others = [cell for cell in cells.values() if cell not in wrong]
    return Sheet(line, tuple(wrong), tuple(known_by), tuple(others), whole, note)


def _cell(field: Field, line: Line, draft: Mapping[str, str], why: Text | None) -> Cell:
    text = line.text(field)
    return Cell(field, text, draft.get(field.name, text), why, choices(field))


def choices(field: Field) -> tuple[tuple[str, str], ...]:
    """Words of a coded field, for a list of suggestions; what is typed may be any of its spellings."""
    name = standardizer_of(field).element.codes
    codes: CodeList | None = installed().section("codes").get(name) if name else None
    return tuple((e.title.zh, str(e.title.text())) for e in codes.entries) if codes else ()


def masked(contract: Contract, lines: Sequence[Line], reason: str) -> rows.Sheet:
    """The rows as a list shows them: few columns, numbers starred."""
    elements: Mapping[str, Element] = installed().section("elements")
    listed = [line.listed() for line in lines]
    return rows.sheet(contract, elements, listed, reason=reason, in_full=False, persons=True)


def hidden(field: Field, value: str) -> str:
    """A value as a page shows it before somebody asks."""
    return standardizer_of(field).element.mask_text(value)


@dataclass(frozen=True)
class Statement:
    """A row the provider holds to be right, with the row where it is still open."""

    note: RowNote
    line: Line | None


def rows_a_page(contract: Contract) -> int:
    """Rows on a page for mending: a form may hold so many cells and no more."""
    return max(1, min(20, 900 // (len(contract.fields) + 1)))


def cells_of(form: Mapping[str, str], marks: Sequence[str], contract: Contract) -> mending.Cells:
    """What a form sends: `cell.<mark>.<field>`."""
    return {
        mark: {f.name: form[name] for f in contract.fields if (name := f"cell.{mark}.{f.name}") in form}
        for mark in marks
    }
