"""What a linking keeps, so that the next one need only look at what changed.

register."<r>.state"   a row for each record: its block keys, the numbers it came with, whether it asks
register."<r>.pairs"   scored pairs of records (by their hashes), as far as their weight can matter

A record is known here by `tie`, the hash of resource and key. `who` stands for the identified entity a
record belongs to, or for the record itself while it asks.
"""

from __future__ import annotations

import hashlib
import json

import duckdb

from jingwei.catalog.sql import identifier as quoted
from jingwei.engines import lake
from jingwei.registers import verdicts
from jingwei.registers.decisions import EVEN
from jingwei.registers.doubts import REACH
from jingwei.registers.matching.blocking import stands_for
from jingwei.registers.matching.calibration import MARGIN, Threshold
from jingwei.registers.sources import Declared, Sources

FORMAT = "2"
CERTAIN = 1e9


def state_table(register: str) -> str:
    return lake().table("register", f"{register}.state")


def pairs_table(register: str) -> str:
    return lake().table("register", f"{register}.pairs")


def floor_of(sources: Sources, weight: float) -> float:
    """The least weight by which a pair can have a say in what becomes of a record, or be shown to a person."""
    listed = [i for i in sources.present if sources.declared.register.sources[i].distinct]
    if len(listed) > 1 or weight > CERTAIN:
        return min(EVEN, weight) - MARGIN
    return min(weight - MARGIN, max(0.0, weight - REACH))


def basis(declared: Declared, present: list[int], model: str) -> str:
    """Names everything but the rows that a linking depends on: of another basis, all is linked anew."""
    register = json.dumps(declared.register.model_dump(mode="json", by_alias=True), sort_keys=True)
    told = [FORMAT, duckdb.__version__, register, str(present), model]
    return hashlib.sha256("|".join(told).encode()).hexdigest()[:32]


def words(register: str) -> list[list[object]]:
    """The standing verdicts, as they are compared with those of the last linking."""
    return [[*one.left, *one.right, one.same] for one in verdicts.standing(register)]


def given_columns(sources: Sources) -> list[str]:
    """Columns of `links` with the identifiers as they came, whether or not they were believed."""
    return [f"given{number}" for number, _ in enumerate(sources.declared.register.identifiers)]


def derived_fields(sources: Sources) -> list[str]:
    return [f.name for f in sources.declared.register.fields if f.derived_from]


def rule_columns(sources: Sources) -> list[str]:
    matching = sources.declared.register.matching
    return [f"k{number}" for number, _ in enumerate(matching.blocking)] if matching else []


def make_state(con: duckdb.DuckDBPyConnection, sources: Sources, blocks: bool, name: str = "state") -> None:
    """The temporary table of the rows of `links` as the lake keeps them; `blocks`: their keys were made."""
    derived = derived_fields(sources)
    keys = rule_columns(sources)
    flags = "".join(
        f", m.{quoted(f)} IS NULL AND {sources.derivation(f)} IS NOT NULL AS {quoted('derived ' + f)}"
        for f in derived
    )
    given = "".join(f", l.{column}" for column in given_columns(sources))
    found = "".join(f", b.{key}" if blocks else f", CAST(NULL AS UBIGINT) AS {key}" for key in keys)
    likeness = "b.likeness" if blocks else "CAST(NULL AS UBIGINT)"
    joined = "LEFT JOIN blocks b ON b.rid = l.rid" if blocks else ""
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE {name} AS
        SELECT l.tie, l.src, l.cluster IS NULL AS asks, {stands_for("l")} AS who,
               {likeness} AS likeness{found}{given}{flags}
        FROM ({sources.mapped(sources.needed(derived))}) m JOIN links l ON l.rid = m.rid {joined}
        """
    )


def make_pairs(con: duckdb.DuckDBPyConnection, sources: Sources, threshold: Threshold) -> None:
    """The temporary table of the scored pairs (`scored`, `linking`) that the lake keeps; `node` is whom the
    second record stands for."""
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE kept_pairs AS
        SELECT a.tie AS l, b.tie AS r, {stands_for("b")} AS node, s.weight
        FROM scored s JOIN linking a ON a.rid = s.l JOIN linking b ON b.rid = s.r
        WHERE s.l > 0 AND s.r > 0 AND s.weight >= {floor_of(sources, threshold.weight)}
        """
    )
