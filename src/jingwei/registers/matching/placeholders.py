"""Values that stand where nothing is known: 000000, 123456789, 无名, 测试, n/a. They count as missing.

Old systems refuse an empty cell, so clerks typed something. Two records that both say 000000 share a
habit, not a number; compared, blocked or joined by it, strangers become one person. One pattern
serves SQL and Python alike, so the two can never tell a value differently.

    a value ──▶ PATTERN ──▶ missing, or the value itself
"""

from __future__ import annotations

import re

from jingwei.catalog.sql import quoted as literal

LONG_ENOUGH = 6
"""Digits before a repetition is suspicious: house 111 and postcode 4444 are real, 111111 is a habit."""

WORDS = (
    "无", "无名", "无名氏", "无姓名", "无名称", "暂无", "没有", "未知", "未详", "不详", "不明", "不知道", "未填", "未填写", "待定", "待补",
    "待核实", "空", "同上", "某某", "某人", "某某某", "姓名", "名称", "测试数据", "测试人员", "测试用户", "test", "tests", "testing",
    "tester", "n/a", "none", "null", "nil", "unknown", "not known", "not available", "nobody", "tbd", "tba", "dummy",
)  # fmt: skip

BETWEEN = r"[ \-]?"
"""What people set between groups of digits."""


def _repeated() -> list[str]:
    """One sign over and over, at times with a check digit of its own."""
    return [
        f"{sign}(?:{BETWEEN}{sign}){{{LONG_ENOUGH - 1},}}|{sign}(?:{BETWEEN}{sign}){{{LONG_ENOUGH + 1},}}{BETWEEN}[0-9x]"
        for sign in "0123456789x"
    ]


def _counted(digits: str) -> str:
    """The digits in their order, from six of them on, again and again, with a check digit of its own."""
    more = ""
    for digit in reversed(digits[1:]):
        more = f"(?:{digit}{more})?"
    rest = "".join(f"(?:{digit}" for digit in digits[LONG_ENOUGH:]) + ")?" * len(digits[LONG_ENOUGH:])
    whole = digits[:-1] + digits[-1] + "?"
    return f"{digits[:LONG_ENOUGH]}{rest}|(?:{whole})+(?:{digits[0]}{more})?[0-9x]?"


NUMBERS = (
    *_repeated(),
    f"0?(?:{_counted('1234567890')})",
    _counted("9876543210"),
    "654321",
    # Mobile numbers typed to get past a form: one digit eight times, counting up, and the carrier's own line.
    *(f"1[3-9][0-9]{digit}{{8}}" for digit in "0123456789"),
    "1[3-9][0-9]12345678",
    "13800138000",
)
DATES = ("1900[-/]?01[-/]?01", "1899[-/]?12[-/]?3[01]", "0001[-/]?01[-/]?01", "9999[-/]?12[-/]?31")
"""The first and last days that systems and spreadsheets know. 1970-01-01 is a birthday of real people."""

OTHERS = (
    r"[\-_*.?/\\#~=+ 　—…？。、]+",
    "(?:测试|test)[ _-]?[0-9a-z]{0,4}",
    # Court and press style: 张某, 李某某, 王某甲.
    "[\\x{4e00}-\\x{9fff}]{1,2}某[某甲乙丙丁0-9]?",
)

_PATTERN = "|".join((*map(re.escape, WORDS), *NUMBERS, *DATES, *OTHERS))
_SPACE = "[ \t\r\n　]*"
PATTERN = f"(?i){_SPACE}(?:{_PATTERN}){_SPACE}"
_COMPILED = re.compile(
    re.sub(r"\\x\{([0-9a-f]{4})\}", lambda found: "\\u" + found.group(1), PATTERN), re.ASCII
)


def is_placeholder(value: str | None) -> bool:
    """Whether a text says nothing; None is missing already and no placeholder."""
    return value is not None and _COMPILED.fullmatch(value) is not None


def is_placeholder_sql(expression: str) -> str:
    """The same of an SQL text expression: TRUE, FALSE, or NULL where it is NULL."""
    return f"regexp_full_match({expression}, {literal(PATTERN)})"


def meaningful_sql(expression: str) -> str:
    """The expression itself, or NULL where it is a placeholder."""
    return f"CASE WHEN {is_placeholder_sql(expression)} THEN NULL ELSE {expression} END"
