"""The list a department compares: read by the same readers as a collected table, kept for a day, given back with answers.

file ─kept under a random name, for its uploader alone─▶ readers of collection ─▶ rows
answers ─▶ CSV or XLSX: the list's own cells and the answers, formulas disarmed
"""

from __future__ import annotations

import csv
import importlib
import io
import json
import re
import secrets
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from jingwei.collection.connectors.base import ROW, Source
from jingwei.collection.connectors.errors import HeaderMissing
from jingwei.collection.connectors.resolve import open_source, resolve
from jingwei.collection.rows import disarmed
from jingwei.kernel.errors import JingweiError
from jingwei.kernel.home import home
from jingwei.kernel.models import Account
from jingwei.kernel.text import Text
from jingwei.registers.comparison import MOST_ROWS, WORDS, Comparison, ListRow, headers
from jingwei.registers.errors import ListGone, ListTooLarge, ListTooLong, ListUnreadable
from jingwei.registers.sources import Declared

MOST_MEGABYTES = 20
KEPT_SECONDS = 24 * 3600
TABLES = ("xlsx", "xls", "xlsm", "xlsb", "ods", "csv", "tsv")
TOKEN = re.compile(r"[0-9a-f]{32}")
ROW_TITLE, FOUND_TITLE = Text("名单行号", "row"), Text("比对结果", "result")


@dataclass(frozen=True)
class Kept:
    """A list that waits to be compared."""

    token: str
    name: str
    path: Path


def _folder() -> Path:
    folder = home() / "files" / "comparisons"
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def keep(account: Account, name: str, size: int, chunks: Iterable[bytes]) -> Kept:
    """The list under a random name; lists of yesterday are removed on the way."""
    name = Path(name.replace("\\", "/")).name[-100:] or "-"
    if size > MOST_MEGABYTES * 1_000_000:
        raise ListTooLarge(name=name, size=f"{size / 1e6:,.0f}", most=MOST_MEGABYTES)
    folder, token = _folder(), secrets.token_hex(16)
    for old in folder.iterdir():
        if old.stat().st_mtime < time.time() - KEPT_SECONDS:
            old.unlink(missing_ok=True)
    suffix = re.sub(r"[^a-z.]", "", Path(name).suffix.lower())[:6]
    path = folder / f"{token}{suffix}"
    with path.open("wb") as file:
        for chunk in chunks:
            file.write(chunk)
    told = {"name": name, "by": account.username, "path": path.name}
    (folder / f"{token}.json").write_text(json.dumps(told), encoding="utf-8")
    return Kept(token, name, path)


def kept(account: Account, token: str) -> Kept:
    """The list this account uploaded. Raises ListGone for any other."""
    about = _folder() / f"{token}.json"
    if not TOKEN.fullmatch(token) or not about.exists() or about.stat().st_mtime < time.time() - KEPT_SECONDS:
        raise ListGone()
    told = json.loads(about.read_text(encoding="utf-8"))
    path = _folder() / told["path"]
    if told["by"] != account.username or not path.exists():
        raise ListGone()
    return Kept(token, told["name"], path)


def drop(one: Kept) -> None:
    one.path.unlink(missing_ok=True)
    (_folder() / f"{one.token}.json").unlink(missing_ok=True)


def keep_answers(one: Kept, rows: Iterable[Sequence[str]]) -> None:
    (_folder() / f"{one.token}.answers").write_text(json.dumps(list(rows)), encoding="utf-8")


def answers(one: Kept) -> list[list[str]]:
    """The answers last given to a list. Raises ListGone where it was not compared yet."""
    path = _folder() / f"{one.token}.answers"
    if not path.exists():
        raise ListGone()
    found: list[list[str]] = json.loads(path.read_text(encoding="utf-8"))
    return found


def read(
    known: Declared, path: Path, name: str, assigned: Sequence[str] = ()
) -> tuple[list[str], list[ListRow]]:
    """The columns and rows of a list. The fields' titles help to find the header below a heading; where none is
    found, the first row is the header."""
    hoped: list[tuple[str, ...]] = [
        (one.name, *known.title(one.name), *headers(known, one.name)) for one in known.register.fields
    ]
    hoped += [(column,) for column in assigned]
    try:
        source = resolve(str(path), None)
        if source.format not in TABLES:
            raise ListUnreadable(name=name, why=source.format)
        try:
            return _rows(replace(source, headers=tuple(hoped)), name)
        except HeaderMissing:
            return _rows(source, name)
    except (ListUnreadable, ListTooLong):
        raise
    except JingweiError as exc:
        # The place on disk is nobody's business; the reader's own words name it.
        why = Text(*(words.replace(str(path), name) for words in exc.what))
        raise ListUnreadable(name=name, why=why) from exc


def _rows(source: Source, name: str) -> tuple[list[str], list[ListRow]]:
    rows: list[ListRow] = []
    with open_source(source) as reader:
        columns = list(reader.columns)
        for one in reader.batches():
            if one.rejects:
                first = one.rejects[0]
                why = Text("第 {row} 行读不出来", "row {row} cannot be read").fill(row=first.row)
                raise ListUnreadable(name=name, why=why)
            for record in one.rows.to_pylist():
                number = record.pop(ROW)
                rows.append(ListRow(number, {key: value or "" for key, value in record.items()}))
            if len(rows) > MOST_ROWS:
                raise ListTooLong(rows=f"> {MOST_ROWS:,}", most=MOST_ROWS)
    if not rows:
        raise ListUnreadable(name=name, why=Text("没有一行数据", "it has no row of data"))
    return columns, rows


def table(known: Declared, done: Comparison) -> Iterator[list[str]]:
    """The rows of the answer: head, then row number, result, the list's own cells, an answer for each field."""
    own = list(done.answers[0].row.cells) if done.answers else []
    marks = [f"{known.title(name)} {Text('是否一致', 'agrees')}" for name in done.columns]
    yield [str(ROW_TITLE), str(FOUND_TITLE), *own, *marks]
    for one in done.answers:
        answers = [str(WORDS[one.fields.get(name, "")]) for name in done.columns]
        yield [
            str(one.row.number),
            str(WORDS[one.found]),
            *(one.row.cells.get(column, "") for column in own),
            *answers,
        ]


def as_csv(rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows([disarmed(cell) for cell in row] for row in rows)
    return ("\ufeff" + out.getvalue()).encode("utf-8")


def as_workbook(rows: Iterable[Sequence[str]]) -> bytes:
    """Every cell is text, so that none is a formula and no number loses its last digits."""
    # Loading the library takes a tenth of a second, and most never export.
    xlsxwriter = importlib.import_module("xlsxwriter")
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet()
    for at, row in enumerate(rows):
        for column, cell in enumerate(row):
            sheet.write_string(at, column, disarmed(cell))
    sheet.freeze_panes(1, 0)
    book.close()
    return out.getvalue()
