"""Whether a column that is missing came back under another name.

A name alone is weak (电话 may be anybody's), values alone too (two columns of yes and no), so that both are
looked at, on the first rows of the source against what the lake holds:

    name        how alike the headers are
    passes      share of the column's values that the field's element accepts
    same        share of rows with a known key whose value is the one stored under that key
    overlap     share of the column's different values that are stored in the field already
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from jingwei.catalog.contracts import Contract, Field
from jingwei.catalog.sql import identifier
from jingwei.catalog.values import Column, standardize_sql
from jingwei.collection.connectors.headers import plain
from jingwei.collection.standardize import standardizer_of
from jingwei.engines.duckdb.lake import DuckLake
from jingwei.kernel.text import Text, listed

SAMPLE = 2_000
"""Rows of the source that are looked at."""
PAIRS = 60
"""Pairs of missing and added columns whose values are compared; of more, those with the nearest names."""
NEAR, FITS, AGREES, MEETS = 0.6, 0.9, 0.8, 0.5
FEW, VARIED = 3, 5
MARGIN = 0.1


@dataclass(frozen=True)
class Likely:
    """A header that is probably the field's. `sure`: enough to read by it without asking a person."""

    header: str
    sure: bool
    why: Text
    evidence: dict[str, Any]


@dataclass(frozen=True)
class Compared:
    field: str
    header: str
    near: float
    passes: float | None
    """None where the column has no values."""
    pairs: int
    same: float
    distinct: int
    overlap: float

    @property
    def score(self) -> float:
        by_value = 3 * self.same if self.pairs >= FEW else 2 * self.overlap
        return by_value + self.near + (self.passes or 0) / 2

    @property
    def contradicted(self) -> bool:
        unfit = self.passes is not None and self.passes < FITS
        return unfit or (self.pairs >= FEW and self.same < 1 - AGREES)

    @property
    def sure(self) -> bool:
        if self.passes is None or self.contradicted:
            return False
        if self.pairs >= FEW:
            return self.same >= AGREES and (self.distinct > 1 or self.near >= NEAR)
        meets = self.distinct >= VARIED and self.overlap >= MEETS
        return meets and (self.near >= NEAR or self.overlap >= AGREES)

    @property
    def probable(self) -> bool:
        if self.contradicted:
            return False
        by_value = self.same >= MEETS if self.pairs >= FEW else self.overlap >= MEETS
        return self.near >= NEAR or (by_value and self.distinct >= VARIED)


def likely(
    con: duckdb.DuckDBPyConnection,
    engine: DuckLake,
    contract: Contract,
    found: Mapping[str, str],
    missing: Sequence[Field],
    extra: Sequence[str],
) -> dict[str, Likely]:
    """Field name → the header it probably has now. `sampled` is a temporary table with the first rows."""
    pairs = sorted(
        ((field, header) for field in missing for header in extra), key=lambda p: -nearness(p[0], p[1])
    )
    compared = [_compare(con, engine, contract, found, *pair) for pair in pairs[:PAIRS]]
    compared.sort(key=lambda one: -one.score)
    given: dict[str, Likely] = {}
    taken: set[str] = set()
    for one in compared:
        if one.field in given or one.header in taken or not one.probable:
            continue
        rivals = [
            other
            for other in compared
            if other is not one
            and other.probable
            and (other.field == one.field or other.header == one.header)
            and other.score > one.score - MARGIN
        ]
        given[one.field] = Likely(one.header, one.sure and not rivals, _why(one), _evidence(one))
        taken.add(one.header)
    return given


def nearness(field: Field, header: str) -> float:
    """How alike a header and the field's names are, 0 to 1."""
    best = 0.0
    for name in (*field.headers, field.title.zh):
        ours, theirs = plain(name), plain(header)
        ratio = difflib.SequenceMatcher(None, ours, theirs).ratio()
        within = min(len(ours), len(theirs)) > 1 and (ours in theirs or theirs in ours)
        best = max(best, ratio, 0.8 if within else 0.0)
    return best


def _compare(
    con: duckdb.DuckDBPyConnection,
    engine: DuckLake,
    contract: Contract,
    found: Mapping[str, str],
    field: Field,
    header: str,
) -> Compared:
    keys = [key for key in contract.keys if key.name in found]
    columns = [Column(key.name, standardizer_of(key), identifier(found[key.name])) for key in keys]
    value = Column("likely_value", standardizer_of(field), identifier(header))
    con.execute(
        "CREATE OR REPLACE TEMP TABLE likeness AS"
        f" SELECT {', '.join([*(c.at() for c in columns), value.at(), value.at('__fault')])}"
        f" FROM ({standardize_sql('sampled', [*columns, value])})"
    )
    row = con.execute(f"SELECT count({value.at()}), count({value.at('__fault')}) FROM likeness").fetchone()
    fits, faults = row or (0, 0)
    passes = fits / (fits + faults) if fits + faults else None
    pairs = same = distinct = 0
    overlap = 0.0
    current = engine.table("standard", contract.id)
    if (
        fits
        and engine.exists(con, "standard", contract.id)
        and field.name in engine.columns(con, "standard", contract.id)
    ):
        mine, stored = f"CAST({value.at()} AS VARCHAR)", f"CAST(o.{identifier(field.name)} AS VARCHAR)"
        if len(keys) == len(contract.keys):
            key = " || '|' || ".join(f"CAST(l.{c.at()} AS VARCHAR)" for c in columns)
            row = con.execute(
                f"SELECT count(*), count(*) FILTER (l.{value.at()}::VARCHAR = {stored}), count(DISTINCT {stored})"
                f" FROM likeness l JOIN {current} o ON o._key = {key}"
                f" WHERE l.{value.at()} IS NOT NULL AND {stored} IS NOT NULL"
            ).fetchone()
            pairs, same, distinct = row or (0, 0, 0)
        if pairs < FEW:
            row = con.execute(
                f"SELECT count(*), count(*) FILTER (v IN (SELECT {stored} FROM {current} o))"
                f" FROM (SELECT DISTINCT {mine} AS v FROM likeness WHERE {value.at()} IS NOT NULL)"
            ).fetchone()
            distinct, met = row or (0, 0)
            overlap = met / distinct if distinct else 0.0
    near = nearness(field, header)
    return Compared(
        field.name, header, near, passes, pairs, same / pairs if pairs else 0.0, distinct, overlap
    )


def _evidence(one: Compared) -> dict[str, Any]:
    shares = {"near": one.near, "passes": one.passes, "same": one.same, "overlap": one.overlap}
    kept = {name: round(share, 3) for name, share in shares.items() if share is not None}
    return {**kept, "pairs": one.pairs, "distinct": one.distinct}


def _why(one: Compared) -> Text:
    said = []
    if one.pairs >= FEW:
        text = Text(
            "同一主键的 {pairs} 行里 {same:.0%} 的值与现有相同",
            "{same:.0%} of {pairs} rows with a known key have the value stored",
        )
        said.append(text.fill(pairs=one.pairs, same=one.same))
    elif one.overlap:
        text = Text("{overlap:.0%} 的值现有数据里就有", "{overlap:.0%} of its values are stored already")
        said.append(text.fill(overlap=one.overlap))
    if one.near >= NEAR:
        said.append(Text("名称相近", "the names are alike"))
    if one.passes is not None and not one.overlap and one.pairs < FEW:
        text = Text("{passes:.0%} 的值合格", "{passes:.0%} of its values fit")
        said.append(text.fill(passes=one.passes))
    return listed(said)
