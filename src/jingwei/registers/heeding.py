"""What persons decided, brought to the rows of one linking.

standing verdicts ──▶ verdict (l, r, same)
                       ├─ same number, told apart ─▶ the less believed row loses the number (links.barred)
                       ├─ two valid numbers, told one ─▶ refused: both rows are noted, nothing is merged
                       └─ the rest ─▶ `decisions` joins them first, or keeps them apart
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from jingwei.catalog.sql import identifier as quoted
from jingwei.catalog.sql import quoted as literal
from jingwei.registers import verdicts
from jingwei.registers.sources import Sources

REFUSED = "verdict-refused"
"""Note of a row that a person wants in an entity of another valid number."""


def heed(con: duckdb.DuckDBPyConnection, sources: Sources) -> None:
    """Makes `verdict` of the pairs whose records are both there, and takes numbers from rows told apart."""
    _load(con, sources.declared.name)
    register = sources.declared.register
    believed = "CASE WHEN verified THEN 0 ELSE 1 END, src, tie"
    verified = ", ".join(str(i) for i, source in enumerate(register.sources) if source.verified) or "-1"
    for identifier in register.identifiers:
        con.execute(
            f"""
            UPDATE links SET barred = cluster, cluster = NULL, reason = NULL, {quoted(identifier.field)} = NULL,
                   note = {literal("contradicted:" + identifier.field)}
            WHERE rid IN (
                SELECT max_by(rid, ({believed})) FROM (
                    SELECT v.l, v.r, k.rid, k.src, k.tie, k.src IN ({verified}) AS verified
                    FROM verdict v JOIN links a ON a.rid = v.l JOIN links b ON b.rid = v.r AND b.cluster = a.cluster
                    JOIN links k ON k.rid IN (v.l, v.r)
                    WHERE NOT v.same AND k.reason = {literal(identifier.field)})
                GROUP BY l, r)
            """
        )
    con.execute(
        f"""
        UPDATE links SET note = {literal(REFUSED)} WHERE note IS NULL AND rid IN (
            SELECT unnest([v.l, v.r]) FROM verdict v JOIN links a ON a.rid = v.l JOIN links b ON b.rid = v.r
            WHERE v.same AND a.cluster <> b.cluster)
        """
    )


def _load(con: duckdb.DuckDBPyConnection, register: str) -> None:
    standing = verdicts.standing(register)
    con.execute("CREATE OR REPLACE TEMP TABLE verdict (l BIGINT, r BIGINT, same BOOLEAN)")
    if not standing:
        return
    sides = [(one.left, one.right) for one in standing]
    told = pa.table(
        {
            "left_resource": [left[0] for left, _ in sides],
            "left_key": [left[1] for left, _ in sides],
            "right_resource": [right[0] for _, right in sides],
            "right_key": [right[1] for _, right in sides],
            "same": [one.same for one in standing],
        }
    )
    con.register("told_verdicts", told)
    con.execute(
        "INSERT INTO verdict SELECT a.rid, b.rid, t.same FROM told_verdicts t"
        " JOIN links a ON a.tie = hash(t.left_resource, t.left_key)"
        " JOIN links b ON b.tie = hash(t.right_resource, t.right_key)"
    )
    con.unregister("told_verdicts")
