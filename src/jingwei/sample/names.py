"""Names in the fashion of their time, as skewed as real ones: namesakes come by themselves."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from jingwei.sample.strings import join, patch, pick
from jingwei.sample.words import DOTTED, GIVEN, GIVEN_RARE, SURNAME_WEIGHTS, SURNAMES


def _choose(rng: np.random.Generator, words: str, size: int, skew: float) -> np.ndarray:
    """Places in `words`, earlier ones more often."""
    weights = 1.0 / (np.arange(len(words)) + 2.5) ** skew
    return np.searchsorted(np.cumsum(weights / weights.sum()), rng.random(size)).clip(0, len(words) - 1)


def given_names(sex: np.ndarray, birth_year: np.ndarray, rng: np.random.Generator) -> pa.Array:
    """Given names of one or two characters in the fashion of the year of birth."""
    size = len(sex)
    generation = np.digitize(birth_year, (1965, 1990))
    first = np.zeros(size, dtype=np.int64)
    second = np.zeros(size, dtype=np.int64)
    vocabulary: list[str] = []
    for (which_sex, which_generation), words in GIVEN.items():
        here = (sex == which_sex) & (generation == which_generation)
        base = len(vocabulary)
        vocabulary.extend(words)
        amount = int(here.sum())
        first[here] = base + _choose(rng, words, amount, 0.6)
        second[here] = base + _choose(rng, words, amount, 0.6)
    rare = rng.random(size) < 0.002
    second[rare] = len(vocabulary) + rng.integers(0, len(GIVEN_RARE), int(rare.sum()))
    vocabulary.extend(GIVEN_RARE)
    one = rng.random(size) < np.array([0.12, 0.3, 0.12])[generation]
    first[one] = len(vocabulary)
    vocabulary.append("")
    return join(pick(vocabulary, first), pick(vocabulary, second))


def person_names(
    sex: np.ndarray, birth_year: np.ndarray, surname: np.ndarray, rng: np.random.Generator
) -> pa.Array:
    """Full names for persons with these surnames (places in SURNAMES); a few are written with a dot."""
    names = join(pick(SURNAMES, surname), given_names(sex, birth_year, rng))
    dotted = rng.random(len(sex)) < 0.003
    amount = int(dotted.sum())
    texts = join(
        pick(DOTTED[0], rng.integers(0, len(DOTTED[0]), amount)),
        "·",
        pick(DOTTED[1], rng.integers(0, len(DOTTED[1]), amount)),
    )
    return patch(names, dotted, texts)


def random_surnames(size: int, rng: np.random.Generator) -> np.ndarray:
    return np.searchsorted(np.cumsum(SURNAME_WEIGHTS), rng.random(size)).clip(0, len(SURNAMES) - 1)
