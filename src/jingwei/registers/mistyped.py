"""What somebody may have meant who typed it nearly right: the second pass of a search, bounded in what it reads.

    名 with one character wrong, missing, extra, swapped ─variants (张_民)─▶ names there are ─▶ entities
    a name heard and written with other characters ──────pinyin──────────▶ entities
    pinyin with a letter or a syllable wrong ───all that can be said──────▶ entities
    a number with a digit wrong, missing, extra, swapped ─all of them─────▶ entities
    a company with a character wrong ─what stands before or after it──────▶ names compared

Every step is a fixed number of walks along the index with a limit each, whatever the register holds.
It is asked only where what was typed answers to nobody.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jingwei.registers import keys
from jingwei.registers.declaration import Search
from jingwei.registers.matching import phonetics

BEYOND = "\U0010ffff"
NAMES_EXAMINED, NEIGHBOURS_EXAMINED, LEAST_COMPANY, LEAST_PIECE = 400, 100, 5, 4
LEAST_SPELT, MOST_SPELT, LEAST_NUMBER, MOST_NUMBER = 4, 40, 8, 20
LETTERS, DIGITS = "abcdefghijklmnopqrstuvwxyz", "0123456789"
CREDIT_LETTERS = "ABCDEFGHJKLMNPQRTUWXY"
"""GB 32100 leaves out I, O, S, V and Z, which are taken for digits."""


@cache
def _syllables() -> tuple[str, ...]:
    lines = (Path(__file__).parent / "syllables.txt").read_text(encoding="utf-8").splitlines()
    return tuple(word for line in lines if not line.startswith("#") for word in line.split())


@cache
def _spoken() -> re.Pattern[str]:
    return re.compile("(?:" + "|".join(sorted(_syllables(), key=len, reverse=True)) + ")+")


def edits(text: str, alphabet: str) -> Iterator[str]:
    """Every text one slip away: neighbours swapped, one character wrong, missing or extra; likeliest first."""
    seen = {text}

    def fresh(found: str) -> Iterator[str]:
        if found not in seen:
            seen.add(found)
            yield found

    for at in range(len(text) - 1):
        yield from fresh(text[:at] + text[at + 1] + text[at] + text[at + 2 :])
    for at in range(len(text)):
        for other in alphabet:
            yield from fresh(text[:at] + other + text[at + 1 :])
    for at in range(len(text)):
        yield from fresh(text[:at] + text[at + 1 :])
    for at in range(len(text) + 1):
        for other in alphabet:
            yield from fresh(text[:at] + other + text[at:])


def is_near(typed: str, name: str) -> bool:
    """Whether a name, or its beginning, is one slip away from what was typed."""
    start = 0
    while start < min(len(typed), len(name)) and typed[start] == name[start]:
        start += 1
    rest, other = typed[start:], name[start:]
    return (
        other.startswith(rest[1:])
        or other[1:].startswith(rest[1:])
        or other[1:].startswith(rest)
        or (len(rest) > 1 and other.startswith(rest[1] + rest[0] + rest[2:]))
    )


class Walks:
    """Bounded walks along the index of one register's keys."""

    def __init__(self, cursor: Any, register: str) -> None:
        self._cursor = cursor
        self._register = register

    def exact(self, kind: str, wanted: Iterable[str], limit: int) -> list[str]:
        """Entities with any of these keys."""
        several = list(wanted)
        if not several:
            return []
        marks = ", ".join(["%s"] * len(several))
        self._cursor.execute(
            "SELECT entity_id FROM registers_searchkey WHERE register = %s AND kind = %s "
            f"AND key IN ({marks}) ORDER BY key, rank, entity_id LIMIT %s",
            [self._register, kind, *several, limit],
        )
        return [entity_id for (entity_id,) in self._cursor.fetchall()]

    def beginning(self, kind: str, key: str, limit: int) -> list[tuple[str, str]]:
        """(key, entity) of the keys that begin so."""
        self._cursor.execute(
            "SELECT key, entity_id FROM registers_searchkey WHERE register = %s AND kind = %s AND key >= %s AND key < %s "
            "ORDER BY register, kind, key, rank, entity_id LIMIT %s",
            [self._register, kind, key, key + BEYOND, limit],
        )
        return [(found, entity) for found, entity in self._cursor.fetchall()]

    def names(self, entities: Sequence[str]) -> dict[str, str]:
        """Entity → the name on its card, folded."""
        if not entities:
            return {}
        marks = ", ".join(["%s"] * len(entities))
        self._cursor.execute(
            f"SELECT entity_id, line FROM registers_entity WHERE register = %s AND entity_id IN ({marks})",
            [self._register, *entities],
        )
        return {entity: keys.fold(json.loads(line)[0] or "") for entity, line in self._cursor.fetchall()}


def nearly(walks: Walks, search: Search, text: str, limit: int) -> Iterator[tuple[str, str]]:
    """(kind, entity) of whom may have been meant, likeliest first; may name an entity twice."""
    typed = keys.fold(text)
    if not typed.isascii():
        if search.person_name:
            yield from ((keys.NAME, one) for one in _person(walks, typed, limit))
        if search.organization_name and len(typed) >= LEAST_COMPANY:
            yield from ((keys.NAME, one) for one in _company(walks, typed, limit))
        if search.person_name or search.organization_name:
            sounds = [sound for sound in phonetics.readings(typed) if len(typed) > 1]
            yield from ((keys.PINYIN, one) for one in walks.exact(keys.PINYIN, sounds, limit))
    elif typed.isalpha() and LEAST_SPELT <= len(typed) <= MOST_SPELT:
        yield from ((keys.PINYIN, one) for one in _spelt(walks, typed.lower(), limit))
    elif typed.isalnum() and LEAST_NUMBER <= len(typed) <= MOST_NUMBER:
        letters = "" if typed.isdigit() else CREDIT_LETTERS
        near = list(edits(typed, DIGITS + (letters or "X")))
        if search.identifier:
            yield from ((keys.IDENTIFIER, one) for one in walks.exact(keys.IDENTIFIER, near, limit))
        if search.phone and typed.isdigit():
            phones = [number for number in near if number.isdigit()]
            yield from ((keys.PHONE, one) for one in walks.exact(keys.PHONE, phones, limit))


def _person(walks: Walks, typed: str, limit: int) -> Iterator[str]:
    """One character wrong, one missing, one extra, or two swapped; those that sound as typed come first."""
    swapped = [typed[:at] + typed[at + 1] + typed[at] + typed[at + 2 :] for at in range(len(typed) - 1)]
    shorter = [typed[:at] + typed[at + 1 :] for at in range(len(typed))] if len(typed) > 3 else []
    opened = keys.variants(typed)
    if len(typed) < keys.MOST_VARIED:
        opened += [typed[:at] + keys.OPEN + typed[at:] for at in range(len(typed) + 1)]
    names = {
        keys.varied(key): None
        for one in opened
        for key, _ in walks.beginning(keys.VARIANT, one + keys.AFTER, NAMES_EXAMINED)
    }
    heard = phonetics.syllables(typed)
    alike = list(map(phonetics.fold, heard))

    def distance(name: str) -> tuple[int, int, str]:
        said = phonetics.syllables(name)
        return abs(len(name) - len(typed)), (said != heard) + (list(map(phonetics.fold, said)) != alike), name

    for name in [*swapped, *sorted(names, key=distance)[:limit], *shorter]:
        yield from walks.exact(keys.NAME, [name], limit)


def _company(walks: Walks, typed: str, limit: int) -> list[str]:
    """The slip divides a name: what stands before it is looked up as a beginning, or what stands after it as
    the later part of a name, and what is found is compared with all that was typed."""
    found: dict[str, None] = {}
    for end in range(len(typed) - 1, 1, -1):
        for kind in (keys.NAME, keys.SHORT):
            for key, entity in walks.beginning(kind, typed[:end], NEIGHBOURS_EXAMINED):
                if is_near(typed, key):
                    found.setdefault(entity)
        if found:
            return list(found)[:limit]
    for start in range(1, min(keys.LATEST_START, len(typed) - LEAST_PIECE)):
        near = [entity for _, entity in walks.beginning(keys.SHORT, typed[start:], NEIGHBOURS_EXAMINED)]
        for entity, name in walks.names(near).items():
            if is_near(typed, name):
                found.setdefault(entity)
    return list(found)[:limit]


def _spelt(walks: Walks, typed: str, limit: int) -> list[str]:
    """One letter wrong, then one syllable; only what can be said is looked for."""
    letters = [one for one in edits(typed, LETTERS) if _spoken().fullmatch(one)]
    found = walks.exact(keys.PINYIN, letters, limit)
    if found or not _spoken().fullmatch(typed):
        return found
    parts = re.findall(_spoken().pattern.removesuffix("+"), typed)
    if not 2 <= len(parts) <= 5 or "".join(parts) != typed:
        return []
    others = {
        "".join([*parts[:at], other, *parts[at + 1 :]]) for at in range(len(parts)) for other in _syllables()
    }
    return walks.exact(keys.PINYIN, sorted(others), limit)
