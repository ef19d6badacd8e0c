"""Organizations from a table: CSV or XLSX, a row each. Everything wrong is told at once; nothing is half taken.

file ──cells──▶ rows ──check against tree and one another──▶ faults by row, or one transaction

A row whose code is known brings that organization up to date (a new name is a renaming, another parent a move); a row
that says nothing new changes nothing, so a table may be imported again.
"""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone
from python_calamine import CalamineError, CalamineWorkbook
from xlsxwriter import Workbook

from jingwei.kernel import ledger, permissions
from jingwei.kernel.models import Account, Organization
from jingwei.kernel.organizations import contains
from jingwei.kernel.text import Text
from jingwei.people import tree
from jingwei.people.errors import OrganizationsUnreadable, TableFaulty

COLUMNS = {
    "code": ("代码", "code"),
    "name_zh": ("名称", "name"),
    "name_en": ("英文名", "English name"),
    "level": ("层级", "level"),
    "parent": ("上级代码", "parent"),
    "grids": ("网格", "grids"),
    "valid_from": ("启用日期", "valid from"),
}
NEEDED = ("code", "name_zh", "level")
LEVEL_WORDS = {
    "市": "city",
    "市级": "city",
    "区": "district",
    "区级": "district",
    "街道": "street",
    "社区": "community",
}
MOST_ROWS, MOST_BYTES, MOST_UNPACKED = 20_000, 5_000_000, 100_000_000


@dataclass
class Row:
    number: int
    said: dict[str, str]
    faults: list[tuple[int, str, Text]] = field(default_factory=list)

    def fault(self, column: str, text: Text) -> None:
        self.faults.append((self.number, COLUMNS[column][0], text))


@dataclass(frozen=True)
class Imported:
    made: int
    changed: int
    same: int


def take(account: Account | None, name: str, data: bytes) -> Imported:
    """Imports a table. Raises OrganizationsUnreadable or TableFaulty with every fault; then nothing was changed."""
    if account is not None:
        permissions.require(account, tree.EDIT, "organization/import")
    rows = [Row(number, said) for number, said in _rows(name, data)]
    known = {one.code: one for one in Organization.objects.select_related("parent")}
    _check(account, rows, known)
    faults = [fault for row in rows for fault in row.faults]
    if faults:
        ledger.record(
            account, tree.EDIT, "organization/import", outcome="refused", purpose=f"{len(faults)} faults"
        )
        raise TableFaulty(faults)
    with transaction.atomic():
        counts = _apply(account, _in_order(rows), known)
        ledger.record(
            account, tree.EDIT, "organization/import", purpose=f"{counts.made} made, {counts.changed} changed"
        )
    return counts


def template() -> bytes:
    """An XLSX with the header and two rows to write over."""
    file = io.BytesIO()
    with Workbook(file, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("机构")
        bold = book.add_format({"bold": True})
        text = book.add_format({"num_format": "@"})
        sheet.set_column(0, len(COLUMNS) - 1, 18, text)
        for place, (zh, _) in enumerate(COLUMNS.values()):
            sheet.write_string(0, place, zh, bold)
        for number, row in enumerate(EXAMPLE, 1):
            for place, cell in enumerate(row):
                sheet.write_string(number, place, cell, text)
    return file.getvalue()


EXAMPLE = (
    ("street-01", "示例街道办事处", "Sample Street Office", "街道", "", "", "2026-01-01"),
    ("community-01", "示例社区", "Sample Community", "社区", "street-01", "G-0101 G-0102", "2026-01-01"),
)


def _rows(name: str, data: bytes) -> list[tuple[int, dict[str, str]]]:
    """Rows by column, with their number in the file."""
    shown = Path(name.replace("\\", "/")).name[:80] or "-"
    if len(data) > MOST_BYTES:
        raise OrganizationsUnreadable(name=shown, why=Text("文件太大", "the file is too large"))
    cells = _sheet(shown, data) if data[:2] == b"PK" else _csv(shown, data)
    head = [cell.strip().lower() for cell in cells[0]] if cells else []
    places = {
        column: next((head.index(word.lower()) for word in words if word.lower() in head), None)
        for column, words in COLUMNS.items()
    }
    missing = [COLUMNS[column][0] for column in NEEDED if places[column] is None]
    if missing:
        why = Text("缺列 {c}", "columns are missing: {c}").fill(c="、".join(missing))
        raise OrganizationsUnreadable(name=shown, why=why)
    if len(cells) - 1 > MOST_ROWS:
        raise OrganizationsUnreadable(
            name=shown, why=Text(f"超过 {MOST_ROWS:,} 行", f"more than {MOST_ROWS:,} rows")
        )
    found = []
    for number, row in enumerate(cells[1:], 2):
        if any(cell.strip() for cell in row):
            said = {c: row[p].strip() for c, p in places.items() if p is not None and p < len(row)}
            found.append((number, {column: said.get(column, "") for column in COLUMNS}))
    if not found:
        raise OrganizationsUnreadable(name=shown, why=Text("没有行", "there are no rows"))
    return found


def _sheet(name: str, data: bytes) -> list[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(one.file_size for one in packed.infolist()) > MOST_UNPACKED:
                raise OrganizationsUnreadable(name=name, why=Text("解开后太大", "it unpacks to too much"))
        rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    except (CalamineError, zipfile.BadZipFile, OSError) as exc:
        raise OrganizationsUnreadable(name=name, why=Text("不是完好的 XLSX", "it is no sound XLSX")) from exc
    return [[_cell(value) for value in row] for row in rows]


def _cell(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat()[:10] if isinstance(value, date) else str(value)


def _csv(name: str, data: bytes) -> list[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        try:
            return list(csv.reader(io.StringIO(text, newline="")))
        except csv.Error:
            break
    raise OrganizationsUnreadable(name=name, why=Text("不是文本表格", "it is no table of text"))


def _check(account: Account | None, rows: list[Row], known: dict[str, Organization]) -> None:
    scopes = permissions.scopes(account, tree.EDIT) if account is not None else None
    in_table = {row.said["code"]: row for row in rows}
    names = {one.name_zh: one.code for one in known.values() if one.valid_until is None}
    seen: dict[str, int] = {}
    for row in rows:
        said = row.said
        said["level"] = LEVEL_WORDS.get(said["level"], said["level"].lower())
        if said["code"] in seen:
            row.fault(
                "code",
                Text("和第 {n} 行的代码相同", "the code stands in row {n} too").fill(n=seen[said["code"]]),
            )
        seen.setdefault(said["code"], row.number)
        facts = {**said, "grids": tree.grids_of(said["grids"])}
        for column, text in tree.faults_of(facts, None).items():
            row.fault(column, text)
        bearer = names.setdefault(said["name_zh"], said["code"])
        if bearer != said["code"]:
            row.fault("name_zh", Text("名称已由 {code} 使用", "the name belongs to {code}").fill(code=bearer))
        if said["valid_from"] and _day(said["valid_from"]) is None:
            row.fault("valid_from", Text("日期写成 2026-01-31", "write the day as 2026-01-31"))
        _check_place(row, in_table, known, scopes)


def _check_place(
    row: Row, in_table: dict[str, Row], known: dict[str, Organization], scopes: set[int] | None
) -> None:
    """Its parent is there, stands no lower, does not hang below it, and the person may edit both places."""
    said, code = row.said, row.said["parent"]
    parent = in_table.get(code) or known.get(code)
    if code and parent is None:
        row.fault(
            "parent", Text("没有代码为 {code} 的机构", "there is no organization {code}").fill(code=code)
        )
        return
    level = parent.said["level"] if isinstance(parent, Row) else parent.level if parent else ""
    level = LEVEL_WORDS.get(level, level)
    if level in tree.RANK and said["level"] in tree.RANK and tree.RANK[level] > tree.RANK[said["level"]]:
        row.fault("level", Text("层级高于上级机构", "it stands higher than what it belongs to"))
    line, at = [said["code"]], code
    while at and at not in line:
        line.append(at)
        above = in_table.get(at)
        place = known.get(at)
        at = above.said["parent"] if above else place.parent.code if place and place.parent else ""
    if at:
        row.fault("parent", Text("上下级绕成了圈", "it hangs below itself"))
    if scopes is not None:
        old = known.get(said["code"])
        anchor = next((known[one] for one in line[1:] if one in known), None)
        inside = anchor is not None and any(contains(scope, anchor) for scope in scopes)
        if not inside and not (old and not code and any(contains(scope, old) for scope in scopes)):
            row.fault("parent", Text("不在您管的范围里", "it lies outside what you look after"))
        elif old is not None and not any(contains(scope, old) for scope in scopes):
            row.fault("code", Text("这个机构不归您管", "this organization is not yours to edit"))


def _in_order(rows: list[Row]) -> list[Row]:
    """Parents before what hangs below them."""
    waiting = {row.said["code"]: row for row in rows}
    ordered: list[Row] = []
    while waiting:
        ready = [row for row in waiting.values() if row.said["parent"] not in waiting]
        ordered += ready
        for row in ready:
            del waiting[row.said["code"]]
    return ordered


def _apply(account: Account | None, rows: list[Row], known: dict[str, Organization]) -> Imported:
    made = changed = 0
    today = timezone.localdate()
    for row in rows:
        said, grids = row.said, tree.grids_of(row.said["grids"])
        parent, one = known.get(said["parent"]), known.get(said["code"])
        if one is None:
            facts = {**said, "grids": grids, "valid_from": _day(said["valid_from"])}
            known[said["code"]] = tree.make(account, parent, facts)
            made += 1
            continue
        before = (one.name_zh, one.name_en, one.level, one.parent_id, list(one.grids))
        english = said["name_en"] or one.name_en
        if said["name_zh"] != one.name_zh:
            tree.rename(account, one, said["name_zh"], english, today)
        if parent is not None and parent.pk != one.parent_id:
            tree.move(account, one, parent)
        tree.edit(account, one, name_en=english, level=said["level"], grids=grids or one.grids)
        changed += before != (one.name_zh, one.name_en, one.level, one.parent_id, list(one.grids))
    return Imported(made, changed, len(rows) - made - changed)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
