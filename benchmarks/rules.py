"""What standardizing and checking costs: a table with 15 rules beside the same rows merely written.

Both go through the same reader, the same raw landing and the same lake transaction; the second
contract names no elements and no rules. CPU seconds of the whole process are compared.
"""

from __future__ import annotations

import random
import shutil
from pathlib import Path

from benchmarks.node import SCRATCH, as_json, run, spent
from benchmarks.report import Report

ROWS = 1_000_000
FIELDS = (
    ("record_number", "编号", "plain_text"),
    ("name", "姓名", "person_name"),
    ("id_number", "证件号码", "resident_id"),
    ("sex", "性别", "sex"),
    ("birth_date", "出生日期", "date"),
    ("phone", "手机", "mobile_phone"),
    ("marital_status", "婚姻状况", "marital_status"),
    ("education", "学历", "education"),
    ("address", "住址", "address"),
    ("employer", "单位", "organization_name"),
    ("insured_on", "参保日期", "date"),
    ("updated_on", "更新日期", "date"),
)
LOGICAL = {"date": "date"}
RULES = (
    ("born-after-1900", "birth_date >= DATE '1900-01-01'"),
    ("not-in-future", "birth_date <= current_date"),
    ("insured-after-birth", "insured_on >= birth_date"),
    ("updated-after-insured", "updated_on >= insured_on"),
    ("updated-not-in-future", "updated_on <= current_date"),
    ("birth-date-as-in-number", "substr(id_number, 7, 8) = strftime(birth_date, '%Y%m%d')"),
    ("sex-as-in-number", "(CAST(substr(id_number, 17, 1) AS INTEGER) % 2 = 1) = (sex = '1')"),
    (
        "adult-when-married",
        "marital_status NOT IN ('20', '21') OR birth_date <= current_date - INTERVAL 16 YEAR",
    ),
    ("address-long-enough", "length(address) >= 6"),
    ("name-not-employer", "name <> employer"),
    ("number-given", "length(record_number) = 9"),
    ("educated-by-age", "education NOT IN ('20', '21') OR birth_date <= current_date - INTERVAL 14 YEAR"),
    ("employer-long-enough", "length(employer) >= 4"),
    ("insured-recently", "insured_on >= DATE '1990-01-01'"),
    ("phone-or-address", "phone IS NOT NULL OR address IS NOT NULL"),
)


def contract(resource: str, *, checked: bool) -> str:
    lines = [
        "apiVersion: v3.1.0", "kind: DataContract", f"id: {resource}", "name: 参保", "version: 1.0.0", "status: active",
        "servers: [{server: source, type: local, path: rows.csv, format: csv}]",
        "schema:", "  - name: rows", "    properties:",
    ]  # fmt: skip
    for name, header, element in FIELDS:
        key = ", primaryKey: true" if name == "record_number" else ""
        logical = LOGICAL.get(element, "string") if checked else "string"
        custom = f", customProperties: [{{property: element, value: {element}}}]" if checked else ""
        lines.append(f"      - {{name: {name}, physicalName: {header}, logicalType: {logical}{key}{custom}}}")
    if checked:
        lines.append("    quality:")
        for name, condition in RULES:
            lines.append(
                f'      - {{name: {name}, type: custom, engine: jingwei, implementation: "{condition}", dimension: consistency, description: {name}}}'
            )
    return "\n".join(lines) + "\n"


def _identity(rng: random.Random) -> tuple[str, str, str]:
    year, month, day, order = (
        rng.randint(1940, 2005),
        rng.randint(1, 12),
        rng.randint(1, 28),
        rng.randint(1, 999),
    )
    body = f"9901{rng.randint(1, 20):02d}{year}{month:02d}{day:02d}{order:03d}"
    weights = [pow(2, 17 - i, 11) for i in range(17)]
    check = "10X98765432"[sum(int(c) * w for c, w in zip(body, weights, strict=True)) % 11]
    return body + check, f"{year}-{month:02d}-{day:02d}", "男" if order % 2 else "女"


def write_rows(path: Path) -> None:
    """A million rows, two in a hundred with something wrong."""
    rng = random.Random(20261120)
    surnames, given = "王李张刘陈杨黄赵周吴", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平"
    with open(path, "w", encoding="utf-8") as file:
        file.write(",".join(header for _, header, _ in FIELDS) + "\n")
        for number in range(ROWS):
            identity, born, sex = _identity(rng)
            if rng.random() < 0.01:
                identity = identity[:-1] + "0"
            phone = f"199{rng.randint(0, 99999999):08d}" if rng.random() > 0.01 else "12345"
            file.write(
                f"{number:09d},{rng.choice(surnames)}{rng.choice(given)}{rng.choice(given)},{identity},{sex},{born},"
                f"{phone},{rng.choice(('未婚', '已婚', '丧偶', '离婚'))},{rng.choice(('大学本科', '高中', '初中', '小学'))},"
                f"松涛街道松间路{rng.randint(1, 300)}号{rng.randint(1, 30)}幢{rng.randint(101, 2404)}室,"
                f"云溪区{rng.choice(given)}{rng.choice(given)}商贸有限公司,{rng.randint(2006, 2020)}-03-0{rng.randint(1, 9)},2026-0{rng.randint(1, 9)}-15\n"
            )


def main() -> Report:
    report = Report("rules")
    home = SCRATCH / "rules"
    shutil.rmtree(home, ignore_errors=True)
    run(home, "init")
    (home / "sample").mkdir(parents=True)
    write_rows(home / "sample" / "rows.csv")
    pack = home / "bench-pack"
    (pack / "contracts").mkdir(parents=True)
    (pack / "pack.yaml").write_text(
        "pack: bench\nversion: 1.0.0\ntitle: {zh: 测, en: Bench}\nrequires: [standards]\n", encoding="utf-8"
    )
    (pack / "contracts" / "checked.yaml").write_text(
        contract("bench.checked", checked=True), encoding="utf-8"
    )
    (pack / "contracts" / "plain.yaml").write_text(contract("bench.plain", checked=False), encoding="utf-8")
    run(home, "pack", "install", str(pack))
    idle = spent(home, "runs")
    bare = spent(home, str(home / "sample" / "rows.csv"), module="benchmarks.plain_write")
    plain = spent(home, "collect", "bench.plain")
    checked = spent(home, "collect", "bench.checked")
    found = as_json(home, "runs", "bench.checked")["runs"][0]
    ratio = (checked.cpu - idle.cpu) / (bare.cpu - idle.cpu)
    report.add(
        f"read and written as they are, {ROWS:,} rows of {len(FIELDS)} columns",
        f"{bare.cpu - idle.cpu:.1f} CPU s",
    )
    report.add("collected without elements and rules", f"{plain.cpu - idle.cpu:.1f} CPU s")
    report.add(
        f"standardized and checked, {len(RULES)} rules",
        f"{checked.cpu - idle.cpu:.1f} CPU s",
        note=f"{found['quarantined']:,} quarantined",
    )
    report.add("ratio of checked to written as they are", f"{ratio:.2f}", "2", ratio <= 2)
    report.add("most memory", f"{checked.memory:,.0f} MB")
    again = spent(home, "collect", "bench.checked")
    report.add("the same file again", f"{again.wall:.1f} s", note="nothing changes")
    return report
