"""Field names from headers: snake case, in English where the words are known, else in pinyin."""

from __future__ import annotations

import importlib
import re
import unicodedata
from collections.abc import Collection

from jingwei.collection.understanding.terms import TERMS

LONGEST = 48
RESERVED = frozenset(
    [
        "all",
        "and",
        "any",
        "as",
        "asc",
        "both",
        "case",
        "cast",
        "check",
        "collate",
        "column",
        "constraint",
        "create",
        "default",
        "desc",
        "describe",
        "distinct",
        "do",
        "else",
        "end",
        "except",
        "false",
        "for",
        "foreign",
        "from",
        "grant",
        "group",
        "having",
        "in",
        "initially",
        "intersect",
        "into",
        "lateral",
        "leading",
        "limit",
        "not",
        "null",
        "offset",
        "on",
        "only",
        "or",
        "order",
        "pivot",
        "placing",
        "primary",
        "qualify",
        "references",
        "returning",
        "select",
        "show",
        "some",
        "summarize",
        "symmetric",
        "table",
        "then",
        "to",
        "trailing",
        "true",
        "union",
        "unique",
        "unpivot",
        "using",
        "variadic",
        "when",
        "where",
        "window",
        "with",
    ]
)
_TRADITIONAL = str.maketrans(
    "資編號類別機構單備註總務級歲證碼電話縣區鄉鎮鄰裡戶門隊廠廣東灣臺開訊應說這個們來為國時會對發後經過種學現當沒動還進樣從實與長無關點業將兩間問並體員處權稱聯絡絡項欄檔連結網頻標籤關鍵務數據庫準則準備額計費說圖書館醫療證經緯營運產銷價財稅勞險轄農漁環綠節氣災險橋樑鐵車輛駕駛試驗畢選舉黨團課師職稱簡歷親屬",
    "资编号类别机构单备注总务级岁证码电话县区乡镇邻里户门队厂广东湾台开讯应说这个们来为国时会对发后经过种学现当没动还进样从实与长无关点业将两间问并体员处权称联络络项栏档连结网频标签关键务数据库准则准备额计费说图书馆医疗证经纬营运产销价财税劳险辖农渔环绿节气灾险桥梁铁车辆驾驶试验毕选举党团课师职称简历亲属",
)


def simplified(header: str) -> str:
    """A header in simplified signs, as far as headers use others."""
    return header.translate(_TRADITIONAL)


_BRACKETS = re.compile(r"[(（\[【][^()（）\[\]【】]*[)）\]】]")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_MOST = max(map(len, TERMS))


def name_of(header: str, taken: Collection[str] = ()) -> tuple[str, float]:
    """A field's name for a header, none of those taken; and how much of the header the terms covered."""
    plain = simplified(unicodedata.normalize("NFKC", header).strip())
    if placed := re.fullmatch(r"第(\d+)列", plain):
        plain = f"column {placed[1]}"
    words, covered = _words(_BRACKETS.sub(" ", plain))
    if not words:
        words, covered = _words(plain)
    name = "_".join(word for word in words if word)
    name = re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")
    if len(name) > LONGEST:
        name = name[: name.rfind("_", 0, LONGEST + 1)] if "_" in name[: LONGEST + 1] else name[:LONGEST]
    if not name:
        name = "field"
    elif name[0].isdigit():
        name = f"n{name}"
    if name in RESERVED:
        name += "_value"
    unique, number = name, 2
    while unique in taken:
        unique, number = f"{name}_{number}", number + 1
    return unique, covered


def english_of(name: str) -> str:
    """A field's English title."""
    return name.replace("_", " ").capitalize()


def _words(text: str) -> tuple[list[str], float]:
    words: list[str] = []
    known = unknown = 0
    for part in re.findall(r"[㐀-鿿]+|[A-Za-z0-9]+|[%‰]", text):
        if part in "%‰":
            words.append("percent")
        elif part.isascii():
            words += _CAMEL.sub(" ", part).split()
            known += len(part)
        else:
            more, matched = _chinese(part)
            words += more
            known += matched
            unknown += len(part) - matched
    # 名称-名称 and the like say a word twice
    words = [word.casefold() for word in words if word]
    told = [word for at, word in enumerate(words) if at == 0 or word != words[at - 1]]
    return told, known / (known + unknown) if known + unknown else 0.0


def _chinese(text: str) -> tuple[list[str], int]:
    """Terms from left to right, the longest first; what lies between them in pinyin."""
    words: list[str] = []
    matched = at = 0
    spelled = ""
    while at < len(text):
        for length in range(min(_MOST, len(text) - at), 0, -1):
            piece = text[at : at + length]
            # a single sign is a word of its own only at the end of a name (人口数, 登记号)
            if piece in TERMS and (length > 1 or at + 1 == len(text) or spelled == ""):
                words += [_pinyin(spelled), TERMS[piece]]
                spelled, at, matched = "", at + length, matched + length
                break
        else:
            if text[at] not in "的之及与和数":
                spelled += text[at]
            at += 1
    return [*words, _pinyin(spelled)], matched


def _pinyin(text: str) -> str:
    if not text:
        return ""
    # the dictionaries take a third of a second to load
    spoken = importlib.import_module("pypinyin").lazy_pinyin(text)
    return "_".join(spoken) if len(text) <= 4 else "".join(syllable[0] for syllable in spoken)
