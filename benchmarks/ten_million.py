"""Ten million entities served: building the serving copy, and looking up in it.

    golden records made up in SQL ─▶ lake ─serving.update─▶ operational store ◀─search─ numbers, names, pinyin

Only the copy is built here; linking at this size is another benchmark's. JINGWEI_BENCH_ROWS scales it down.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

from benchmarks.node import SCRATCH, child, environment, run
from benchmarks.report import Report

ROWS = int(os.environ.get("JINGWEI_BENCH_ROWS", "10000000"))
ROOT = Path(__file__).parents[1]
WHOLE = 10_000_000

FILL = """
import sys
import django; django.setup()
from jingwei.catalog.sql import identifier as quoted
from jingwei.engines import lake
from jingwei.registers.linking import golden_table
from jingwei.registers.sources import declared
from jingwei.registers.survivorship import golden_sql

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰春梅海燕文博宇轩子涵浩然梓欣怡雨桐思佳俊志建国荣生晓东辉鹏飞龙云红波斌凯瑞雪琳婷慧颖倩莉萍玲芬香珍琴凤莲洁琪璐瑶晨阳旭光亮峰山川林森松柏青松竹菊荷清波江河湖月星辰天地元亨利贞仁义礼智信忠孝悌廉耻勤俭诚朴厚德载物学海书山诗词歌赋棋画影音乐舞健康福寿喜庆丰收满堂金银宝玉珠翠珊瑚玛瑙琥珀昌盛兴旺发达腾凌霄汉卓越群英豪迈雄奇伟岸俏丽娇柔温婉贤淑端庄秀雅聪颖灵巧敏锐果敢坚毅刚正廷耀祖宗继承先启后新民本立道生"
rows = int(sys.argv[1])
known = declared("population")
def pick(letters, salt, skew):
    return f"'{letters}'[1 + CAST(floor({len(letters)} * power((hash(i, {salt}) % 1000003) / 1000003.0, {skew})) AS INTEGER)]"
year, month, day = "(1930 + hash(i, 4) % 95)", "(1 + hash(i, 5) % 12)", "(1 + hash(i, 6) % 28)"
born = f"make_date(CAST({year} AS INTEGER), CAST({month} AS INTEGER), CAST({day} AS INTEGER))"
given = {
    "id_number": f"'990101' || strftime({born}, '%Y%m%d') || lpad(CAST(i % 1000 AS VARCHAR), 3, '0') || (hash(i, 8) % 10)",
    "name": f"{pick(SURNAMES, 1, 2)} || {pick(GIVEN, 2, 1.6)} || CASE WHEN hash(i, 7) % 100 < 84 THEN {pick(GIVEN, 3, 1.6)} ELSE '' END",
    "sex": "CAST(1 + i % 2 AS VARCHAR)",
    "birth_date": born,
    "phone": "'1' || (3 + hash(i, 9) % 7) || lpad(CAST(hash(i, 10) % 1000000000 AS VARCHAR), 9, '0')",
    "address": f"'云溪区松涛街道' || {pick(GIVEN, 11, 1)} || {pick(GIVEN, 12, 1)} || '路' || (1 + hash(i, 13) % 300) || '号' || (1 + hash(i, 14) % 30) || '幢' || (1 + hash(i, 15) % 30) || '0' || (1 + i % 4) || '室'",
    "street": "'松涛街道'", "community": f"{pick(GIVEN, 16, 1)} || '山社区'", "grid": "'第' || (i % 450) || '网格'",
}
kinds = {f.name: known.element(f.name).sql_type + ("[]" if f.multiple else "") for f in known.register.fields}
columns = ", ".join(f"CAST({given.get(n, 'NULL')} AS {kind}) AS {quoted(n)}" for n, kind in kinds.items())
origin = "{{'source': 'police.resident', 'as_of': DATE '2026-01-01' + CAST(hash(i, 17) % 300 AS INTEGER), 'differs': i % 50 = 0}}"
told = ", ".join(f"{quoted(n)} := " + (origin if n in given else f"CASE WHEN FALSE THEN {origin} END").replace("{{", "{").replace("}}", "}") for n in kinds)
letters = " || ".join(f"'abcdefghijklmnopqrstuvwxyz234567'[CAST((h >> {s}) & 31 AS INTEGER) + 1]" for s in range(0, 60, 5))
with lake().write("fill") as con:
    con.execute("CALL lake.set_option('data_inlining_row_limit', 0, schema => 'register')")
    con.execute("CALL lake.set_option('parquet_row_group_size', 10000, schema => 'register')")
    table = golden_table("population")
    con.execute(f"CREATE TABLE {table} AS SELECT 'P' || {letters} || lpad(CAST(i % 10000 AS VARCHAR), 4, '0') AS entity_id, {columns}, CAST(1 + hash(i, 18) % 4 AS INTEGER) AS _records, struct_pack({told}) AS _from FROM (SELECT range AS i, hash(range, 19) AS h FROM range(0)) LIMIT 0")
    parts = 32
    for part in range(parts):
        con.execute(f"INSERT INTO {table} SELECT * FROM (SELECT 'P' || {letters} || lpad(CAST(i % 10000 AS VARCHAR), 4, '0') AS entity_id, {columns}, CAST(1 + hash(i, 18) % 4 AS INTEGER) AS _records, struct_pack({told}) AS _from FROM (SELECT range AS i, hash(range, 19) AS h FROM range({rows})) WHERE (h & 31) = {part}) ORDER BY entity_id")
"""

BUILD = """
import json, time
import django; django.setup()
from jingwei.engines import lake
from jingwei.registers import serving
from jingwei.registers.decisions import Matched
from jingwei.registers.linking import Built, golden_table
from jingwei.registers.sources import declared

with lake().read() as con:
    count = con.execute(f"SELECT count(*) FROM {golden_table('population')}").fetchone()[0]
    begun = time.monotonic()
    done = serving.update(con, declared("population"), Built("bench", 1, count, count, {}, {}, Matched(), True))
    print(json.dumps({"seconds": time.monotonic() - begun, "entities": done.new}))
"""

PROBE = """
import json, random, time
import django; django.setup()
from django.db import connection
from pypinyin import lazy_pinyin
from jingwei.registers import service
from jingwei.registers.models import Entity, SearchKey

rng = random.Random(7)
LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
people = []
while len(people) < 2000:
    start = "P" + "".join(rng.choice(LETTERS) for _ in range(6))
    entity = Entity.objects.filter(register="population", entity_id__gte=start).order_by("entity_id").first()
    if entity:
        fields = service.golden("population", entity.entity_id).fields
        people.append({name: fields[name].value for name in ("id_number", "name", "phone", "address")})
def cut(text):
    return text if rng.random() < 0.5 else text[: rng.randint(max(1, len(text) // 2), len(text))]
def sounds(name):
    whole = lazy_pinyin(name)
    return rng.choice(["".join(whole), "".join(s[0] for s in whole)])
def slip(text):
    at = rng.randrange(len(text) - 1)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
def other(name):
    at = rng.randrange(1, len(name))
    return name[:at] + rng.choice("伟芳海明宇涛") + name[at + 1 :]
ways = {
    "number": lambda one: rng.choice([one["id_number"], one["phone"]]),
    "the beginning of a number": lambda one: cut(rng.choice([one["id_number"], one["phone"]])),
    "name": lambda one: cut(one["name"]),
    "pinyin": lambda one: cut(sounds(one["name"])),
    "address": lambda one: cut(one["address"][7:]),
    "a number with a slip": lambda one: slip(rng.choice([one["id_number"], one["phone"]])),
    "a name with a slip": lambda one: other(one["name"]),
    "pinyin with a slip": lambda one: slip("".join(lazy_pinyin(one["name"]))),
}
told = {}
for way, text_of in ways.items():
    texts = [text_of(one) for one in people]
    for text in texts[:50]: service.search(["population"], text)
    times, met = [], 0
    for text in texts[50:]:
        begun = time.perf_counter()
        met += bool(service.search(["population"], text))
        times.append((time.perf_counter() - begun) * 1000)
    times.sort()
    told[way] = {"p50": times[len(times) // 2], "p99": times[int(len(times) * 0.99)], "worst": times[-1], "met": met / len(times)}
with connection.cursor() as cursor:
    cursor.execute("SELECT kind, count(*) FROM registers_searchkey GROUP BY kind ORDER BY kind")
    kinds = dict(cursor.fetchall())
print(json.dumps({"ways": told, "kinds": kinds}))
"""


def program(home: Path, text: str, *arguments: str):
    variables = {**environment(home), "DJANGO_SETTINGS_MODULE": "jingwei.settings"}
    return child([sys.executable, "-c", text, *arguments], variables)


def main() -> Report:
    report = Report("ten_million")
    home = SCRATCH / "ten-million"
    shutil.rmtree(home, ignore_errors=True)
    run(home, "init")
    run(home, "pack", "install", str(ROOT / "packs/district"))
    filled = program(home, FILL, str(ROWS))
    report.add(f"{ROWS:,} golden records made up", f"{filled.wall:.0f} s, {filled.memory:,.0f} MB")
    built = program(home, BUILD)
    took = json.loads(built.output)
    limit = 900 * ROWS / WHOLE
    store = sum(file.stat().st_size for file in home.glob("*.sqlite*")) / 1e9
    report.add(
        f"serving copy of {took['entities']:,} entities",
        f"{took['seconds']:.0f} s",
        f"{limit:.0f} s",
        took["seconds"] <= limit,
        f"{store:.1f} GB, {built.cpu:.0f} CPU s",
    )
    report.add("most memory while building", f"{built.memory:,.0f} MB", "6,144 MB", built.memory <= 6144)
    probed = json.loads(program(home, PROBE).output)
    reach = {"number": 10, "the beginning of a number": 30, "name": 30, "pinyin": 30}
    for way, found in probed["ways"].items():
        most = reach.get(way)
        report.add(
            f"lookup by {way}",
            f"p50 {found['p50']:.2f} ms, p99 {found['p99']:.2f} ms",
            f"p99 {most} ms" if most else "",
            found["p99"] <= most if most else None,
            f"worst {found['worst']:.0f} ms, {found['met']:.0%} answered",
        )
    report.add("search keys", f"{sum(probed['kinds'].values()):,}", note=str(probed["kinds"]))
    return report
