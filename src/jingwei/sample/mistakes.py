"""Blurs true values as careless typing, old forms and old systems do, at declared rates.

    true column ──choose(kind, where possible)──▶ mask ──rewrite──▶ column as the source has it

Every choice is counted, so that the sample can say how often each fault was planted.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jingwei.sample.rates import CompanyRates, ErrorRates
from jingwei.sample.strings import blank, dates, fixed, parts, patch, pick, rewrite
from jingwei.sample.words import HOMOPHONES, LOOKALIKES, TRADITIONAL

NO_NUMBER = (None, "", "无", "-")
FULL_WIDTH = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")


@dataclass(frozen=True)
class Planted:
    """How often a fault was planted: `rows` of `possible`, where `declared` was the intended share."""

    resource: str
    error: str
    declared: float
    possible: int
    rows: int


@dataclass
class Mistakes:
    resource: str
    rates: ErrorRates | CompanyRates
    rng: np.random.Generator
    planted: list[Planted] = field(default_factory=list)

    def choose(self, kind: str, possible: np.ndarray) -> np.ndarray:
        """Which of the possible rows get this fault."""
        rate = getattr(self.rates, kind)
        if rate == 0:
            return np.zeros(len(possible), dtype=bool)
        mask = (self.rng.random(len(possible)) < rate) & possible
        self.planted.append(Planted(self.resource, kind, rate, int(possible.sum()), int(mask.sum())))
        return mask

    def draws(self, mask: np.ndarray) -> np.ndarray:
        return self.rng.random(int(mask.sum()))


def _one_character(table: dict[str, str]):
    def change(text: str, draw: float) -> str:
        places = [i for i, character in enumerate(text) if character in table]
        if not places:
            return text
        place = places[int(draw * len(places))]
        return text[:place] + table[text[place]] + text[place + 1 :]

    return change


sounds_alike = _one_character(HOMOPHONES)
looks_alike = _one_character(LOOKALIKES)


def traditional(text: str, draw: float) -> str:
    return "".join(TRADITIONAL.get(character, character) for character in text)


def spaced(text: str, draw: float) -> str:
    """Another dot in a dotted name; a space inside or behind any other."""
    if "·" in text:
        return text.replace("·", ("•", ".", "", "．", " · ")[int(draw * 5)])
    return (text[0] + " " + text[1:], text + " ", text[0] + "　" + text[1:])[int(draw * 3)]


NAME_CHANGES = {
    "name_homophone": sounds_alike,
    "name_lookalike": looks_alike,
    "name_traditional": traditional,
    "name_spacing": spaced,
}


def changeable(names: pa.Array) -> dict[str, np.ndarray]:
    """For each kind of name fault, which names it can happen to."""

    def holds(characters: str) -> np.ndarray:
        return pc.match_substring_regex(names, f"[{characters}]").to_numpy(zero_copy_only=False)

    return {
        "name_homophone": holds("".join(HOMOPHONES)),
        "name_lookalike": holds("".join(LOOKALIKES)),
        "name_traditional": holds("".join(k for k, v in TRADITIONAL.items() if k != v)),
        "name_spacing": np.ones(len(names), dtype=bool),
    }


def blur_names(mistakes: Mistakes, names: pa.Array, possible: dict[str, np.ndarray]) -> pa.Array:
    free = np.ones(len(names), dtype=bool)
    for kind, change in NAME_CHANGES.items():
        mask = mistakes.choose(kind, possible[kind] & free)
        names = rewrite(names, mask, change, mistakes.draws(mask))
        free &= ~mask
    return names


def blur_numbers(
    mistakes: Mistakes, numbers: np.ndarray, who: np.ndarray, birth: np.ndarray
) -> tuple[pa.Array, np.ndarray]:
    """Identity numbers as the source has them, and which rows keep a usable number of their own."""
    rows = len(who)
    matrix = numbers[who]
    free = np.ones(rows, dtype=bool)
    chosen: dict[str, np.ndarray] = {}
    twentieth_century = parts(birth)[0] < 2000
    for kind in ("number_missing", "number_wrong", "number_of_another", "number_15", "number_full_width"):
        chosen[kind] = mistakes.choose(kind, free & twentieth_century if kind == "number_15" else free)
        free &= ~chosen[kind]
    chosen["number_x"] = mistakes.choose("number_x", free & (matrix[:, 17] == ord("X")))
    wrong = np.flatnonzero(chosen["number_wrong"])
    # not in the division part: it stays one that does not exist
    column = mistakes.rng.integers(6, 17, len(wrong))
    matrix[wrong, column] = (matrix[wrong, column] - 48 + mistakes.rng.integers(1, 10, len(wrong))) % 10 + 48
    another = np.flatnonzero(chosen["number_of_another"])
    matrix[another] = numbers[
        (who[another] + mistakes.rng.integers(1, len(numbers), len(another))) % len(numbers)
    ]
    column_x = np.flatnonzero(chosen["number_x"])
    matrix[column_x, 17] = ord("x")
    texts = fixed(matrix)
    fifteen = chosen["number_15"]
    texts = patch(
        texts, fifteen, fixed(matrix[fifteen][:, [0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15, 16]])
    )
    texts = rewrite(
        texts,
        chosen["number_full_width"],
        lambda text, draw: text.translate(FULL_WIDTH),
        mistakes.draws(chosen["number_full_width"]),
    )
    half = chosen["number_x"] & (np.arange(rows) % 3 == 0)
    texts = rewrite(texts, half, lambda text, draw: text[:-1] + "Ｘ", mistakes.draws(half))
    missing = chosen["number_missing"]
    texts = patch(
        texts,
        missing,
        pick(pa.array(NO_NUMBER, pa.string()), mistakes.rng.integers(0, len(NO_NUMBER), int(missing.sum()))),
    )
    return texts, ~(missing | chosen["number_wrong"] | chosen["number_of_another"])


def blur_births(mistakes: Mistakes, birth: np.ndarray, style: str, earliest: int) -> pa.Array:
    """Dates of birth in the system's style; only people born a year before the system's `earliest`
    record are swapped, so that no record is older than its person."""
    year, month, day = parts(birth)
    swapped = mistakes.choose("birth_swapped", (day <= 12) & (day != month) & (birth < earliest - 366))
    shown = birth.copy()
    if swapped.any():
        months = (year[swapped] - 1970) * 12 + day[swapped] - 1
        first = months.astype("datetime64[M]").astype("datetime64[D]")
        shown[swapped] = (first - np.datetime64("1900-01-01")).astype(int) + month[swapped] - 1
    texts = dates(shown, style)
    other = mistakes.choose("date_style", np.ones(len(birth), dtype=bool))
    if other.any():
        styles = [s for s in ("slash", "dot", "chinese", "compact", "iso") if s != style]
        taste = mistakes.rng.integers(0, len(styles), len(birth))
        for index, name in enumerate(styles):
            mask = other & (taste == index)
            texts = patch(texts, mask, dates(shown[mask], name))
    return blank(texts, mistakes.choose("birth_missing", np.ones(len(birth), dtype=bool)))
