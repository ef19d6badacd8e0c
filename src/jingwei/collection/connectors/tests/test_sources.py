"""Whatever is given as a source: recognised by what it holds, or refused in words that help."""

from __future__ import annotations

import os
import sqlite3
import zipfile
from pathlib import Path

import pytest

from jingwei.collection.connectors import (
    Connector,
    Reader,
    Source,
    connectors,
    errors,
    open_source,
    reason,
    register,
    resolve,
)
from jingwei.collection.connectors.base import Reject
from jingwei.collection.connectors.database.address import masked, parse
from jingwei.collection.connectors.rejects import REASONS, TEXT_LIMIT, shorten
from jingwei.collection.connectors.tests.conftest import read
from jingwei.kernel.errors import JingweiError


@pytest.mark.parametrize(
    ("name", "content", "format"),
    [
        ("a.csv", b"a,b\n", "csv"),
        ("a.CSV", b"a,b\n", "csv"),
        ("a.txt", b"a,b\n", "csv"),
        ("a.tsv", b"a\tb\n", "tsv"),
        ("a.dat", "姓名,性别\n".encode("gb18030"), "csv"),
        ("a.dat", "姓名,性别\n".encode("utf-16"), "csv"),
        ("a.jsonl", b'{"a":1}\n', "jsonl"),
        ("a.ndjson", b'{"a":1}\n', "jsonl"),
        ("a.json", b'[{"a":1}]', "json"),
        ("noname", b'{"a":1}\n', "jsonl"),
        ("a.xls", b"a\tb\n1\t2\n", "csv"),
        ("a.dat", b"SQLite format 3\0", "sqlite"),
    ],
)
def test_a_file_is_recognised_by_name_and_contents(put, name, content, format):
    assert resolve(str(put(content, name))).format == format


@pytest.mark.parametrize(
    ("url", "format"),
    [
        ("postgresql://reader@host/db", "postgres"),
        ("postgres://reader@host/db", "postgres"),
        ("mysql://reader@host/db", "mysql"),
        ("mariadb://reader@host/db", "mysql"),
    ],
)
def test_a_database_is_recognised_by_its_scheme(url, format):
    assert resolve(url).format == format


def test_contents_win_over_the_declared_format(put):
    source = resolve(str(put(b"SQLite format 3\0", "a.csv")), "csv")
    assert (source.format, source.options["declared_format"]) == ("sqlite", "csv")


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda folder: folder / "none.csv", errors.SourceMissing),
        (lambda folder: folder, errors.SourceIsFolder),
        (lambda folder: Path("/dev/null"), errors.SourceNotFile),
        (lambda folder: folder / "a.csv" / "below.csv", errors.SourceMissing),
        (lambda folder: "ftp://host/a.csv", errors.FormatUnknown),
        (lambda folder: folder / ("x" * 300), errors.SourceUnreadable),
        (lambda folder: "nul\0byte.csv", errors.SourceUnreadable),
    ],
)
def test_what_is_no_file_is_refused_for_what_it_is(tmp_path, make, error):
    (tmp_path / "a.csv").write_text("a\n1\n")
    with pytest.raises(error):
        read(make(tmp_path))


def test_a_folder_is_refused_with_what_is_in_it(put, tmp_path):
    put("a\n", "people.csv")
    with pytest.raises(errors.SourceIsFolder, match=r".*") as refusal:
        read(tmp_path)
    assert "people.csv" in str(refusal.value)


def test_a_pipe_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(errors.SourceNotFile):
        read(tmp_path / "pipe.csv")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_the_right_to_read_it_is_refused(put):
    path = put("a\n1\n")
    path.chmod(0)
    with pytest.raises(errors.SourceUnreadable):
        read(path)


@pytest.mark.parametrize(
    "content", [os.urandom(4000), b"\x7fELF" + bytes(range(32)) * 50, b"%PDF-1.7\n\x01\x02\x03"]
)
def test_a_binary_file_is_no_table(put, content):
    with pytest.raises(errors.BadInput):
        read(put(content, "a.bin"))


def test_a_letter_in_a_zip_format_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.docx", "w") as parts:
        parts.writestr("word/document.xml", "<x/>")
    with pytest.raises(errors.FormatUnknown):
        read(tmp_path / "a.docx")


@pytest.mark.parametrize("format", ["feather", "avro", ""])
def test_an_unknown_format_is_refused_with_those_there_are(put, format):
    if not format:
        assert resolve(str(put("a\n")), format).format == "csv"
        return
    with pytest.raises(errors.FormatUnknown) as refusal:
        resolve(str(put("a\n")), format)
    assert "xlsx" in str(refusal.value)


def test_a_format_is_taken_once():
    with pytest.raises(ValueError, match="csv"):

        @register
        class Second(Connector):
            name = "second"
            formats = ("csv",)

            def open(self, source: Source) -> Reader:
                raise AssertionError

    assert "second" not in {connector.name for connector in connectors()}


def test_passwords_are_never_shown():
    for location, shown in [
        ("postgresql://u:secret@h:5/d?x=1", "postgresql://u:***@h:5/d?x=1"),
        ("mysql://u:a@b:c@h/d", "mysql://u:***@h/d"),
        ("postgresql://h/d?user=u&password=secret", "postgresql://h/d?user=u&password=***"),
        ("postgresql://u@h/d", "postgresql://u@h/d"),
        ("/data/a@b:c.csv", "/data/a@b:c.csv"),
    ]:
        assert masked(location) == shown


def test_a_password_comes_from_the_environment_of_its_server(monkeypatch):
    monkeypatch.setenv("JINGWEI_SECRET_CIVIL_AFFAIRS", "one")
    monkeypatch.setenv("PGPASSWORD", "two")
    named = parse("postgresql://u@h/d", {"server": "civil-affairs"}, "PGPASSWORD")
    assert (named.password, named.variable) == ("one", "JINGWEI_SECRET_CIVIL_AFFAIRS")
    assert parse("postgresql://u@h/d", {}, "PGPASSWORD").password == "two"
    assert parse("postgresql://u:three%40@h/d", {}, "PGPASSWORD").password == "three@"
    assert named.hide("login with one failed") == "login with *** failed"


def _all_errors() -> list[type[JingweiError]]:
    return [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, JingweiError)
    ]


def test_every_error_and_reject_speaks_both_languages():
    own = [kind for kind in _all_errors() if kind.__module__ == errors.__name__]
    assert len({kind.code for kind in own}) == len(own)
    for text in [text for kind in own for text in (kind.what, kind.do)] + list(REASONS.values()):
        assert any("一" <= char <= "鿿" for char in text.zh)
        assert text.en.isascii() or "“" in text.en


def test_a_reject_of_an_unknown_code_still_has_a_reason():
    assert reason(Reject(1, "odd", "x")).en == "odd"


def test_the_text_of_a_reject_is_bounded():
    assert shorten("x" * (TEXT_LIMIT + 5)) == "x" * TEXT_LIMIT + "…[+5]"


PEOPLE = [("990101199001011234", "张伟", "1"), ("990101198502023456", "李娜", "2")]


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.db"
    with sqlite3.connect(path) as con:
        con.execute("CREATE TABLE 人员 (公民身份号码 TEXT, 姓名, 户 INTEGER)")
        con.executemany("INSERT INTO 人员 VALUES (?, ?, ?)", PEOPLE)
        con.execute("CREATE TABLE other (x)")
    con.close()
    return path


@pytest.mark.parametrize("prefix", ["", "sqlite:///"])
def test_sqlite_by_path_and_by_address(people, prefix):
    found = read(f"{prefix}{people}", table="人员")
    assert (found.columns, found.rows, found.numbers) == (("公民身份号码", "姓名", "户"), PEOPLE, [1, 2])
    assert (found.declared, found.facts["table"]) == (2, "人员")


def test_sqlite_values_are_the_text_sqlite_prints(tmp_path):
    path = tmp_path / "t.db"
    values = ["007", 990101199001011234, 1.5, None, "", b"\xff\xd8", "a\0b", "2026-11-01", 1e300, "é"]
    with sqlite3.connect(path) as con:
        con.execute("CREATE TABLE t (v)")
        con.executemany("INSERT INTO t VALUES (?)", [(value,) for value in values])
    con.close()
    found = read(path)
    texts = [row[0] for row in found.rows]
    assert texts == [
        "007",
        "990101199001011234",
        "1.5",
        None,
        "",
        "x'FFD8'",
        "a\0b",
        "2026-11-01",
        "1.0e+300",
        "é",
    ]


def test_gbk_bytes_in_a_sqlite_text_cost_their_row_only(tmp_path):
    path = tmp_path / "t.db"
    with sqlite3.connect(path) as con:
        con.execute("CREATE TABLE t (id, name TEXT)")
        con.execute(
            "INSERT INTO t VALUES (1, '张伟'), (2, CAST(? AS TEXT)), (3, '李娜')", ("王芳".encode("gb18030"),)
        )
    con.close()
    found = read(path)
    assert (found.rows, found.numbers, found.codes) == (
        [("1", "张伟"), ("3", "李娜")],
        [1, 3],
        [(2, "undecodable")],
    )
    assert found.declared == len(found.rows) + len(found.rejects)


def test_a_missing_table_is_refused_with_those_there_are(people):
    with pytest.raises(errors.TableMissing) as refusal:
        read(people, table="居民")
    assert "人员" in str(refusal.value)
    with pytest.raises(errors.TableNotNamed):
        read(people)


def test_what_is_no_sqlite_database_is_refused(put):
    with pytest.raises(errors.NotDatabase):
        read(put("a,b\n", "people.db"), format="sqlite")
    with pytest.raises((errors.NotDatabase, errors.DatabaseDamaged)):
        read(put(b"SQLite format 3\0" + b"\xff" * 4000, "people.db"), table="t")


def test_a_damaged_sqlite_file_fails_and_delivers_nothing_false(tmp_path):
    path = tmp_path / "t.db"
    with sqlite3.connect(path) as con:
        con.execute("CREATE TABLE t (id INTEGER, name TEXT)")
        con.executemany("INSERT INTO t VALUES (?, ?)", [(at, "x" * 200) for at in range(5000)])
    con.close()
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 20_000] = b"\xff" * 20_000
    path.write_bytes(data)
    with pytest.raises((errors.DatabaseDamaged, errors.SourceIncomplete, errors.SourceBroke)):
        read(path)


def test_a_locked_sqlite_file_asks_for_patience(people, monkeypatch):
    monkeypatch.setattr("jingwei.collection.connectors.database.sqlite.PATIENCE", 0.1)
    writer = sqlite3.connect(people, isolation_level=None)
    writer.execute("BEGIN EXCLUSIVE")
    with pytest.raises(errors.SourceLocked) as refusal:
        read(people, table="人员")
    assert refusal.value.retry_helps
    writer.close()
    assert read(people, table="人员").rows == PEOPLE


def test_sqlite_is_read_in_one_snapshot(people):
    """Rows written while the table is read do not count and do not come."""
    with sqlite3.connect(people) as con:
        con.execute("PRAGMA journal_mode = WAL")
    with open_source(resolve(str(people), table="人员")) as reader:
        con.execute("INSERT INTO 人员 VALUES ('x', 'y', 3)")
        con.commit()
        rows = sum(batch.rows.num_rows for batch in reader.batches())
    con.close()
    assert (reader.declared, rows) == (2, 2)


def test_a_wal_database_leaves_nothing_of_ours_behind(people):
    before = people.read_bytes()
    read(people, table="人员")
    assert people.read_bytes() == before
