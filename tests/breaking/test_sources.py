"""What people hand in as a table and is none: said in plain words, and what was there stays."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
import xlsxwriter
from msoffcrypto.format.ooxml import OOXMLFile

from .conftest import HEADER, Node, line

OLD = {"1": "old", "2": "old"}


@pytest.fixture
def held(node: Node) -> Node:
    """A node that has two persons already."""
    node.deliver(line(1, "old"), line(2, "old"))
    node.json("collect", "trial.person")
    return node


def workbook(path: Path, password: str = "") -> Path:
    plain = io.BytesIO()
    book = xlsxwriter.Workbook(plain)
    sheet = book.add_worksheet()
    for at, text in enumerate([HEADER, line(1)]):
        sheet.write_row(at, 0, text.split(","))
    book.close()
    plain.seek(0)
    with path.open("wb") as file:
        if password:
            OOXMLFile(plain).encrypt(password, file)
        else:
            file.write(plain.read())
    return path


def a_folder(path: Path) -> None:
    path.mkdir()


def an_encrypted_workbook(path: Path) -> None:
    workbook(path, "sesame")


def half_a_workbook(path: Path) -> None:
    whole = workbook(path).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


def other_columns(path: Path) -> None:
    path.write_text("街道,网格\n松涛,1\n", encoding="utf-8")


def one_column_less(path: Path) -> None:
    path.write_text("编号,姓名,登记日期\n1,沈云禾,2020-01-02\n", encoding="utf-8")


WRONG = [
    ("missing.csv", lambda path: None, "source-missing"),
    ("folder", a_folder, "source-is-folder"),
    ("pipe.csv", a_pipe, "source-not-file"),
    ("empty.csv", lambda path: path.write_bytes(b""), "source-empty"),
    ("blank.csv", lambda path: path.write_bytes(b"\n\n\n"), "header-missing"),
    ("header.csv", lambda path: path.write_text(HEADER + "\n", encoding="utf-8"), "no-rows"),
    ("locked.xlsx", an_encrypted_workbook, "workbook-encrypted"),
    ("half.xlsx", half_a_workbook, "workbook-damaged"),
    ("~$table.xlsx", lambda path: path.write_bytes(b"x" * 165), "lock-file"),
    ("page.xls", lambda path: path.write_text("<html><table><tr><td>1"), "web-page"),
    ("other.csv", other_columns, "header-missing"),
    ("less.csv", one_column_less, "columns-missing"),
    ("zeros.csv", lambda path: path.write_bytes(bytes(10_000)), "header-missing"),
    ("letter.json", lambda path: path.write_text('"a letter"'), "json-not-table"),
    ("notes.db", lambda path: path.write_bytes(b"SQLite format 3\0" + b"x" * 4000), "not-a-database"),
    ("picture.csv", lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40), "encoding-unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "make", "error"), WRONG, ids=[name for name, _, _ in WRONG])
def test_what_is_no_table_is_refused_by_name(node: Node, tmp_path: Path, name, make, error):
    make(tmp_path / name)
    assert node.refused("collect", "trial.person", "--from", tmp_path / name) == error


def test_a_refused_source_leaves_earlier_data_and_the_next_run_is_right(held: Node, tmp_path: Path):
    told = held.json("collect", "trial.person", "--from", tmp_path / "none.csv", code=1)
    assert told["error"] == "source-missing"
    assert held.standard() == OLD
    [failed, _] = held.json("runs")["runs"]
    assert (failed["state"], failed["error"]["error"]) == ("failed", "source-missing")
    held.deliver(line(1, "new"), line(2, "old"))
    run = held.json("collect", "trial.person")
    assert (run["changed"], run["unchanged"]) == (1, 1)


def test_ragged_rows_and_nul_bytes_cost_only_themselves(held: Node, tmp_path: Path):
    path = tmp_path / "bad.csv"
    path.write_bytes("\n".join([HEADER, line(1, "new"), "2,少", line(3, "a\0b"), line(4), ""]).encode())
    run = held.json("collect", "trial.person", "--from", path)
    assert (run["read"], run["accepted"], run["quarantined"], run["balances"]) == (4, 2, 2, True)
    rows = held.json("quarantine", "trial.person")["rows"]
    assert [row["row"] for row in rows] == [3, 4]
    assert held.standard() == {"1": "new", "2": "old", "4": None}


def test_an_unclosed_quote_does_not_swallow_the_rest(held: Node, tmp_path: Path):
    path = tmp_path / "quote.csv"
    path.write_text("\n".join([HEADER, '1,"沈云禾,new,2020-01-02', line(3), line(4), ""]), encoding="utf-8")
    run = held.json("collect", "trial.person", "--from", path)
    assert run["balances"] and run["accepted"] == 2 and run["quarantined"] >= 1
    assert held.standard() == {**OLD, "3": None, "4": None}


def test_an_added_column_is_kept_and_named_and_a_frozen_contract_refuses_it(held: Node):
    held.deliver(line(1, "old") + ",x", header=HEADER + ",新列")
    assert held.json("collect", "trial.person")["facts"]["added_columns"] == ["新列"]
    held.declare(added="freeze")
    assert held.refused("collect", "trial.person") == "columns-added"
    assert held.standard() == OLD


LONG = 100_000_000
MOST = 700_000_000
"""Bytes a process may hold at most: what everything imported takes, DuckDB's 300 MB, and little more."""


@pytest.mark.parametrize(
    ("name", "begin", "end", "outcome"),
    [
        ("one-line.csv", "x", "", "line-too-long"),
        ("cell.csv", f"{HEADER}\n1,沈云禾,", f",2020-01-02\n{line(2, 'ok')}\n", "done"),
        ("quoted.csv", f'{HEADER}\n1,沈云禾,"', f'",2020-01-02\n{line(2, "ok")}\n', "done"),
        ("cell.jsonl", '{"编号": "1", "姓名": "', '"}\n{"编号": "2", "姓名": "沈云禾", "备注": "ok", "登记日期": null}\n', "done"),
        ("one-line.jsonl", '{"编号": "1', "", "json-not-table"),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value[:15] and len(value) < 15 else "",
)  # fmt: skip
def test_a_line_of_100_megabytes_takes_bounded_memory(node: Node, tmp_path: Path, name, begin, end, outcome):
    path = tmp_path / name
    with path.open("wb") as file:
        file.write(begin.encode())
        for _ in range(LONG // 1_000_000):
            file.write(b"x" * 1_000_000)
        file.write(end.encode())
    ended = node.run("collect", "trial.person", "--from", path, "--json")
    assert ended.rss < MOST
    if outcome == "done":
        assert (ended.code, ended.json["accepted"], ended.json["quarantined"]) == (0, 1, 1)
        assert node.standard() == {"2": "ok"}
    else:
        assert (ended.code, ended.error) == (1, outcome)


def test_a_path_that_is_no_text_is_looked_up_all_the_same(node: Node, tmp_path: Path):
    path = os.fsencode(tmp_path) + "人员.csv".encode("gb18030")
    Path(os.fsdecode(path)).write_text(f"{HEADER}\n{line(1)}\n", encoding="utf-8")
    assert node.json("collect", "trial.person", "--from", os.fsdecode(path))["accepted"] == 1
    assert "\\udcc8" in node.json("runs")["runs"][0]["location"]
