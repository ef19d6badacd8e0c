"""The contract every engine has to fulfil, held against the embedded lake."""

import pytest

from jingwei.engines import lake
from jingwei.kernel.errors import Busy


@pytest.fixture
def table(home):
    engine = lake()
    with engine.write("make") as con:
        engine.replace(con, "standard", "a.b", "SELECT * FROM (VALUES ('k1', 1), ('k2', 2)) t(_key, n)")
    return "a.b"


def rows(query):
    with lake().read() as con:
        return con.execute(query).fetchall()


def all_rows(table):
    return sorted(rows(f'SELECT _key, n FROM lake.standard."{table}"'))


def test_a_block_that_fails_leaves_the_lake_as_it_was(table):
    engine = lake()
    with pytest.raises(RuntimeError), engine.write("half") as con:
        engine.append(con, "standard", table, "SELECT 'k3' AS _key, 3 AS n")
        raise RuntimeError
    assert all_rows(table) == [("k1", 1), ("k2", 2)]


def test_a_reader_sees_nothing_of_a_block_until_it_is_done(table):
    engine = lake()
    with engine.write("slow") as con:
        engine.append(con, "standard", table, "SELECT 'k3' AS _key, 3 AS n")
        assert len(all_rows(table)) == 2
    assert len(all_rows(table)) == 3


def test_upsert_replaces_rows_of_the_same_key_and_adds_the_others(table):
    engine = lake()
    with engine.write("upsert") as con:
        engine.upsert(
            con, "standard", table, "SELECT * FROM (VALUES ('k2', 20), ('k3', 3)) t(_key, n)", "_key"
        )
    assert all_rows(table) == [("k1", 1), ("k2", 20), ("k3", 3)]


def test_an_earlier_snapshot_can_still_be_read_and_the_changes_since_listed(table):
    engine = lake()
    with engine.read() as con:
        before = engine.snapshot(con)
    with engine.write("more") as con:
        engine.append(con, "standard", table, "SELECT 'k3' AS _key, 3 AS n")
    assert rows(f"SELECT count(*) FROM {engine.as_of('standard', table, before)}") == [(2,)]
    with engine.read() as con:
        after = engine.snapshot(con)
        found = engine.changes(con, "standard", table, before, after).fetchall()
    assert [(row[2], row[3]) for row in found] == [("insert", "k3")]


def test_a_second_writer_waits_its_turn_and_is_told_when_it_waited_too_long(table):
    engine = lake()
    with (
        engine.connect() as first,
        engine.connect() as second,
        engine.transaction(first, "one"),
        pytest.raises(Busy),
        engine.transaction(second, "two", wait=0.1),
    ):
        pass


def test_names_with_quotes_are_names_and_nothing_else(home):
    engine = lake()
    with engine.write("odd") as con:
        engine.replace(con, "standard", 'a."b', "SELECT 1 AS n")
        assert engine.exists(con, "standard", 'a."b')


def test_a_table_of_one_row_with_a_date_within_a_struct_can_be_read_back(home):
    engine = lake()
    with engine.write("small") as con:
        engine.replace(con, "register", "small", "SELECT {'day': DATE '2026-11-20'} AS s")
    assert str(rows('SELECT s.day FROM lake.register."small"')) == "[(datetime.date(2026, 11, 20),)]"


def test_a_reader_in_the_middle_of_its_query_keeps_no_writer_waiting(table):
    engine = lake()
    with engine.read() as con:
        con.execute("BEGIN")
        seen = con.execute(f'SELECT count(*) FROM lake.standard."{table}"').fetchone()
        with engine.write("meanwhile") as other:
            engine.append(other, "standard", table, "SELECT 'k3' AS _key, 3 AS n")
        assert con.execute(f'SELECT count(*) FROM lake.standard."{table}"').fetchone() == seen == (2,)
        con.execute("ROLLBACK")
    assert len(all_rows(table)) == 3


def test_a_transaction_can_be_found_by_its_purpose(table):
    engine = lake()
    with engine.read() as con:
        made = engine.committed(con, "make")
        assert made is not None and engine.committed(con, "never") is None
    with engine.write("later"):
        pass
    with engine.read() as con:
        assert engine.committed(con, "make") == made


def test_files_nobody_refers_to_are_cleared_after_a_writer_that_did_not_finish(table, home):
    left = home / "lake" / "data" / "standard" / "ducklake-left.parquet"
    left.parent.mkdir(parents=True, exist_ok=True)
    left.write_bytes(b"half a file")
    (home / "locks" / "lake.unfinished").write_text("killed")
    with lake().write("next") as con:
        lake().append(con, "standard", table, "SELECT 'k3' AS _key, 3 AS n")
    assert not left.exists() and not (home / "locks" / "lake.unfinished").exists()
    assert len(all_rows(table)) == 3
