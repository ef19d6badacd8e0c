"""The Open Data Contract Standard itself: its JSON schema, and what a file does wrong against it, in words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import open_data_contract_standard as odcs

from jingwei.kernel.text import Text
from jingwei.packs.declarations import nearest

UNTYPED = Text("缺少 logicalType", "logicalType is missing")
Place = tuple[Any, ...]


def faults(value: dict[str, Any]) -> Iterator[tuple[Place, Text, str]]:
    """Everything a contract does wrong against the standard: place, words, code."""
    untyped = list(_untyped(value))
    for at in untyped:
        yield at, UNTYPED, "missing-key"
    seen = set()
    for error in _deepest(value):
        at = tuple(error.absolute_path)
        # Without a logicalType every branch of the standard's schema applies at once: one message is enough.
        if at[:4] in untyped:
            continue
        found = (at, _said(error), "odcs")
        if found not in seen:
            seen.add(found)
            yield found


@cache
def _gate() -> Any:
    """The same schema in a validator a hundred times as fast; it only says yes or no."""
    return jsonschema_rs.validator_for(_schema().schema)


@cache
def _schema() -> jsonschema.Draft201909Validator:
    text = (Path(odcs.__file__).parent / "schema.json").read_text(encoding="utf-8")
    return jsonschema.Draft201909Validator(json.loads(text))


def _untyped(value: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Places of fields that do not say their type."""
    for table_index, table in enumerate(value.get("schema") or []):
        properties = table.get("properties") if isinstance(table, dict) else None
        for index, entry in enumerate(properties or []):
            if isinstance(entry, dict) and "logicalType" not in entry:
                yield ("schema", table_index, "properties", index)


def _deepest(value: Any) -> Iterator[jsonschema.ValidationError]:
    """The standard nests alternatives; the faults worth telling are the innermost ones."""
    if _gate().is_valid(value):
        return
    for error in sorted(_schema().iter_errors(value), key=lambda e: [str(p) for p in e.absolute_path]):
        leaves = list(error.context or [])
        yield jsonschema.exceptions.best_match([error]) if leaves else error


def _said(error: jsonschema.ValidationError) -> Text:
    where = ".".join(str(step) for step in error.absolute_path) or "(file)"
    if error.validator in ("additionalProperties", "unevaluatedProperties"):
        unknown = re.findall(r"'([^']+)'", error.message)
        known = list((error.schema.get("properties") or {}).keys()) if isinstance(error.schema, dict) else []
        names = [f"{key}" for key in unknown]
        near = nearest(names[0], known or _odcs_names()) if names else None
        hint_zh, hint_en = (f"，是不是 {near}？", f"; did you mean {near}?") if near else ("", "")
        listed = ", ".join(names)
        return Text(
            f"{where} 里有标准不认识的键 {listed}{hint_zh}",
            f"{where} has a key unknown to the standard: {listed}{hint_en}",
        )
    return Text(
        f"{where} 不合 ODCS：{error.message[:200]}", f"{where} does not follow ODCS: {error.message[:200]}"
    )


@cache
def _odcs_names() -> tuple[str, ...]:
    """Every property name of the standard, to find the nearest one to a misspelt key."""
    names: set[str] = set()

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            names.update(node.get("properties", {}) if isinstance(node.get("properties"), dict) else {})
            for child in node.values():
                walk(child)
        elif isinstance(node, list):
            for child in node:
                walk(child)

    walk(_schema().schema)
    return tuple(sorted(names))
