"""What changed between two versions of a contract, in words a provider and a user both understand.

    Contract, Contract ──field by field──▶ Change(kind, words) ──▶ the page's versions

A change is `breaking` where what was read before can be refused or missing now.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jingwei.catalog import sharing
from jingwei.catalog.contracts import Contract, Field, Rule
from jingwei.kernel.text import Text, listed

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
KINDS = {ADDED: Text("新增", "added"), REMOVED: Text("去掉", "removed"), CHANGED: Text("改动", "changed")}
YES, NO = Text("是", "yes"), Text("否", "no")


@dataclass(frozen=True)
class Change:
    kind: str
    words: Text
    breaking: bool = False

    @property
    def kind_said(self) -> Text:
        return KINDS[self.kind]


def between(old: Contract, new: Contract) -> list[Change]:
    """What is other in `new`; nothing where they say the same."""
    return [*_whole(old, new), *_fields(old, new), *_rules(old, new)]


def _from_to(zh: str, en: str, old: object, new: object) -> Text:
    return Text(zh + "：{old} → {new}", en + ": {old} → {new}").fill(old=_said(old), new=_said(new))


def _said(value: object) -> object:
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, tuple) and not isinstance(value, Text):
        return listed([str(one) for one in value])
    return value if value not in (None, "") else "—"


def _whole(old: Contract, new: Contract) -> Iterator[Change]:
    def level(contract: Contract) -> object:
        return sharing.LEVELS[contract.level] if contract.level else "—"

    pairs = (
        ("名称", "title", old.title, new.title, False),
        ("提供单位", "provider", old.organization, new.organization, False),
        ("用途", "purpose", old.purpose, new.purpose, False),
        ("更新周期", "cycle", old.promised, new.promised, False),
        ("共享类型", "sharing", sharing.SHARING[old.sharing], sharing.SHARING[new.sharing], True),
        ("共享的条件或理由", "condition or reason", old.sharing_reason, new.sharing_reason, False),
        ("主题", "theme", old.theme, new.theme, False),
        ("分级", "level", level(old), level(new), False),
        ("怎么读", "way of reading", old.refresh, new.refresh, False),
        ("告知的单位", "who is told", old.consumers, new.consumers, False),
        ("整改期限", "days to mend", old.deadline, new.deadline, False),
        ("主键", "key", _key(old), _key(new), True),
    )
    for zh, en, before, after, breaking in pairs:
        if before != after:
            yield Change(CHANGED, _from_to(zh, en, before, after), breaking)


def _key(contract: Contract) -> tuple[str, ...]:
    return tuple(f.name for f in contract.keys)


def _fields(old: Contract, new: Contract) -> Iterator[Change]:
    before, after = {f.name: f for f in old.fields}, {f.name: f for f in new.fields}
    for name, f in after.items():
        if name not in before:
            words = Text("字段 {title} {name}", "field {title} {name}").fill(title=f.title, name=name)
            yield Change(ADDED, words, f.required)
        else:
            yield from _field(before[name], f)
    for name, f in before.items():
        if name not in after:
            yield Change(REMOVED, Text("字段 {title} {name}", "field {title} {name}").fill(title=f.title, name=name), True)  # fmt: skip


def _field(old: Field, new: Field) -> Iterator[Change]:
    pairs = (
        ("名称", "title", old.title, new.title, False),
        ("源表的列", "source column", old.header, new.header, True),
        ("数据元", "element", old.element_name, new.element_name, True),
        ("类型", "type", old.logical_type, new.logical_type, True),
        ("必填", "required", old.required, new.required, new.required),
        ("不重复", "unique", old.unique, new.unique, new.unique),
        ("对照", "refers to", old.references or "", new.references or "", bool(new.references)),
        ("别名", "aliases", old.aliases, new.aliases, False),
        ("出错时", "on a fault", old.on_fault, new.on_fault, False),
    )
    for zh, en, before, after, breaking in pairs:
        if before != after:
            words = Text("{title} 的", "{title}, ").fill(title=new.title)
            told = _from_to(zh, en, before, after)
            yield Change(CHANGED, Text(words.zh + told.zh, words.en + told.en), breaking)


def _rules(old: Contract, new: Contract) -> Iterator[Change]:
    before, after = _by_name(old), _by_name(new)
    for key, rule in after.items():
        strict = rule.severity == "error"
        if key not in before:
            yield Change(ADDED, _rule(rule), strict)
        elif before[key] != rule:
            same = before[key].condition == rule.condition
            said = _from_to("严重程度", "severity", before[key].severity, rule.severity) if (
                same and before[key].severity != rule.severity
            ) else Text("判断或说法改了", "its condition or words were rewritten")  # fmt: skip
            words = _rule(rule)
            yield Change(
                CHANGED, Text(f"{words.zh}，{said.zh}", f"{words.en}; {said.en}"), strict and not same
            )
    for key, rule in before.items():
        if key not in after:
            yield Change(REMOVED, _rule(rule))


def _rule(rule: Rule) -> Text:
    return Text("规则“{message}”", "rule “{message}”").fill(message=rule.message)


def _by_name(contract: Contract) -> dict[tuple[str | None, str], Rule]:
    return {(rule.field, rule.name): rule for rule in contract.all_rules}
