"""The pairs a person should look at, most worth an answer first.

    register."<r>.doubtful" ─ + the entities of both records ─▶ queue, in order ─ without standing verdicts ─▶ page
    J / K on the page ─▶ verdicts.decide ─▶ heeded by the next linking

Worth is uncertainty times reach: a pair at even odds teaches most, and one whose entities hold many records
changes most. The order depends on the pairs alone, so two stewards and two days see the same queue. Queue and
entities are kept in memory until the pairs change; a pair's page then reads two entities of the sorted records.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from jingwei.engines import lake
from jingwei.kernel.home import home
from jingwei.registers import verdicts
from jingwei.registers.answers import SourceRecord
from jingwei.registers.doubts import doubtful_table
from jingwei.registers.errors import NoSuchPair
from jingwei.registers.linking import records_table
from jingwei.registers.records import source_record
from jingwei.registers.sources import Declared, declared, row_dict
from jingwei.registers.verdicts import Judged, Record

MOST = 2000
"""So many pairs are queued at once; the next ones follow when the register is linked again."""


@dataclass(frozen=True)
class Pair:
    """Two records in doubt; `left` is the smaller. `why` is `below` (the threshold), `ambiguous`
    (as like another entity) or `kept-apart` (likely enough, but a rule forbids it)."""

    left: Record
    right: Record
    left_entity: str
    right_entity: str
    records: int
    weight: float
    probability: float
    why: str

    @property
    def token(self) -> str:
        """What stands in addresses: record keys can be identity numbers and must not."""
        text = "\0".join((*self.left, *self.right))
        return hashlib.sha256(text.encode()).hexdigest()[:20]

    @property
    def worth(self) -> float:
        unsure = 4 * self.probability * (1 - self.probability) if self.why == "below" else 1.0
        return round(unsure, 6) * math.log2(1 + self.records)


@dataclass(frozen=True)
class Queue:
    """All pairs in order, and the standing verdicts on them."""

    pairs: Sequence[Pair]
    total: int
    judged: dict[str, Judged]

    @property
    def open(self) -> list[Pair]:
        return [pair for pair in self.pairs if pair.token not in self.judged]

    @property
    def waiting(self) -> int:
        return self.total - len(self.judged)

    def after(self, token: str) -> Pair | None:
        """The first open pair behind another one; the first of all where that one is not known."""
        at = next((n for n, pair in enumerate(self.pairs) if pair.token == token), -1)
        return next((pair for pair in self.pairs[at + 1 :] if pair.token not in self.judged), None)

    def pair(self, token: str) -> Pair | None:
        return next((pair for pair in self.pairs if pair.token == token), None)


_kept: dict[tuple[Path, str], tuple[Any, list[Pair], int]] = {}


def queue(register: str) -> Queue:
    """The queue as it stands; empty for a register that never was linked, or has no doubts."""
    with lake().read() as con:
        if not lake().exists(con, "register", f"{register}.doubtful"):
            return Queue([], 0, {})
        state = con.execute(
            f"SELECT count(*), bit_xor(hash(d)), (SELECT count(*) FROM {records_table(register)}) "
            f"FROM {doubtful_table(register)} d"
        ).fetchone()
        key = (home(), register)
        if key not in _kept or _kept[key][0] != state:
            found, count = _pairs(con, register), int(state[0]) if state else 0
            _kept[key] = (state, found[:MOST], count if count > 4 * MOST else len(found))
        _, pairs, total = _kept[key]
    standing = {_token(one): one for one in verdicts.standing(register)}
    mine = {pair.token: standing[pair.token] for pair in pairs if pair.token in standing}
    return Queue(pairs, total, mine)


def _token(judged: Judged) -> str:
    return Pair(judged.left, judged.right, "", "", 0, 0, 0, "").token


def _pairs(con: duckdb.DuckDBPyConnection, register: str) -> list[Pair]:
    """In the order of their worth. A pair that was joined meanwhile, or lost a record, is no doubt any more."""
    rows = con.execute(
        f"""
        WITH doubtful AS (
            SELECT * FROM {doubtful_table(register)}
            ORDER BY CASE WHEN why = 'below' THEN abs(probability - 0.5) ELSE 0 END,
                     resource, record_key, other_resource, other_key LIMIT {4 * MOST}
        ), sides AS (
            SELECT resource, record_key FROM doubtful UNION SELECT other_resource, other_key FROM doubtful
        ), placed AS (
            SELECT r.resource, r.record_key, r.entity_id FROM {records_table(register)} r
            JOIN sides s ON s.resource = r.resource AND s.record_key = r.record_key
        ), sizes AS (
            SELECT entity_id, count(*) AS n FROM {records_table(register)}
            WHERE entity_id IN (SELECT entity_id FROM placed) GROUP BY entity_id
        )
        SELECT d.resource, d.record_key, d.other_resource, d.other_key, a.entity_id, b.entity_id,
               m.n + n.n, d.weight, d.probability, d.why
        FROM doubtful d
        JOIN placed a ON a.resource = d.resource AND a.record_key = d.record_key
        JOIN placed b ON b.resource = d.other_resource AND b.record_key = d.other_key
        JOIN sizes m ON m.entity_id = a.entity_id JOIN sizes n ON n.entity_id = b.entity_id
        WHERE a.entity_id <> b.entity_id
        """
    ).fetchall()
    found: dict[str, Pair] = {}
    for resource, key, other_resource, other_key, entity, other_entity, *rest in rows:
        one, other = ((resource, key), entity), ((other_resource, other_key), other_entity)
        (left, left_entity), (right, right_entity) = sorted((one, other))
        pair = Pair(left, right, left_entity, right_entity, *rest)
        found.setdefault(pair.token, pair)
    return sorted(found.values(), key=lambda pair: (-pair.worth, pair.left, pair.right))


@dataclass(frozen=True)
class Sides:
    """The two records of a pair as their sources wrote them."""

    left: SourceRecord
    right: SourceRecord


def sides(register: str, pair: Pair) -> Sides:
    known = declared(register)
    with lake().read() as con:
        left = record_of(con, known, pair.left, pair.left_entity)
        right = record_of(con, known, pair.right, pair.right_entity)
    return Sides(left, right)


def record_of(
    con: duckdb.DuckDBPyConnection, known: Declared, record: Record, entity_id: str
) -> SourceRecord:
    """One row of the register; its entity says where in the sorted records it lies."""
    found = con.execute(
        f"FROM {records_table(known.name)} WHERE entity_id = ? AND resource = ? AND record_key = ?",
        [entity_id, *record],
    )
    row = found.fetchone()
    if row is None:
        raise NoSuchPair(register=known.name)
    return source_record(known, row_dict(found.description, row), [])


def decide(register: str, token: str, *, same: bool, by: str) -> tuple[Pair, Judged]:
    """Notes what a person says of a queued pair; said again by the same press of a key, it stands once."""
    known = queue(register)
    pair = known.pair(token)
    if pair is None:
        raise NoSuchPair(register=register)
    standing = known.judged.get(token)
    if standing is not None and standing.same == same:
        return pair, standing
    return pair, verdicts.decide(register, pair.left, pair.right, same=same, by=by)
