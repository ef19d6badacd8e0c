"""Whatever a table holds, written as CSV and read back it is the same table."""

from __future__ import annotations

import csv
import io
import tempfile
from itertools import pairwise
from pathlib import Path

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from jingwei.collection.connectors.delimited import connector
from jingwei.collection.connectors.lines import Lines
from jingwei.collection.connectors.tests.conftest import read

# cells as people write them: any characters an encoding has, quotes, separators and line breaks among them
CELL = st.text(
    st.one_of(
        st.sampled_from(list("\",;|\t\n\r '“”　，")),
        st.characters(min_codepoint=32, max_codepoint=126),
        st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5),
    ),
    max_size=12,
)
HEADER = ("公民身份号码", "姓名", "住址")


def _written(rows, quoting, delimiter, end):
    text = io.StringIO(newline="")
    csv.writer(text, quoting=quoting, delimiter=delimiter, lineterminator=end).writerows([HEADER, *rows])
    return text.getvalue()


def _is_record(row):
    """Blank rows and remarks under a table are no records, and noted elsewhere."""
    return sum(1 for cell in row if cell.strip()) > 1


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(st.tuples(CELL, CELL, CELL).filter(_is_record), max_size=30),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    delimiter=st.sampled_from(",;\t|"),
    end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]),
)
def test_any_table_is_read_back_identically(rows, quoting, delimiter, end, encoding):
    # Python's writer leaves a carriage return bare when lines end with a line feed alone
    assume(end == "\r\n" or quoting == csv.QUOTE_ALL or not any("\r" in cell for row in rows for cell in row))
    text = _written(rows, quoting, delimiter, end)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_bytes(text.encode(encoding))
        found = read(path, HEADER, delimiter=delimiter, encoding="utf-8" if "utf-8" in encoding else encoding)
    assert found.rows == rows
    assert not found.rejects


DAMAGE = st.sampled_from(["short", "long", "open", "stray", "nul", "byte"])


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.integers(0, 999), st.sampled_from("张王李赵"), DAMAGE | st.none()), max_size=60
    ),
)
def test_every_record_is_either_read_or_rejected(rows):
    """One line a record, some damaged: what comes out adds up to what went in, line by line."""
    lines = []
    for number, name, damage in rows:
        line = f"{number},{name},路{number}".encode()
        match damage:
            case "short":
                line = f"{number},{name}".encode()
            case "long":
                line += b",x,y"
            case "open":
                line = f'{number},"{name},路'.encode()
            case "stray":
                line = f'{number},"{name}"x,路'.encode()
            case "nul":
                line += b"\0"
            case "byte":
                line += b"\xff"
        lines.append(line)
    data = b"\n".join([",".join(HEADER).encode(), *lines, b""])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_bytes(data)
        found = read(path, HEADER, encoding="utf-8")
    good = [at + 2 for at, (_, _, damage) in enumerate(rows) if damage is None]
    assert found.numbers == good
    assert sorted(reject.row for reject in found.rejects) == [
        at for at in range(2, len(rows) + 2) if at not in good
    ]


@settings(max_examples=300, deadline=None)
@given(
    body=st.text(st.sampled_from(list('"",,\n\n\r甲a \0')), max_size=120),
    block=st.integers(1, 40),
    piece=st.integers(1, 5),
)
def test_what_is_read_does_not_depend_on_how_the_file_is_cut_into_blocks(body, block, piece):
    """Any text at all: block by block, piece by piece or whole, it is the same records and rejects."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_bytes((",".join(HEADER) + "\n" + body).encode())
        whole = read(path, HEADER, encoding="utf-8", delimiter=",")
        usual = Lines.take.__defaults__, connector.PIECE
        Lines.take.__defaults__, connector.PIECE = (block, None), piece
        try:
            cut = read(path, HEADER, encoding="utf-8", delimiter=",")
        finally:
            Lines.take.__defaults__, connector.PIECE = usual
    assert (cut.rows, cut.numbers, cut.rejects) == (whole.rows, whole.numbers, whole.rejects)
    assert cut.facts["blank"] == whole.facts["blank"]


@settings(max_examples=300, deadline=None)
@given(body=st.text(st.sampled_from(list('"",,\n\n甲a')), max_size=120))
@example(body='"aaaaaaaaaaa,,"')
def test_every_line_of_any_text_is_accounted_for(body):
    """Row numbers are lines on which something starts; between two of them stand the lines that belong
    to the first, or blank ones: none is left over and none is used twice. What is taken for a remark is told."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_bytes((",".join(HEADER) + "\n" + body).encode())
        found = read(path, HEADER, encoding="utf-8", delimiter=",")
    remarks = [one["row"] for noted in found.facts.values() if isinstance(noted, list) for one in noted]
    started = sorted([*found.numbers, *(reject.row for reject in found.rejects), *remarks])
    assert len(set(started)) == len(started)
    spans = {
        **{
            row: sum(cell.count("\n") for cell in cells)
            for row, cells in zip(found.numbers, found.rows, strict=True)
        },
        **{reject.row: reject.text.count("\n") for reject in found.rejects},
    }
    covered = {line for row, more in spans.items() for line in range(row, row + more + 1)}
    for first, following in pairwise([*started, 1_000]):
        covered |= set(range(first, following)) if first in remarks else set()
    lines = body.split("\n")
    for number, line in enumerate(lines, start=2):
        if number not in covered:
            assert not line.replace(",", "").replace('"', "").strip()
