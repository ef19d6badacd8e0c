"""How two values of a kind are compared: features made once a record, levels judged once a pair.

A comparer names its features (SQL over `{value}`, the field's text; `{also}`, the second field's;
or columns of a dictionary made in Python once a distinct value) and its levels from the strongest
agreement down, of which the first `agreeing` are no contradiction. Levels are SQL over the two sides: `{pinyin}` stands for the feature of both, as
`[l].` and `[r].`. Splink learns how much each level weighs; nothing is weighed here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import pyarrow as pa

from jingwei.registers.declaration import Comparison
from jingwei.registers.matching import address, organization, phonetics, titles

Dictionary = Callable[[Iterable[str]], pa.Table]


@dataclass(frozen=True)
class Level:
    """`when` is SQL with `{feature_l}` and `{feature_r}`; `frequency` names the feature whose rarity counts."""

    name: str
    when: str
    frequency: str | None = None


@dataclass(frozen=True)
class Comparer:
    """`value` and `also` features are SQL over those texts; `entry` and `also_entry` columns come from the
    dictionaries, `made` ones are SQL over those features. `missing` is true where nothing can be compared."""

    levels: tuple[Level, ...]
    value: dict[str, str] = field(default_factory=lambda: {"value": "{value}"})
    also: dict[str, str] = field(default_factory=dict)
    dictionary: Dictionary | None = None
    entry: tuple[str, ...] = ()
    also_dictionary: Dictionary | None = None
    also_entry: tuple[str, ...] = ()
    made: dict[str, str] = field(default_factory=dict)
    missing: str = "{value_l} IS NULL OR {value_r} IS NULL"
    needs_also: bool = False
    frequency: bool = False
    agreeing: int = 1

    @property
    def agreement(self) -> tuple[Level, ...]:
        """The levels that two statements about one entity may well stand at; below them they contradict."""
        return self.levels[: self.agreeing]

    @property
    def features(self) -> tuple[str, ...]:
        return (*self.value, *self.also, *self.entry, *self.also_entry, *self.made)


def _either(condition: str) -> str:
    """A condition written for left against right, tried both ways."""
    turned = condition.replace("_l}", "_x}").replace("_r}", "_l}").replace("_x}", "_r}")
    return f"(({condition}) OR ({turned}))"


EXACT = Comparer((Level("exact", "{value_l} = {value_r}", "value"),))

TEXT = Comparer(
    agreeing=4,
    value={"value": "lower({value})", "head": "left(lower({value}), 4)"},
    also={"other": "lower({also})"},
    levels=(
        Level("exact", "{value_l} = {value_r}", "value"),
        Level("swapped", "{value_l} = {other_r} OR {value_r} = {other_l}"),
        Level(
            "one-typo",
            "length({value_l}) > 3 AND length({value_r}) > 3 AND damerau_levenshtein({value_l}, {value_r}) <= 1",
        ),
        Level(
            "two-typos",
            "jaro_winkler_similarity({value_l}, {value_r}) >= 0.9 OR (length({value_l}) > 6"
            " AND length({value_r}) > 6 AND damerau_levenshtein({value_l}, {value_r}) <= 2)",
        ),
        Level("alike", "jaro_winkler_similarity({value_l}, {value_r}) >= 0.8"),
    ),
    frequency=True,
)

# DuckDB's levenshtein counts bytes, of which a Chinese character has three: characters are compared by place.
_ONE_CHARACTER = (
    "(length({value_l}) = 3 AND length({value_r}) = 3 AND CAST({value_l}[1] = {value_r}[1] AS INTEGER)"
    " + CAST({value_l}[2] = {value_r}[2] AS INTEGER) + CAST({value_l}[3] = {value_r}[3] AS INTEGER) = 2)"
    " OR (length({value_l}) > 3 AND length({value_r}) > 3 AND levenshtein({value_l}, {value_r})"
    " <= CASE WHEN strlen({value_l}) > length({value_l}) THEN 3 ELSE 1 END"
    " AND abs(length({value_l}) - length({value_r})) <= 1)"
)
_TURNED = (
    "length({value_l}) BETWEEN 2 AND 3 AND {value_l} = reverse({value_r})"
    " OR (length({value_l}) = 3 AND length({value_r}) = 3 AND {value_l}[1] = {value_r}[1]"
    " AND {value_l}[2] = {value_r}[3] AND {value_l}[3] = {value_r}[2])"
)

PERSON_NAME = Comparer(
    agreeing=6,
    dictionary=phonetics.dictionary,
    entry=("folded", "pinyin", "sound"),
    levels=(
        Level("exact", "{value_l} = {value_r}", "value"),
        Level("variant-characters", "{folded_l} = {folded_r}"),
        Level("homophone", "{pinyin_l} = {pinyin_r}"),
        Level("sounds-alike", "{sound_l} = {sound_r}"),
        Level("one-character", f"{_ONE_CHARACTER} OR {_TURNED}"),
        Level("contains", _either("length({value_l}) > 1 AND starts_with({value_r}, {value_l})")),
    ),
    frequency=True,
)


def _share(enough: float) -> str:
    """A share of characters in common; of words, where both names are in Latin letters, of which all share letters."""
    words = "len(list_intersect({words_l}, {words_r}))"
    both = f"({words} >= {enough} * (len({{words_l}}) + len({{words_r}}) - {words}))"
    return (
        "CASE WHEN {words_l} IS NULL OR {words_r} IS NULL THEN "
        f"jaccard({{core_l}}, {{core_r}}) >= {enough} ELSE {both} END"
    )


_WORDS_WITHIN = (
    "len({words_l}) > 1 AND len({words_r}) > 1 AND len(list_intersect({words_l}, {words_r}))"
    " = least(len({words_l}), len({words_r}))"
)

ORGANIZATION_NAME = Comparer(
    agreeing=5,
    dictionary=organization.dictionary,
    entry=("full", "core", "trade", "stem", "place", "words"),
    missing="{full_l} IS NULL OR {full_r} IS NULL",
    levels=(
        Level("same-name", "{full_l} = {full_r}"),
        Level("same-core", "{core_l} = {core_r} AND length({core_l}) > 2"),
        Level(
            "same-trade-name",
            "({trade_l} = {trade_r} AND length({trade_l}) > 1)"
            " OR (length({core_l}) > 2 AND length({core_r}) > 2 AND levenshtein({core_l}, {core_r}) <= 1)",
        ),
        Level(
            "within",
            _either("length({core_l}) > 2 AND contains({core_r}, {core_l})")
            + f" OR ({_WORDS_WITHIN}) OR jaro_winkler_similarity({{core_l}}, {{core_r}}) >= 0.88",
        ),
        Level("alike", f"{{stem_l}} = {{stem_r}} OR {_share(0.6)}"),
        Level("shares-words", _share(0.35)),
    ),
)

SHORT_NAME = Comparer(
    agreeing=3,
    dictionary=organization.short_dictionary,
    entry=("short", "like", "short_stem"),
    missing="{short_l} IS NULL OR {short_r} IS NULL",
    levels=(
        Level("same-name", "{short_l} = {short_r}"),
        Level("within", _either("length({short_l}) > 1 AND {short_r} LIKE {like_l}")),
        Level("alike", "{short_stem_l} = {short_stem_r} OR jaccard({short_l}, {short_r}) >= 0.6"),
    ),
)

NAME_ACROSS = Comparer(
    agreeing=4,
    dictionary=organization.dictionary,
    entry=("full", "core", "trade", "stem"),
    also_dictionary=organization.short_dictionary,
    also_entry=("short", "like", "short_stem"),
    made={"any_stem": "coalesce({short_stem}, {stem})", "any_core": "coalesce({short}, {core})"},
    missing="({full_l} IS NOT NULL AND {full_r} IS NOT NULL) OR ({short_l} IS NOT NULL AND {short_r} IS NOT NULL)"
    " OR {any_core_l} IS NULL OR {any_core_r} IS NULL",
    levels=(
        Level("short-is-core", _either("{short_l} = {core_r}")),
        Level("short-within-full", _either("length({short_l}) > 2 AND {full_r} LIKE {like_l}")),
        Level("same-stem", "{any_stem_l} = {any_stem_r}"),
        Level("shares-words", "jaccard({any_core_l}, {any_core_r}) >= 0.4"),
    ),
    needs_also=True,
)

_SHARED_MODEL = "len(list_intersect({models_l}, {models_r})) > 0"
_SHARED_WORDS = "len(list_intersect({words_l}, {words_r}))"
_ALL_WORDS = "(len({words_l}) + len({words_r}) - " + _SHARED_WORDS + ")"
_FEWER_WORDS = "least(len({words_l}), len({words_r}))"
_NO_MODEL = "{model_l} IS NULL OR {model_r} IS NULL"
_LIKE_MODEL = _either(
    "length({model_l}) > 4 AND (contains({model_r}, {model_l}) OR levenshtein({model_l}, {model_r}) <= 1)"
)

TITLE = Comparer(
    agreeing=4,
    dictionary=titles.dictionary,
    entry=("words", "models", "model", "second_model", "head"),
    missing="{words_l} IS NULL OR {words_r} IS NULL OR len({words_l}) = 0 OR len({words_r}) = 0",
    levels=(
        Level("same-words", f"{_SHARED_WORDS} = {_ALL_WORDS}"),
        Level("same-model-and-words", f"{_SHARED_MODEL} AND {_SHARED_WORDS} >= 0.5 * {_FEWER_WORDS}"),
        Level("same-model", _SHARED_MODEL),
        Level("model-alike", f"{_LIKE_MODEL} AND {_SHARED_WORDS} > 1"),
        Level(
            "most-words", f"({_NO_MODEL}) AND {_SHARED_WORDS} >= 0.6 * {_FEWER_WORDS} AND {_SHARED_WORDS} > 2"
        ),
        Level(
            "half-the-words",
            f"({_NO_MODEL}) AND {_SHARED_WORDS} >= 0.5 * {_FEWER_WORDS} AND {_SHARED_WORDS} > 1",
        ),
        Level("other-model", f"{_SHARED_WORDS} >= 0.6 * {_FEWER_WORDS} AND {_SHARED_WORDS} > 2"),
    ),
)

DATE = Comparer(
    agreeing=3,
    value={
        "value": "strftime(TRY_CAST({value} AS DATE), '%Y%m%d')",
        "year": "strftime(TRY_CAST({value} AS DATE), '%Y')",
    },
    levels=(
        Level("exact", "{value_l} = {value_r}"),
        Level(
            "day-month-swapped",
            "left({value_l}, 4) = left({value_r}, 4) AND {value_l}[5:6] = {value_r}[7:8]"
            " AND {value_l}[7:8] = {value_r}[5:6]",
        ),
        Level("one-typo", "damerau_levenshtein({value_l}, {value_r}) <= 1"),
        Level("two-parts", "left({value_l}, 6) = left({value_r}, 6) OR {value_l}[5:8] = {value_r}[5:8]"),
        Level("same-year", "left({value_l}, 4) = left({value_r}, 4)"),
    ),
)

PHONE = Comparer(
    agreeing=3,
    value={
        "value": "nullif(regexp_replace(regexp_replace({value}, '[^0-9]', '', 'g'), '^(?:00)?86(1[0-9]{10})$', '\\1'), '')"
    },
    levels=(
        Level("exact", "{value_l} = {value_r}"),
        Level(
            "without-area-code",
            "length({value_l}) <> length({value_r}) AND least(length({value_l}), length({value_r})) BETWEEN 7 AND 8"
            " AND right({value_l}, least(length({value_l}), length({value_r})))"
            " = right({value_r}, least(length({value_l}), length({value_r})))",
        ),
        Level("one-typo", "damerau_levenshtein({value_l}, {value_r}) <= 1"),
    ),
)

ADDRESS = Comparer(
    agreeing=4,
    value={
        "value": address.plain("{value}"),
        "numbers": address.numbers("{value}"),
        "road": address.road("{value}"),
        "building": address.building("{value}"),
    },
    also={
        "other": address.plain("{also}"),
        "other_numbers": address.numbers("{also}"),
        "other_road": address.road("{also}"),
        "other_building": address.building("{also}"),
    },
    made={
        "any": "coalesce({value}, {other})",
        "any_numbers": "coalesce({numbers}, {other_numbers})",
        "any_road": "coalesce({road}, {other_road})",
        "any_building": "coalesce({building}, {other_building})",
    },
    missing="{any_l} IS NULL OR {any_r} IS NULL",
    levels=(
        Level("exact", "{any_l} = {any_r}"),
        Level("same-door", "{any_numbers_l} = {any_numbers_r} AND {any_road_l} = {any_road_r}"),
        Level("same-numbers", "{any_numbers_l} = {any_numbers_r} AND length({any_numbers_l}) > 3"),
        Level("same-building", "{any_building_l} = {any_building_r}"),
        Level("same-road", "{any_road_l} = {any_road_r}"),
        Level("alike", "jaccard({any_l}, {any_r}) >= 0.8"),
    ),
)

PLACE = Comparer(
    value={
        "value": r"regexp_replace({value}, '(壮族|回族|维吾尔)?(自治区|特别行政区)$|省$|市$|古(自治区)?$', '')"
    },
    also={"inner": "regexp_replace({also}, '市$|地区$|盟$', '')"},
    levels=(
        Level("exact", "{value_l} = {value_r} OR {inner_l} = {inner_r}"),
        Level("within", "{value_l} = {inner_r} OR {inner_l} = {value_r}"),
    ),
)

MENTION = Comparer(
    value={"value": "{value}"},
    also={"text": "{also}"},
    missing="NOT (({value_l} IS NOT NULL AND {text_r} IS NOT NULL) OR ({value_r} IS NOT NULL AND {text_l} IS NOT NULL))",
    levels=(Level("mentioned", _either("length({value_l}) > 2 AND contains({text_r}, {value_l})")),),
    needs_also=True,
)

COMPARERS: dict[str, Comparer] = {
    "exact": EXACT,
    "text": TEXT,
    "person_name": PERSON_NAME,
    "organization_name": ORGANIZATION_NAME,
    "short_name": SHORT_NAME,
    "name_across": NAME_ACROSS,
    "date": DATE,
    "phone": PHONE,
    "address": ADDRESS,
    "place": PLACE,
    "mention": MENTION,
    "title": TITLE,
}


def features_of(comparison: Comparison) -> tuple[str, ...]:
    return COMPARERS[comparison.kind].features
