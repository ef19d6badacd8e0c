"""The ledger in words: what an action is called, what kind of look it is, days with their weekday, fields.

A record says `register.reveal` and `id_number`; people read 显示全号 and 证件号码. An action that is not
named here is shown as it stands, so that nothing is hidden by a word that lacks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from jingwei.kernel.permissions import ACTIONS as ALLOWED
from jingwei.kernel.text import Text
from jingwei.packs.service import installed
from jingwei.registers.presenting import title_of

ACTIONS: dict[str, Text] = {
    "window.search": Text("窗口查找", "search at the window"),
    "window.prefill": Text("窗口打开表单", "open a form at the window"),
    "case.draft": Text("暂存办件", "keep a draft"),
    "case.submit": Text("受理办件", "hand in a case"),
    "case.read": Text("看办件", "read a case"),
    "case.reveal": Text("显示办件里的全号", "show a full number of a case"),
    "register.search": Text("在基础库查找", "search a register"),
    "register.deposit": Text("沉淀陈述", "deposit a statement"),
    "register.decide": Text("判定是否同一", "decide on a pair"),
    "register.undo": Text("撤销判定", "take a decision back"),
    "register.label": Text("标注样本", "label a sample"),
    "register.sample": Text("抽取样本", "draw a sample"),
    "run.reveal": Text("显示隔离行的全号", "show quarantined rows in full"),
    "run.export": Text("导出隔离行", "export quarantined rows"),
    "order.reveal": Text("显示工单行的全号", "show an order's rows in full"),
    "order.export": Text("导出工单行", "export an order's rows"),
    "order.mend": Text("改正工单行", "mend an order's rows"),
    "order.reply": Text("回复工单", "reply to an order"),
    "upload.begin": Text("开始上报", "begin to hand in"),
    "upload.read": Text("看上报的表", "read what was handed in"),
    "upload.drop": Text("撤回上报", "withdraw what was handed in"),
    "dispute.mend": Text("更正有异议的值", "mend a disputed value"),
    "dispute.confirm": Text("确认有异议的值", "confirm a disputed value"),
    "session.begin": Text("登录", "sign in"),
    "session.end": Text("退出", "sign out"),
    "ledger.export": Text("导出台账", "export the ledger"),
    "ledger.close": Text("了结异常使用", "close unusual use"),
    "ledger.answer": Text("说明异常使用", "explain unusual use"),
    "trace.ask": Text("居民询问一次查看", "a resident asks about a look"),
    "trace.proof": Text("取查看凭证", "fetch the proof of a look"),
    "account.bind": Text("账号与本人对上", "tie an account to a resident"),
}
OUTCOMES: dict[str, Text] = {"done": Text("做了", "done"), "refused": Text("拒绝", "refused")}
PURPOSES: dict[str, Text] = {
    "find": Text("查找", "finding somebody"),
    "quality": Text("核对数据质量", "quality of the data"),
    "audit": Text("审计", "audit"),
    "dispute": Text("核实有异议的值", "a disputed value"),
    "counts": Text("计数", "counting"),
}
SERVING, CHECKING, COMPARING, AUDITING, OTHER = "serving", "checking", "comparing", "auditing", "other"
KINDS: dict[str, Text] = {
    SERVING: Text("我在办事", "My matters"),
    CHECKING: Text("核对数据", "Checking data"),
    COMPARING: Text("名单比对", "Lists compared"),
    AUDITING: Text("审计", "Audit"),
    OTHER: Text("其他", "Other"),
}
"""How a resident sorts looks: by what they were for."""
WEEKDAYS = (
    Text("周一", "Mon"), Text("周二", "Tue"), Text("周三", "Wed"), Text("周四", "Thu"),
    Text("周五", "Fri"), Text("周六", "Sat"), Text("周日", "Sun"),
)  # fmt: skip


def action_title(action: str) -> Text:
    return ACTIONS.get(action) or ALLOWED.get(action) or Text(action, action)


def all_actions() -> list[tuple[str, Text]]:
    """What the ledger may hold, for choosing from."""
    return sorted({**ALLOWED, **ACTIONS}.items())


def outcome_title(outcome: str) -> Text:
    return OUTCOMES.get(outcome, Text(outcome, outcome))


def kind_of(action: str) -> str:
    if action.startswith(("window.", "case.")):
        return SERVING
    if action in ("register.compare", "register.collide"):
        return COMPARING
    if action.startswith(("register.", "order.", "dispute.", "run.")):
        return CHECKING
    return AUDITING if action.startswith("ledger.") else OTHER


def when(moment: datetime) -> Text:
    """今天 10:41; 11-18 周三 10:41; the year where it is not this one."""
    local, today = timezone.localtime(moment), timezone.localdate()
    if local.date() == today:
        return Text(f"今天 {local:%H:%M}", f"today {local:%H:%M}")
    return Text(f"{day(local.date()).zh} {local:%H:%M}", f"{day(local.date()).en} {local:%H:%M}")


def local_day(moment: datetime) -> date:
    return timezone.localtime(moment).date()


def stamp(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M:%S}"


def day(value: date) -> Text:
    written = f"{value:%m-%d}" if value.year == timezone.localdate().year else f"{value:%Y-%m-%d}"
    word = WEEKDAYS[value.weekday()]
    return Text(f"{written} {word.zh}", f"{word.en} {written}")


@dataclass(frozen=True)
class Vocabulary:
    """What the packs of today call items and fields; read once for a page."""

    items: Mapping[str, Text]
    served: Mapping[str, Text]
    """Names of fields where somebody is served: an item's own words come first."""
    others: Mapping[str, Text]

    def purpose(self, purpose: str) -> Text:
        """In the reader's language, where it is a word of ours or the title of an item."""
        return PURPOSES.get(purpose) or self.items.get(purpose) or Text(purpose, purpose)

    def fields(self, action: str, names: Iterable[str]) -> list[Text]:
        """Titles of the fields that a look showed, each once."""
        known = self.served if kind_of(action) == SERVING else self.others
        return list(dict.fromkeys(known.get(name) or Text(name, name) for name in names))


def vocabulary() -> Vocabulary:
    packs = installed()
    items = list(packs.section("items").values())
    of_registers = {f.name: title_of(f) for one in packs.section("registers").values() for f in one.fields}
    of_items = {f.name: f.title.text() for one in items for f in one.fields}
    of_resources = {
        f"{contract.id}.{f.name}": f.title
        for contract in packs.section("contracts").values()
        for f in contract.fields
    }
    more = {
        "card": Text("名片上的几项", "the few values of the card"),
        "quarantine": Text("被隔离的行", "quarantined rows"),
    }
    return Vocabulary(
        items={item.title.zh: item.title.text() for item in items},
        served={**more, **of_resources, **of_registers, **of_items},
        others={**more, **of_resources, **of_items, **of_registers},
    )
