"""How a Chinese name sounds: pinyin, initials, and pinyin with the usual confusions folded together.

Clerks hear a name and type a homophone; dialects do not tell zh from z, n from l, ing from in.
A dictionary of single characters serves everybody (a name's characters are read one by one), and
surnames that are read otherwise than the common word (单 shan, 仇 qiu) have their own reading.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import Any

import pyarrow as pa

from jingwei.registers.matching.variants import folded

SURNAMES = {
    "单": "shan", "仇": "qiu", "解": "xie", "查": "zha", "任": "ren", "曾": "zeng", "区": "ou", "朴": "piao",
    "盖": "ge", "种": "chong", "繁": "po", "秘": "bi", "冼": "xian", "尉": "wei", "缪": "miao", "宁": "ning",
    "翟": "zhai", "乐": "yue", "覃": "qin", "員": "yun", "员": "yun", "召": "shao", "折": "she", "黑": "he",
    "纪": "ji", "华": "hua", "哈": "ha", "车": "che", "应": "ying", "燕": "yan", "于": "yu", "过": "guo",
    "那": "na", "葛": "ge", "洗": "xian", "殷": "yin", "令": "ling", "都": "du", "祭": "zhai",
}  # fmt: skip
COMPOUND_SURNAMES = {
    "尉迟": ("yu", "chi"), "万俟": ("mo", "qi"), "单于": ("chan", "yu"), "长孙": ("zhang", "sun"),
    "宰父": ("zai", "fu"), "澹台": ("tan", "tai"), "令狐": ("ling", "hu"), "鲜于": ("xian", "yu"),
}  # fmt: skip
CONFUSED = (
    ("zh", "z"),
    ("ch", "c"),
    ("sh", "s"),
    ("ng", "n"),
    ("l", "n"),
    ("r", "n"),
    ("h", "f"),
    ("v", "u"),
)


@cache
def _pinyin() -> Any:
    """The dictionary takes a quarter of a second to load, which most commands have no use for."""
    return importlib.import_module("pypinyin")


@lru_cache(maxsize=30000)
def syllable(character: str) -> str:
    """The commonest reading in lower case without tone; what has none (Latin letters) stays itself."""
    if character.isascii():
        return character.lower() if character.isalnum() else ""
    library = _pinyin()
    read = library.pinyin(character, style=library.Style.NORMAL, errors="ignore")
    return read[0][0].replace("ü", "v").lower() if read else ""


@lru_cache(maxsize=5000)
def fold(sound: str) -> str:
    for heard, said in CONFUSED:
        sound = sound.replace(heard, said)
    return sound


def syllables(name: str) -> list[str]:
    """One reading a character, the surname as surnames are read."""
    pair = COMPOUND_SURNAMES.get(name[:2])
    if pair and len(name) > 2:
        return [*pair, *(s for s in map(syllable, name[2:]) if s)]
    first = SURNAMES.get(name[:1])
    if first:
        return [first, *(s for s in map(syllable, name[1:]) if s)]
    return [s for s in map(syllable, name) if s]


def readings(name: str) -> Iterator[str]:
    """Pinyin a clerk may type: as a surname is read, as the bare characters are read, and ü (v) as u or yu."""
    seen: set[str] = set()
    for read in (syllables(name), [s for s in map(syllable, name) if s]):
        whole = "".join(read)
        for spelt in (whole, whole.replace("v", "u"), whole.replace("v", "yu")):
            if spelt and spelt not in seen:
                seen.add(spelt)
                yield spelt


def dictionary(names: Iterable[str]) -> pa.Table:
    """value, folded, pinyin, sound for distinct names."""
    values, folds, pinyins, sounds = [], [], [], []
    for name in names:
        standard = folded(name)
        read = syllables(standard)
        values.append(name)
        folds.append(standard)
        pinyins.append("".join(read) or None)
        sounds.append("".join(map(fold, read)) or None)
    text = pa.string()
    return pa.table(
        {
            "value": pa.array(values, text),
            "folded": pa.array(folds, text),
            "pinyin": pa.array(pinyins, text),
            "sound": pa.array(sounds, text),
        }
    )
