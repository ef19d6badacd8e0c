"""Whether the keys of a table changed their form, so that no row would meet its earlier self.

A spreadsheet that turns 000123 into 123, a system that now writes a-001 as A001: every row would be new, and
the table double, or, under a full refresh, deleted and made anew. That is told from new rows by evidence:

    keys nobody knows ──folded (no zeros in front, no signs, no case)──▶ meet known keys after all?
                      └─form (digits, letters, Han)────────────────────▶ another one than before?
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb

from jingwei.catalog.sql import identifier
from jingwei.collection.models import Run
from jingwei.collection.standardize import Plan
from jingwei.engines.duckdb.lake import DuckLake
from jingwei.kernel.text import Text

SAMPLE = 2_000
ENOUGH = 20
"""Keys on either side before their form says anything."""
NEARLY = 0.95
FEW = 3
"""So many keys have to meet when folded, or all of two: 1-11 and 11-1 are the same by chance."""
WHOLE = ("full", "upsert")
EXAMPLES = 3


@dataclass(frozen=True)
class Seen:
    detail: Text
    evidence: dict[str, Any]


def look(con: duckdb.DuckDBPyConnection, engine: DuckLake, plan: Plan, run: Run) -> Seen | None:
    """What speaks for another form of key, if something does. Reads `good` and `fate`."""
    if not engine.exists(con, "standard", plan.contract.id):
        return None
    current = engine.table("standard", plan.contract.id)
    incoming, new = _pair(con, "SELECT count(*), count(*) FILTER (what = 'new') FROM fate")
    stored, _ = _pair(con, f"SELECT count(*), 0 FROM {current}")
    above = plan.contract.drift.held_above
    if not stored or incoming < 2 or new <= above * incoming:
        return None
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE strangers AS SELECT g._key, {_folded(plan, 'g')} AS folded FROM"
        " (SELECT _key FROM fate WHERE what = 'new') f JOIN good g ON g._key = f._key"
        f" USING SAMPLE reservoir({SAMPLE} ROWS) REPEATABLE (1)"
    )
    sampled, _ = _pair(con, "SELECT count(*), 0 FROM strangers")
    figures = {"incoming": incoming, "unknown": new, "stored": stored, "sampled": sampled}
    met = _meet(con, plan, current)
    telling = len(met) >= FEW or (len(met) == sampled and sampled > 1)
    if telling and len(met) / sampled * new / incoming > above:
        example = _example(plan, met)
        detail = Text(
            "主键变了写法：{new} 个主键在现有数据里找不到，其中 {share:.0%} 去掉前导零、符号和大小写后能对上（{example}）",
            "the key is written in another way: {new} keys are not known, of which {share:.0%} meet known ones"
            " without leading zeros, signs and case ({example})",
        ).fill(new=f"{new:,}", share=len(met) / sampled, example=example)
        return Seen(detail, {**figures, "meet_folded": len(met), "example": example})
    if run.kind not in WHOLE or new < NEARLY * incoming or min(incoming, stored) < ENOUGH:
        return None
    was, now = (_form(con, source, alias) for source, alias in ((current, "_key"), ("strangers", "_key")))
    if was and now and was != now:
        detail = Text(
            "主键换了类型：来的 {incoming} 个主键有 {new} 个在现有数据里找不到；原来都是{was}，现在都是{now}",
            "the key is of another type: {new} of {incoming} keys are not known; all were {was}, all are {now}",
        ).fill(incoming=f"{incoming:,}", new=f"{new:,}", was=FORMS[was], now=FORMS[now])
        return Seen(detail, {**figures, "was": was, "now": now})
    if plan.contract.refresh == "full":
        detail = Text(
            "来的 {incoming} 个主键有 {new} 个在现有的 {stored} 行里找不到，像是换了一套编号",
            "{new} of {incoming} keys are not among the {stored} stored rows, as if numbered anew",
        ).fill(incoming=f"{incoming:,}", new=f"{new:,}", stored=f"{stored:,}")
        return Seen(detail, figures)
    return None


FORMS = {
    "digits": Text("数字", "digits"),
    "letters": Text("字母和数字", "letters and digits"),
    "han": Text("汉字", "Chinese characters"),
    "other": Text("其他写法", "of another form"),
}


def _form(con: duckdb.DuckDBPyConnection, source: str, key: str) -> str | None:
    """The form that nearly all keys have, if they have one."""
    text = f"translate({key}, '| -_/.', '')"
    form = (
        f"CASE WHEN regexp_full_match({text}, '[0-9]+') THEN 'digits'"
        f" WHEN regexp_full_match({text}, '[0-9A-Za-z]+') THEN 'letters'"
        f" WHEN regexp_matches({text}, '\\p{{Han}}') THEN 'han' ELSE 'other' END"
    )
    row = con.execute(
        f"SELECT form, count(*) AS n, sum(count(*)) OVER () FROM (SELECT {form} AS form FROM"
        f" (SELECT {key} FROM {source} LIMIT {SAMPLE})) GROUP BY form ORDER BY n DESC LIMIT 1"
    ).fetchone()
    return str(row[0]) if row and row[1] >= NEARLY * int(row[2]) else None


def _folded(plan: Plan, table: str) -> str:
    """SQL of the key without what a spreadsheet or another system changes about a number."""
    parts = []
    for field in plan.contract.keys:
        text = f"lower(CAST({table}.{identifier(field.name)} AS VARCHAR))"
        text = f"CASE WHEN ends_with({text}, '.0') THEN left({text}, -2) ELSE {text} END"
        parts.append(f"ltrim(translate({text}, ' -_/·', ''), '0')")
    return " || '|' || ".join(parts)


def _meet(con: duckdb.DuckDBPyConnection, plan: Plan, current: str) -> list[tuple[str, str]]:
    """Known key and strange key that are the same folded, where the known one did not come itself."""
    return con.execute(
        f"SELECT min(o._key), k._key FROM (SELECT _key, {_folded(plan, 'o')} AS folded FROM {current} o) o"
        " JOIN strangers k ON k.folded = o.folded"
        " WHERE o._key NOT IN (SELECT _key FROM fate) GROUP BY k._key ORDER BY k._key"
    ).fetchall()


def _example(plan: Plan, met: list[tuple[str, str]]) -> str:
    """A few pairs, as far as they may be shown: numbers of persons only by their form."""
    personal = any(
        column.standardizer.element.classification in ("personal", "sensitive")
        for column in plan.columns
        if plan.contract.field(column.name).key
    )
    shown = met[: 1 if personal else EXAMPLES]
    return ", ".join(f"{_shape(a)} → {_shape(b)}" if personal else f"{a} → {b}" for a, b in shown)


def _shape(key: str) -> str:
    return "".join("9" if sign.isdigit() else "A" if sign.isalpha() else sign for sign in key)


def _pair(con: duckdb.DuckDBPyConnection, query: str) -> tuple[int, int]:
    row = con.execute(query).fetchone() or (0, 0)
    return int(row[0]), int(row[1])
