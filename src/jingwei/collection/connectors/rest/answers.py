"""From the bytes of an answer to its records, as text that keeps every literal.

    bytes ──decoded──▶ text ──parse──▶ envelope ──at(path)──▶ records ──flat──▶ one line of JSON each

Numbers keep the digits they came with (an 18-digit one too, 1.10 as well), nested objects become `a.b`, lists
stay JSON. A record that has a key twice keeps it twice, so that the reader of the lines can say so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

RECORD_NAMES = (
    "records", "data", "rows", "items", "list", "results", "result", "content", "entries", "values", "payload",
)  # fmt: skip
"""Under which services keep their records; the first list found decides, others are looked at by their depth."""
DEEP = 3


class Literal(str):
    """A number as it is written, which must not gain quotation marks when it is written again."""


class Object(dict[str, Any]):
    """An object of an answer; `pairs` are its members where a name stands twice."""

    pairs: list[tuple[str, Any]] | None = None

    def members(self) -> list[tuple[str, Any]]:
        return self.pairs if self.pairs is not None else list(self.items())


def _object(pairs: list[tuple[str, Any]]) -> Object:
    made = Object(pairs)
    if len(made) != len(pairs):
        made.pairs = pairs
    return made


_decoder = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=Literal, parse_float=Literal, parse_constant=Literal
)


def parse(text: str) -> Any:
    """The answer with its literals; raises ValueError where it is no JSON."""
    try:
        return _decoder.decode(text.lstrip("\ufeff"))
    except RecursionError:
        raise ValueError("nested too deep") from None


def decoded(content: bytes, declared: str | None, encoding: str | None) -> str | None:
    """The text, strictly: in the encoding of the contract, of the answer's head, else UTF-8 or GB18030. None where
    no encoding fits. `gbk` and `gb2312` are read as GB18030, which holds them."""
    wanted = encoding or declared
    for name in (wanted,) if wanted else ("utf-8-sig", "gb18030"):
        plain = (name or "").lower().replace("_", "-")
        codec = (
            "gb18030" if plain in ("gbk", "gb2312", "cp936") else "utf-8-sig" if plain == "utf-8" else plain
        )
        try:
            return content.decode(codec)
        except (UnicodeDecodeError, LookupError):
            continue
    return None if encoding else _fallback(content, wanted)


def _fallback(content: bytes, wanted: str | None) -> str | None:
    """A head may name an encoding that the body is not in (ISO-8859-1 is many a server's default)."""
    if not wanted:
        return None
    return decoded(content, None, None)


def charset(content_type: str) -> str | None:
    found = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", content_type, re.IGNORECASE)
    return None if found is None or found[1].lower() in ("iso-8859-1", "us-ascii") else found[1]


MISSING = object()


def at(envelope: Any, path: str) -> Any:
    """What stands at a path such as `data.items` (`$` is all of it); MISSING where nothing does. A name may
    hold dots itself (`@odata.nextLink`)."""
    path = path.removeprefix("$").removeprefix(".")
    if not path:
        return envelope
    if isinstance(envelope, Mapping) and path in envelope:
        return envelope[path]
    step, _, rest = path.partition(".")
    if isinstance(envelope, Mapping) and step in envelope:
        return at(envelope[step], rest) if rest else envelope[step]
    if isinstance(envelope, list) and step.isdecimal() and int(step) < len(envelope):
        return at(envelope[int(step)], rest)
    return MISSING


def find_records(envelope: Any) -> str | None:
    """The path of the records: the list itself, a list under a usual name, else the only list of objects."""
    if isinstance(envelope, list):
        return "$"
    lists = list(_lists(envelope, (), 0))
    named = [path for path, _ in lists if path[-1].lower() in RECORD_NAMES]
    if named:
        shortest: tuple[str, ...] = min(named, key=len)
        return ".".join(shortest)
    filled = [path for path, value in lists if value and all(isinstance(one, Mapping) for one in value)]
    return ".".join(filled[0]) if len(filled) == 1 else None


def _lists(value: Any, path: tuple[str, ...], depth: int) -> Iterator[tuple[tuple[str, ...], list[Any]]]:
    if isinstance(value, Mapping) and depth < DEEP:
        for name, inner in value.items():
            if isinstance(inner, list):
                yield (*path, name), inner
            else:
                yield from _lists(inner, (*path, name), depth + 1)


def line(record: Any) -> str:
    """A record as one line of JSON, nested objects flattened."""
    if not isinstance(record, Object):
        return _json(record)
    members = ", ".join(
        f"{json.dumps(name, ensure_ascii=False)}: {_json(value)}" for name, value in flat(record)
    )
    return "{" + members + "}"


def flat(record: Object, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in record.members():
        if isinstance(value, Object) and value:
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def _json(value: Any) -> str:
    if isinstance(value, Literal):
        return str(value)
    if isinstance(value, Object):
        return (
            "{"
            + ", ".join(f"{json.dumps(k, ensure_ascii=False)}: {_json(v)}" for k, v in value.members())
            + "}"
        )
    if isinstance(value, list):
        return "[" + ", ".join(map(_json, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def number(value: Any) -> int | None:
    """A count, as services write it: 12, "12", 12.0."""
    try:
        as_float = float(str(value))
    except ValueError:
        return None
    return int(as_float) if as_float >= 0 and as_float == int(as_float) else None
