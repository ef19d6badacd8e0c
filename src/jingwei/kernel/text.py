"""Words for people, in the two languages of the house.

A `Text` carries Chinese and English side by side, so that neither can be forgotten and no
catalogue of messages has to be kept in step. It turns into the reader's language only when
it is shown (`str(text)`): the web sets that language for a request, the command line once.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.utils import translation


def language() -> str:
    """The reader's language: `zh` unless English was asked for."""
    return "en" if (translation.get_language() or "zh").startswith("en") else "zh"


class Text(NamedTuple):
    """The same words in Chinese and in English; `{name}` marks what `fill` puts in."""

    zh: str
    en: str

    def fill(self, **values: Any) -> Text:
        """Both languages with the values put in; a value that is itself a Text speaks its language."""

        def put(pattern: str, tongue: str) -> str:
            spoken = {k: getattr(v, tongue) if isinstance(v, Text) else v for k, v in values.items()}
            return pattern.format(**spoken)

        return Text(put(self.zh, "zh"), put(self.en, "en"))

    def __str__(self) -> str:
        return self.en if language() == "en" else self.zh


def listed(names: Iterable[str | Text]) -> Text:
    """Names in a row, as each language puts them; a dash where there is none."""
    given = [name if isinstance(name, Text) else Text(name, name) for name in names]
    return Text("、".join(name.zh for name in given) or "—", ", ".join(name.en for name in given) or "—")
