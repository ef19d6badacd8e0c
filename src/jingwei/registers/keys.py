"""What may be typed to find an entity: the search keys of golden records, and the reading of what was typed.

    golden fields ──SQL──▶ (kind, key, rank, entity_id)        typed text ──▶ (kind, key) to look for

Both sides pass through the same folding (half width, upper case, no signs), so what is typed as it
is written is found. `rank` puts the best attested of several namesakes first.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from jingwei.catalog.sql import identifier as quoted
from jingwei.registers.declaration import Search
from jingwei.registers.matching import organization, phonetics

VERSION = "3"
IDENTIFIER, NAME, SHORT, PINYIN, INITIALS, PHONE = "i", "n", "s", "y", "a", "p"
MATCHED = {
    IDENTIFIER: "identifier",
    NAME: "name",
    SHORT: "short-name",
    PINYIN: "pinyin",
    INITIALS: "initials",
    PHONE: "phone",
}
LONGEST = 120
SIGNS = re.compile(r"[\s+·•・'’\-_.,，。()（）\[\]【】“”\"]+")
LEAST_DIGITS, LEAST_IDENTIFIER, LEAST_LETTERS = 3, 6, 2
OLD_IDENTIFIER = 15
LATEST_START = 8


def fold(text: str) -> str:
    """Half width, upper case, no spaces or signs."""
    return SIGNS.sub("", unicodedata.normalize("NFKC", text)).upper()[:LONGEST]


@dataclass(frozen=True)
class Wanted:
    """One way to read what was typed."""

    kind: str
    key: str


def wanted(text: str) -> list[Wanted]:
    """The readings of typed text, likeliest first; none where it is too short to mean anything."""
    typed = fold(text)
    if not typed:
        return []
    found: list[Wanted] = []
    plain = typed.isascii()
    digits = sum(c.isdigit() for c in typed)
    if plain and digits and typed.isalnum():
        if len(typed) >= LEAST_IDENTIFIER:
            found.append(Wanted(IDENTIFIER, typed))
        phone = typed.removeprefix("86") if len(typed) == 13 else typed
        if phone.isdigit() and len(phone) >= LEAST_DIGITS:
            found.append(Wanted(PHONE, phone))
    if not plain or not typed.isdigit():
        found += [Wanted(NAME, typed), Wanted(SHORT, typed)]
    if plain and not digits and len(typed) >= LEAST_LETTERS:
        found += [Wanted(PINYIN, typed.lower()), Wanted(INITIALS, typed.lower())]
    return found


def _entry(name: str, is_organization: bool) -> set[tuple[str, str]]:
    """(kind, key) of one distinct name."""
    whole = fold(name)
    if not whole:
        return set()
    spoken = [name]
    found = {(NAME, whole)}
    if is_organization:
        parsed = organization.parse(name)
        # The trade name may start anywhere in the first characters: no list knows every place before it.
        later = [whole[start:] for start in range(1, min(LATEST_START, len(whole) - 1))]
        found |= {(SHORT, text) for text in (fold(parsed.core), fold(organization.short(name)), *later)}
        spoken = [name, parsed.core, whole[2:], whole[3:]]
    for text in spoken:
        found |= {(PINYIN, reading[:LONGEST]) for reading in phonetics.readings(text)}
        initials = "".join(s[0] for s in phonetics.syllables(text))
        if len(initials) > 1:
            found.add((INITIALS, initials[:LONGEST]))
    return {
        (kind, key) for kind, key in found if key and not (kind == SHORT and (len(key) < 2 or key == whole))
    }


def make_dictionary(con: duckdb.DuckDBPyConnection, table: str, names: str, *, is_organization: bool) -> None:
    """Table (value, kind, key) for the distinct names that the query `names` gives; the one step in Python."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE {table} (value VARCHAR, kind VARCHAR, key VARCHAR)")
    cursor = con.execute(f"SELECT DISTINCT value FROM ({names}) WHERE value IS NOT NULL")
    distinct = [row[0] for row in cursor.fetchall()]
    size = 100_000
    for start in range(0, len(distinct), size):
        values, kinds, keys = [], [], []
        for name in distinct[start : start + size]:
            for kind, key in sorted(_entry(name, is_organization)):
                values.append(name)
                kinds.append(kind)
                keys.append(key)
        text = pa.string()
        entries = pa.table(
            {"value": pa.array(values, text), "kind": pa.array(kinds, text), "key": pa.array(keys, text)}
        )
        con.register("dictionary_entries", entries)
        con.execute(f"INSERT INTO {table} FROM dictionary_entries")
        con.unregister("dictionary_entries")


def fields_of(search: Search) -> list[str]:
    return list(dict.fromkeys(name for kind in type(search).model_fields for name in getattr(search, kind)))


def make_keys(con: duckdb.DuckDBPyConnection, search: Search, golden: str, table: str) -> None:
    """Table (kind, key, rank, entity_id) for `golden`: entity_id, _records, and VARCHAR[] columns of the search fields."""

    def unnested(field: str) -> str:
        return f"SELECT entity_id, _records, unnest({quoted(field)}) AS value FROM {golden}"

    selects = []
    for field in search.identifier:
        selects.append(f"SELECT '{IDENTIFIER}', upper(value), _records, entity_id FROM ({unnested(field)})")
    for field in search.phone:
        digits = "regexp_replace(value, '[^0-9]', '', 'g')"
        selects.append(
            f"SELECT '{PHONE}', {digits}, _records, entity_id FROM ({unnested(field)}) WHERE {digits} <> ''"
        )
    for fields, is_organization in ((search.person_name, False), (search.organization_name, True)):
        if not fields:
            continue
        names = " UNION ALL ".join(f"SELECT value FROM ({unnested(field)})" for field in fields)
        dictionary = f"spoken_{'organization' if is_organization else 'person'}"
        make_dictionary(con, dictionary, names, is_organization=is_organization)
        selects += [
            f"SELECT d.kind, d.key, v._records, v.entity_id FROM ({unnested(field)}) v JOIN {dictionary} d ON d.value = v.value"
            for field in fields
        ]
    body = " UNION ALL ".join(selects) if selects else "SELECT NULL, NULL, NULL, NULL WHERE FALSE"
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE {table} AS
        SELECT DISTINCT CAST(kind AS VARCHAR) AS kind, CAST(key AS VARCHAR) AS key,
               CAST(255 - least(_records, 255) AS SMALLINT) AS rank, CAST(entity_id AS VARCHAR) AS entity_id
        FROM ({body}) AS keys(kind, key, _records, entity_id) WHERE key IS NOT NULL
        """
    )
