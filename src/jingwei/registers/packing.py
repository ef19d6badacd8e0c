"""How a golden record lies in the serving copy: compact JSON, made by SQL and read back here.

golden row ─packed_sql─▶ {"field": [value, source number, day, differs], "_records": n} ─unpack─▶ fields
           ─line_sql──▶ ["name", "identifier", facts...]: all that a candidate under the search box needs
           ─digest_sql▶ a number that changes with the row, or with the way it is packed
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from jingwei.catalog.sql import identifier as quoted
from jingwei.catalog.sql import quoted as literal
from jingwei.registers import keys
from jingwei.registers.sources import Declared

EPOCH = date(1970, 1, 1)
RECORDS = "_records"


def version(declared: Declared) -> str:
    """Names how keys are made and records packed; another version means making all of them anew."""
    search = declared.register.search.model_dump_json() + declared.register.card.model_dump_json()
    fields = [f.name for f in declared.register.fields]
    text = "|".join([keys.VERSION, search, *fields, "#", *declared.resources])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def digest_sql(declared: Declared, alias: str = "g") -> str:
    """SQL of a row's digest. Columns are named, so that their order in the table does not matter."""
    columns = [f"{alias}.{quoted(f.name)}" for f in declared.register.fields]
    origins = [f"{alias}._from.{quoted(f.name)}" for f in declared.register.fields]
    row = ", ".join([*columns, f"{alias}.{RECORDS}", *origins, literal(version(declared))])
    return f"CAST(hash({row}) >> 1 AS BIGINT)"


def packed_sql(declared: Declared, alias: str = "g") -> str:
    """SQL of the compact JSON; empty fields are left out."""
    resources = "[" + ", ".join(literal(name) for name in declared.resources) + "]"
    pieces = []
    for field in declared.register.fields:
        name = quoted(field.name)
        value, origin = f"{alias}.{name}", f"{alias}._from.{name}"
        pieces.append(
            f"CASE WHEN {value} IS NULL THEN NULL ELSE {literal(json.dumps(field.name) + ':[')} || {_json(value, declared.element(field.name).type, several=field.multiple)} || ',' "
            f"|| (list_position({resources}, {origin}.source) - 1) || ',' "
            f"|| coalesce(CAST(date_diff('day', DATE '1970-01-01', {origin}.as_of) AS VARCHAR), 'null') || ',' "
            f"|| CASE WHEN {origin}.differs THEN '1' ELSE '0' END || ']' END"
        )
    return f"'{{' || concat_ws(',', {', '.join(pieces)}, '\"{RECORDS}\":' || {alias}.{RECORDS}) || '}}'"


def line_fields(declared: Declared) -> list[str]:
    """The fields of a candidate's line, in the order `line` holds them: name, identifier, facts."""
    card = declared.register.card
    return [card.name, *([card.identifier] if card.identifier else []), *(fact.field for fact in card.facts)]


def line_sql(declared: Declared, alias: str = "g") -> str:
    """SQL of the JSON list of the card's values as text."""
    texts = []
    for name in line_fields(declared):
        value = f"{alias}.{quoted(name)}"
        several = declared.register.field(name).multiple
        texts.append(f"array_to_string({value}, '、')" if several else f"CAST({value} AS VARCHAR)")
    return f"CAST(to_json([{', '.join(texts)}]) AS VARCHAR)"


def _json(value: str, kind: str, *, several: bool) -> str:
    """SQL of a value as JSON; text that needs no escaping, nearly all of it, is only put in quotes."""
    if kind == "date" and not several:
        return f"'\"' || {value} || '\"'"
    if kind == "string" and not several:
        unsafe = f"regexp_matches({value}, '[\\x00-\\x1f\"\\\\]')"
        return f"CASE WHEN {unsafe} THEN CAST(to_json({value}) AS VARCHAR) ELSE '\"' || {value} || '\"' END"
    return f"to_json({value})"


def search_columns(declared: Declared, packed: str = "") -> str:
    """entity_id, _records and the search fields as lists of text: of a golden table's columns, or of the
    compact JSON in the column `packed`."""
    columns = []
    for name in keys.fields_of(declared.register.search):
        multiple = declared.register.field(name).multiple
        if packed and multiple:
            listed = f"CAST(json_extract({packed}, '$.\"{name}\"[0]') AS VARCHAR[])"
        elif packed:
            listed = f"[json_extract_string({packed}, '$.\"{name}\"[0]')]"
        elif multiple:
            listed = f"CAST({quoted(name)} AS VARCHAR[])"
        else:
            listed = f"[CAST({quoted(name)} AS VARCHAR)]"
        columns.append(f"{listed} AS {quoted(name)}")
    counted = f"CAST(json_extract({packed}, '$.{RECORDS}') AS INTEGER) AS {RECORDS}" if packed else RECORDS
    return ", ".join(["entity_id", counted, *columns])


@dataclass(frozen=True)
class Unpacked:
    """One field of a packed record."""

    value: Any
    source: str
    as_of: date | None
    differs: bool


def unpack(golden: str, sources: Sequence[str]) -> dict[str, Unpacked]:
    found = {}
    for name, entry in json.loads(golden).items():
        if name == RECORDS:
            continue
        value, source, day, differs = entry
        as_of = None if day is None else EPOCH + timedelta(days=day)
        found[name] = Unpacked(value, sources[source], as_of, bool(differs))
    return found
