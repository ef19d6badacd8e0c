"""A work order's file as it comes back: which cells say something new, and what cannot be taken.

    bytes ─▶ tables (sheets, or the CSV) ─▶ column of numbers ─▶ rows by number ─▶ cells by field
          └▶ refused: cells a spreadsheet ruined, rows that were added, one row in two versions

Rows and columns may come in any order, some or many missing. Only what differs from the row as it came, and means
something else, is a correction.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import python_calamine as calamine

from jingwei.catalog.contracts import Contract, Field
from jingwei.catalog.values import standardize_many
from jingwei.collection import rows
from jingwei.collection.connectors.headers import plain
from jingwei.collection.connectors.workbook.cells import is_ruined, text_of
from jingwei.collection.connectors.workbook.container import is_workbook, judge
from jingwei.collection.connectors.workbook.oddities import odd_cells
from jingwei.collection.models import WorkOrder
from jingwei.collection.standardize import standardizer_of
from jingwei.collection.workorders import book, excel, lines, mending
from jingwei.collection.workorders.errors import (
    ColumnTwice,
    FileUnreadable,
    NotReturned,
    OtherOrder,
)
from jingwei.collection.workorders.lines import Line
from jingwei.kernel.models import Account
from jingwei.kernel.text import Text

TOKEN = re.compile(r"([WD]-\d{8}-\d{4,})/(R-\d{8}-\d{4,})/(\d+)/([0-9a-f]{32})")
SCIENTIFIC = re.compile(r"[+-]?\d(\.\d+)?[eE]\+\d{2,}")
SEARCHED = 20
"""Rows in which the header is looked for."""
RUINED = Text(
    "长号码被表格软件变成了 {text}，后几位已丢，请按文字重新填",
    "the spreadsheet turned a long number into {text} and lost its last digits; type it again as text",
)
ZEROS = Text("开头的 0 被表格软件去掉了（{text}）", "the spreadsheet took away the leading zeros ({text})")
ERROR = Text("公式出错（{text}）", "a formula failed ({text})")
ADDED = Text("没有编号，不是这张工单的行", "has no number: it is not a row of this order")
DAMAGED = Text("编号被改动过，认不出是哪一行", "its number was altered, so which row it is cannot be told")
TWO_VERSIONS = Text("同一行出现两次，改得不一样", "the same row stands here twice, corrected differently")


@dataclass(frozen=True)
class Refused:
    """What was not taken: the row of the file, the column if it is one cell, and why."""

    row: int
    column: str
    why: Text
    sheet: str = ""


@dataclass
class Returned:
    """`cells`: row mark → field → text, of every row that was recognised."""

    cells: dict[str, dict[str, str]] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    rows: int = 0


@dataclass(frozen=True)
class HandedIn:
    returned: Returned
    outcome: mending.Outcome | None
    """None where no correction could be taken; `returned.refused` says why."""


Table = tuple[str, list[list[Any]], Mapping[tuple[int, int], str]]
"""Name of a sheet, its rows from row 1, and its cells with a formula error."""


def hand_in(account: Account | None, order_id: str, name: str, data: bytes) -> HandedIn:
    """Takes the corrections of a returned file, and repairs. Raises NotReturned, OtherOrder, FileUnreadable,
    ColumnTwice, and what `mending.save` raises where nothing was refused."""
    order = book.order_of(account, order_id, "order.answer")
    book.still_open(order)
    contract = book.contract_of(order)
    returned = read(order, contract, name, data)
    found = lines.marked(order, returned.cells)
    corrected = without_respelled(contract, found, returned)
    if not corrected and returned.refused:
        return HandedIn(returned, None)
    gone = {mark: cells for mark, cells in returned.cells.items() if mark not in found}
    outcome = mending.save(account, order_id, corrected | gone)
    return HandedIn(returned, replace(outcome, same=len(returned.cells) - len(corrected) - len(gone)))


def read(order: WorkOrder, contract: Contract, name: str, data: bytes) -> Returned:
    """The rows of the file by their numbers."""
    returned = Returned()
    recognised = False
    for sheet, table, errors in tables(name, data):
        head = next((at for at, row in enumerate(table[:SEARCHED]) if excel.NUMBER in map(_said, row)), None)
        if head is None:
            continue
        recognised = True
        heads = [_said(cell) for cell in table[head]]
        wanted = _fields(name, contract, heads)
        for at, row in enumerate(table[head + 1 :], head + 1):
            _take(order, returned, sheet, at, row, heads.index(excel.NUMBER), wanted, heads, errors, name)
    if not recognised:
        raise NotReturned(name=name, column=excel.NUMBER)
    return returned


def _fields(name: str, contract: Contract, heads: list[str]) -> dict[int, Field]:
    """Column → field; columns the contract does not know are nobody's."""
    by_plain = {plain(header): f for f in contract.fields for header in f.headers}
    found: dict[int, Field] = {}
    for at, head in enumerate(heads):
        f = by_plain.get(plain(head)) if head and head != excel.NUMBER else None
        if f is not None:
            if f in found.values():
                raise ColumnTwice(name=name, column=head)
            found[at] = f
    return found


def _take(
    order: WorkOrder,
    returned: Returned,
    sheet: str,
    at: int,
    row: list[Any],
    numbered: int,
    wanted: Mapping[int, Field],
    heads: list[str],
    errors: Mapping[tuple[int, int], str],
    name: str,
) -> None:
    cells = {place: row[place] for place in wanted if place < len(row)}
    token = _said(row[numbered]) if numbered < len(row) else ""
    if not token:
        if any(_said(cell).strip() for cell in cells.values()):
            returned.refused.append(Refused(at + 1, "", ADDED, sheet))
        return
    match = TOKEN.fullmatch(token.strip())
    if match is None:
        returned.refused.append(Refused(at + 1, "", DAMAGED, sheet))
        return
    if match[1] != order.id:
        raise OtherOrder(name=name, found=match[1], order=order.id)
    returned.rows += 1
    mark = match[4]
    texts: dict[str, str] = {}
    for place, cell in cells.items():
        error = errors.get((at, place))
        why = ERROR.fill(text=error) if error else _ruined(cell)
        if why is not None:
            returned.refused.append(Refused(at + 1, heads[place], why, sheet))
        else:
            texts[wanted[place].name] = _said(cell)
    returned.cells.setdefault(mark, {})
    other = returned.cells[mark]
    if other and any(other.get(key, text) != text for key, text in texts.items()):
        returned.refused.append(Refused(at + 1, "", TWO_VERSIONS, sheet))
        returned.cells[mark] = {}
        return
    other.update(texts)


def _said(cell: Any) -> str:
    return "" if cell is None else text_of(cell)


def _ruined(cell: Any) -> Text | None:
    if is_ruined(cell) or (isinstance(cell, str) and SCIENTIFIC.fullmatch(cell.strip())):
        return RUINED.fill(text=_said(cell))
    return None


def without_respelled(
    contract: Contract, found: Mapping[str, list[Line]], returned: Returned
) -> dict[str, dict[str, str]]:
    """The corrections: cells that differ from the row as it came. A spreadsheet writes dates and numbers its own
    way; what means the same as before is no correction, and a code without its leading zeros is refused."""
    changed: dict[str, dict[str, str]] = {}
    for mark, cells in returned.cells.items():
        if mark not in found:
            continue
        line = found[mark][0]
        for f in contract.fields:
            if f.name not in cells:
                continue
            was, text = line.text(f), cells[f.name]
            if text in (was, excel.written(was), rows.disarmed(was)) or text.strip() == was.strip():
                continue
            if was.startswith("0") and was.isdigit() and text == was.lstrip("0"):
                returned.refused.append(Refused(line.row, f.header, ZEROS.fill(text=text)))
                continue
            changed.setdefault(mark, {})[f.name] = rearmed(text)
    for f in contract.fields:
        marks = [mark for mark, cells in changed.items() if f.name in cells]
        if not marks:
            continue
        texts = [found[mark][0].text(f) for mark in marks] + [changed[mark][f.name] for mark in marks]
        judged = standardize_many(standardizer_of(f), texts)
        for mark, old, new in zip(marks, judged[: len(marks)], judged[len(marks) :], strict=True):
            if old.fault is None and new.fault is None and old.value == new.value:
                del changed[mark][f.name]
    return {mark: cells for mark, cells in changed.items() if cells}


def rearmed(text: str) -> str:
    """Without the apostrophe that kept a spreadsheet from computing the text."""
    return text[1:] if text.startswith("'") and text[1:].startswith(rows.FORMULA) else text


def tables(name: str, data: bytes) -> Iterator[Table]:
    """The sheets of a workbook, or the one table of a text file."""
    if is_workbook(data[:8]):
        yield from _sheets(name, data)
    else:
        yield "", _csv(name, data), {}


def _sheets(name: str, data: bytes) -> Iterator[Table]:
    judge(name, data)
    try:
        opened = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        for sheet in opened.sheet_names:
            found = opened.get_sheet_by_name(sheet)
            left = [""] * (found.start[1] if found.start else 0)
            yield sheet, [[*left, *row] for row in found.iter_rows()], odd_cells(data, sheet)
    except calamine.PasswordError as problem:
        raise FileUnreadable(name=name, why=Text("设有密码", "it has a password")) from problem
    except (calamine.CalamineError, OSError, ValueError, KeyError) as problem:
        raise FileUnreadable(name=name, why=str(problem)[:200]) from problem


def _csv(name: str, data: bytes) -> list[list[Any]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding).removeprefix("\ufeff")
        except UnicodeDecodeError:
            continue
        first = text.partition("\n")[0]
        delimiter = max((",", "\t", ";"), key=first.count)
        try:
            return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
        except csv.Error as problem:
            raise FileUnreadable(name=name, why=str(problem)) from problem
    raise FileUnreadable(name=name, why=Text("不是文字表，也不是 Excel", "neither text nor a workbook"))
