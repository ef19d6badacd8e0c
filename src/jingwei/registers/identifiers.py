"""Strong identifiers first: rows that carry the same valid number are one entity, whatever else they say.

    mapped rows ──▶ links (rid, src, tie, cluster, reason, note, barred, each identifier, and as it was given)

`cluster` is the 128-bit MD5 of `field:value`; rows without a valid identifier have none yet. Two
different valid numbers never share a cluster. One number that two people use (a child registered
under a parent's number) is found where a row contradicts the others of its number in every
declared field: that row is treated as if it had no number, and may not return to that cluster.
"""

from __future__ import annotations

import duckdb

from jingwei.catalog.sql import identifier as quoted
from jingwei.catalog.sql import quoted as literal
from jingwei.registers.declaration import Comparison, Matching, StrongIdentifier
from jingwei.registers.matching.comparers import COMPARERS
from jingwei.registers.matching.features import Features
from jingwei.registers.matching.placeholders import is_placeholder_sql, meaningful_sql
from jingwei.registers.sources import Sources

KIND_OF_ELEMENT = {
    "person_name": "person_name",
    "organization_name": "organization_name",
    "date": "date",
    "mobile_phone": "phone",
    "landline": "phone",
    "address": "address",
}


PLACEHOLDER = "placeholder:"


def resolve(con: duckdb.DuckDBPyConnection, sources: Sources) -> None:
    """Makes the temporary table `links`; a row's `note` names an identifier that was set aside."""
    register = sources.declared.register
    fields = [i.field for i in register.identifiers]
    wanted = sources.needed([name for i in register.identifiers for name in (i.field, *i.together_with)])
    values = ", ".join(
        f"{value_of(sources, i)} AS {quoted(i.field)}, {value_of(sources, i)} AS given{number}"
        for number, i in enumerate(register.identifiers)
    )
    held = " ".join(placeholder_of(sources, i) for i in register.identifiers)
    note = f"CASE {held} ELSE CAST(NULL AS VARCHAR) END" if held else "CAST(NULL AS VARCHAR)"
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE links AS
        SELECT m.rid, m.src, hash({sources.resource_list()}[m.src + 1], m._key) AS tie, CAST(NULL AS UHUGEINT) AS cluster,
               CAST(NULL AS VARCHAR) AS reason, {note} AS note, CAST(NULL AS UHUGEINT) AS barred
               {", " + values if fields else ""}
        FROM ({sources.mapped(wanted, "_key")}) m
        """
    )
    for number, identifier in enumerate(register.identifiers):
        if number == 0:
            con.execute(
                f"UPDATE links SET cluster = {_cluster(identifier)}, reason = {literal(identifier.field)} "
                f"WHERE {quoted(identifier.field)} IS NOT NULL"
            )
            if identifier.contradicted_by:
                _set_aside(con, sources, identifier)
        else:
            _follow(con, identifier)


def value_of(sources: Sources, identifier: StrongIdentifier) -> str:
    """SQL of what names the entity: one field, or all of several joined; NULL where one of them is missing."""
    names = (identifier.field, *identifier.together_with)
    parts = [meaningful_sql(f"CAST({sources.derivation(name)} AS VARCHAR)") for name in names]
    return parts[0] if len(parts) == 1 else " || chr(31) || ".join(parts)


def placeholder_of(sources: Sources, identifier: StrongIdentifier) -> str:
    """SQL: the note of a row whose number was only filled in so that the box was not empty."""
    told = is_placeholder_sql(f"CAST({sources.derivation(identifier.field)} AS VARCHAR)")
    return f"WHEN {told} THEN {literal(PLACEHOLDER + identifier.field)}"


def _cluster(identifier: StrongIdentifier) -> str:
    return f"md5_number({literal(identifier.field + ':')} || {quoted(identifier.field)})"


def _follow(con: duckdb.DuckDBPyConnection, identifier: StrongIdentifier) -> None:
    """A further identifier: joins the entity it is known to belong to, else founds one; where it belongs
    to several it decides nothing."""
    column = quoted(identifier.field)
    con.execute(
        f"""
        UPDATE links SET
            cluster = CASE WHEN k.entities > 1 THEN NULL ELSE coalesce(k.cluster, {_cluster(identifier)}) END,
            reason = CASE WHEN k.entities > 1 THEN NULL ELSE {literal(identifier.field)} END
        FROM (SELECT {column} AS value, min(cluster) AS cluster, count(DISTINCT cluster) AS entities
              FROM links WHERE {column} IS NOT NULL GROUP BY {column}) k
        WHERE links.{column} = k.value AND links.cluster IS NULL AND links.barred IS NULL
        """
    )


def _set_aside(con: duckdb.DuckDBPyConnection, sources: Sources, identifier: StrongIdentifier) -> None:
    """Rows that contradict their number's other rows in every declared field lose the number."""
    declared = sources.declared
    matching = Matching.model_construct(
        blocking=(),
        comparisons=tuple(
            Comparison.model_validate(
                {"field": f, "as": KIND_OF_ELEMENT.get(declared.register.field(f).element, "exact")}
            )
            for f in identifier.contradicted_by
        ),
    )
    fields = list(identifier.contradicted_by)
    given = ", ".join(f"CAST(m.{quoted(f)} AS VARCHAR) AS {quoted(f)}" for f in fields)
    differing = " AND ".join(f"min({quoted(f)}) <> max({quoted(f)})" for f in fields)
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE suspects AS
        WITH said AS (
            SELECT m.rid, m.src, l.tie, l.cluster, {quoted(identifier.field)} AS number, {given}
            FROM ({sources.mapped(fields)}) m JOIN links l ON l.rid = m.rid WHERE l.cluster IS NOT NULL
        )
        SELECT * FROM said
        WHERE cluster IN (SELECT cluster FROM said GROUP BY cluster HAVING {differing})
        """
    )
    told = declared.element(identifier.field).derived
    agrees = " + ".join(
        f"coalesce(CAST(CAST({declared.element(identifier.field).derived_sql(f, 'number')} AS VARCHAR) = {quoted(f)} AS INT), 0)"
        for f in fields
        if f in told
    )
    names = ", ".join(quoted(f) for f in fields)
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE believed AS
        WITH versions AS (
            SELECT cluster, {names}, any_value({agrees or "0"}) AS agrees, count(*) AS rows, min(src) AS src, min(tie) AS tie,
                   arg_min(rid, tie) AS rid
            FROM suspects GROUP BY cluster, {names}
        )
        SELECT DISTINCT ON (cluster) cluster, rid FROM versions ORDER BY cluster, agrees DESC, rows DESC, src, tie
        """
    )
    features = Features(matching, "suspects", "set_aside")
    features.prepare(con)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE suspect_features AS {features.select(extra='r.rid, r.cluster')}"
    )
    contradictions = []
    for index, comparison in enumerate(matching.comparisons):
        comparer = COMPARERS[comparison.kind]
        sides = {
            f"{f}_{s}": f"{s}.{features.column(index, f)}" for f in comparer.features for s in ("l", "r")
        }
        agree = " OR ".join(f"coalesce({level.when.format(**sides)}, FALSE)" for level in comparer.agreement)
        contradictions.append(f"NOT ({comparer.missing.format(**sides)}) AND NOT ({agree})")
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE contradicting AS
        SELECT l.rid FROM suspect_features l
        JOIN believed b ON b.cluster = l.cluster JOIN suspect_features r ON r.rid = b.rid
        WHERE {" AND ".join(f"({c})" for c in contradictions)}
        """
    )
    con.execute(
        f"""
        UPDATE links SET barred = cluster, cluster = NULL, reason = NULL, note = {literal("contradicted:" + identifier.field)},
               {quoted(identifier.field)} = NULL
        FROM contradicting c WHERE links.rid = c.rid
        """
    )
    con.execute(
        "DROP TABLE suspects; DROP TABLE believed; DROP TABLE suspect_features; DROP TABLE contradicting"
    )
