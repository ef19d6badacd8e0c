"""What judging ten million rows by fifteen rules costs, beside pandera on polars and Great Expectations.

One Parquet file, the same fifteen rules in three ways of writing: a contract here, `peers/quality.py` for the
peers, which are installed into an environment of their own. Ours writes every failing row with key and
reasons; pandera is told to say yes or no only, which is the cheapest it can do. Starting each program
(the same with a thousand rows) is subtracted, and told. Great Expectations takes a tenth of the rows.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import duckdb

from benchmarks.node import SCRATCH, Spent, environment, run
from benchmarks.report import Report

ROWS = int(os.environ.get("JINGWEI_BENCH_ROWS", "10000000"))
FEW = 1_000
PEERS = ("pandera[polars]==0.35.0", "polars==2.1.0", "great_expectations==1.24.1", "pyarrow")
FOLDER = SCRATCH / "quality"

NUMBER = "[1-9][0-9]{5}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9X]"
PHONE = "1[3-9]" + "[0-9]" * 9
CREDIT = "[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}"
RULES = (
    ("id-number-shape", f"regexp_full_match(id_number, '{NUMBER}')", "conformity"),
    ("phone-shape", f"phone GLOB '{PHONE}'", "conformity"),
    ("credit-code-shape", f"regexp_full_match(credit_code, '{CREDIT}')", "conformity"),
    ("sex-in-list", "sex IN ('1', '2')", "conformity"),
    ("record-number-length", "strlen(record_number) = 9", "conformity"),
    ("address-long-enough", "length(address) >= 6", "completeness"),
    ("income-in-range", "income BETWEEN 0 AND 1000000", "conformity"),
    ("born-in-range", "birth_date BETWEEN DATE '1900-01-01' AND DATE '2026-01-01'", "conformity"),
    ("insured-after-birth", "insured_on >= birth_date", "consistency"),
    ("updated-after-insured", "updated_on >= insured_on", "consistency"),
    (
        "birth-as-in-number",
        "TRY_CAST(substr(id_number, 7, 8) AS INTEGER) = year(birth_date) * 10000 + month(birth_date) * 100 + day(birth_date)",
        "consistency",
    ),
    ("sex-as-in-number", "(ord(substr(id_number, 17, 1)) % 2 = 1) = (sex = '1')", "consistency"),
    ("community-known", "community IN (SELECT community FROM {bench.community})", "consistency"),
)  # fmt: skip
"""Each engine has its rules in the words that cost it least. Thirteen of the fifteen; the other two are that the name is given and that no key comes twice."""
FIELDS = (
    ("record_number", "string"), ("name", "string"), ("id_number", "string"), ("sex", "string"),
    ("birth_date", "date"), ("phone", "string"), ("credit_code", "string"), ("community", "string"),
    ("address", "string"), ("income", "number"), ("insured_on", "date"), ("updated_on", "date"),
)  # fmt: skip


def contract() -> str:
    lines = [
        "apiVersion: v3.1.0", "kind: DataContract", "id: bench.insured", "name: 参保", "version: 1.0.0", "status: active",
        "schema:", "  - name: rows", "    properties:",
    ]  # fmt: skip
    for name, logical in FIELDS:
        more = {"record_number": ", primaryKey: true, required: true", "name": ", required: true"}.get(
            name, ""
        )
        custom = ", customProperties: [{property: element, value: money}]" if name == "income" else ""
        lines.append(f"      - {{name: {name}, physicalName: {name}, logicalType: {logical}{more}{custom}}}")
    lines.append("    quality:")
    for name, condition, dimension in RULES:
        lines.append(
            f'      - {{name: {name}, type: custom, engine: jingwei, implementation: "{condition}", dimension: {dimension}, description: {name}}}'
        )
    return "\n".join(lines) + "\n"


COMMUNITIES = """
apiVersion: v3.1.0
kind: DataContract
id: bench.community
name: 社区
version: 1.0.0
status: active
servers: [{server: source, type: local, path: communities.csv, format: csv}]
schema:
  - name: rows
    properties:
      - {name: community, physicalName: community, logicalType: string, primaryKey: true, required: true}
"""


def write_rows(path: Path, rows: int) -> None:
    """Two in a hundred with something wrong, 1 in 5,000 keys twice; the same rows at every run."""
    weights = [pow(2, 17 - i, 11) for i in range(17)]
    digits = " + ".join(f"{w} * (ord(substr(body, {at}, 1)) - 48)" for at, w in enumerate(weights, 1))
    letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    codes = " + ".join(
        f"{pow(3, at, 31)} * (strpos('{letters}', substr(unit, {at + 1}, 1)) - 1)" for at in range(17)
    )

    def chance(salt: int, among: int) -> str:
        return f"CAST(hash(i * 31 + {salt}) % {among} AS INTEGER)"

    given = "'伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平'"
    con = duckdb.connect(config={"memory_limit": "2GB"})
    con.execute(f"""
    COPY (
      WITH a AS (SELECT i, DATE '1940-01-01' + {chance(1, 23000)} AS born, {chance(2, 1000)} AS place,
                        {chance(3, 400)} AS slip FROM range({rows}) t(i)),
      b AS (SELECT *, printf('9901%02d', {chance(4, 20)} + 1) || strftime(born, '%Y%m%d') || printf('%03d', place) AS body,
                   '91990102MA' || printf('%07d', {chance(5, 9999999)}) AS unit FROM a),
      c AS (SELECT *, body || substr('10X98765432', 1 + CAST(({digits}) % 11 AS INTEGER), 1) AS number,
                   unit || substr('{letters}', 1 + CAST((31 - ({codes}) % 31) % 31 AS INTEGER), 1) AS code FROM b)
      SELECT printf('%09d', CASE WHEN i % 5000 = 4999 THEN i - 1 ELSE i END) AS record_number,
        CASE WHEN slip <> 1 THEN substr('王李张刘陈杨黄赵周吴', 1 + {chance(7, 10)}, 1)
          || substr({given}, 1 + {chance(8, 20)}, 1) || substr({given}, 1 + {chance(9, 20)}, 1) END AS name,
        CASE WHEN slip = 2 THEN left(number, 17) ELSE number END AS id_number,
        CASE WHEN slip = 3 THEN '3' WHEN place % 2 = 1 THEN '1' ELSE '2' END AS sex,
        CASE WHEN slip = 4 THEN born + 40 ELSE born END AS birth_date,
        CASE WHEN slip = 5 THEN '12345' ELSE '199' || printf('%08d', {chance(11, 100000000)}) END AS phone,
        code AS credit_code,
        '990102' || printf('%03d%03d', {chance(12, 300)} + 1, CASE WHEN slip = 6 THEN 50 ELSE {chance(13, 10)} END) AS community,
        '松涛街道松间路' || ({chance(15, 300)} + 1) || '号' || ({chance(16, 30)} + 1) || '幢' || ({chance(17, 2304)} + 101) || '室' AS address,
        CASE WHEN slip = 7 THEN -1 ELSE {chance(18, 3000000)} / 100.0 END::DECIMAL(18, 2) AS income,
        DATE '2006-01-01' + {chance(19, 5000)} AS insured_on,
        CASE WHEN slip = 8 THEN DATE '2005-12-31' ELSE DATE '2020-01-01' + {chance(21, 2200)} END AS updated_on
      FROM c) TO '{path}' (FORMAT parquet)""")  # fmt: skip


def write_communities(path: Path) -> None:
    lines = [f"990102{street:03d}{number:03d}" for street in range(1, 301) for number in range(10)]
    path.write_text("\n".join(["community", *lines]) + "\n", encoding="utf-8")


def peers() -> Path:
    """Python of the peers' environment, made once."""
    folder = FOLDER / "peers"
    python = folder / "bin" / "python"
    done = folder / "done"
    if not done.exists() or done.read_text() != " ".join(PEERS):
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-qq", *PEERS], check=True, stderr=subprocess.DEVNULL)
        done.write_text(" ".join(PEERS))
    return python


def spent(command: list[str], home: Path) -> Spent:
    """CPU and the most memory of one process, from the kernel's account of it."""
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, env=environment(home, JINGWEI_MEMORY="1500MB"), text=True
    )
    output = process.stdout.read() if process.stdout else ""
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}\n{output}")
    return Spent(0.0, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, output)


def main() -> Report:
    report = Report("quality")
    home = FOLDER / "home"
    FOLDER.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(home, ignore_errors=True)
    run(home, "init")
    (home / "sample").mkdir(parents=True, exist_ok=True)
    write_communities(home / "sample" / "communities.csv")
    tables = {rows: FOLDER / f"rows-{rows}.parquet" for rows in (FEW, ROWS // 10, ROWS)}
    for rows, path in tables.items():
        if not path.exists():
            write_rows(path, rows)
    pack = home / "bench-pack"
    (pack / "contracts").mkdir(parents=True)
    (pack / "pack.yaml").write_text(
        "pack: bench\nversion: 1.0.0\ntitle: {zh: 测, en: Bench}\nrequires: [standards]\n", encoding="utf-8"
    )
    (pack / "contracts" / "insured.yaml").write_text(contract(), encoding="utf-8")
    (pack / "contracts" / "community.yaml").write_text(COMMUNITIES, encoding="utf-8")
    run(home, "pack", "install", str(pack))
    run(home, "collect", "bench.community")
    python = str(peers())

    def ours(rows: int) -> Spent:
        out = FOLDER / "failing.parquet"
        return spent(
            [sys.executable, "-m", "jingwei", "check", "bench.insured", "--from", str(tables[rows]), "--out", str(out), "--json"],
            home,
        )  # fmt: skip

    def peer(name: str, rows: int) -> Spent:
        script = str(Path(__file__).parent / "peers" / "quality.py")
        reference = str(home / "sample" / "communities.csv")
        return spent([python, script, name, str(tables[rows]), reference], home)

    names = ("pandera", "pandera-list", "great-expectations")
    # Starting varies by more than what is compared: the least of three.
    start = {name: min(peer(name, FEW).cpu for _ in range(3)) for name in names}
    start["ours"] = min(ours(FEW).cpu for _ in range(3))
    mine = ours(ROWS)
    sizes = {name: ROWS // 10 if name == "great-expectations" else ROWS for name in names}
    found = {name: peer(name, rows) for name, rows in sizes.items()}
    cost = {name: (found[name].cpu - start[name]) * ROWS / sizes[name] for name in names}
    cost["ours"] = mine.cpu - start["ours"]
    told = json.loads(mine.output)
    failing = (duckdb.sql(f"SELECT count(*) FROM '{FOLDER / 'failing.parquet'}'").fetchone() or (0,))[0]
    report.add(
        f"15 rules on {ROWS:,} rows of {len(FIELDS)} columns, every failing row with key and reasons",
        f"{cost['ours']:.1f} CPU s",
        note=f"{failing:,} rows listed; starting took {start['ours']:.1f} more",
    )
    report.add("failing rows listed are all there are", f"{told['failed']:,}", f"{failing:,}", told["failed"] == failing)  # fmt: skip
    _beside(report, "pandera on polars, yes or no for each rule", cost, start, found, "pandera", 1.0)
    _beside(report, "pandera on polars, with failure cases", cost, start, found, "pandera-list", None)
    _beside(report, f"Great Expectations (of {ROWS // 10:,} rows, ten times)", cost, start, found, "great-expectations", 0.1)  # fmt: skip
    report.add("our memory", f"{mine.memory:,.0f} MB", "2,000 MB", mine.memory <= 2000)
    return report


def _beside(
    report: Report, what: str, cost: dict[str, float], start: dict[str, float], found: dict[str, Spent], name: str, limit: float | None
) -> None:  # fmt: skip
    share = cost["ours"] / cost[name]
    report.add(
        what,
        f"{cost[name]:.1f} CPU s",
        note=f"starting took {start[name]:.1f} more; {found[name].memory:,.0f} MB; {found[name].output.strip()}",
    )
    report.add(
        "  ours to theirs",
        f"{share:.2f}",
        f"{limit:g}" if limit else "",
        share <= limit if limit else None,
    )
