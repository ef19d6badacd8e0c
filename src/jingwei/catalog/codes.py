"""Code lists: the few allowed values of a field, what they are called, and what people write instead.

A list declares its codes once; forms show the titles, standardization maps codes, titles and
synonyms to the code. Mapping is an expression, not a join: text just as the list writes it (nearly
every row) is looked up first, and only the rest is folded and looked up again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property

from jingwei.catalog.sql import quoted, text_list
from jingwei.kernel.text import Text
from jingwei.packs.declarations import Declaration, Fault, Words
from jingwei.packs.sections import Declared, Everything

_FOLDED_AWAY = "[\\s·.,、()（）/_-]"


class Code(Declaration):
    code: str
    title: Words
    synonyms: tuple[str, ...] = ()


class CodeList(Declaration):
    """One code list with the standard it is taken from; its frequent entries first, they are found sooner."""

    list: str
    title: Words
    standard: str
    entries: tuple[Code, ...]

    @cached_property
    def by_code(self) -> Mapping[str, Code]:
        return {entry.code: entry for entry in self.entries}

    def title_of(self, code: str) -> Text | None:
        entry = self.by_code.get(code)
        return entry.title.text() if entry else None

    @cached_property
    def plain(self) -> Mapping[str, str]:
        """Every label as it stands → code; codes and Chinese titles first, so that they are found soonest."""
        entries = self.entries
        found = {entry.code: entry.code for entry in entries} | {e.title.zh: e.code for e in entries}
        return found | {label: code for label, code in _labels(self) if label not in found}

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """Every folded label → code: codes, titles of both languages, synonyms."""
        return {fold(label): code for label, code in _labels(self)}

    def quick_sql(self, text: str) -> str:
        """The code where the text is a label just as the list writes it, else NULL."""
        return _lookup(text, self.plain)

    def fold_sql(self, text: str) -> str:
        return f"lower(regexp_replace({text}, {quoted(_FOLDED_AWAY)}, '', 'g'))"

    def label_sql(self, text: str, folded: str) -> str:
        """The code of a folded label; the text itself where the list does not know it."""
        return f"coalesce({_lookup(folded, self.labels)}, {text})"

    def knows_sql(self, text: str) -> str:
        return f"list_contains({text_list([entry.code for entry in self.entries])}, {text})"


def fold(label: str) -> str:
    """Labels are compared without case, spaces and punctuation."""
    return re.sub(_FOLDED_AWAY, "", label).lower()


def _labels(codes: CodeList) -> Iterator[tuple[str, str]]:
    for entry in codes.entries:
        for label in (entry.code, entry.title.zh, entry.title.en, *entry.synonyms):
            yield label, entry.code


def _lookup(text: str, mapping: Mapping[str, str]) -> str:
    labels, codes = list(mapping), list(mapping.values())
    return f"list_extract({text_list(codes)}, list_position({text_list(labels)}, {text}))"


def check(declared: Mapping[str, Declared], everything: Everything) -> Iterator[Fault]:
    """A label that means two codes would map by chance."""
    for one in declared.values():
        meaning: dict[str, str] = {}
        for index, entry in enumerate(one.value.entries):
            for label in (entry.code, entry.title.zh, entry.title.en, *entry.synonyms):
                other = meaning.setdefault(fold(label), entry.code)
                if other != entry.code:
                    text = Text("{label} 同时指 {one} 和 {two}", "{label} means both {one} and {two}")
                    yield one.fault(
                        ("entries", index), text.fill(label=label, one=other, two=entry.code), "label-twice"
                    )
