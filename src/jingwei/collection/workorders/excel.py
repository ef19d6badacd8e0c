"""A work order as a file: every open row with its reasons beside the wrong cells, to be corrected and handed back.

The workbook's first sheet says what to do. Rows keep the department's own columns, all cells are text, so that
no spreadsheet ruins a long number or computes what looks like a formula. A hidden column holds each row's number
(order, run, source row, digest of the row as it came): by it, and by nothing else, a row is known when it returns.
"""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any

from jingwei.catalog.codes import CodeList
from jingwei.catalog.contracts import Contract, Field
from jingwei.collection import rows
from jingwei.collection.connectors.headers import plain
from jingwei.collection.models import WorkOrder
from jingwei.collection.standardize import standardizer_of
from jingwei.collection.workorders import lines
from jingwei.collection.workorders.lines import Line
from jingwei.kernel.home import home
from jingwei.kernel.text import Text

NUMBER = "经纬编号"
"""Title of the column a returned row is known by; the same in every language."""
SOURCE_ROW = Text("源行", "Source row")
WRONG = Text("错在哪里", "What is wrong")
AS_CAME = Text("原文", "As it came")
README = Text("说明", "Read me")
SHEET = Text("要改的行", "Rows to mend")
CODES = Text("代码", "Codes")
ROWS_A_SHEET = 1_048_575
"""What a sheet holds under its header."""
MOST_COMMENTS = 5_000
"""A spreadsheet with more comments opens slowly; the column of reasons has them all."""
LONGEST = 32_000
BUFFERED = 1 << 20
STEPS = (
    Text("1. 红色的格子有错，原因在“错在哪里”一列，也在格子的批注里。", "1. Red cells are wrong; the reason is in the column “What is wrong” and in the cell's comment."),
    Text("2. 直接改格子，也可以改同一行的其他格子。有下拉的请选一个。", "2. Correct the cells, others of the same row too. Choose from the list where there is one."),
    Text("3. 不会改的行留着不动，下次再改。行和列可以换次序、可以删；新加的行和列不收。", "3. Leave what you cannot correct for another time. Rows and columns may be moved or deleted; added ones are not taken."),
    Text("4. 存成 .xlsx，回到工单页上传。改对的行就离开隔离，没改对的留下并说明原因。", "4. Save as .xlsx and upload it on the order's page. Rows put right leave quarantine; the others stay, with the reason."),
    Text("号码都按文字存放，不要改单元格格式，否则表格软件会把长号码变成 4.4E+17。", "Numbers are kept as text: do not change the format of cells, or the spreadsheet turns long numbers into 4.4E+17."),
)  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A column of the file: the department's header, and the contract's field where it has one."""

    header: str
    field: Field | None

    def text(self, line: Line) -> str:
        if self.field is not None:
            return line.text(self.field)
        value = line.original.get(self.header) if isinstance(line.original, dict) else None
        return "" if value is None else str(value)


def columns(order: WorkOrder, contract: Contract) -> list[Column]:
    """The department's columns in its own order, then those of the contract that did not come."""
    by_plain = {plain(header): f for f in contract.fields for header in f.headers}
    found: list[Column] = []
    seen: set[str] = set()
    for header in lines.headers(order):
        field = by_plain.get(plain(header))
        if field is None:
            found.append(Column(header, None))
        elif field.name not in seen:
            seen.add(field.name)
            found.append(Column(header, field))
    return found + [Column(f.header, f) for f in contract.fields if f.name not in seen]


def number(order: WorkOrder, line: Line) -> str:
    return f"{order.id}/{line.run}/{line.row}/{line.mark}"


def said(line: Line, contract: Contract) -> str:
    """All reasons of a row, each with the title of its field."""
    titles = {f.name: f.title for f in contract.fields}
    parts = [f"{titles[r.field]}：{r.text}" if r.field in titles else str(r.text) for r in line.reasons]
    return "；".join(parts)


def written(text: str) -> str:
    """What a cell of the workbook shows of a value: no sign a file cannot hold, no more than a cell holds."""
    shown = "".join(
        sign if sign in "\t\n" or ord(sign) >= 0x20 else chr(0x2400 + ord(sign))
        for sign in text.replace("\r\n", "\n").replace("\r", "\n")
    )
    return shown if len(shown) <= LONGEST else shown[:LONGEST] + "…"


def workbook(
    order: WorkOrder, contract: Contract, codes: Mapping[str, CodeList], rows_a_sheet: int = ROWS_A_SHEET
) -> IO[bytes]:
    """The order's open rows as .xlsx, in a file that vanishes when closed."""
    # loaded on first use: every page would pay for a library that only downloads need
    xlsxwriter = importlib.import_module("xlsxwriter")
    folder = home() / "tmp"
    folder.mkdir(parents=True, exist_ok=True)
    file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 (the response closes it)
    options = {
        "constant_memory": True,
        "tmpdir": str(folder),
        "strings_to_numbers": False,
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    book = xlsxwriter.Workbook(file, options)
    book.set_properties({"title": f"{order.id} {contract.title}", "comments": contract.id})
    writer = _Writer(book, order, contract, codes)
    writer.read_me()
    writer.data(rows_a_sheet)
    book.close()
    file.seek(0)
    return file


class _Writer:
    def __init__(
        self, book: Any, order: WorkOrder, contract: Contract, codes: Mapping[str, CodeList]
    ) -> None:
        self.book, self.order, self.contract, self.codes = book, order, contract, codes
        self.columns = columns(order, contract)
        self.with_text = lines.any_text(order)
        fonts = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "vcenter"}
        text = {**fonts, "num_format": "@"}
        self.head = book.add_format(
            {**fonts, "bold": True, "bg_color": "#E8EDF4", "bottom": 1, "text_wrap": True}
        )
        self.cell = book.add_format({**text, "locked": False})
        self.wrong = book.add_format(
            {
                **text,
                "locked": False,
                "bg_color": "#FBE3E0",
                "font_color": "#9C1C12",
                "border": 1,
                "border_color": "#D9897F",
            }
        )
        self.fixed = book.add_format({**text, "font_color": "#666666", "bg_color": "#F5F6F8"})
        self.reason = book.add_format({**text, "font_color": "#9C1C12"})
        self.plain = book.add_format({**fonts, "text_wrap": True, "valign": "top"})
        self.title = book.add_format({**fonts, "bold": True, "font_size": 14})

    def read_me(self) -> None:
        sheet = self.book.add_worksheet(str(README))
        sheet.set_column(0, 0, 90)
        sheet.write_string(0, 0, f"{self.contract.title} · {self.order.id}", self.title)
        due = Text("{who}，{due} 前办结", "{who}, by {due}").fill(
            who=self.order.organization, due=self.order.due.isoformat()
        )
        for row, step in enumerate((due, *STEPS), 2):
            sheet.write_string(row, 0, str(step), self.plain)

    def data(self, rows_a_sheet: int) -> None:
        lists = self._lists()
        sheet, at, comments, sheets = None, 0, 0, 0
        for line in lines.each(self.order):
            if sheet is None or at == rows_a_sheet:
                sheets += 1
                sheet, at, comments = self._sheet(sheets), 0, 0
            at += 1
            comments += self._row(sheet, at, line, comments < MOST_COMMENTS)
        if sheet is None:
            self._sheet(1)
        for name in self._sheets:
            for column, source in lists.items():
                rule = {"validate": "list", "source": source, "error_type": "warning"}
                name.data_validation(1, column, ROWS_A_SHEET, column, rule)

    @property
    def _sheets(self) -> list[Any]:
        return [sheet for sheet in self.book.worksheets() if sheet.get_name().startswith(str(SHEET))]

    def _sheet(self, count: int) -> Any:
        sheet = self.book.add_worksheet(str(SHEET) if count == 1 else f"{SHEET} {count}")
        if count == 1:
            sheet.activate()
        sheet.set_column(0, 0, 12, self.fixed, {"hidden": True})
        sheet.set_column(1, 1, 8, self.fixed)
        sheet.set_column(2, 2, 44, self.reason)
        for at, column in enumerate(self.columns, 3):
            wide = max(10, min(28, 2 * len(column.header) + 4))
            sheet.set_column(
                at, at, 20 if wide < 20 and column.field else wide, self.cell if column.field else self.fixed
            )
        heads = [NUMBER, str(SOURCE_ROW), str(WRONG), *(column.header for column in self.columns)]
        if self.with_text:
            sheet.set_column(len(heads), len(heads), 60, self.fixed)
            heads.append(str(AS_CAME))
        for at, head in enumerate(heads):
            sheet.write_string(0, at, written(head), self.head)
        sheet.freeze_panes(1, 3)
        sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        sheet.autofilter(0, 1, 0, len(heads) - 1)
        # Without a password: it keeps a slip from changing the numbers, not a person from doing more.
        allowed = (
            "sort",
            "autofilter",
            "format_columns",
            "format_rows",
            "delete_rows",
            "delete_columns",
            "select_locked_cells",
        )
        sheet.protect("", dict.fromkeys(allowed, True))
        return sheet

    def _row(self, sheet: Any, at: int, line: Line, commented: bool) -> int:
        """Writes a row; says how many comments it took."""
        faults: dict[str, list[str]] = {}
        for reason in line.reasons:
            faults.setdefault(reason.field, []).append(str(reason.text))
        sheet.write_string(at, 0, number(self.order, line), self.fixed)
        sheet.write_number(at, 1, line.row, self.fixed)
        sheet.write_string(at, 2, written(said(line, self.contract)), self.reason)
        comments = 0
        for place, column in enumerate(self.columns, 3):
            told = faults.get(column.field.name) if column.field else None
            style = self.wrong if told else self.cell if column.field else self.fixed
            text = written(column.text(line))
            if text:
                sheet.write_string(at, place, text, style)
            else:
                sheet.write_blank(at, place, None, style)
            if told and commented:
                sheet.write_comment(at, place, written("；".join(told)), {"x_scale": 1.6})
                comments += 1
        if self.with_text and isinstance(line.original, str):
            sheet.write_string(at, 3 + len(self.columns), written(line.original), self.fixed)
        return comments

    def _lists(self) -> dict[int, str]:
        """Column of a coded field → the cells of the hidden sheet that list its words."""
        found: dict[int, str] = {}
        coded: list[tuple[int, CodeList]] = []
        for at, column in enumerate(self.columns, 3):
            name = standardizer_of(column.field).element.codes if column.field else None
            if name and name in self.codes:
                coded.append((at, self.codes[name]))
        if not coded:
            return found
        sheet = self.book.add_worksheet(str(CODES))
        # constant memory writes row by row, so the lists are written side by side
        titles = [[str(entry.title.text()) for entry in one.entries] for _, one in coded]
        for row in range(max(map(len, titles))):
            for place, words in enumerate(titles):
                if row < len(words):
                    sheet.write_string(row, place, words[row])
        sheet.hide()
        for place, (at, _) in enumerate(coded):
            letter = _letter(place)
            found[at] = f"='{CODES}'!${letter}$1:${letter}${len(titles[place])}"
        return found


def _letter(column: int) -> str:
    name = ""
    while column >= 0:
        name, column = chr(65 + column % 26) + name, column // 26 - 1
    return name


def csv_lines(order: WorkOrder, contract: Contract) -> Iterator[str]:
    """The same rows as CSV; a text that a spreadsheet would compute begins with an apostrophe."""
    known = columns(order, contract)
    with_text = lines.any_text(order)
    last = [str(AS_CAME)] if with_text else []
    yield "\ufeff" + rows.line([NUMBER, str(SOURCE_ROW), str(WRONG), *(c.header for c in known), *last])
    for line in lines.each(order):
        text = [line.original if isinstance(line.original, str) else ""] if with_text else []
        cells = [column.text(line) for column in known]
        yield rows.line([number(order, line), str(line.row), said(line, contract), *cells, *text])
