"""An empty workbook made from a contract: what is filled into it is read back without a single option.

    sheet of the table   line above · header (the contract's own names) · cells that keep what is typed
    填写说明              one line a column: what it means, whether it must be filled, how it may be written
    (hidden)             labels of the code lists, which the drop-down lists point to

Numbers that are names (identity numbers, codes) are text from the first key: Excel rounds what it takes for a
number after fifteen digits, and what is lost there nobody can bring back.
"""

from __future__ import annotations

import importlib
import io
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import quote

from jingwei.catalog.codes import CodeList
from jingwei.catalog.contracts import Contract, Field
from jingwei.catalog.elements import Element
from jingwei.collection.uploads.reading import made_fields
from jingwei.kernel.text import Text, listed

HEADER_ROW, FIRST, LAST = 1, 2, 50_000
"""Rows from 0: the header, and the cells that get formats and lists."""
FORMATS = {"date": "yyyy-mm-dd", "timestamp": "yyyy-mm-dd hh:mm:ss", "integer": "0", "decimal": "General"}
HOW = Text("填写说明", "How to fill it")
LISTS = "_codes"
YES, NO = Text("是", "yes"), Text("否", "no")
MUST = Text("必填", "required")
COLUMNS = (
    (Text("列", "Column"), 24),
    (Text("什么意思", "What it means"), 22),
    (Text("必填", "Required"), 9),
    (Text("怎么写", "How to write it"), 60),
    (Text("还会查什么", "What else is checked"), 44),
)
ABOVE = Text(
    "{title}（{organization}）：深色的列必填；鼠标放在列名上看怎么写；不要改列名，不要加合计行。",
    "{title} ({organization}): dark columns are required; point at a name to see how to write it; keep the names, add no totals.",
)
WIDE = Text(
    "后面每个{into}一列，列名要合这个写法：{pattern}",
    "then a column for each {into}, named after this pattern: {pattern}",
)
STEPS = (
    Text("一行写一条，写在“{sheet}”这一页。", "One record a row, on the sheet “{sheet}”."),
    Text(
        "证件号码、编号的格子已经是文本格式，从别处粘贴请用“只粘贴文本”。",
        "Cells for numbers of documents are text already; paste from elsewhere as text only.",
    ),
    Text("有下拉的格子从下拉里选。", "Where there is a list, choose from it."),
    Text(
        "写好后在“上报”里交这个文件，错的格子当场标出来，可以在网页上改。",
        "Hand the file in on the page Hand in; wrong cells are marked at once and can be mended there.",
    ),
)


def file_name(contract: Contract) -> str:
    """The header that names the download, in any language."""
    return f"attachment; filename=\"{contract.id}.xlsx\"; filename*=UTF-8''{quote(str(contract.title))}.xlsx"


def workbook(
    contract: Contract,
    elements: Mapping[str, Element],
    codes: Mapping[str, CodeList],
    rows: Sequence[Mapping[str, str]] = (),
) -> bytes:
    """The workbook's bytes; `rows` (field → text) are filled in already."""
    # Only this page writes workbooks, and loading the library takes a tenth of a second.
    xlsxwriter = importlib.import_module("xlsxwriter")
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": FORMATS["date"]})
    sheet = book.add_worksheet(sheet_name(contract))
    how = book.add_worksheet(str(HOW))
    hidden = book.add_worksheet(LISTS)
    hidden.very_hidden()
    _fill(book, sheet, hidden, contract, elements, codes)
    for at, row in enumerate(rows, FIRST):
        for column, field in enumerate(fields_of(contract)):
            if row.get(field.name):
                sheet.write_string(at, column, row[field.name])
    _explain(book, how, contract, elements, codes)
    sheet.activate()
    book.close()
    return out.getvalue()


def sheet_name(contract: Contract) -> str:
    """What Excel takes for a sheet's name; never the name of the sheet that explains."""
    name = re.sub(r"[\[\]:*?/\\']", " ", str(contract.title)).strip()[:31] or contract.id[:31]
    return name if name != str(HOW) else contract.id[:31]


def _fill(
    book: Any,
    sheet: Any,
    hidden: Any,
    contract: Contract,
    elements: Mapping[str, Element],
    codes: Mapping[str, CodeList],
) -> None:
    base = {"bold": True, "border": 1, "text_wrap": True, "valign": "vcenter", "num_format": "@"}
    head = {
        True: book.add_format({**base, "bg_color": "#1f559f", "font_color": "#ffffff"}),
        False: book.add_format({**base, "bg_color": "#e8f0fa"}),
    }
    line = ABOVE.fill(title=contract.title, organization=contract.organization)
    sheet.write_string(0, 0, str(line), book.add_format({"font_color": "#596577"}))
    sheet.freeze_panes(HEADER_ROW + 1, min(1, len(contract.keys)))
    kinds = {kind: book.add_format({"num_format": FORMATS.get(kind, "@")}) for kind in (*FORMATS, "string")}
    for at, field in enumerate(fields_of(contract)):
        element = elements.get(field.element_name)
        kind = element.type if element else field.logical_type
        sheet.set_column(
            at, at, max(10, min(32, 2.2 * len(field.header) + 4)), kinds.get(kind, kinds["string"])
        )
        sheet.write_string(HEADER_ROW, at, field.header, head[field.required])
        comment = _comment(field, element)
        sheet.write_comment(
            HEADER_ROW,
            at,
            comment,
            {"x_scale": 2.2, "y_scale": 0.6 + comment.count("\n") * 0.35, "font_size": 9},
        )
        choices = _choices(element, codes)
        if choices:
            sheet.data_validation(FIRST, at, LAST, at, _list(hidden, at, choices))
        elif kind == "date":
            sheet.data_validation(FIRST, at, LAST, at, _day())


def fields_of(contract: Contract) -> list[Field]:
    """Fields that have a column; those a wide table is turned into have none."""
    made = made_fields(contract)
    return [field for field in contract.fields if field.name not in made]


def _choices(element: Element | None, codes: Mapping[str, CodeList]) -> list[str]:
    if element and element.codes and element.codes in codes:
        return [str(entry.title.text()) for entry in codes[element.codes].entries]
    return [YES.zh, NO.zh] if element and element.type == "boolean" else []


def _list(hidden: Any, at: int, choices: list[str]) -> dict[str, Any]:
    """A drop-down whose labels stand on the hidden sheet: one written into the cell itself may have 255 characters."""
    for row, label in enumerate(choices):
        hidden.write_string(row, at, label)
    utility = importlib.import_module("xlsxwriter.utility")
    column = utility.xl_col_to_name(at, col_abs=True)
    return {
        "validate": "list",
        "source": f"={LISTS}!{column}$1:{column}${len(choices)}",
        # A label people write in another way is understood too: the list offers, it does not forbid.
        "error_type": "information",
        "error_title": str(Text("不在下拉里", "Not in the list"))[:32],
        "error_message": str(
            Text("下拉里没有这个写法。能认出来的会自动换成标准写法，认不出的交的时候会标出来。",
                 "The list has no such word. What can be understood is taken all the same.")
        )[:255],
    }  # fmt: skip


def _day() -> dict[str, Any]:
    return {
        "validate": "date",
        "criteria": "between",
        "minimum": date(1900, 1, 1),
        "maximum": date(2199, 12, 31),
        "error_type": "warning",
        "error_title": str(Text("不像日期", "Not a date"))[:32],
        "error_message": str(
            Text(
                "请写成 2026-11-20。没有日的日期，照实写，交的时候会告诉您怎么办。", "Write it as 2026-11-20."
            )
        )[:255],
    }


def _comment(field: Field, element: Element | None) -> str:
    lines = [f"{field.title}{f' · {MUST}' if field.required else ''}"]
    if element:
        lines += [f"{element.title.text()} · {element.standard}", str(element.mends.text())]
    lines += [str(rule.message) for rule in field.rules]
    return "\n".join(lines)[:1000]


def _explain(
    book: Any, how: Any, contract: Contract, elements: Mapping[str, Element], codes: Mapping[str, CodeList]
) -> None:
    bold, wrap = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    row = 0
    for number, step in enumerate(STEPS, 1):
        how.write_string(row, 0, f"{number}. {step.fill(sheet=sheet_name(contract))}")
        row += 1
    row += 1
    for at, (title, width) in enumerate(COLUMNS):
        how.set_column(at, at, width)
        how.write_string(row, at, str(title), bold)
    for field in fields_of(contract):
        row += 1
        element = elements.get(field.element_name)
        choices = _choices(element, codes)
        ways = [str(element.mends.text())] if element else []
        if choices:
            few = Text("从下拉里选：{labels}", "choose: {labels}").fill(labels=listed(choices[:12]))
            ways.insert(0, f"{few}{' …' if len(choices) > 12 else ''}")
        rules = [str(rule.message) for rule in field.rules]
        # In quotation marks, so that this line can never be taken for a header.
        cells = [
            f"“{field.header}”",
            str(field.title),
            str(YES if field.required else NO),
            "\n".join(ways),
            "；".join(rules),
        ]
        for at, cell in enumerate(cells):
            how.write_string(row, at, cell, wrap)
    if contract.unpivot:
        row += 1
        wide = WIDE.fill(pattern=contract.unpivot.columns, into=contract.unpivot.into)
        how.write_string(row, 3, str(wide), wrap)
    for rule in contract.rules:
        row += 1
        how.write_string(row, 0, str(Text("整行", "Whole row")), wrap)
        how.write_string(row, 4, str(rule.message), wrap)
