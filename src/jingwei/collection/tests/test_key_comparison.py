"""Comparing keys by buckets gives what comparing them one by one gives, however the source writes them."""

from __future__ import annotations

import duckdb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jingwei.catalog import sql
from jingwei.catalog.contracts import Contract, Field
from jingwei.collection import key_comparison
from jingwei.collection.standardize import Plan
from jingwei.kernel.text import Text

PLAIN = [f"{letter}{number}" for letter in "AB" for number in range(12)]
WRITTEN = {key: (key, f" {key}", f"{key}\u3000", key.replace("A", "Ａ")) for key in PLAIN}
"""A key, and how a source may write it: with blanks, with full-width letters."""


def plan(fields: int) -> Plan:
    names = [f"key_{at}" for at in range(fields)]
    text = Text("键", "key")
    contract = Contract("test.keys", "1.0.0", text, "", "", tuple(
        Field(name, name, text, key=at + 1) for at, name in enumerate(names)
    ))  # fmt: skip
    return Plan(contract, {name: name for name in names}, {})


def compared(source, held, read, quarantined, fields=1) -> tuple[set[str], set[str], set[str]]:
    """Late and absent keys, and those of the quarantine that the source lacks."""
    with duckdb.connect() as con:
        sql.install(con)
        names = [f"key_{at}" for at in range(fields)]
        con.execute(
            f"CREATE TABLE source_cells (_n BIGINT, _row BIGINT, {', '.join(f'{n} VARCHAR' for n in names)})"
        )
        marks = ", ".join("?" for _ in names)
        for number, key in enumerate(source):
            con.execute(f"INSERT INTO source_cells VALUES ({number}, {number}, {marks})", list(key))
        for table, column, keys in (
            ("held", "_key", held),
            ("good", "_key", read),
            ("astray", "key", quarantined),
        ):
            con.execute(f"CREATE TABLE {table} ({column} VARCHAR)")
            for key in keys:
                con.execute(f"INSERT INTO {table} VALUES (?)", [key])
        beside = "SELECT _key FROM good UNION SELECT key FROM astray WHERE key IS NOT NULL EXCEPT SELECT _key FROM held"
        key_comparison.compare(con, plan(fields), names, "held", beside)

        def found(query: str) -> set[str]:
            return {key for (key,) in con.execute(query).fetchall()}

        return (
            found("SELECT _key FROM late"),
            found("SELECT _key FROM absent"),
            found(f"SELECT key FROM astray WHERE key IS NOT NULL AND {key_comparison.lacks('key')}"),
        )


sets = st.sets(st.sampled_from(PLAIN))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    source=st.lists(st.sampled_from([way for ways in WRITTEN.values() for way in ways])),
    held=sets,
    read=sets,
    quarantined=st.lists(st.sampled_from(PLAIN)),
)
def test_buckets_find_what_sets_find(home, source, held, read, quarantined):
    there = {next(key for key, ways in WRITTEN.items() if way in ways) for way in source}
    assert compared([(way,) for way in source], held, read, quarantined) == (
        there - held - read - set(quarantined),
        held - there,
        set(quarantined) - there,
    )


def test_keys_of_several_columns_and_rows_without_a_key(home):
    source = [("A", "1"), ("A", "2"), ("A", None), (None, "3"), ("", "4")]
    assert compared(source, {"A|1", "B|1"}, set(), ["C|1", None], fields=2) == ({"A|2"}, {"B|1"}, {"C|1"})
