"""Takes an organization's name apart: place, trade name (字号), industry words, legal form.

Chinese company names are built by rule (Provisions on the Administration of Enterprise Name
Registration, article 6): administrative place + trade name + industry + form of organization,
the place at times in brackets. Departments drop or move the parts, markets use a short name; the
trade name is what stays.

    深圳市振业(集团)股份有限公司 → place 深圳, trade 振业, core 振业, form 股份有限公司
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from jingwei.registers.matching.variants import folded

FORM = re.compile(
    r"(股份有限责任公司|有限责任公司|股份有限公司|股份公司|集团公司|有限公司|总公司|分公司|公司"
    r"|农民专业合作社|专业合作社|合作社|个体工商户|工作室|经营部|服务部|门市部|商行|事务所|有限合伙|普通合伙)$"
)
GENERIC = ("集团", "控股", "股份", "实业", "发展", "企业")


def _words(file: str) -> tuple[str, ...]:
    lines = (Path(__file__).parent / file).read_text(encoding="utf-8").splitlines()
    return tuple(word for line in lines if not line.startswith("#") for word in line.split())


INDUSTRY = tuple(sorted(_words("industry.txt"), key=len, reverse=True))
COUNTRY = ("中国", "中华", "全国", "国家")
MARKS = re.compile(r"^(\*?ST|S\*?ST|SST|S|N|C|XD|XR|DR|退市|G|PT)(?=[\u4e00-\u9fff])", re.ASCII)
CLASS_MARK = re.compile(r"(-?[ABH]股?|[-－](UW|U|W|WD|D|R)|退|[Ａ-Ｚ])$")
BRACKETS = re.compile(r"[(（\[【]([^)）\]】]*)[)）\]】]")
HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
SIGNS = re.compile(r"[\s·・.,，。&＆'\"“”-]+")


PLACES = frozenset(_words("places.txt"))
LONGEST_PLACE = max(map(len, PLACES))
LEVEL = re.compile(r"^(?:[\u4e00-\u9fff]{2,4}?)(?:特别行政区|自治区|自治州|自治县|省|市|县|区|州|盟)")


@dataclass(frozen=True)
class OrganizationName:
    """Parts are empty when the name has none. `core` is the name without place, brackets and form."""

    full: str
    place: str
    trade: str
    core: str
    industry: str
    form: str


def _leading_place(name: str) -> tuple[str, str]:
    """Place names at the start, with their level (省, 市, ...), and the rest; keeps at least two characters."""
    place = ""
    while True:
        for length in range(min(LONGEST_PLACE, len(name) - 2), 1, -1):
            if name[:length] in PLACES:
                rest = re.sub(r"^(特别行政区|[壮回维吾尔]*族?自治区|自治区|省|市)", "", name[length:])
                if len(rest) >= 2:
                    place, name = place or name[:length], rest
                    break
        else:
            level = LEVEL.match(name)
            if level and len(name) - level.end() >= 2:
                place = place or level.group(0).rstrip("省市县区州盟")
                name = name[level.end() :]
                continue
            return place, name


def parse(name: str) -> OrganizationName:
    """A full name, normalized by its element (half width, no outer spaces), taken apart."""
    full = SIGNS.sub("", name).upper()
    inside = BRACKETS.findall(full)
    bare = BRACKETS.sub("", full)
    form = ""
    while (found := FORM.search(bare)) and len(bare) - len(found.group(0)) >= 2:
        form, bare = found.group(0) + form, bare[: found.start()]
    place, rest = _leading_place(bare)
    if not place:
        place = next((p for text in inside for p in [re.sub(r"(省|市)$", "", text)] if p in PLACES), "")
    core = _without_generic(rest)
    if core.startswith(INDUSTRY) or core.startswith(COUNTRY) or len(core) < 2:
        # 北京银行, 中国石油化工: place or country and industry are the name; there is no trade name to find.
        core = _without_generic(bare)
        return OrganizationName(BRACKETS.sub(r"\1", full), place, core, core, "", form)
    cut = _first_industry_word(core)
    trade, industry = (core[:cut], core[cut:]) if cut else (core, "")
    return OrganizationName(BRACKETS.sub(r"\1", full), place, trade, core, industry, form)


LEGAL = frozenset(
    [
        "INC",
        "INCORPORATED",
        "LLC",
        "LLP",
        "LP",
        "LTD",
        "LIMITED",
        "CO",
        "COMPANY",
        "CORP",
        "CORPORATION",
        "PLC",
        "GMBH",
        "AG",
        "KG",
        "SA",
        "SARL",
        "SAS",
        "BV",
        "NV",
        "AB",
        "OY",
        "SPA",
        "SRL",
        "PTY",
        "THE",
        "A",
        "AN",
        "OF",
        "AND",
        "FOR",
        "IN",
        "AT",
        "BY",
    ]
)
SHORTENED = {
    "CTR": "CENTER", "CNTR": "CENTER", "CENTRE": "CENTER", "ASSN": "ASSOCIATION", "ASSOC": "ASSOCIATION", "INTL": "INTERNATIONAL",
    "UNIV": "UNIVERSITY", "SVC": "SERVICE", "SVCS": "SERVICES", "MFG": "MANUFACTURING", "DEV": "DEVELOPMENT", "DEPT": "DEPARTMENT",
    "GOVT": "GOVERNMENT", "HOSP": "HOSPITAL", "INST": "INSTITUTE", "NATL": "NATIONAL", "COMM": "COMMUNITY", "MGMT": "MANAGEMENT",
    "SCH": "SCHOOL", "ELEM": "ELEMENTARY", "ACAD": "ACADEMY", "BROS": "BROTHERS", "DR": "DOCTOR", "ST": "SAINT", "METRO": "METROPOLITAN",
}  # fmt: skip
LATIN_WORD = re.compile(r"[^\W_]+")


def latin_words(name: str) -> list[str]:
    """Words of a name without Chinese characters, in capitals, usual abbreviations written out."""
    found = LATIN_WORD.findall(name.upper().replace("'", "").replace("’", ""))
    return [SHORTENED.get(word, word) for word in found]


def _latin(name: str) -> tuple[str, str, str, list[str]]:
    """full, core (without legal forms and articles), trade (its words in the order of the alphabet), words."""
    words = latin_words(name)
    core = [word for word in words if word not in LEGAL] or words
    distinct = sorted(set(core))
    return "".join(words), " ".join(core), " ".join(distinct), distinct


def _without_generic(rest: str) -> str:
    """Group and holding words say nothing about which company it is, wherever they stand."""
    core = rest
    for word in GENERIC:
        shorter = core.replace(word, "")
        if len(shorter) >= 2:
            core = shorter
    return core


def _first_industry_word(core: str) -> int:
    """Where the industry starts; 0 when the name has no industry word after its first two characters."""
    starts = [at for word in INDUSTRY if (at := core.find(word, 2)) >= 2]
    return min(starts, default=0)


def short(name: str) -> str:
    """A short name without the marks an exchange puts on it (*ST, A, -U) and without signs."""
    text = SIGNS.sub("", name.replace("-", "－")).upper()
    text = BRACKETS.sub(r"\1", text)
    text = MARKS.sub("", text)
    stripped = CLASS_MARK.sub("", text)
    return (stripped if len(stripped) >= 2 else text).replace("－", "")


COLUMNS = ("value", "full", "core", "trade", "stem", "place", "words")
SHORT_COLUMNS = ("value", "short", "like", "short_stem")


def dictionary(names: Iterable[str]) -> pa.Table:
    """Distinct full names with their parts; `stem` is the trade name's first two characters. Names in Latin letters
    have `words` instead, the distinct ones in the order of the alphabet."""
    rows: list[tuple[str | None, ...]] = []
    listed: list[list[str] | None] = []
    for name in names:
        if HAN.search(name):
            parsed = parse(folded(name))
            stem, place = parsed.trade[:2], parsed.place or None
            rows.append((name, parsed.full, parsed.core, parsed.trade, stem, place))
            listed.append(None)
        else:
            full, core, trade, words = _latin(name)
            rows.append((name, full or None, core, trade, None, None))
            listed.append(words)
    made = _table(COLUMNS[:-1], rows)
    return made.append_column("words", pa.array(listed, pa.list_(pa.string())))


def short_dictionary(names: Iterable[str]) -> pa.Table:
    """Distinct short names; `like` matches every text that holds their characters in this order."""
    rows = []
    for name in names:
        plain = short(folded(name))
        parsed = _leading_place(plain)[1]
        rows.append((name, plain, "%" + "%".join(plain.replace("%", "").replace("_", "")) + "%", parsed[:2]))
    return _table(SHORT_COLUMNS, rows)


def _table(names: Sequence[str], rows: Sequence[tuple[str | None, ...]]) -> pa.Table:
    text = pa.string()
    return pa.table({name: pa.array([row[at] for row in rows], text) for at, name in enumerate(names)})
