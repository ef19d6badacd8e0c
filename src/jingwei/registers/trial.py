"""A change of a register's rules, tried on a copy: what it would do, before anybody does it.

    installed rules ─ linking.resolve ─▶ today      ┐ beside each other ─▶ entities merged, split
    YAML ─ checked like a pack ─ resolve ─▶ said    ┘ golden of both ─▶ fields, examples, who reads them

Both are worked out from the same rows and decisions in temporary tables, so what differs is the rules' doing
alone, however long ago the register was linked. Nothing is written to the lake or the serving copy.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

import duckdb

from jingwei.catalog.sql import identifier as quoted
from jingwei.engines import lake
from jingwei.kernel.home import tmp
from jingwei.kernel.scratch import Scratch
from jingwei.kernel.text import Text
from jingwei.packs import sections
from jingwei.packs.declarations import Fault, read, shape
from jingwei.packs.errors import PackFaulty
from jingwei.packs.service import installed
from jingwei.registers import linking
from jingwei.registers.check import check
from jingwei.registers.declaration import Register
from jingwei.registers.presenting import shown_value
from jingwei.registers.readers import readers_of
from jingwei.registers.sources import Declared, declared
from jingwei.registers.survivorship import golden_sql

Progress = Callable[[Text], None]
EXAMPLES = 10


@dataclass(frozen=True)
class FieldChange:
    """How many of today's entities would show another value in a field, and who reads it."""

    field: str
    entities: int
    readers: list[Text]


@dataclass(frozen=True)
class Example:
    """A value that would change, numbers masked."""

    entity_id: str
    field: str
    before: str
    after: str


@dataclass(frozen=True)
class Outcome:
    """What the changed rules would do. `merged` are entities of tomorrow that join several of today's, `split`
    entities of today that fall apart, `changed` entities of today with any other value; `today` and `matching`
    what matching told of itself under either rules."""

    register: str
    records: int
    before: int
    after: int
    merged: int
    split: int
    changed: int
    fields: list[FieldChange] = field(default_factory=list)
    examples: list[Example] = field(default_factory=list)
    today: dict[str, Any] = field(default_factory=dict)
    matching: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0


def declaration(register: str) -> str:
    """The YAML of a register as it is installed."""
    return installed().declared["registers"][register].path.read_text(encoding="utf-8")


def parse(register: str, text: str) -> tuple[Register | None, list[Fault]]:
    """The changed declaration, or everything wrong with it; lines are those of the text."""
    scratch = Scratch(tmp())
    try:
        path = scratch.path / f"{register}.yaml"
        path.write_text(text, encoding="utf-8")
        return parse_file(register, path)
    finally:
        scratch.remove()


def parse_file(register: str, path: Path) -> tuple[Register | None, list[Fault]]:
    document, faults = read(path)
    if document is None:
        return None, faults
    value, faults = shape(document, Register)
    if value is None:
        return None, faults
    known = installed().declared
    own = known["registers"][register]
    one = sections.Declared(value, path, own.pack, document.line)
    if value.name != register:
        told = Text(
            "试的是 {register}，文件里写的是 {name}", "{register} is being tried; the file declares {name}"
        )
        return None, [
            one.fault(("register",), told.fill(register=register, name=value.name), "other-register")
        ]
    everything = {**known, "registers": {**known["registers"], register: one}}
    faults = list(check({register: one}, everything))
    return (None if faults else value), faults


def run(register: str, changed: Register, progress: Progress | None = None) -> Outcome:
    """Links with the installed and with the changed rules, and compares. Raises NothingCollected."""
    say = progress or (lambda text: None)
    started = time.monotonic()
    now = declared(register)
    then = replace(now, register=changed)
    with lake().connect() as con:
        say(Text("照现在的规则", "with the rules as they are"))
        today = linking.resolve(con, now, say, linking.Clock())
        con.execute("CREATE OR REPLACE TEMP TABLE today AS FROM said")
        say(Text("照改过的规则", "with the rules as changed"))
        tomorrow = linking.resolve(con, then, say, linking.Clock())
        say(Text("比较", "comparing"))
        outcome = _compare(con, now, then)
    return replace(
        outcome,
        today=today.matched.facts,
        matching=tomorrow.matched.facts,
        seconds=round(time.monotonic() - started, 1),
    )


def run_text(register: str, text: str, progress: Progress | None = None) -> Outcome:
    """Raises PackFaulty where the text has faults."""
    changed, faults = parse(register, text)
    if changed is None:
        raise PackFaulty(f"{register}.yaml", faults)
    return run(register, changed, progress)


def _compare(con: duckdb.DuckDBPyConnection, now: Declared, then: Declared) -> Outcome:
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE moved AS
        SELECT b.entity_id AS before, a.entity_id AS after, count(*) AS n
        FROM today b JOIN said a ON a.resource = b.resource AND a.record_key = b.record_key GROUP BY ALL
        """
    )
    # Where today's entity falls apart, most of its records speak for it.
    con.execute(
        "CREATE OR REPLACE TEMP TABLE follows AS "
        "SELECT before, arg_max(after, (n, after)) AS after FROM moved GROUP BY before"
    )
    row = con.execute(
        """
        SELECT (SELECT count(*) FROM said),
               (SELECT count(DISTINCT entity_id) FROM today), (SELECT count(DISTINCT entity_id) FROM said),
               (SELECT count(*) FROM (SELECT after FROM moved GROUP BY after HAVING count(*) > 1)),
               (SELECT count(*) FROM (SELECT before FROM moved GROUP BY before HAVING count(*) > 1))
        """
    ).fetchone()
    count, before, after, merged, split = row or (0, 0, 0, 0, 0)
    con.execute(f"CREATE OR REPLACE TEMP TABLE golden_today AS {golden_sql(now, 'today', 'TRUE')}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE golden_then AS {golden_sql(then, 'said', 'TRUE')}")
    names = [f.name for f in now.register.fields if f.name in {g.name for g in then.register.fields}]
    changes, changed = _changes(con, now, names)
    return Outcome(
        register=now.name,
        records=count,
        before=before,
        after=after,
        merged=merged,
        split=split,
        changed=changed,
        fields=changes,
        examples=_examples(con, now, [change.field for change in changes]),
    )


def _other(name: str) -> str:
    """SQL: today's golden `g` and tomorrow's `h` hold different values; a list is the same in any order."""
    column = quoted(name)
    return (
        f"(CASE WHEN typeof(g.{column}) LIKE '%[]' THEN list_sort(g.{column}::VARCHAR[])::VARCHAR ELSE g.{column}::VARCHAR END"
        f" IS DISTINCT FROM CASE WHEN typeof(h.{column}) LIKE '%[]' THEN list_sort(h.{column}::VARCHAR[])::VARCHAR"
        f" ELSE h.{column}::VARCHAR END)"
    )


BESIDE = "golden_today g JOIN follows f ON f.before = g.entity_id JOIN golden_then h ON h.entity_id = f.after"


def _changes(
    con: duckdb.DuckDBPyConnection, now: Declared, names: Sequence[str]
) -> tuple[list[FieldChange], int]:
    counts = ", ".join(f"count(*) FILTER ({_other(name)})" for name in names)
    row = con.execute(
        f"SELECT count(*) FILTER ({' OR '.join(_other(name) for name in names)}), {counts} FROM {BESIDE}"
    ).fetchone()
    changed, *each = row or (0, *(0 for _ in names))
    readers = readers_of(now.name)
    found = [
        FieldChange(name, int(n), readers.get(name, [])) for name, n in zip(names, each, strict=True) if n
    ]
    return sorted(found, key=lambda change: -change.entities), int(changed)


def _examples(con: duckdb.DuckDBPyConnection, now: Declared, names: Sequence[str]) -> list[Example]:
    """Ten in all, a field after the other, so that no field hides the rest."""
    columns: list[list[Example]] = []
    for name in names:
        declared_field = now.register.field(name)
        rows = con.execute(
            f"SELECT g.entity_id, g.{quoted(name)}, h.{quoted(name)} FROM {BESIDE} WHERE {_other(name)} "
            f"ORDER BY hash(g.entity_id), g.entity_id LIMIT {EXAMPLES}"
        ).fetchall()
        columns.append(
            [
                Example(entity, name, shown_value(declared_field, old), shown_value(declared_field, new))
                for entity, old, new in rows
            ]
        )
    mixed = [example for turn in zip_longest(*columns) for example in turn if example is not None]
    return mixed[:EXAMPLES]
