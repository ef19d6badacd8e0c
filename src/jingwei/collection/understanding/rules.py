"""Rules that the rows of a table keep: what is always there, within what bounds, in what shape, in what order.

Every rule is first tried on all rows that were read, as the very SQL that would judge them at `collect`. One
that all rows keep is proposed as an error; one that nearly all keep is proposed as a warning, with the number
of those that do not; any other is not proposed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations

from jingwei.catalog.sql import identifier, quoted
from jingwei.collection.understanding.keys import Filled
from jingwei.collection.understanding.said import Said
from jingwei.kernel.text import Text, listed

NEARLY = 0.97
LEAST = 20
"""Rows that have to speak for a rule."""

MOST_CODES = 15
"""Different values a column has at most to be taken for one of codes."""


@dataclass(frozen=True)
class Proposed:
    """A rule of a contract before it has been tried. `field` is None for a rule of the whole row."""

    name: str
    condition: str
    title: Text
    dimension: str
    field: str | None = None
    applies: str = "true"
    """Which rows have a say: those where the fields are filled."""


@dataclass(frozen=True)
class Kept:
    """A rule that the data keep, with the share and number of rows that do not."""

    rule: Proposed
    severity: str
    said: Said


@dataclass(frozen=True)
class Described:
    """What is known of a field: `name` in the contract, `header`, `element`, its different values where few."""

    name: str
    header: str
    element: str
    type: str
    filled: Filled
    codes: tuple[str, ...] = ()
    unit: str | None = None
    shape: str | None = None


def proposed(fields: Sequence[Described]) -> Iterator[Proposed]:
    """Every rule worth trying."""
    for field in fields:
        yield from _of_field(field)
    yield from _orders(fields)
    yield from _identity(fields)
    yield from _sums(fields)


def _of_field(field: Described) -> Iterator[Proposed]:
    name, column = field.name, identifier(field.name)
    if field.codes:
        shown = ", ".join(map(quoted, field.codes))
        few = listed(field.codes[:6])
        yield Proposed(
            f"{_dashed(name)}-listed",
            f"{column} IN ({shown})",
            Text("{header}只能是{few}等 {n} 种", "{header} is one of {n}: {few}").fill(
                header=field.header, few=few, n=len(field.codes)
            ),
            "conformity",
            name,
            f"{column} IS NOT NULL",
        )
    year = name == "year" or field.header in ("年份", "年度")
    if field.type in ("integer", "number") and not year and not re.search("年龄|^age$", field.header):
        yield Proposed(
            f"{_dashed(name)}-not-negative",
            f"{column} >= 0",
            Text(f"{field.header}不能是负数", f"{field.header} is not negative"),
            "conformity",
            name,
            f"{column} IS NOT NULL",
        )
    if field.type in ("integer", "number"):
        if field.unit in ("%", "百分比") and not re.search(
            "增|减|同比|环比|指数|growth|change|index", field.header
        ):
            yield Proposed(
                f"{_dashed(name)}-percent",
                f"{column} BETWEEN 0 AND 100",
                Text(f"{field.header}应在 0 到 100 之间", f"{field.header} lies between 0 and 100"),
                "conformity",
                name,
                f"{column} IS NOT NULL",
            )
        if re.search("年龄|^age$", field.header):
            yield Proposed(
                f"{_dashed(name)}-plausible",
                f"{column} BETWEEN 0 AND 125",
                Text(f"{field.header}应在 0 到 125 之间", f"{field.header} lies between 0 and 125"),
                "conformity",
                name,
                f"{column} IS NOT NULL",
            )
        if year:
            yield Proposed(
                f"{_dashed(name)}-plausible",
                f"{column} BETWEEN 1900 AND year(current_date) + 5",
                Text(f"{field.header}不可信", f"{field.header} is not credible"),
                "conformity",
                name,
                f"{column} IS NOT NULL",
            )
    if field.type in ("date", "timestamp") and not re.search(
        "至|止|到期|截止|结束|计划|预计|until|end|due|expir|plan", field.header
    ):
        yield Proposed(
            f"{_dashed(name)}-not-in-future",
            f"CAST({column} AS DATE) <= current_date",
            Text(f"{field.header}不能晚于今天", f"{field.header} is in the future"),
            "timeliness",
            name,
            f"{column} IS NOT NULL",
        )
    if field.element == "plain_text" and not field.codes and (pattern := field.shape):
        yield Proposed(
            f"{_dashed(name)}-shape",
            f"regexp_full_match({column}, {quoted(pattern)})",
            Text(f"{field.header}的写法不对", f"this is not how {field.header} is written"),
            "conformity",
            name,
            f"{column} IS NOT NULL",
        )


_STARTS = re.compile(
    r"开始|起始|起|成立|登记|申请|受理|出生|入学|入职|发证|签订|创建|start|begin|birth|from|open|creat|appl|found|issu|list",
    re.IGNORECASE,
)
_ENDS = re.compile(
    r"结束|终止|截止|止|至|办结|毕业|离职|死亡|到期|注销|更新|修改|end|finish|until|death|to$|clos|expir|updat|valid",
    re.IGNORECASE,
)


def _orders(fields: Sequence[Described]) -> Iterator[Proposed]:
    """Dates of which one cannot lie before the other."""
    dated = [field for field in fields if field.type in ("date", "timestamp")]
    for first, second in permutations(dated[:8], 2):
        if not (_STARTS.search(first.header) and _ENDS.search(second.header)) or _ENDS.search(first.header):
            continue
        one, other = identifier(first.name), identifier(second.name)
        yield Proposed(
            f"{_dashed(first.name)}-before-{_dashed(second.name)}",
            f"CAST({one} AS DATE) <= CAST({other} AS DATE)",
            Text(f"{first.header}不能晚于{second.header}", f"{first.header} is after {second.header}"),
            "consistency",
            None,
            f"{one} IS NOT NULL AND {other} IS NOT NULL",
        )


def _identity(fields: Sequence[Described]) -> Iterator[Proposed]:
    """What an identity number says of birth date and sex, where the row says it too."""
    numbers = [field for field in fields if field.element == "resident_id"]
    if len(numbers) != 1:
        return
    number = identifier(numbers[0].name)
    for field in fields:
        column = identifier(field.name)
        if field.type == "date":
            yield Proposed(
                f"{_dashed(field.name)}-matches-id",
                f"strftime({column}, '%Y%m%d') = substr({number}, 7, 8)",
                Text(
                    f"{field.header}与身份证号不符", f"{field.header} is not the one in the identity number"
                ),
                "consistency",
                None,
                f"{column} IS NOT NULL AND {number} IS NOT NULL",
            )
        if field.element == "sex":
            yield Proposed(
                f"{_dashed(field.name)}-matches-id",
                f"{column} = CASE WHEN CAST(substr({number}, 17, 1) AS INTEGER) % 2 = 1 THEN '1' ELSE '2' END",
                Text(
                    f"{field.header}与身份证号不符", f"{field.header} is not the one in the identity number"
                ),
                "consistency",
                None,
                f"{column} IN ('1', '2') AND {number} IS NOT NULL",
            )


def _sums(fields: Sequence[Described]) -> Iterator[Proposed]:
    """A column named 合计 beside the columns it adds up."""
    figures = [field for field in fields if field.type in ("integer", "number")]
    for at, whole in enumerate(figures):
        if not re.search(r"合计|总计|小计|总数|总人数|total", whole.header, re.IGNORECASE):
            continue
        after, before = figures[at + 1 :], figures[:at]
        tried = [after[:size] for size in range(2, min(len(after), 6) + 1)]
        tried += [before[-size:] for size in range(2, min(len(before), 12) + 1)]
        for parts in tried:
            added = " + ".join(f"coalesce({identifier(part.name)}, 0)" for part in parts)
            column = identifier(whole.name)
            yield Proposed(
                f"{_dashed(whole.name)}-adds-up-{len(parts)}",
                f"abs({column} - ({added})) <= 0.01 * abs({column}) + 0.011",
                Text(
                    f"{whole.header}不等于{'、'.join(part.header for part in parts)}之和",
                    f"{whole.header} is not the sum of {', '.join(part.header for part in parts)}",
                ),
                "consistency",
                None,
                f"{column} IS NOT NULL",
            )


def kept(rule: Proposed, applies: int, broken: int) -> Kept | None:
    """The rule with what the rows said, None where too few speak for it."""
    if applies < LEAST:
        return None
    share = 1 - broken / applies
    if share < NEARLY:
        return None
    few = min(1.0, applies / 200)
    if broken == 0:
        said = Text("{n} 行都符合", "kept by all {n} rows").fill(n=f"{applies:,}")
        # how codes were written so far need not be how they will be
        severity = "warning" if rule.name.endswith("-shape") else "error"
        return Kept(rule, severity, Said(0.6 + 0.35 * few, said))
    said = Text(
        "{n} 行里 {broken} 行不符合，所以只作提醒", "{broken} of {n} rows break it, so it only warns"
    ).fill(n=f"{applies:,}", broken=broken)
    return Kept(rule, "warning", Said((0.4 + 0.35 * few) * share, said))


def chosen(found: Sequence[Kept]) -> list[Kept]:
    """Of rules that add up the same column the one with the most parts."""
    best: dict[str, Kept] = {}
    for one in found:
        name = re.sub(r"-adds-up-\d+$", "-adds-up", one.rule.name)
        if name not in best or name.endswith("-adds-up"):
            best[name] = one
    return list(best.values())


def shape_of(values: Sequence[str]) -> str | None:
    """A pattern that all values of a code share: runs of digits, capitals and small letters, and the
    signs between them. None where they share none, or it would say nothing."""
    if len(values) < LEAST or any(not value.isascii() or " " in value for value in values):
        return None
    shapes = {tuple(kind for kind, _ in _runs(value)) for value in values}
    if len(shapes) != 1:
        return None
    kinds = next(iter(shapes))
    lengths = list(zip(*[[len(text) for _, text in _runs(value)] for value in values], strict=True))
    texts = list(zip(*[[text for _, text in _runs(value)] for value in values], strict=True))
    if kinds == ("[0-9]",) and len(set(lengths[0])) > 1:
        return None
    if not any(kind == "[0-9]" for kind in kinds) or max(map(max, lengths)) > 40:
        return None
    pattern = ""
    for kind, length, pieces in zip(kinds, lengths, texts, strict=True):
        if len(set(pieces)) == 1 and kind != "[0-9]":
            pattern += re.escape(pieces[0])
        else:
            low, high = min(length), max(length)
            pattern += f"{kind}{{{low}}}" if low == high else f"{kind}{{{low},{high}}}"
    return pattern


def _runs(value: str) -> list[tuple[str, str]]:
    return [
        (
            "[0-9]"
            if found[0][0].isdigit()
            else "[A-Z]"
            if found[0][0].isupper()
            else "[a-z]"
            if found[0][0].isalpha()
            else "sign",
            found[0],
        )
        for found in re.finditer(r"[0-9]+|[A-Z]+|[a-z]+|[^0-9A-Za-z]+", value)
    ]


def codes_of(filled: Filled, rows: int, values: Sequence[str], element: str) -> tuple[str, ...]:
    """The few values of a coded column: short, each often repeated."""
    if element != "plain_text" or not 2 <= filled.distinct <= MOST_CODES or rows < 30:
        return ()
    told = rows - filled.empty
    if filled.distinct * 5 > told or any(len(value) > 20 for value in values):
        return ()
    return tuple(sorted(values))


def _dashed(name: str) -> str:
    return name.replace("_", "-")
