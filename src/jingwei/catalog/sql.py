"""SQL that every value passes through, and the few helpers for writing SQL safely.

A source writes the same thing in many ways: full-width letters, spaces nobody sees, a dash for
"nothing". `tidied` mends that for every text before its data element looks at it; `is_tidy` is
the cheap question whether there is anything to mend, so that clean text (nearly all of it) costs
one regular expression and no copying.
"""

from __future__ import annotations

from typing import Protocol


class Connection(Protocol):
    def execute(self, query: str) -> object: ...


_SENTENCE = "，；：！？（）"
"""Full-width marks that belong to a Chinese sentence; elements that need them half-width say so."""
_WIDE = "".join(chr(code) for code in range(0xFF01, 0xFF5F) if chr(code) not in _SENTENCE)
_NARROW = "".join(chr(ord(c) - 0xFEE0) for c in _WIDE)

NULL_WORDS = (
    "", "-", "--", "—", "——", "/", "\\", "\\n", ".", "null", "(null)", "<null>", "none", "nan", "n/a", "#n/a", "na",
    "无", "空", "暂无", "无数据",
)  # fmt: skip
"""Ways to write that there is nothing (compared in lower case)."""


def quoted(text: str) -> str:
    """A string literal."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A quoted name of a column or table."""
    return '"' + name.replace('"', '""') + '"'


def text_list(values: tuple[str, ...] | list[str]) -> str:
    return "[" + ", ".join(quoted(value) for value in values) + "]"


def _escaped(characters: str) -> str:
    return "".join(f"\\x{{{ord(c):x}}}" for c in characters)


_WIDE_CLASS = r"[\x{ff02}-\x{ff07}\x{ff0a}\x{ff0b}\x{ff0d}-\x{ff19}\x{ff1c}-\x{ff1e}\x{ff20}-\x{ff5e}]"
_SPACE_CLASS = r"[\x{1}-\x{1f}\x{7f}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]"
_UNSEEN_CLASS = r"[\x{0}\x{ad}\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}\x{feff}]"
_SPACED = "^ | $|  "
_INVISIBLE = f"{_SPACED}|{_SPACE_CLASS}|{_UNSEEN_CLASS}"
UNTIDY = f"{_INVISIBLE}|{_WIDE_CLASS}"
"""Regular expression (RE2) that finds something to tidy: spare spaces, unseen and full-width signs."""
_NULL_PATTERN = "(?i)^(?:" + "|".join(_escaped(word) for word in NULL_WORDS) + ")$"
_LONGEST_NULL_WORD = max(len(word.encode()) for word in NULL_WORDS)


def tidied(text: str) -> str:
    """First level: the text with its signs unified, outer and double spaces gone."""
    # translate() builds its table anew for every row, so it is called only where a sign needs it.
    translated = f"translate({text}, {quoted(_WIDE)}, {quoted(_NARROW)})"
    return (
        f"CASE WHEN regexp_matches({text}, {quoted(_WIDE_CLASS)}) THEN {_despaced(translated)} "
        f"WHEN regexp_matches({text}, {quoted(_INVISIBLE)}) THEN {_despaced(text)} ELSE {text} END"
    )


def _despaced(text: str) -> str:
    seen = f"regexp_replace({text}, {quoted(_UNSEEN_CLASS)}, '', 'g')"
    return f"trim(regexp_replace({seen}, {quoted(f'(?:{_SPACE_CLASS}| )+')}, ' ', 'g'))"


def said(text: str) -> str:
    """Second level: NULL where the tidied text only says that there is nothing."""
    return f"CASE WHEN {_says_nothing(text)} THEN NULL ELSE {text} END"


def is_tidy(text: str) -> str:
    """True where `tidied` and `said` would give the text back as it is."""
    return f"(NOT regexp_matches({text}, {quoted(UNTIDY)}) AND NOT ({_says_nothing(text)}))"


def _says_nothing(text: str) -> str:
    return f"strlen({text}) <= {_LONGEST_NULL_WORD} AND regexp_matches({text}, {quoted(_NULL_PATTERN)})"


MACROS = [
    f"CREATE OR REPLACE TEMP MACRO tidy(value) AS ({said('(' + tidied('value') + ')')})",
]
"""For SQL that people write (row rules, models): the same mending under a name."""


def install(connection: Connection) -> None:
    """Makes the macros known on a connection. They are temporary: each cursor needs its own."""
    for macro in MACROS:
        connection.execute(macro)
