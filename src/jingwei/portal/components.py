"""The page that shows every component live, for whoever builds or judges a page.

All data is invented here and belongs to nobody. The page goes the way every page goes: it checks its action,
its table filters, exports and keeps views, its figure opens, its long work runs (for a minute of the reader's
clock) and is done.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from jingwei.kernel import permissions
from jingwei.kernel.models import Account
from jingwei.kernel.text import Text
from jingwei.parts import comparing, steps
from jingwei.parts.charts import LINE, Chart, Series
from jingwei.parts.explained import Figure, Origin, Snapshot
from jingwei.parts.maps import AreaMap, area_map
from jingwei.parts.steps import Step, Work
from jingwei.parts.tables import Column, Listed, Table

ACTION = "catalog.read"
AT = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
"""Nine in the morning where the site is."""
STATES = (
    ("open", Text("未结", "open")),
    ("late", Text("超时", "late")),
    ("closed", Text("办结", "closed")),
)
KINDS = (
    Text("路面积水", "Standing water"),
    Text("井盖缺损", "Broken cover"),
    Text("占道堆物", "Blocked way"),
)
STREETS = (Text("临溪街道", "Linxi"), Text("竹影街道", "Zhuying"), Text("松涛街道", "Songtao"))

EVENTS = [
    {
        "number": f"WG-20261120-{n:04d}",
        "kind": KINDS[n % 3],
        "street": STREETS[n * 7 % 3],
        "state": STATES[0 if n % 5 else 1][0] if n % 4 else "closed",
        "at": AT - timedelta(hours=3 * n),
        "due": date(2026, 11, 20) + timedelta(days=n % 9) if n % 6 else None,
        "minutes": 1800 - 11 * n,
    }
    for n in range(137)
]

TABLE = Table(
    "components.events",
    Text("网格事件", "Grid events"),
    ACTION,
    (
        Column("number", Text("编号", "Number"), sort=True, filter=True),
        Column("kind", Text("事由", "What"), filter=True),
        Column("street", Text("街道", "Street"), filter=True),
        Column("state", Text("状态", "State"), kind="choice", choices=STATES, filter=True, sort=True),
        Column("at", Text("受理", "Accepted"), kind="moment", sort=True, filter=True),
        Column("due", Text("期限", "Due"), kind="day", sort=True, filter=True),
        Column("minutes", Text("已过分钟", "Minutes"), kind="number", sort=True, filter=True),
    ),
    order="-at",
    size=10,
)

FIGURES = (
    Figure(
        "unresolved",
        Text("网格事件未结", "Unresolved grid events"),
        402,
        Text("起", "events"),
        Text(
            "到快照时刻，已受理、还没结案的网格事件数。不含咨询，不含已并入他件的重复上报。",
            "Events accepted and not closed at the snapshot, without enquiries and merged duplicates.",
        ),
        "select count(*)\nfrom grid.event\nwhere accepted_at <= :as_of\n  and (closed_at is null or closed_at > :as_of)\n  and merged_into is null",
        (
            Origin(Text("网格事件", "Grid events"), "#table", AT, 214_806, 0.994),
            Origin(
                Text("热线转办", "Hotline"),
                "#table",
                AT - timedelta(hours=15),
                61_377,
                0.981,
                Text("晚 3 小时", "3 h late"),
            ),
        ),
        Snapshot("S-20261120-0900", AT, "7f3a 91c0 … 4be2 c21e", (402, 0.2)),
        version=Text("口径 v4，自 2026-07-01", "v4, since 2026-07-01"),
        owner=Text("区城运中心 卫扶摇", "Operations centre, Wei Fuyao"),
        note=Text("比昨日 +11，约定不超过 380", "11 more than yesterday; 380 were agreed"),
        late=Text("9 起超时", "9 late"),
        trend=(352, 348, 355, 360, 357, 366, 371, 369, 380, 388, 391, 402),
        parts=((STREETS[0], 188), (STREETS[1], 141), (STREETS[2], 73)),
    ),
    Figure(
        "on-time",
        Text("按时办结", "Closed in time"),
        97.8,
        Text("%", "%"),
        Text(
            "本月办结的事件里，在期限内办结的占比。",
            "Of this month's closed events, the share within the deadline.",
        ),
        "select avg(closed_at <= due)\nfrom grid.event\nwhere closed_at >= :month",
        (Origin(Text("网格事件", "Grid events"), "#table", AT, 214_806, 0.994),),
        Snapshot("S-20261120-0900", AT, "02bd 77aa … 91f0 3c55", (97.6, 0.3)),
        owner=Text("区政务办 宋晚晴", "Service office, Song Wanqing"),
        note=Text("约定 98%，差 0.2", "98 % agreed, 0.2 short"),
        trend=(98.4, 98.2, 98.3, 98.0, 98.1, 97.9, 97.8),
        decimals=1,
    ),
    Figure(
        "spared",
        Text("本月为群众少填", "Fields spared this month"),
        18_204,
        Text("项", "fields"),
        Text(
            "表单里由已有数据填好、没让群众再填的字段数。",
            "Fields of forms that were filled from what is held.",
        ),
        "select sum(held) from window.case_field",
        (Origin(Text("办件", "Cases"), "#table", AT, 8_412, None),),
        Snapshot("S-20261120-0900", AT, "c3d1 0b8e … 77a2 19f4"),
        owner=Text("区数据局 池鱼归", "Data bureau, Chi Yugui"),
        note=Text("少交 3,917 份，约省 1,140 小时", "3,917 papers fewer, about 1,140 hours"),
        trend=(13_000, 13_800, 14_900, 15_100, 16_400, 17_300, 18_204),
    ),
)

WEEKS = (
    "9-04",
    "9-11",
    "9-18",
    "9-25",
    "10-02",
    "10-09",
    "10-16",
    "10-23",
    "10-30",
    "11-06",
    "11-13",
    "11-20",
)
CHARTS = (
    Chart(
        "net",
        Text("近 12 周净增：新增减办结", "Net of twelve weeks: new less closed"),
        Text("起", "events"),
        WEEKS,
        (Series(Text("净增", "Net"), (-9, -9, 5, -7, 12, -9, -6, -3, 14, 19, 16, 11)),),
        note=Text("连续 4 周积压，共 60 起。", "Four weeks of growing backlog, 60 in all."),
    ),
    Chart(
        "days",
        Text("办结用时，中位", "Days to close, median"),
        Text("天", "days"),
        WEEKS,
        (
            Series(STREETS[0], (2.1, 2.2, 2.0, 2.3, 2.4, 2.2, 2.5, 2.4, 2.6, 2.6, 2.7, 2.6)),
            Series(STREETS[1], (1.9, 1.8, 2.0, 1.9, None, 2.0, 2.1, 2.2, 2.3, 2.3, 2.4, 2.3)),
            Series(STREETS[2], (1.2, 1.3, 1.2, 1.2, 1.4, 1.3, 1.4, 1.4, 1.3, 1.4, 1.5, 1.4)),
        ),
        kind=LINE,
        promise=(Text("约定", "agreed"), 2.5),
        note=Text(
            "竹影街道 10-02 当周没有办结，不画。", "Zhuying closed nothing in the week of 10-02: a gap."
        ),
    ),
)

HISTORY = (
    Step(Text("受理", "Accepted"), "松涛街道 许可心", AT - timedelta(days=2)),
    Step(
        Text("派到区城管局", "Sent to urban management"),
        "区城运中心 卫扶摇",
        AT - timedelta(days=1, hours=22),
        note=Text("7 天内同一处 5 起，并成一件。", "Five at one spot within seven days: taken as one."),
    ),
    Step(Text("现场处置", "On the spot"), "区城管局 裴星河", AT, steps.NOW),
    Step(
        Text("回访", "Asking back"), "松涛街道 许可心", Text("11-24（周二）前", "by Tue 11-24"), steps.TO_COME
    ),
    Step(Text("办结", "Closing"), "区城管局 裴星河", Text("11-18 到期", "was due 11-18"), steps.LATE),
)

RECORDS = (
    (Text("名称", "Name"), "云溪区溪尾小食店", "云溪区溪尾小吃店"),
    (Text("地址", "Address"), "溪尾路 18 号 1 层", "溪尾路 18 号 2 层 201"),
    (Text("经营者", "Operator"), "裴星河", "裴星河"),
    (Text("统一社会信用代码", "Credit code"), "92990101MA0000****", ""),
)

FAR_FROM_GRID = ((0.0, 0.0), (0.0021, 0.0008), (-0.0012, 0.0017), (0.0014, -0.0013))


def areas() -> dict[str, Any]:
    """Twelve invented communities: a bent grid, so that borders fit and no two look alike."""

    def corner(column: int, row: int) -> list[float]:
        bend = FAR_FROM_GRID[(3 * column + 5 * row) % 4]
        return [120.10 + 0.012 * column + bend[0], 30.20 + 0.009 * row + bend[1]]

    names = ("云脚", "望岫", "听松", "涛声", "归鸟", "半山", "翠屏", "石径", "朝曦", "露华", "竹里", "清影")
    english = ("Yunjiao", "Wangxiu", "Tingsong", "Taosheng", "Guiniao", "Banshan", "Cuiping", "Shijing",
               "Zhaoxi", "Luhua", "Zhuli", "Qingying")  # fmt: skip
    found = []
    for n, name in enumerate(names):
        column, row = n % 4, n // 4
        ring = [
            corner(column, row),
            corner(column + 1, row),
            corner(column + 1, row + 1),
            corner(column, row + 1),
        ]
        found.append(
            {
                "type": "Feature",
                "properties": {"code": str(n), "name": str(Text(name, english[n]))},
                "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
            }
        )
    return {"type": "FeatureCollection", "features": found}


def community_map() -> AreaMap:
    counts = {
        "0": 12,
        "1": 9,
        "2": 19,
        "3": 26,
        "4": 17,
        "5": 6,
        "6": 13,
        "7": 15,
        "8": 14,
        "9": 21,
        "10": 38,
    }
    return area_map(
        "communities",
        Text("网格事件未结，按社区", "Unresolved, by community"),
        Text("未结（起）", "Unresolved (events)"),
        areas(),
        counts,
        (10, 15, 25, 35),
        badges={"3": 1, "10": 4},
        badge=Text("超时件数", "late"),
    )


def work(started: float) -> Work:
    """A piece of work that takes a minute: how far it is follows from the clock alone."""
    since = datetime.fromtimestamp(started, UTC)
    gone = max(0.0, (timezone.now() - since).total_seconds())
    total = 48_166
    done = min(total, int(total * gone / 60))
    here = reverse("portal:components") + f"?work={int(started)}#work"
    return Work(
        "example",
        Text("核对 48,166 行", "Checking 48,166 rows"),
        done,
        total,
        Text("行", "rows"),
        reverse("portal:components-progress") + f"?work={int(started)}",
        here,
        steps.FINISHED if done == total else steps.RUNNING,
        since,
        result="#table" if done == total else "",
    )


def started(request: HttpRequest) -> float:
    """When the reader began the work: stands in the address; the page's own hour where it is nonsense."""
    asked = request.GET.get("work", "")
    now = timezone.now().timestamp()
    known = asked.isascii() and asked.isdecimal() and len(asked) < 12 and int(asked) <= now
    return float(asked) if known else now


@login_required
@require_http_methods(["GET", "POST"])
def show(request: HttpRequest) -> HttpResponseBase:
    account = request.user
    assert isinstance(account, Account)
    permissions.require(account, ACTION, "components")
    table = TABLE.read(request, Listed(EVENTS, key=lambda row: row["number"]))
    figure = next((one for one in FIGURES if one.name == request.GET.get("figure")), None)
    words = {
        "table": table,
        "figures": FIGURES,
        "figure": figure,
        "charts": CHARTS,
        "map": community_map(),
        "history": HISTORY,
        "records": comparing.rows(RECORDS),
        "work": work(started(request)),
        "unknown_work": Work(
            "unknown", Text("等数据库", "Waiting for the database"), 0, None, Text("行", "rows"),
            "", reverse("portal:components"), steps.FAILED,
            said=Text("连不上 police，5 分钟后再试", "police cannot be reached; tried again in 5 minutes"),
        ),
    }  # fmt: skip
    return table.download or render(request, "portal/components.html", words)


@login_required
@require_GET
def progress(request: HttpRequest) -> HttpResponseBase:
    account = request.user
    assert isinstance(account, Account)
    permissions.require(account, ACTION, "components")
    return render(request, "portal/components_progress.html", {"work": work(started(request))})
