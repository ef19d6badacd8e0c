"""Pages of a declared table over a million rows in SQLite: first, deep, last, filtered, ordered another way.

The rows are notices of a home of its own, made by SQL. A page is what a browser gets of the table: rows read,
counted up to the cap, and drawn. Columns without an index are measured beside those with one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.node import environment
from benchmarks.report import Report

ROWS = int(os.environ.get("ROWS", "1000000"))
REACH = 150  # milliseconds, p95

PROBE = """
import json, sys, time
import django; django.setup()
from django.core.management import call_command
from django.db import connection
from django.template import engines
from django.test import RequestFactory
from jingwei.inbox.models import Notice
from jingwei.kernel.models import Account
from jingwei.kernel.text import Text
from jingwei.parts.tables import Column, Stored, Table

rows = int(sys.argv[1])
call_command("migrate", verbosity=0)
account = Account.objects.create_user("reader", "a long pass phrase 9", name="reader", roles=["clerk"])
with connection.cursor() as sql:
    sql.execute('''
        INSERT INTO inbox_notice (at, organization, role, about, kind, zh, en, link, read_by, read_at)
        WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %s)
        SELECT datetime('2020-01-01', (i * 7919 % 199999999) || ' seconds'), 'office ' || (i * 31 % 400), '',
               'resource ' || (i * 7919 % 5000), CASE WHEN i % 10000 = 0 THEN 'late' ELSE 'held' END,
               'zh', 'en', '', '', CASE WHEN i % 3 = 0 THEN NULL ELSE datetime('2021-01-01', i || ' seconds') END FROM n
    ''', [rows - 1])

OFFICES = [(f"office {n}", f"office {n}") for n in range(400)]
KINDS = [("late", "late"), ("held", "held")]
TABLE = Table("bench.notices", Text("通知", "Notices"), "notice.read", (
    Column("id", Text("编号", "Number"), kind="number", sort=True, filter=True),
    Column("at", Text("时间", "When"), kind="moment", sort=True, filter=True),
    Column("office", Text("单位", "Office"), source="organization", sort=True, filter=True),
    Column("about", Text("关于", "About"), sort=True, filter=True),
    Column("kind", Text("种类", "Kind"), kind="choice", choices=KINDS, filter=True),
), order="-at")
page = engines["jinja2"].from_string('{% import "parts/table.html" as tables with context %}{{ tables.table(shown) }}')
make = RequestFactory()
keys = list(Notice.objects.order_by("-at").values_list("pk", flat=True)[rows // 2 : rows // 2 + 2000 : 100])
ends = list(Notice.objects.order_by("at").values_list("pk", flat=True)[10:210:10])

def look(query):
    request = make.get("/x/?" + query); request.user = account
    begun = time.perf_counter()
    page.render({"shown": TABLE.read(request, Stored(Notice.objects.all()))}, request)
    return (time.perf_counter() - begun) * 1000

ASKED = {
    "first page": [""] * 20,
    "in the middle": [f"after={key}&row=500001" for key in keys],
    "in the middle, back": [f"before={key}&row=500001" for key in keys],
    "at the end": [f"after={key}&row=999801" for key in ends],
    "ordered by an indexed text": ["order=office", "order=-office"] * 10,
    "one of 400 offices": [f"office=office {n}&office.how=is" for n in range(20)],
    "an office by its beginning": [f"office=office 3{n % 10}&office.how=begins" for n in range(20)],
    "a month": [f"at.from=2022-{n % 12 + 1:02d}-01&at.to=2022-{n % 12 + 1:02d}-28" for n in range(20)],
    "one in 10,000, no index on it": ["kind=late"] * 5,
    "contained text, no index": ["about=urce 4999"] * 5,
    "ordered by a text without index": ["order=about"] * 5,
}
look(""); found = {}
for name, queries in ASKED.items():
    times = sorted(look(query) for query in queries)
    found[name] = [times[len(times) // 2], times[int(len(times) * 0.95) if len(times) > 1 else 0]]
print(json.dumps(found))
"""


def main() -> Report:
    report = Report("A declared table over a million rows")
    with tempfile.TemporaryDirectory(prefix="jingwei-bench-") as folder:
        done = subprocess.run(
            [sys.executable, "-c", PROBE, str(ROWS)],
            env={**environment(Path(folder)), "DJANGO_SETTINGS_MODULE": "jingwei.settings"},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        report.add("the probe", done.stderr.strip().splitlines()[-1], reached=False)
        return report
    for name, (middle, slow) in json.loads(done.stdout).items():
        report.add(
            f"{ROWS:,} rows: {name}",
            f"p50 {middle:.0f} ms, p95 {slow:.0f} ms",
            f"p95 {REACH} ms",
            slow <= REACH,
        )
    return report
