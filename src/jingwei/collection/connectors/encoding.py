"""Which encoding a department's text file is in, decided by evidence rather than by what decodes.

Big5 bytes decode "successfully" as GB18030 and the other way round, so success proves nothing.
Every candidate decodes the file's telling lines, and what comes out is weighed: common characters
of Chinese writing and full-width punctuation speak for it; bytes that do not decode and
characters nobody writes (private use, box drawings, Greek amid hanzi) speak against it; the
contract's expected headers settle the matter.

Bytes that do not decode are carried through as lone surrogates (`MARK`), so that a reader can
reject exactly the record that holds them and go on.
"""

from __future__ import annotations

import codecs
import importlib
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from jingwei.collection.connectors import errors
from jingwei.collection.connectors.files import Survey

MARK = "jingwei-mark"
MARKED = re.compile("[\udc00-\udcff]")
"""Finds a byte that did not decode: no strict decoder ever yields a lone surrogate."""

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
NAMES = {
    "cp950": "Big5",
    "cp1252": "Windows-1252",
    "gb18030": "GB18030",
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
}

COMMON = frozenset(
    # the most frequent characters of running text, simplified and traditional
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学如都同现当"
    "没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手"
    "應說這個們來為國時會對發後經過種學現當沒動還進樣從實與長機無關點業將兩間問並體員處號電話縣區鄉鎮鄰裡戶證碼類別隊廠廣東灣臺門開資訊單備註總務機構級歲"
    # what registers are full of: headers, places, surnames, given names
    "姓名性别民族出生日期身份证号码公民住址地址户籍电话手机联系职业学历婚姻状况社区街道居委会村镇乡县区市省路巷弄栋单元室楼层房屋企业法人代表统一社会信用"
    "代码注册资本经营范围成立登记机关更新时间备注类型编序数量合计金额元万亿指标数据库来源说明男女汉本科专初高大未已离丧偶有效否是东南西北江湖海山河"
    "李王张刘陈杨黄赵周吴徐孙马朱胡郭何林高罗郑梁谢宋唐许邓韩冯曹彭曾萧田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦"
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛超秀霞平刚桂英华玉兰红建文辉明永健世广志义兴良海仁波宁贵福生龙元全国胜学祥才发武新利清飞彬富顺信子杰峰深圳坪"
    "劉陳楊黃趙吳孫馬鄭謝許鄧馮蕭葉蘇魏呂盧鐘譚陸賈韋鄒偉麗強軍潔豔傑濤剛華蘭紅輝義貴龍國勝學發飛順"
)  # fmt: skip


def _level_one(codec: str, leads: range, trails: Iterable[int]) -> set[str]:
    trail_bytes = list(trails)
    return {bytes((lead, trail)).decode(codec, "ignore") for lead in leads for trail in trail_bytes}


# What is in daily use: GB 2312 level 1 (3755 hanzi, by sound) and Big5 level 1 (5401 hanzi). Kept
# apart, because French read as GB18030 turns into hanzi that are everyday only in Big5.
_SIMPLIFIED = frozenset(_level_one("gb2312", range(0xB0, 0xD8), range(0xA1, 0xFF)))
_TRADITIONAL = frozenset(_level_one("big5", range(0xA4, 0xC7), [*range(0x40, 0x7F), *range(0xA1, 0xFF)]))
EVERYDAY = {"gb18030": _SIMPLIFIED, "cp950": _TRADITIONAL}
_ANY = _SIMPLIFIED | _TRADITIONAL


def _mark(problem: UnicodeError) -> tuple[str, int]:
    if not isinstance(problem, UnicodeDecodeError):
        raise problem
    bad = problem.object[problem.start : problem.end]
    return "".join(chr(0xDC00 + byte) for byte in bad), problem.end


codecs.register_error(MARK, _mark)


def escape(text: str) -> str:
    """Text for a person's eyes, with bytes that did not decode written as `\\xNN`."""
    return MARKED.sub(lambda match: f"\\x{ord(match[0]) - 0xDC00:02X}", text)


@dataclass(frozen=True)
class Encoding:
    """`codec` is Python's name, `title` the one people use; `confidence` from 0 to 1."""

    codec: str
    confidence: float
    bom: int = 0
    declared: bool = False

    @property
    def title(self) -> str:
        return NAMES.get(self.codec, self.codec)


def find_encoding(
    location: str, seen: Survey, headers: Iterable[str] = (), declared: str | None = None
) -> Encoding:
    """The file's encoding, or `EncodingUnknown` naming the best guess when nothing fits."""
    for bom, codec in BOMS:
        if seen.start.startswith(bom):
            return Encoding(codec, 1.0, len(bom))
    if declared:
        return Encoding(_codec(declared), 1.0, declared=True)
    if wide := _without_bom(seen):
        return wide
    if seen.ascii:
        return Encoding("utf-8", 1.0)
    wanted = [header for header in headers if header and not header.isascii()]
    scores = {codec: _score(seen.evidence, codec, wanted) for codec in ("utf-8", "gb18030", "cp950")}
    if seen.valid_utf8:
        # its sequences check themselves; only a handful of two-byte ones may be another encoding's
        high = _high(seen.evidence)
        if high > 30 or any(char > "\u07ff" for char in seen.evidence.decode("utf-8", "ignore")):
            return Encoding("utf-8", 1.0)
        scores["utf-8"] += 1.0
    first, second, *_ = sorted(scores, key=lambda codec: -scores[codec])
    if scores[first] < PLAUSIBLE:
        if _is_western(seen.evidence):
            return Encoding("cp1252", 0.6)
        # a few damaged lines in a file that is plain ASCII otherwise: reject those, read the rest
        if seen.telling_lines <= max(1, seen.lines // 20):
            return Encoding("utf-8", 0.5)
        # Loaded here, for it takes longer than reading a small file, and few encodings have to be guessed.
        guess = importlib.import_module("charset_normalizer").from_bytes(seen.evidence).best()
        raise errors.EncodingUnknown(location=location, guess=guess.encoding if guess else "?")
    weight = min(1.0, len(seen.evidence) / 40)
    confidence = 1 / (1 + math.exp(-4 * weight * (scores[first] - scores[second]) - 1))
    return Encoding(first, round(confidence, 3))


PLAUSIBLE = 0.25
"""Least weight a decoded byte must carry on average; prose scores about 1, another script's bytes below 0."""


_WESTERN = frozenset("àâäáãåæçéèêëíîïìñóôöõòøœúùûüßÀÂÄÁÃÅÆÇÉÈÊËÍÎÏÑÓÔÖÕØŒÚÙÛÜ")
_SIGNS = frozenset("’‘“”–—€°²³·«»§½")


def _is_western(evidence: bytes) -> bool:
    """Whether the bytes above 127 are accented letters within words of ASCII letters, each by itself; one
    that is none of those is damage."""
    text = evidence.decode("cp1252", MARK)
    found = [at for at, char in enumerate(text) if char > "\x7f"]
    within = sum(
        text[at] in _WESTERN
        and any(char.isascii() and char.isalpha() for char in text[max(0, at - 1) : at + 2])
        for at in found
    )
    return within > 0 and all(text[at] in _WESTERN | _SIGNS for at in found) and within * 2 >= len(found)


def named(said: str) -> str | None:
    """The codec a file's own note means (`GBK`, `936`, `OEM 936`, `UTF-8`); None if it means none we know."""
    plain = said.strip().lower().removeprefix("ansi").removeprefix("oem").strip(" -_")
    plain = {"936": "gbk", "cp936": "gbk", "54936": "gbk", "950": "big5", "65001": "utf-8"}.get(plain, plain)
    try:
        return _codec(f"cp{plain}" if plain.isdecimal() else plain)
    except errors.OptionWrong:
        return None


def _codec(declared: str) -> str:
    aliases = {
        "gbk": "gb18030",
        "gb2312": "gb18030",
        "big5": "cp950",
        "utf-8-sig": "utf-8",
        "ansi": "gb18030",
    }
    name = aliases.get(declared.lower(), declared)
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise errors.OptionWrong(option="encoding", value=declared) from None


def _without_bom(seen: Survey) -> Encoding | None:
    """UTF-16 that lacks its mark: commas and line ends put NUL bytes on one side only."""
    if seen.nuls < 2 or seen.size % 2 or seen.nuls * 100 < seen.size:
        return None
    share = seen.odd_nuls / seen.nuls
    for codec, fits in (("utf-16-le", share > 0.9), ("utf-16-be", share < 0.1)):
        if fits:
            try:
                text = seen.start[: len(seen.start) // 2 * 2].decode(codec, MARK)
            except UnicodeError:
                continue
            if text and sum(_weigh(char, _ANY) for char in text) / len(text) > 0:
                return Encoding(codec, 0.9)
    return None


def _score(evidence: bytes, codec: str, wanted: list[str]) -> float:
    """Weight per byte above 127 of what this codec makes of the evidence."""
    text = evidence.decode(codec, MARK)
    counted = Counter(char for char in text if ord(char) > 127)
    everyday = EVERYDAY.get(codec, _ANY)
    total = sum(_weigh(char, everyday) * count for char, count in counted.items())
    if codec == "utf-8":
        # three bytes in step do not happen by chance
        total += sum(
            3 * count
            for char, count in counted.items()
            if not "\udc00" <= char <= "\udcff" and ord(char) > 0x7FF
        )
    found = sum(1 for header in wanted if header in text)
    return total / max(_high(evidence), 1) + (2.0 * found / len(wanted) if wanted else 0.0)


def _high(data: bytes) -> int:
    return len(data) - len(data.translate(None, _HIGH_BYTES))


_HIGH_BYTES = bytes(range(0x80, 0x100))


def _weigh(char: str, everyday: frozenset[str]) -> float:
    if char < "\x80":
        return 0.5
    if char in COMMON:
        return 4.0
    if char in everyday:
        return 1.0
    if "\udc00" <= char <= "\udcff":
        return -6.0
    if char in "，。、；：？！（）《》“”‘’【】…—·　〇￥％＃－／℃①②③④⑤⑥⑦⑧⑨⑩" or "０" <= char <= "ｚ":
        return 2.0
    if "㐀" <= char <= "鿿":
        return -1.0
    category = unicodedata.category(char)
    if category in ("Co", "Cn", "Cc"):
        return -5.0
    return -2.0
