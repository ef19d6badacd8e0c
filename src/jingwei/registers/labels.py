"""A sample of pairs for a person to label, and what the labels say of the register's quality.

    records, doubtful ─ strata ─ the first pairs of each by hash ─▶ Label (open) ─ J / K ─▶ estimation

Strata: `joined` by similarity, `doubtful` (below the threshold), `near` (apart, but agreeing in the fields of a
blocking rule). A pair that no rule brings near is in none of them: what is estimated is recall among pairs that
could be found. Labels are truth for measuring; they never join or part anything. The order is by hash, so drawing
more extends the sample, and drawing again after another build keeps every label that is drawn again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
from django.db import transaction
from django.utils import timezone

from jingwei.catalog.sql import identifier as quoted
from jingwei.engines import lake
from jingwei.kernel.home import home
from jingwei.registers import estimation
from jingwei.registers.declaration import Register
from jingwei.registers.doubts import doubtful_table
from jingwei.registers.errors import NoSuchPair, NotLinked
from jingwei.registers.estimation import Estimate, Stratum
from jingwei.registers.linking import latest, records_table
from jingwei.registers.models import Label
from jingwei.registers.review import Pair
from jingwei.registers.sources import declared
from jingwei.registers.verdicts import Record

JOINED, DOUBTFUL, NEAR = "joined", "doubtful", "near"
EACH = (20, 50, 100, 200)
"""How many pairs of each stratum may be asked for."""
PAIR = "left_resource, left_key, right_resource, right_key"
BY_SIMILARITY = "('similar', 'alone')"


def draw(register: str, each: int) -> int:
    """Draws `each` pairs of every stratum (all of a smaller one); returns how many wait for a label."""
    one = declared(register).register
    with lake().connect() as con:
        if latest(con, register) is None:
            raise NotLinked(register=register)
        _strata(con, one)
        rows = con.execute(
            f"""
            SELECT {PAIR}, stratum, n / least(n, {int(each)}) FROM (
                SELECT *, count(*) OVER (PARTITION BY stratum) AS n, row_number() OVER (
                    PARTITION BY stratum ORDER BY md5(concat_ws(chr(0), {PAIR})), {PAIR}) AS place FROM strata)
            WHERE place <= {int(each)}
            """
        ).fetchall()
    return _keep(register, {tuple(row[:4]): (row[4], row[5]) for row in rows})


def _keep(register: str, drawn: Mapping[tuple[str, ...], tuple[str, float]]) -> int:
    """Puts the sample in the place of the last one. A label that is not drawn again is kept without weight."""
    with transaction.atomic():
        Label.objects.filter(register=register, same=None).delete()
        known = {_records(label): label for label in Label.objects.filter(register=register)}
        for records, label in known.items():
            stratum, weight = drawn.get(records, ("", None))
            Label.objects.filter(pk=label.pk).update(stratum=stratum, weight=weight)
        fresh = [
            Label(
                register=register,
                left_resource=records[0], left_key=records[1],
                right_resource=records[2], right_key=records[3],
                stratum=stratum, weight=weight,
            )
            for records, (stratum, weight) in drawn.items()
            if records not in known
        ]  # fmt: skip
        Label.objects.bulk_create(sorted(fresh, key=token))
    return len(fresh)


def _records(label: Label) -> tuple[str, ...]:
    return (label.left_resource, label.left_key, label.right_resource, label.right_key)


def _strata(con: duckdb.DuckDBPyConnection, register: Register) -> None:
    """Table `strata`: the pairs of every stratum, each pair once, the smaller record left."""
    records = records_table(register.name)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE strata ({', '.join(f'{c} VARCHAR' for c in PAIR.split(', '))}, stratum VARCHAR)"
    )
    con.execute(
        f"""
        INSERT INTO strata
        SELECT a.resource, a.record_key, b.resource, b.record_key, '{JOINED}'
        FROM {records} a JOIN {records} b ON a.entity_id = b.entity_id
            AND (a.resource, a.record_key) < (b.resource, b.record_key)
        WHERE (a.reason = 'similar' OR b.reason = 'similar')
            AND a.entity_id IN (SELECT entity_id FROM {records} WHERE reason = 'similar')
        """
    )
    if lake().exists(con, "register", f"{register.name}.doubtful"):
        con.execute(
            f"""
            INSERT INTO strata
            SELECT DISTINCT
                CASE WHEN turned THEN other_resource ELSE resource END, CASE WHEN turned THEN other_key ELSE record_key END,
                CASE WHEN turned THEN resource ELSE other_resource END, CASE WHEN turned THEN record_key ELSE other_key END,
                '{DOUBTFUL}'
            FROM (
                SELECT d.*, (other_resource, other_key) < (d.resource, d.record_key) AS turned
                FROM {doubtful_table(register.name)} d
                JOIN {records} a ON a.resource = d.resource AND a.record_key = d.record_key
                JOIN {records} b ON b.resource = d.other_resource AND b.record_key = d.other_key
                WHERE a.entity_id <> b.entity_id)
            """
        )
    for fields in _near(register):
        _insert_near(con, records, fields, register.matching.largest_block if register.matching else 0)


def _near(register: Register) -> list[tuple[str, ...]]:
    """The fields of every blocking rule (`name.pinyin` is of `name`), each set once."""
    rules = register.matching.blocking if register.matching else ()
    return list(dict.fromkeys(tuple(sorted({part.split(".")[0] for part in rule})) for rule in rules))


def _insert_near(con: duckdb.DuckDBPyConnection, records: str, fields: tuple[str, ...], most: int) -> None:
    columns = ", ".join(quoted(name) for name in fields)
    held = " AND ".join(f"{quoted(name)} IS NOT NULL" for name in fields)
    con.execute(
        f"""
        INSERT INTO strata
        WITH keyed AS (
            SELECT resource, record_key, entity_id, reason, hash({columns}) AS key FROM {records} WHERE {held}
        ), usable AS (
            SELECT key FROM keyed GROUP BY key
            HAVING count(DISTINCT entity_id) BETWEEN 2 AND {int(most)} AND bool_or(reason IN {BY_SIMILARITY})
        ), each AS (FROM keyed SEMI JOIN usable USING (key))
        SELECT a.resource, a.record_key, b.resource, b.record_key, '{NEAR}'
        FROM each a JOIN each b ON a.key = b.key AND a.entity_id <> b.entity_id
            AND (a.resource, a.record_key) < (b.resource, b.record_key)
        ANTI JOIN strata s ON s.left_resource = a.resource AND s.left_key = a.record_key
            AND s.right_resource = b.resource AND s.right_key = b.record_key
        WHERE a.reason IN {BY_SIMILARITY} OR b.reason IN {BY_SIMILARITY}
        """
    )


@dataclass(frozen=True)
class Quality:
    """What the labels say so far; estimates are None until there is enough to say it."""

    strata: dict[str, Stratum]
    drawn: dict[str, int]
    precision: Estimate | None
    recall: Estimate | None
    labelled: int
    waiting: int


def quality(register: str) -> Quality:
    strata: dict[str, Stratum] = {}
    drawn: dict[str, int] = {}
    for name in (JOINED, DOUBTFUL, NEAR):
        rows = Label.objects.filter(register=register, stratum=name).values_list("same", "weight")
        said = [same for same, _ in rows if same is not None]
        strata[name] = Stratum(sum(weight or 0 for _, weight in rows), len(said), sum(said))
        drawn[name] = len(rows)
    apart = {name: strata[name] for name in (DOUBTFUL, NEAR)}
    labelled = sum(one.labelled for one in strata.values())
    return Quality(
        strata,
        drawn,
        estimation.precision(strata[JOINED]),
        estimation.recall(strata[JOINED], apart),
        labelled,
        sum(drawn.values()) - labelled,
    )


_placed: dict[tuple[Path, str], tuple[str, set[Record], dict[Record, str]]] = {}
"""Build, records asked for, and the entity of each that is there."""


def token(label: Label) -> str:
    return _pair(label, {}).token


def _pair(label: Label, entities: Mapping[Record, str]) -> Pair:
    left, right = (label.left_resource, label.left_key), (label.right_resource, label.right_key)
    return Pair(left, right, entities.get(left, ""), entities.get(right, ""), 0, 0, 0, label.stratum)


def sample(register: str) -> list[tuple[Label, Pair]]:
    """The drawn pairs in an order that tells nothing of their stratum; pairs whose records are gone are left out."""
    labels = list(Label.objects.filter(register=register).exclude(stratum=""))
    entities = _entities(register, labels)
    pairs = [(label, _pair(label, entities)) for label in labels]
    there = [(label, pair) for label, pair in pairs if pair.left_entity and pair.right_entity]
    return sorted(there, key=lambda one: one[1].token)


def _entities(register: str, labels: list[Label]) -> dict[Record, str]:
    """Entity of every record of the sample; kept in memory until register or sample change."""
    wanted: set[Record] = set()
    for one in labels:
        wanted |= {(one.left_resource, one.left_key), (one.right_resource, one.right_key)}
    if not wanted:
        return {}
    with lake().read() as con:
        newest = latest(con, register)
        if newest is None:
            return {}
        key, build = (home(), register), newest["build"]
        kept = _placed.get(key)
        if kept is None or kept[0] != build or not wanted <= kept[1]:
            rows = con.execute(
                f"SELECT resource, record_key, entity_id FROM {records_table(register)} "
                "SEMI JOIN (SELECT unnest(?) AS r, unnest(?) AS k) w ON w.r = resource AND w.k = record_key",
                [[resource for resource, _ in wanted], [record_key for _, record_key in wanted]],
            ).fetchall()
            kept = (build, wanted, {(resource, record): entity for resource, record, entity in rows})
            _placed[key] = kept
        return kept[2]


def label(register: str, name: str, *, same: bool | None, by: str) -> Pair:
    """Says of a drawn pair whether it is one entity; None takes the word back."""
    for one, pair in sample(register):
        if pair.token == name:
            one.same, one.by, one.at = same, by if same is not None else "", timezone.now()
            one.save(update_fields=["same", "by", "at"])
            return pair
    raise NoSuchPair(register=register)
