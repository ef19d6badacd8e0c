"""Insured residents in a PostgreSQL table, made inside the server: realistic rows of twelve columns, two in a hundred wrong.

Everything about a row follows from its number, so that any row can be made again; numbers of persons have
their check digit, and the region of all of them (9901) does not exist.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.rules import FIELDS, RULES
from jingwei.testing.servers import Server

DATABASE, TABLE = "insurance", "insured"
SURNAMES, GIVEN = "王李张刘陈杨黄赵周吴", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平"

WEIGHED = " + ".join(f"substr(body, {at + 1}, 1)::int * {pow(2, 17 - at, 11)}" for at in range(17))
CHECK_DIGIT = f"substr('10X98765432', ({WEIGHED}) % 11 + 1, 1)"

ROWS = f"""
SELECT lpad(n::text, 9, '0') AS "编号",
       substr('{SURNAMES}', n % 10 + 1, 1) || substr('{GIVEN}', (n * 7) % 20 + 1, 1) || substr('{GIVEN}', (n / 20) % 20 + 1, 1) AS "姓名",
       CASE WHEN n % 100 = 13 THEN body || '0' ELSE body || {CHECK_DIGIT} END AS "证件号码",
       CASE WHEN substr(body, 17, 1)::int % 2 = 1 THEN '男' ELSE '女' END AS "性别",
       born AS "出生日期",
       CASE WHEN n % 100 = 57 THEN '12345' ELSE '199' || lpad((n * 37 % 100000000)::text, 8, '0') END AS "手机",
       (ARRAY['未婚', '已婚', '丧偶', '离婚'])[n % 4 + 1] AS "婚姻状况",
       (ARRAY['大学本科', '高中', '初中', '小学'])[n / 3 % 4 + 1] AS "学历",
       '松涛街道松间路' || n % 300 + 1 || '号' || n % 30 + 1 || '幢' || 101 + n % 2303 || '室' AS "住址",
       '云溪区' || substr('{GIVEN}', n % 20 + 1, 1) || substr('{GIVEN}', (n / 7) % 20 + 1, 1) || '商贸有限公司' AS "单位",
       DATE '2006-01-01' + (n % 5000)::int AS "参保日期",
       current_date - 310 + (n % 300) * INTERVAL '1 day' + (n % 86400) * INTERVAL '1 second' AS "更新时间"
FROM (SELECT n, born, '9901' || lpad((n % 20 + 1)::text, 2, '0') || to_char(born, 'YYYYMMDD') || lpad((n % 999 + 1)::text, 3, '0') AS body
      FROM (SELECT n, DATE '1940-01-01' + (n / 999 * 7919 % 24000)::int AS born FROM generate_series({{first}}, {{last}}) n) AS dated) AS numbered
"""


def make(server: Server, rows: int) -> str:
    """A database with the table, keyed and with an index on the time of change; its address."""
    server.run(f"CREATE DATABASE {DATABASE}")
    server.run(f"CREATE TABLE {TABLE} AS {ROWS.format(first=1, last=rows)}", DATABASE)
    server.run(f'ALTER TABLE {TABLE} ADD PRIMARY KEY ("编号")', DATABASE)
    server.run(f'CREATE INDEX ON {TABLE} ("更新时间")', DATABASE)
    server.run(f"GRANT SELECT ON {TABLE} TO reader; ANALYZE {TABLE}", DATABASE)
    return server.url(DATABASE)


def change(server: Server, rows: int, changed: int) -> dict[str, int]:
    """Half of the changes are new values, a quarter new rows, a quarter rows that go; how many of each."""
    new, gone = changed // 4, changed // 4
    altered = changed - new - gone
    every = rows // altered
    server.run(
        f"""
        UPDATE {TABLE} SET "住址" = "住址" || '之' || length("住址"), "更新时间" = current_date - 2 + INTERVAL '9 hours'
            WHERE "编号" IN (SELECT lpad((n * {every})::text, 9, '0') FROM generate_series(1, {altered}) n);
        INSERT INTO {TABLE} {ROWS.format(first=rows + 1, last=rows + new)};
        UPDATE {TABLE} SET "更新时间" = current_date - 2 + INTERVAL '9 hours' WHERE "编号" > lpad({rows}::text, 9, '0');
        DELETE FROM {TABLE}
            WHERE "编号" IN (SELECT lpad((n * {every} + 1)::text, 9, '0') FROM generate_series(1, {gone}) n);
        """,
        DATABASE,
    )
    return {"changed": altered, "new": new, "gone": gone}


def pack(place: Path, *contracts: str) -> None:
    """A pack with these contracts."""
    (place / "contracts").mkdir(parents=True)
    (place / "pack.yaml").write_text(
        "pack: bench\nversion: 1.0.0\ntitle: {zh: 测, en: Bench}\nrequires: [standards]\n", encoding="utf-8"
    )
    for number, text in enumerate(contracts):
        (place / "contracts" / f"{number}.yaml").write_text(text, encoding="utf-8")


def contract(resource: str, server: Server, refresh: str) -> str:
    """The twelve columns with their elements and the fifteen rules."""
    lines = [
        "apiVersion: v3.1.0", "kind: DataContract", f"id: {resource}", "name: 参保", "version: 1.0.0", "status: active",
        f"servers: [{{server: insurance, type: postgres, host: 127.0.0.1, port: {server.port}, database: {DATABASE}, schema: public,"
        " customProperties: [{property: user, value: reader}]}]",
        f"customProperties: [{{property: refresh, value: {refresh}}}"
        + (", {property: cursor, value: {column: 更新时间, lookback: 1d}}" if refresh == "incremental" else "") + "]",
        "schema:", "  - name: insured", f"    physicalName: {TABLE}", "    properties:",
    ]  # fmt: skip
    for name, header, element in (*FIELDS[:-1], ("updated_on", "更新时间", "timestamp")):
        key = ", primaryKey: true" if name == "record_number" else ""
        logical = element if element in ("date", "timestamp") else "string"
        lines.append(
            f"      - {{name: {name}, physicalName: {header}, logicalType: {logical}{key},"
            f" customProperties: [{{property: element, value: {element}}}]}}"
        )
    lines.append("    quality:")
    for name, condition in RULES:
        lines.append(
            f'      - {{name: {name}, type: custom, engine: jingwei, implementation: "{condition}", dimension: consistency, description: {name}}}'
        )
    return "\n".join(lines) + "\n"
