"""What may be typed to find an entity: the search keys of golden records, and the reading of what was typed.

    golden fields ──SQL──▶ (kind, key, rank, entity_id)        typed text ──▶ (kind, key) to look for

Both sides pass through the same folding (half width, upper case, no signs), so what is typed as it
is written is found. `rank` puts the best attested of several namesakes first. A name of three
characters and more also leaves its variants, each with one character open (张_民), once a name and
not once an entity: they lead from a misspelt name to the names there are.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from jingwei.catalog.sql import identifier as quoted
from jingwei.catalog.sql import quoted as literal
from jingwei.registers.declaration import Search
from jingwei.registers.matching import organization, phonetics

VERSION = "4"
IDENTIFIER, NAME, SHORT, PINYIN, INITIALS, PHONE, ADDRESS = "i", "n", "s", "y", "a", "p", "r"
VARIANT = "v"
SPOKEN = (NAME, SHORT, PINYIN, INITIALS)
MATCHED = {
    IDENTIFIER: "identifier",
    NAME: "name",
    SHORT: "short-name",
    PINYIN: "pinyin",
    INITIALS: "initials",
    PHONE: "phone",
    ADDRESS: "address",
}
LONGEST = 120
SIGNS = re.compile(r"[\s+·•・'’\-_.,，。()（）\[\]【】“”\"]+")
LEAST_DIGITS, LEAST_IDENTIFIER, LEAST_LETTERS = 3, 6, 2
OLD_IDENTIFIER = 15
LATEST_START = 8
LEAST_VARIED, MOST_VARIED = 3, 6
OPEN, AFTER = "_", "|"
"""The open place in a variant, and what stands between it and the name; neither survives folding."""
NAMES_AT_ONCE = 100_000

DIVISIONS = r"^(?:[\x{4e00}-\x{9fff}]{1,10}?(?:特别行政区|自治[区州县]|省|市|区|县|旗|街道|镇|乡|社区|居委会|村委会))+"
NUMBERED = r"(\d)(?:号楼|单元|号院|[号弄幢栋座楼室层院#-])+"


def fold(text: str) -> str:
    """Half width, upper case, no spaces or signs."""
    return SIGNS.sub("", unicodedata.normalize("NFKC", text)).upper()[:LONGEST]


def address(text: str) -> str:
    """An address from its road on, house, building and room as 8-2-301-: departments write the rest in many ways."""
    half = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).upper()
    half = re.sub(NUMBERED, r"\1-", half)
    from_road = re.sub(DIVISIONS.replace(r"\x{4e00}", "\u4e00").replace(r"\x{9fff}", "\u9fff"), "", half)
    return (from_road if len(from_road) > 1 else half)[:LONGEST]


def address_sql(value: str) -> str:
    """`address` in SQL. Elements have made the text half width already."""
    half = (
        f"regexp_replace(upper(regexp_replace({value}, '\\s+', '', 'g')), {literal(NUMBERED)}, '\\1-', 'g')"
    )
    from_road = f"regexp_replace({half}, {literal(DIVISIONS)}, '')"
    return f"left(CASE WHEN length({from_road}) > 1 THEN {from_road} ELSE {half} END, {LONGEST})"


def variants(name: str) -> list[str]:
    """A folded name with one character open, each character in turn; none for names too short or too long."""
    if not LEAST_VARIED <= len(name) <= MOST_VARIED:
        return []
    return [name[:at] + OPEN + name[at + 1 :] for at in range(len(name))]


def varied(key: str) -> str:
    """The name that a variant's key leads to."""
    return key.partition(AFTER)[2]


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
    if not plain and len(where := address(text)) >= LEAST_DIGITS:
        found.append(Wanted(ADDRESS, where))
    return found


def _entry(name: str, is_organization: bool) -> set[tuple[str, str]]:
    """(kind, key) of one distinct name."""
    whole = fold(name)
    if not whole:
        return set()
    spoken = [name]
    found = {(NAME, whole)}
    if not is_organization:
        found |= {(VARIANT, open_name + AFTER + whole) for open_name in variants(whole)}
    else:
        parsed = organization.parse(name)
        # The trade name may start anywhere in the first characters: no list knows every place before it.
        later = [whole[start:] for start in range(1, min(LATEST_START, len(whole) - 1))]
        found |= {(SHORT, text) for text in (fold(parsed.core), fold(organization.short(name)), *later)}
        spoken = [name, parsed.core, whole[2:], whole[3:]]
    for text in spoken:
        said = phonetics.syllables(text)
        sound = "".join(said)
        if "v" in sound or text[:1] in phonetics.SURNAMES or text[:2] in phonetics.COMPOUND_SURNAMES:
            found |= {(PINYIN, reading[:LONGEST]) for reading in phonetics.readings(text)}
        else:
            found.add((PINYIN, sound[:LONGEST]))
        initials = "".join(s[0] for s in said)
        if len(initials) > 1:
            found.add((INITIALS, initials[:LONGEST]))
    return {
        (kind, key) for kind, key in found if key and not (kind == SHORT and (len(key) < 2 or key == whole))
    }


def make_dictionary(con: duckdb.DuckDBPyConnection, table: str, names: str, *, is_organization: bool) -> None:
    """Table (value, kind, key) for the distinct names that the query `names` gives; the one step in Python."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE {table} (value VARCHAR, kind VARCHAR, key VARCHAR)")
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE spoken_names AS SELECT DISTINCT value FROM ({names}) WHERE value IS NOT NULL"
    )
    row = con.execute("SELECT count(*) FROM spoken_names").fetchone()
    for start in range(0, row[0] if row else 0, NAMES_AT_ONCE):
        some = con.execute(
            "SELECT value FROM spoken_names WHERE rowid >= ? AND rowid < ?", [start, start + NAMES_AT_ONCE]
        ).fetchall()
        values, kinds, keys = [], [], []
        for (name,) in some:
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
    con.execute("DROP TABLE spoken_names")


def fields_of(search: Search) -> list[str]:
    return list(dict.fromkeys(name for kind in type(search).model_fields for name in getattr(search, kind)))


def selects(con: duckdb.DuckDBPyConnection, search: Search, golden: str) -> dict[str, str]:
    """Kind → query of its keys (key, rank, entity_id) for `golden`: entity_id, _records, and VARCHAR[] columns
    of the search fields. One kind at a time is what a register of millions can sort in bounded memory. A key may
    come twice, where two fields of an entity say the same."""

    def unnested(field: str) -> str:
        return f"SELECT entity_id, _records, unnest({quoted(field)}) AS value FROM {golden}"

    found: dict[str, list[str]] = {kind: [] for kind in [*MATCHED, VARIANT]}
    for field in search.identifier:
        found[IDENTIFIER].append(f"SELECT upper(value) AS key, _records, entity_id FROM ({unnested(field)})")
    for field in search.phone:
        digits = "regexp_replace(value, '[^0-9]', '', 'g')"
        found[PHONE].append(
            f"SELECT nullif({digits}, '') AS key, _records, entity_id FROM ({unnested(field)})"
        )
    for field in search.address:
        found[ADDRESS].append(
            f"SELECT nullif({address_sql('value')}, '') AS key, _records, entity_id FROM ({unnested(field)})"
        )
    for fields, is_organization in ((search.person_name, False), (search.organization_name, True)):
        if not fields:
            continue
        names = " UNION ALL ".join(f"SELECT value FROM ({unnested(field)})" for field in fields)
        dictionary = f"spoken_{'organization' if is_organization else 'person'}"
        make_dictionary(con, dictionary, names, is_organization=is_organization)
        for kind in SPOKEN:
            found[kind] += [
                f"SELECT d.key, v._records, v.entity_id FROM ({unnested(field)}) v JOIN {dictionary} d ON d.value = v.value AND d.kind = '{kind}'"
                for field in fields
            ]
        found[VARIANT].append(
            f"SELECT key, 255 AS _records, '' AS entity_id FROM {dictionary} WHERE kind = '{VARIANT}'"
        )
    # In the order of the index: a kind that is put in after a later one would split its pages.
    return {
        kind: "SELECT CAST(key AS VARCHAR) AS key, CAST(255 - least(_records, 255) AS SMALLINT) AS rank, "
        f"CAST(entity_id AS VARCHAR) AS entity_id FROM ({' UNION ALL '.join(queries)}) WHERE key IS NOT NULL"
        for kind, queries in sorted(found.items())
        if queries
    }
