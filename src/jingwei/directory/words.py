"""Finding by words: Chinese is cut into words, and where that fails a part of a word finds too.

    titles, codes, fields … ──fold──▶ Entry ──rjieba──▶ words ─┐
                                       └─pairs of signs────────┴▶ Index ──text──▶ keys, best first

A text typed by a person is cut at blanks; every piece must be found somewhere in an entry. What is found as a
whole name comes before what a name begins with, that before what a name contains, that before words elsewhere,
and those before a mere likeness (most pairs of neighbouring signs shared: a slip of the keyboard).
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import rjieba

EXACT, PREFIX, WITHIN, WORD, PART, LIKE = 1000.0, 400.0, 200.0, 60.0, 20.0, 4.0
ALIKE = 0.6
LONGEST = 200
SIGN = re.compile(r"\w", re.UNICODE)


@dataclass(frozen=True)
class Entry:
    """`names` are what it is called (title, code); `texts` what else is said of it, with a weight each."""

    key: str
    names: tuple[str, ...]
    texts: tuple[tuple[float, str], ...] = ()


def fold(text: str) -> str:
    """Full width, case and accents do not matter."""
    return unicodedata.normalize("NFKC", text).casefold().strip()


def words(text: str) -> set[str]:
    """The words of a folded text, long ones also in their parts; punctuation is none."""
    return {word for word in rjieba.cut_for_search(text) if SIGN.search(word)}


def pairs(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1)}


class Index:
    """Entries of a few hundred thousand words, held in memory; asking takes milliseconds."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.keys = [entry.key for entry in entries]
        self.names = [tuple(fold(name) for name in entry.names if name) for entry in entries]
        self.texts: list[str] = []
        self.words: dict[str, dict[int, float]] = defaultdict(dict)
        cut: dict[str, set[str]] = {}
        for number, entry in enumerate(entries):
            said = [(3.0, name) for name in self.names[number]]
            said += [(weight, fold(text)) for weight, text in entry.texts if text]
            self.texts.append("\n".join(text for _, text in said))
            for weight, text in said:
                if text not in cut:
                    cut[text] = words(text)
                for word in cut[text]:
                    self.words[word][number] = max(weight, self.words[word].get(number, 0))

    def find(self, asked: str) -> list[str]:
        """Keys of the entries that answer, best first; every key, in its order, where nothing was asked."""
        whole = fold(asked)[:LONGEST]
        pieces = whole.split()
        if not pieces:
            return list(self.keys)
        scores: dict[int, float] = {}
        for number in range(len(self.keys)):
            got = [self._named(number, whole)] if len(pieces) > 1 else []
            each = [self._score(number, piece) for piece in pieces]
            if all(each) or any(got):
                scores[number] = sum(each) / len(each) + sum(got)
        if not scores:
            scores = self._alike(whole)
        return [self.keys[n] for n in sorted(scores, key=lambda n: (-scores[n], self.keys[n]))]

    def _named(self, number: int, piece: str) -> float:
        best = 0.0
        for name in self.names[number]:
            if name == piece:
                return EXACT
            if name.startswith(piece):
                best = max(best, PREFIX + len(piece) / len(name))
            elif piece in name:
                best = max(best, WITHIN + len(piece) / len(name))
        return best

    def _score(self, number: int, piece: str) -> float:
        score = self._named(number, piece)
        whole = self.words.get(piece, {}).get(number, 0.0)
        if whole:
            return score + WORD * whole
        if piece in self.texts[number]:
            return score + PART
        # a piece of several words, 医保参保人, is found where all of them are
        parts = [word for word in words(piece) if word != piece]
        if len(parts) > 1 and all(word in self.texts[number] for word in parts):
            return score + PART / 2
        return score

    def _alike(self, whole: str) -> dict[int, float]:
        asked = pairs(whole)
        found: dict[int, float] = {}
        for number, names in enumerate(self.names if asked else []):
            share = max((len(asked & pairs(name)) / len(asked) for name in names), default=0)
            if share >= ALIKE:
                found[number] = LIKE * share
        return found


def within(text: str, asked: str) -> bool:
    """Whether any piece of what was asked stands in a text: what a list says about why something was found."""
    folded = fold(text)
    return any(piece in folded for piece in fold(asked).split())
