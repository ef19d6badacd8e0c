"""A CSV several times larger than memory, from file to lake: collected, then collected again.

The table is made by the engine from row numbers: a key, names and addresses in Chinese, numbers, dates. One row
in 200 is faulty, one in 1,000 comes twice. `SIZE` is in GB.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import duckdb

from benchmarks.node import SCRATCH, run, spent
from benchmarks.report import Report

SIZE = float(os.environ.get("SIZE", "5"))
LIMIT = 2_048
"""MB the process may hold, everything included."""
BYTES_A_ROW = 182
CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: bench.resident
name: 居民
version: 1.0.0
status: active
servers:
  - {{server: source, type: local, path: "{path}", format: csv}}
schema:
  - name: resident
    properties:
      - {{name: number, physicalName: 编号, logicalType: string, primaryKey: true}}
      - {{name: name, physicalName: 姓名, logicalType: string, required: true}}
      - {{name: sex, physicalName: 性别, logicalType: string}}
      - {{name: born, physicalName: 出生日期, logicalType: date}}
      - {{name: address, physicalName: 现住址, logicalType: string}}
      - {{name: community, physicalName: 社区, logicalType: string}}
      - {{name: phone, physicalName: 联系电话, logicalType: string}}
      - {{name: income, physicalName: 年收入, logicalType: number}}
      - name: since
        physicalName: 登记日期
        logicalType: date
        quality:
          - {{name: after-birth, type: custom, engine: jingwei, implementation: "since >= born", dimension: consistency, description: "登记早于出生 | registered before birth"}}
      - {{name: note, physicalName: 备注, logicalType: string}}
customProperties:
  - {{property: organization, value: 区数据局}}
  - {{property: refresh, value: full}}
"""
ROW = """
SELECT printf('4403%014d', i) AS 编号,
  ['王','李','张','刘','陈','杨','黄','赵'][1 + chance(i, 8)] || ['伟','芳娜','秀英','敏','静怡','磊','云禾'][1 + chance(i * 7, 7)] AS 姓名,
  CASE WHEN i % 2 = 0 THEN '男' ELSE '女' END AS 性别,
  CASE WHEN i % 200 = 7 THEN '不详，待核' ELSE CAST(DATE '1930-01-01' + chance(i * 3, 30000)::INTEGER AS VARCHAR) END AS 出生日期,
  '松涛街道' || (1 + chance(i * 11, 90))::VARCHAR || '号大院' || (1 + chance(i * 13, 40))::VARCHAR || '栋' || (101 + chance(i * 17, 3000))::VARCHAR || '室' AS 现住址,
  ['松涛社区','临江社区','梧桐社区'][1 + chance(i * 19, 3)] AS 社区,
  '1' || (3000000000 + chance(i * 23, 6000000000))::VARCHAR AS 联系电话,
  printf('%.2f', (chance(i * 29, 9000000)) / 100.0) AS 年收入,
  CAST(DATE '2012-03-01' + chance(i * 31, 4000)::INTEGER AS VARCHAR) AS 登记日期,
  '窗口登记，第' || (chance(i * 37, 900000))::VARCHAR || '号材料，已核对原件' AS 备注
"""


def make_table(path: Path, size: float, bytes_a_row: int = BYTES_A_ROW) -> int:
    """Writes about `size` GB of CSV; returns the rows. Every thousandth row stands there twice."""
    distinct = int(size * 1e9 / bytes_a_row / 1.001)
    con = duckdb.connect()
    con.execute("SET memory_limit = '1GB'")
    con.execute("SET preserve_insertion_order = false")
    con.execute("CREATE MACRO chance(i, n) AS CAST(hash(i) % n AS BIGINT)")
    numbers = f"SELECT CASE WHEN i >= {distinct} THEN (i - {distinct}) * 1000 ELSE i END AS i FROM range({distinct + distinct // 1000}) t(i)"
    con.execute(f"COPY ({ROW} FROM ({numbers})) TO '{path}' (HEADER)")
    return distinct + distinct // 1000


def declare(home: Path, table: Path) -> None:
    """A home whose one resource is the table."""
    folder = home / "packs" / "bench"
    (folder / "contracts").mkdir(parents=True, exist_ok=True)
    (folder / "pack.yaml").write_text(
        "pack: bench\nversion: 1.0.0\ntitle: {zh: 测, en: Bench}\nrequires: [standards]\n"
    )
    (folder / "contracts" / "resident.yaml").write_text(CONTRACT.format(path=table), encoding="utf-8")


def main() -> Report:
    report = Report("large_file")
    home = SCRATCH / "large-file"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    run(home, "init")
    table = SCRATCH / "large-file.csv"
    try:
        rows = make_table(table, SIZE)
        declare(home, table)
        size = table.stat().st_size / 1e9
        for name in ("first", "again, nothing new"):
            done = spent(home, "collect", "bench.resident", "--json")
            told = json.loads(done.output)
            right = told["balances"] and told["read"] == rows
            report.add(
                f"{name}: {size:.1f} GB, {rows:,} rows",
                f"{done.memory:,.0f} MB at most",
                f"{LIMIT:,} MB",
                done.memory <= LIMIT and right,
                f"{done.wall:.0f} s; {told['accepted']:,} accepted, {told['quarantined']:,} quarantined, {told['repeated']:,} repeated",
            )
    finally:
        table.unlink(missing_ok=True)
        shutil.rmtree(home, ignore_errors=True)
    return report
