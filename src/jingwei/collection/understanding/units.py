"""Units, where departments write them: behind a header, in the title, in a corner above the table.

`地区生产总值(亿元)`, `单位：万元`, `人口（万人）`. What stands in brackets is a unit only if it reads like one:
`一般公共预算支出(不含债务)` has none, and of `CPI(上年=100)` the base belongs to the meaning.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_SCALE = "(?:百|千|万|十万|百万|千万|亿|万亿)?"
_THINGS = (
    "元|人|人次|人民币元|美元|港元|欧元|户|户次|家|个|件|份|项|次|套|台|部|辆|架|艘|只|头|匹|羽|株|棵|座|处|所|间|栋|幢|条|名|位|例|宗|起|批|张|床|"
    "亩|公顷|平方米|平方公里|立方米|米|公里|千米|厘米|毫米|吨|公斤|千克|克|升|标准箱|吨公里|人公里|千瓦|千瓦时|千瓦小时|度|焦耳|标准煤|吨标准煤|"
    "年|月|日|天|小时|分钟|秒|岁|分|倍|点|册|本|卷|种|处次|班|学时|课时|瓦|伏|安|赫兹|比特|字节"
)
_PER = rf"(?:{_SCALE}(?:{_THINGS}))(?:/(?:{_SCALE}(?:{_THINGS})))?"
_UNIT = re.compile(
    rf"(?:{_PER}|%|‰|百分点|百分比|[0-9]+{_PER}|每{_PER}.{{0,4}}|{_PER}/.{{1,6}}"
    r"|(?:'000|mn|bn|USD|RMB|CNY|EUR|kg|t|km2?|m2|m3|kWh|MWh|GWh|ha|persons?|number|per ?cent|percent|years?|days?|hours?|\$m|\$))",
    re.IGNORECASE,
)
_BRACKETED = re.compile(r"[(（\[【]([^()（）\[\]【】]{1,12})[)）\]】]\s*[0-9a-z*]?$")
_TAILED = re.compile(r"^(.{2,})[_/|，：:]([^\s_]{1,8})$")
_SAID = re.compile(
    r"(?<![报制位属管办责])(?:计量|金额|数据)?单位\s*[:：]\s*([^\s,，;；)）】\]]{1,12})|\bUnits?\s*[:：]\s*(.{1,20}?)(?:$|[)\]])"
)


_OFFICES = (
    "局",
    "委",
    "办",
    "中心",
    "公司",
    "政府",
    "厅",
    "所",
    "院",
    "处",
    "科",
    "部",
    "街道",
    "镇",
    "乡",
    "村",
)


def is_unit(text: str) -> bool:
    return bool(_UNIT.fullmatch(unicodedata.normalize("NFKC", text).strip()))


def of_header(name: str) -> tuple[str, str | None]:
    """The name without its unit, and the unit if it has one: `人口(万人)` → 人口, 万人."""
    found = _BRACKETED.search(name)
    if found and is_unit(found[1]):
        return name[: found.start()].strip(" -_") or name, found[1].strip()
    tailed = _TAILED.match(name)
    if tailed and is_unit(tailed[2]):
        return tailed[1].strip(), tailed[2].strip()
    return name, None


def of_titles(texts: Iterable[str]) -> str | None:
    """The unit that a title line gives for the whole table."""
    for text in texts:
        for found in _SAID.finditer(text):
            said = (found[1] or found[2] or "").strip()
            if said and not said.endswith(_OFFICES):
                return said
    return None
