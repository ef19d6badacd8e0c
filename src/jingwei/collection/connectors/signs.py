"""What a cell looks like, before anybody has said what its column means.

A table's shape is found by contrast: words stand above, numbers below. These are the looks that tell
them apart, in the ways departments write them: full-width digits, thousands separators, percentages,
`…` for what was not counted, `2012年` and `2019Q1` over columns of figures.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

BLANK, NUMBER, DATE, TEXT, MISSING = "", "number", "date", "text", "missing"

_NUMBER = re.compile(
    r"[(]?[-+−]?[¥$€£]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d*)?(?:[eE][+-]?\d+)?%?[)]?|[-+]?\.\d+%?"
    r"|-?\d+,\d+"
)
_DATE = re.compile(
    r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?:[ T]*\d{1,2}[:时]\d{1,2}.*)?|\d{1,2}[-/]\d{1,2}[-/]\d{4}.*"
    r"|\d{1,2}[-/.]\d{1,2}[-/.]\d{2}|\d{1,2}[- ][A-Z][a-z]{2}[- ]\d{4}"
)
_MISSING = frozenset(
    ("-", "--", "—", "——", "–", "…", "...", "……", "..", "/", "n/a", "na", "null", "×", "x", "#")
)


@lru_cache(maxsize=65_536)
def looks(text: str) -> str:
    """BLANK, NUMBER, DATE (with its day), MISSING (a sign for no value) or TEXT."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if not plain:
        return BLANK
    if _DATE.fullmatch(plain):
        return DATE
    if _NUMBER.fullmatch(plain.replace(" ", "")):
        return NUMBER
    return MISSING if plain.casefold() in _MISSING else TEXT


_YEAR = r"(?:1[89]|20|21)\d{2}"
_MONTH = r"(?:0?[1-9]|1[0-2])"
PERIODS = {
    "year": re.compile(rf"(?:FY)?{_YEAR}(?:年度?|(?:[-/]\d{{2,4}}))?"),
    "quarter": re.compile(
        rf"{_YEAR}\s*年?(?:[-/. ]?(?:第?[一二三四1-4]季度?|Q[1-4])|\s*[上下]半年)|Q[1-4][-/. ]?{_YEAR}"
    ),
    "month": re.compile(
        rf"{_YEAR}[-/.年]{_MONTH}(?:-{_MONTH})?月?(?:[-/]0?1)?|{_YEAR}年{_MONTH}(?:-{_MONTH})?月"
        rf"|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*[-/ ](?:{_YEAR}|\d{{2}})"
    ),
    "day": re.compile(rf"{_YEAR}[-/.年]{_MONTH}[-/.月](?:0?[1-9]|[12]\d|3[01])日?"),
    "part of year": re.compile(
        rf"{_MONTH}月份?|[一二三四五六七八九十]{{1,2}}月份?|第?[一二三四1-4]季度|Q[1-4]|[上下]半年"
    ),
}
"""Spans of time as columns are headed with them, by the word for their length."""

_BARE_YEAR = re.compile(rf"{_YEAR}(?:0[1-9]|1[0-2])?")


@lru_cache(maxsize=8_192)
def period(text: str) -> str | None:
    """The kind of span a header names (`year`, `quarter`, ...), or None."""
    plain = " ".join(unicodedata.normalize("NFKC", text).split())
    return next((kind for kind, pattern in PERIODS.items() if pattern.fullmatch(plain)), None)


def bare_years(cells: Sequence[str]) -> set[int]:
    """Places of numbers in a row that are years (or months, 202401) over columns rather than values: at
    least two, and every number of the row is one, none twice."""
    found = {at: cell.strip() for at, cell in enumerate(cells) if looks(cell) == NUMBER}
    years = {at for at, cell in found.items() if _BARE_YEAR.fullmatch(unicodedata.normalize("NFKC", cell))}
    others = len(found) - len(years)
    distinct = len({found[at] for at in years}) == len(years)
    return years if len(years) >= 2 and distinct and others == 0 else set()


_CAPTION = re.compile(
    r"^[（(【\[]?\s*(?:计量|数据|金额)?(?:单位|指标|数据库|时间|日期|期间|报告期|统计时间|制表|填表|填报|编制|来源|数据来源|资料来源|表号|制定机关"
    r"|批准机关|批准文号|有效期至|综合机关名称|打印|导出|查询)(?:单位|机关|部门|日期|时间|人|条件)?\s*[:：]"
    r"|^(?:表|附表|附件|Table|TABLE)\s*[0-9一二三四五六七八九十]+|^(?:Unit|Source|As of|Printed|Exported|Create(?:d)?(?: date)?)\b.{0,20}:"
)


def is_caption(text: str) -> bool:
    """Whether a cell says something about the table (单位：万元, 填报日期：...) rather than naming a column."""
    return bool(_CAPTION.match(text.strip()))


_TOTAL = re.compile(
    r"(?:本页|全年|各地区|全部|以上)?(?:合|总|小|共)计(?:数)?[:：]?|.{1,12}小计[:：]?|(?:sub[- ]?|grand )?totals?:?",
    re.IGNORECASE,
)


def is_total_word(text: str) -> bool:
    """合计, 小 计, 总计, Total: a label that says the row adds up others."""
    if len(text) > 30 or not ("计" in text or "otal" in text or "TOTAL" in text):
        return False
    return bool(
        _TOTAL.fullmatch("".join(unicodedata.normalize("NFKC", text).split()).replace("grandtotal", "total"))
    ) or (text.strip().casefold() in ("grand total", "sub total"))


TOTAL_ENDINGS = ("计", "计：", "计:", "计 ", "otal", "OTAL")
"""How texts end that may be such a word, for a quick look at a whole column."""

MOST_LABELS = 2
"""Words a row of totals may have: 小计, and perhaps the group it belongs to."""


def is_total(cells: Sequence[str]) -> bool:
    """Whether a row only adds up others: it is labelled so, and holds no more words than a label and a group."""
    if not any(is_total_word(cell) for cell in cells if cell):
        return False
    return sum(1 for cell in cells if looks(cell) in (TEXT, DATE)) <= MOST_LABELS


_ORDINALS = "甲乙丙丁戊己庚辛"
_BRACKETED = re.compile(r"[（(\[]?\s*(\d{1,3})\s*[)）\]]?")


def is_column_numbers(cells: Sequence[str], width: int) -> bool:
    """Whether this row under a header only counts its columns: 甲 乙 1 2 3, (1) (2) (3)."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    if len(filled) < 3 or len(filled) * 5 < width * 4:
        return False
    words = [cell for cell in filled if cell in _ORDINALS]
    counted = [_BRACKETED.fullmatch(cell) for cell in filled if cell not in _ORDINALS]
    if not counted or not all(counted) or filled[: len(words)] != list(_ORDINALS[: len(words)]):
        return False
    numbers = [int(found[1]) for found in counted if found]
    marked = bool(words) or all(not cell.isdigit() for cell in filled)
    return numbers == list(range(numbers[0], numbers[0] + len(numbers))) and (
        marked or (numbers[0] == 1 and len(filled) == width and width >= 4)
    )


_SENTENCE = re.compile(r"[。；;！!]|[，,].*[，,]|\s\S+\s\S+\s\S+\s\S+\s")


def is_remark(text: str) -> bool:
    """Whether a text alone in its row reads like a remark under a table rather than a label."""
    plain = text.strip()
    return (
        len(plain) > 60
        or (len(plain) > 12 and bool(_SENTENCE.search(plain)))
        or plain.startswith(("©", "*", "※"))
    )
