"""Which statement survives in each field, and why.

A field's rules, in order (verified first, order of sources, newest), are packed into one number a
record, so that the smallest number wins and one pass over the records finds every winner:

    | verified 1 | source 8 | age 17 | ... | tie, the rest of 63 bits |

The losers are not stored twice: they stand in the register's records, and `ranks` orders the
statements of one entity again when somebody asks.
"""

from __future__ import annotations

from collections.abc import Sequence

from jingwei.catalog.sql import identifier as quoted
from jingwei.catalog.sql import quoted as literal
from jingwei.registers.declaration import RegisterField, Rule, SourceOrder
from jingwei.registers.sources import Declared

SOURCE_BITS, DAY_BITS, WHOLE = 8, 17, 63
LAST_SOURCE = 2**SOURCE_BITS - 1
LAST_DAY = 2**DAY_BITS - 1
FROM_BITS = 20
"""A winner's origin is packed as source << FROM_BITS | day + 2^19 (days since 1970; 0 means undated)."""


def origin_sql() -> str:
    return f"(CAST(src AS BIGINT) << {FROM_BITS}) + coalesce(date_diff('day', DATE '1970-01-01', as_of) + {2 ** (FROM_BITS - 1)}, 0)"


def rank_sql(declared: Declared, rules: Sequence[Rule]) -> str:
    """SQL of the rank under these rules over columns src, as_of and tie (UBIGINT); smaller wins."""
    parts: list[tuple[str, int]] = []
    chain: list[Rule] = [*rules, *(rule for rule in ("sources", "newest") if rule not in rules)]
    for rule in chain:
        parts.append(_part(declared, rule))
    used = sum(bits for _, bits in parts)
    if used > WHOLE - 8:
        parts = parts[: len(rules)]
        used = sum(bits for _, bits in parts)
    left = WHOLE - used
    parts.append((f"CAST(tie >> {64 - left} AS BIGINT)", left))
    terms, shift = [], WHOLE
    for expression, bits in parts:
        shift -= bits
        terms.append(f"(CAST({expression} AS BIGINT) << {shift})")
    return " + ".join(terms)


def _part(declared: Declared, rule: Rule) -> tuple[str, int]:
    sources = declared.register.sources
    if rule == "verified":
        numbers = [str(i) for i, source in enumerate(sources) if source.verified]
        return (f"CASE WHEN src IN ({', '.join(numbers)}) THEN 0 ELSE 1 END" if numbers else "0"), 1
    if rule == "sources":
        return "src", SOURCE_BITS
    if rule == "newest":
        return f"coalesce({LAST_DAY // 2} - date_diff('day', DATE '1970-01-01', as_of), {LAST_DAY})", DAY_BITS
    if rule == "oldest":
        return f"coalesce({LAST_DAY // 2} + date_diff('day', DATE '1970-01-01', as_of), {LAST_DAY})", DAY_BITS
    assert isinstance(rule, SourceOrder)
    cases = " ".join(
        f"WHEN {declared.resources.index(name)} THEN {place}" for place, name in enumerate(rule.sources)
    )
    return f"CASE src {cases} ELSE {LAST_SOURCE} END", SOURCE_BITS


def ranks(declared: Declared) -> dict[str, str]:
    """Field → SQL of its rank; fields with the same rules share the same text."""
    return {f.name: rank_sql(declared, declared.register.rules(f)) for f in declared.register.fields}


def golden_sql(declared: Declared, records: str, where: str) -> str:
    """Golden records of the entities that `where` selects from the register's records.

    Columns: entity_id, each field (a list where every value is kept), `_records`, and `_from`: for each
    field its source, as_of and whether another source says otherwise.
    """
    fields = declared.register.fields
    by_rank: dict[str, str] = {}
    for name, rank in ranks(declared).items():
        by_rank.setdefault(rank, f"rank{len(by_rank)}")
        by_rank[name] = by_rank[rank]
    rank_columns = ", ".join(
        f"{sql} AS {name}" for sql, name in by_rank.items() if name.startswith("rank") and "<<" in sql
    )
    single = [f for f in fields if not f.multiple]
    several = [f for f in fields if f.multiple]
    aggregates, shown, origins = [], [], []
    resources = "[" + ", ".join(literal(name) for name in declared.resources) + "]"
    for number, field in enumerate(fields):
        column, rank = quoted(field.name), by_rank[field.name]
        if not field.multiple:
            aggregates.append(f"arg_min({column}, {rank}) AS v{number}")
        aggregates += [
            f"arg_min(origin, {rank}) FILTER ({column} IS NOT NULL) AS o{number}",
            f"min({_mark(column)}) <> max({_mark(column)}) AS d{number}",
        ]
        shown.append(f"{'m' if field.multiple else 'g'}.v{number} AS {column}")
        origins.append(
            f"{quoted(field.name)} := CASE WHEN o{number} IS NULL THEN NULL ELSE {{'source': {resources}[(o{number} >> {FROM_BITS}) + 1], "
            f"'as_of': CASE WHEN o{number} & {2**FROM_BITS - 1} = 0 THEN NULL ELSE DATE '1970-01-01' + CAST((o{number} & {2**FROM_BITS - 1}) - {2 ** (FROM_BITS - 1)} AS INTEGER) END, "
            f"'differs': coalesce(d{number}, FALSE)}} END"
        )
    lists = ""
    if several:
        lists = (
            "LEFT JOIN ("
            + _lists(several, [f.name for f in fields], by_rank)
            + ") m ON m.entity_id = g.entity_id"
        )
    assert single or several
    return f"""
        WITH said AS (
            SELECT *, {rank_columns} FROM (
                SELECT *, list_position({resources}, resource) - 1 AS src, hash(resource, record_key) AS tie,
                       {origin_sql().replace("src", "(list_position(" + resources + ", resource) - 1)")} AS origin
                FROM {records} WHERE {where})
        ), g AS (
            SELECT entity_id, count(*) AS _records, {", ".join(aggregates)} FROM said GROUP BY entity_id
        )
        SELECT g.entity_id, {", ".join(shown)}, CAST(g._records AS INTEGER) AS _records, struct_pack({", ".join(origins)}) AS _from
        FROM g {lists}
    """


def _mark(column: str) -> str:
    """A number that differs where values differ; cheaper to keep the least and greatest of than text."""
    return f"CASE WHEN {column} IS NOT NULL THEN hash({column}) END"


def _lists(several: Sequence[RegisterField], names: Sequence[str], by_rank: dict[str, str]) -> str:
    """Distinct values of the fields that keep all, in the order of their ranks."""
    joined = ""
    selects = []
    for field in several:
        number = names.index(field.name)
        column, rank = quoted(field.name), by_rank[field.name]
        selects.append(
            f"SELECT entity_id, list(value ORDER BY rank) AS v{number} FROM (SELECT entity_id, {column} AS value, "
            f"min({rank}) AS rank FROM said WHERE {column} IS NOT NULL GROUP BY entity_id, {column}) GROUP BY entity_id"
        )
    joined = selects[0]
    if len(selects) > 1:
        joined = (
            "SELECT * FROM ("
            + joined
            + ") "
            + " ".join(f"FULL JOIN ({select}) USING (entity_id)" for select in selects[1:])
        )
    return joined
