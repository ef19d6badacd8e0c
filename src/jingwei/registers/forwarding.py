"""Identifiers that were given out and are no entity's any more: where they lead.

records before ─┐
                ├─▶ ids that vanished ─▶ the entity that has most of their records now ─▶ register."<r>.forwarding"
records after ──┘                                                                          └▶ Forwarding (served)

An entity that splits keeps its identifier with the part that holds the number it is named after; one that
joins another leaves an address. An identifier that comes back leads nowhere but to itself.
"""

from __future__ import annotations

from typing import Any

import duckdb
from django.db import transaction

from jingwei.engines import lake
from jingwei.registers.models import Forwarding

BATCH = 5_000


def table_of(register: str) -> str:
    return lake().table("register", f"{register}.forwarding")


def note(con: duckdb.DuckDBPyConnection, register: str, build: str, before: str, after: str) -> None:
    """In the caller's transaction: `before` and `after` are tables of the same records' entities."""
    table = table_of(register)
    con.execute(
        f"CREATE TABLE IF NOT EXISTS {table} (entity_id VARCHAR, leads_to VARCHAR, build VARCHAR, since TIMESTAMPTZ)"
    )
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE vanished AS
        WITH gone AS (SELECT entity_id, resource, record_key FROM {before} WHERE entity_id NOT IN (SELECT entity_id FROM {after})),
        held AS (
            SELECT g.entity_id, a.entity_id AS leads_to, count(*) AS records
            FROM gone g JOIN {after} a ON a.resource = g.resource AND a.record_key = g.record_key GROUP BY ALL
        ), chosen AS (
            SELECT DISTINCT ON (entity_id) entity_id, leads_to FROM held ORDER BY entity_id, records DESC, leads_to
        )
        SELECT DISTINCT g.entity_id, coalesce(c.leads_to, '') AS leads_to FROM gone g LEFT JOIN chosen c USING (entity_id)
        """
    )
    row = con.execute("SELECT count(*) FROM vanished").fetchone()
    con.execute(f"DELETE FROM {table} WHERE entity_id IN (SELECT entity_id FROM {after})")
    if row and row[0]:
        con.execute(f"DELETE FROM {table} WHERE entity_id IN (SELECT entity_id FROM vanished)")
        con.execute(
            f"INSERT INTO {table} SELECT entity_id, leads_to, ?, now() FROM vanished ORDER BY entity_id",
            [build],
        )
    con.execute("DROP TABLE vanished")


def serve(con: duckdb.DuckDBPyConnection, register: str) -> None:
    """Brings the served addresses to those of the lake; does nothing where they are the same."""
    if not lake().exists(con, "register", f"{register}.forwarding"):
        return
    rows: list[tuple[Any, ...]] = con.execute(
        f"SELECT entity_id, leads_to, build, since FROM {table_of(register)} ORDER BY entity_id"
    ).fetchall()
    served = Forwarding.objects.filter(register=register).order_by("entity_id")
    if list(served.values_list("entity_id", "to")) == [(row[0], row[1]) for row in rows]:
        return
    with transaction.atomic():
        served.delete()
        made = [
            Forwarding(register=register, entity_id=one, to=to, build=build, at=at)
            for one, to, build, at in rows
        ]
        Forwarding.objects.bulk_create(made, batch_size=BATCH)
