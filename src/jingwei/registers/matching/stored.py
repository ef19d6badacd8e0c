"""A trained model, kept in the lake: the same weights judge later records until it is trained anew.

train ─▶ register.models (settings, threshold, what it was trained on) ─▶ every link and every pair's waterfall
      └▶ register."<r>.frequencies" (feature, value, share)

`basis` names what weights mean: the matching declaration, the comparers, the engine and Splink. A model of
another basis is not used.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from jingwei.catalog.sql import quoted as literal
from jingwei.engines import lake
from jingwei.registers.declaration import Matching
from jingwei.registers.matching.calibration import Threshold
from jingwei.registers.matching.features import Features, quoted
from jingwei.registers.matching.model import Model

MODELS = "models"
UNSEEN = 60.0


@dataclass(frozen=True)
class Trained:
    """A model with the threshold that was measured for it. `records` is how many it was trained among."""

    basis: str
    settings: dict[str, Any]
    threshold: Threshold
    records: int
    trained: datetime
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Names the content: equal names are equal weights."""
        text = json.dumps([self.basis, self.settings, repr(self.threshold)], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Weighed:
    """One comparison of a pair: the level its two values stand at, and the bits of evidence (log2) it gives;
    `kind` is the comparer, `level` its label or `missing`."""

    field: str
    kind: str
    level: str
    bits: float
    left: str | None
    right: str | None


@cache
def _code() -> str:
    """Names the comparers' code: their levels are what weights stand for."""
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.glob("*")):
        if file.is_file() and file.suffix in (".py", ".txt"):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def basis(matching: Matching, resources: list[str]) -> str:
    text = matching.model_dump_json(by_alias=True)
    parts = [text, *resources, _code(), duckdb.__version__, version("splink")]
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:32]


def load(con: duckdb.DuckDBPyConnection, register: str, wanted: str) -> Trained | None:
    """The model in force, None where there is none of this basis."""
    engine = lake()
    if not engine.exists(con, "register", MODELS):
        return None
    row = con.execute(
        f"SELECT settings, threshold, records, trained, facts FROM {engine.table('register', MODELS)}"
        " WHERE register = ? AND basis = ? ORDER BY trained DESC LIMIT 1",
        [register, wanted],
    ).fetchone()
    if row is None:
        return None
    threshold = Threshold(**json.loads(row[1]))
    return Trained(wanted, json.loads(row[0]), threshold, row[2], row[3], json.loads(row[4]))


def model_of(con: duckdb.DuckDBPyConnection, features: Features, register: str, trained: Trained) -> Model:
    """A model that scores with kept weights and frequencies."""
    model = Model(con, features)
    model.settings = trained.settings
    model.frequencies_kept = True
    table = lake().table("register", f"{register}.frequencies")
    for column in model.frequency_columns():
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE frequency_{column} AS SELECT value AS {column}, share AS tf_{column}"
            f" FROM {table} WHERE feature = {literal(column)}"
        )
    return model


def keep(con: duckdb.DuckDBPyConnection, register: str, trained: Trained) -> None:
    """Writes the model, in the caller's transaction; its frequencies lie in the tables `frequency_<column>`."""
    engine = lake()
    table = engine.table("register", MODELS)
    con.execute(
        f"CREATE TABLE IF NOT EXISTS {table} (register VARCHAR, model VARCHAR, basis VARCHAR, trained TIMESTAMPTZ,"
        " records BIGINT, settings VARCHAR, threshold VARCHAR, facts VARCHAR)"
    )
    con.execute(
        f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            register, trained.name, trained.basis, trained.trained, trained.records,
            json.dumps(trained.settings), json.dumps(vars(trained.threshold)),
            json.dumps(dict(trained.facts), ensure_ascii=False),
        ],
    )  # fmt: skip
    columns = sorted(
        {
            level["tf_adjustment_column"]
            for comparison in trained.settings["comparisons"]
            for level in comparison["comparison_levels"]
            if "tf_adjustment_column" in level
        }
    )
    shares = " UNION ALL ".join(
        f"SELECT {literal(c)} AS feature, {c} AS value, tf_{c} AS share FROM frequency_{c}" for c in columns
    )
    kept = engine.table("register", f"{register}.frequencies")
    empty = "SELECT NULL::VARCHAR AS feature, NULL::VARCHAR AS value, NULL::DOUBLE AS share WHERE false"
    con.execute(f"CREATE OR REPLACE TABLE {kept} AS {shares or empty}")


def fresh(model: Model, threshold: Threshold, wanted: str, records: int, facts: Mapping[str, Any]) -> Trained:
    return Trained(wanted, model.settings, threshold, records, datetime.now(UTC), facts)


def explain(
    con: duckdb.DuckDBPyConnection,
    register: str,
    matching: Matching,
    resources: list[str],
    left: Mapping[str, Any],
    right: Mapping[str, Any],
) -> list[Weighed]:
    """The waterfall of a pair of records (field → value) under the model in force: what each comparison adds
    to the odds, in bits; empty where no model is kept. The sum and the prior odds make the weight."""
    trained = load(con, register, basis(matching, resources))
    if trained is None:
        return []
    features = Features(matching, "explained", "explained")
    names = features.fields()
    rows = [[None if side.get(n) is None else str(side[n]) for n in names] for side in (left, right)]
    columns = {n: pa.array([row[at] for row in rows], pa.string()) for at, n in enumerate(names)}
    con.register("explained_rows", pa.table({"rid": pa.array([1, 2], pa.int64()), **columns}))
    con.execute("CREATE OR REPLACE TEMP TABLE explained AS FROM explained_rows")
    con.unregister("explained_rows")
    features.prepare(con)
    con.execute(f"CREATE OR REPLACE TEMP TABLE explained_features AS {features.select()}")
    sides = ", ".join(
        f"{side}.{d[0]} AS {d[0]}_{side}"
        for side in ("l", "r")
        for d in con.execute("FROM explained_features LIMIT 0").description
    )
    pair = f"(SELECT {sides} FROM explained_features l, explained_features r WHERE l.rid = 1 AND r.rid = 2)"
    model = model_of(con, features, register, trained)
    found = []
    for number, comparison in enumerate(trained.settings["comparisons"]):
        declared = matching.comparisons[number]
        levels = comparison["comparison_levels"]
        cases = " ".join(
            f"WHEN {level['sql_condition']} THEN {at}"
            for at, level in enumerate(levels)
            if level["sql_condition"] != "ELSE"
        )
        (at,) = con.execute(f"SELECT CASE {cases} ELSE {len(levels) - 1} END FROM {pair}").fetchone() or (0,)
        level = levels[at]
        label = "missing" if level.get("is_null_level") else level["label_for_charts"]
        bits = 0.0 if level.get("is_null_level") else _bits(con, model, level, pair)
        said = declared.field
        found.append(
            Weighed(
                said, declared.kind, label, round(bits, 2), *(_text(side.get(said)) for side in (left, right))
            )
        )
    con.execute("DROP TABLE explained; DROP TABLE explained_features")
    return found


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _bits(con: duckdb.DuckDBPyConnection, model: Model, level: Mapping[str, Any], pair: str) -> float:
    """log2 of m over u, and how much rarer than usual the agreed value is."""
    bits = math.log2(level["m_probability"] / level["u_probability"])
    column = level.get("tf_adjustment_column")
    if not column:
        return bits
    row = con.execute(
        f"SELECT coalesce(max(greatest(a.tf_{column}, b.tf_{column})), max(a.tf_{column}), max(b.tf_{column}))"
        f" FROM {pair} p LEFT JOIN frequency_{column} a ON a.{quoted(column)} = p.{column}_l"
        f" LEFT JOIN frequency_{column} b ON b.{quoted(column)} = p.{column}_r"
    ).fetchone()
    share = row[0] if row else None
    if not share:
        return bits
    exact = level["u_probability"]
    least = max(float(share), float(level.get("tf_minimum_u_value") or 0.0))
    return min(bits + math.log2(exact / least) * float(level.get("tf_adjustment_weight", 1.0)), UNSEEN)
