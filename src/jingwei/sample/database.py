"""The social security table on a real PostgreSQL server, for those who have one."""

from __future__ import annotations

import csv
from pathlib import Path

import psycopg
from psycopg import sql

from jingwei.sample.errors import PostgresRefused

SCHEMA = "social_security"
TABLE = "insured"


def write_schema(url: str, source: Path) -> None:
    """Puts the CSV into `social_security.insured`, replacing an earlier one, in one transaction."""
    try:
        with (
            source.open(encoding="utf-8-sig", newline="") as lines,
            psycopg.connect(url, connect_timeout=10) as con,
        ):
            header = next(csv.reader([lines.readline()]))
            columns = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(name)) for name in header)
            target = sql.Identifier(SCHEMA, TABLE)
            con.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(SCHEMA)))
            con.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(target))
            con.execute(sql.SQL("CREATE TABLE {} ({})").format(target, columns))
            with con.cursor().copy(sql.SQL("COPY {} FROM STDIN (FORMAT csv)").format(target)) as copy:
                while block := lines.read(1 << 20):
                    copy.write(block)
    except psycopg.Error as fault:
        raise PostgresRefused(reason=str(fault).strip().splitlines()[0]) from fault
