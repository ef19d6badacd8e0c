"""Data elements: one meaning, said once — how it is mended, what is refused and why, what is shown.

    text as it came ──quick──▶ value                      nearly every row: clean already, one look
           └─tidied─▶ steps ─▶ checks ─▶ cast ─▶ value     the rest: mended, or refused with a reason

Everything that computes is SQL over `{value}`, so that the same declaration serves a million rows
and a single form field. `{value}` is the tidied text in steps and checks, the text as it came in
`parts` and `quick`, and the original in a message.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Literal

from pydantic import Field

from jingwei.catalog.masks import Mask
from jingwei.catalog.sql import is_tidy, quoted, text_list
from jingwei.kernel.text import Text
from jingwei.packs.declarations import Declaration, Words

Type = Literal["string", "date", "timestamp", "integer", "decimal", "boolean"]
Classification = Literal["public", "internal", "personal", "sensitive"]

_NAME = re.compile(r"\{([a-z][a-z_]*)\}")
_SHOWN = 40


class Check(Declaration):
    """`valid` is SQL over `{value}`; anything but true is the fault `code`. `details` are SQL giving
    text, by the name under which the message uses them; they are computed for refused rows only."""

    code: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    valid: str
    message: Words
    details: Mapping[str, str] = {}


class Element(Declaration):
    """`quick` gives the finished value where the text is in its common clean form, else NULL; `parts`
    are computed once before it, each may use those above it. `lists` are word lists and `phrases` SQL over `{value}` that the other
    SQL may name. `scale` is the number of decimal places of a decimal."""

    element: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: Words
    standard: str
    mends: Words
    type: Type = "string"
    scale: int = Field(2, ge=0, le=12)
    classification: Classification = "internal"
    lists: Mapping[str, tuple[str, ...]] = {}
    phrases: Mapping[str, str] = {}
    parts: Mapping[str, str] = {}
    quick: str | None = None
    steps: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    mask: Mask | None = None
    codes: str | None = None
    derived: Mapping[str, str] = {}

    @property
    def sql_type(self) -> str:
        """Type of the standard table's column."""
        return {
            "string": "VARCHAR",
            "date": "DATE",
            "timestamp": "TIMESTAMP",
            "integer": "BIGINT",
            "decimal": f"DECIMAL(18, {self.scale})",
            "boolean": "BOOLEAN",
        }[self.type]

    def put(self, sql: str, value: str, **names: str) -> str:
        """The SQL with `{value}`, the word lists and further names put in; braces of patterns stay."""
        known = {"value": value, "is_tidy": is_tidy(value), **names}
        known |= {name: text_list(words) for name, words in self.lists.items()}
        for name, phrase in self.phrases.items():
            known[name] = f"({_put(phrase, known)})"
        return _put(sql, known)

    def names(self) -> Iterator[tuple[tuple[str | int, ...], str, set[str]]]:
        """Every piece of SQL with its place in the declaration and the names it may use."""
        usual = {"value", *self.lists, *self.phrases}
        for place, names in (("phrases", {"value", *self.lists}), ("parts", set(usual))):
            for name, sql in getattr(self, place).items():
                yield (place, name), sql, set(names)
                names.add(name)
        if self.quick:
            yield ("quick",), self.quick, {*usual, "is_tidy", *self.parts}
        for index, sql in enumerate(self.steps):
            yield ("steps", index), sql, usual
        for index, check in enumerate(self.checks):
            yield ("checks", index, "valid"), check.valid, usual
            for name, sql in check.details.items():
                yield ("checks", index, "details", name), sql, usual
        for name, sql in self.derived.items():
            yield ("derived", name), sql, {"value"}

    def step_expressions(self, column: str) -> list[str]:
        """SQL levels over the tidied text; each reads the column of the level before."""
        return [self.put(step, column) for step in self.steps]

    def derived_sql(self, name: str, column: str) -> str:
        """A fact contained in a valid value, as an expression over its column."""
        return self.put(self.derived[name], column)

    def message(self, index: int) -> Text:
        """What the check with this number (from 1) says, names not yet put in."""
        return self.reasons[index - 1][1]

    @property
    def reasons(self) -> list[tuple[str, Text]]:
        """Code and message of all that can be refused; the last two come with the code list and the type."""
        found = [(check.code, check.message.text()) for check in self.checks]
        if self.codes:
            found.append(("unknown-code", Text("“{value}”不在代码表里", "“{value}” is not in the code list")))
        if self.type != "string":
            text = Text(
                "“{value}”读不成" + self.title.zh, f"“{{value}}” cannot be read as {self.title.en.lower()}"
            )
            found.append(("unreadable", text))
        return found

    def spoken_sql(self, index: int, language: str, text: str, given: str) -> str:
        """A check's message as SQL: details over the normalized `text`, `{value}` from the text as it came."""
        check = self.checks[index - 1] if index <= len(self.checks) else None
        names = {"value": f"left({given}, {_SHOWN})"}
        if check:
            names |= {name: f"TRY({self.put(sql, text)})" for name, sql in check.details.items()}
        pieces = []
        for literal, name in _pieces(getattr(self.message(index), language)):
            pieces += [quoted(literal)] if literal else []
            pieces += [f"coalesce(CAST({names[name]} AS VARCHAR), '')"] if name else []
        return " || ".join(pieces)

    def mask_text(self, value: str) -> str:
        return self.mask.text(value) if self.mask else value

    def mask_sql(self, column: str) -> str:
        return self.mask.sql(column) if self.mask else f"CAST({column} AS VARCHAR)"


def names_in(sql: str) -> list[str]:
    """The `{names}` a piece of SQL or a message uses."""
    return _NAME.findall(sql)


def _put(sql: str, known: Mapping[str, str]) -> str:
    return _NAME.sub(lambda found: known.get(found[1], found[0]), sql)


def _pieces(pattern: str) -> Iterator[tuple[str, str | None]]:
    """A message cut into literal text and the name that follows it."""
    end = 0
    for found in _NAME.finditer(pattern):
        yield pattern[end : found.start()], found[1]
        end = found.end()
    yield pattern[end:], None
