"""The keyed names under which the ledger knows people, and the mark every entry carries.

An entry outlives the register, its copies leave the house as segments and proofs: nobody who reads one may
find a person by trying entity numbers, so that the numbers go through a key first. The first key follows from
the node's own; `rotate` adds further ones to the file `ledger.keys` of the home, one a line, and the newest is
used. Whoever destroys an old line makes all older entries nameless for good.

The mark is a keyed hash of an entry as it was appended: until an entry is sealed, it tells a row of this node
from one that somebody else wrote into the table, or changed there.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from django.conf import settings

from jingwei.kernel.home import home

FILE = "ledger.keys"
BYTES = 10
"""80 bits, as many as an entity's number has: among ten million people no two meet by chance."""

ENTITY = re.compile(r"(?<![A-Za-z0-9])[A-Z]{1,4}[a-z2-7]{16}(?![A-Za-z0-9])")
"""What an entity's number looks like within an object such as `population/P…`."""


def pseudonym(entity_id: str) -> str:
    """The name an entity has in entries appended from now on: the key's number, a point, 20 hexadecimal digits."""
    return names([entity_id])[0]


def names(entity_ids: Sequence[str]) -> list[str]:
    """The same for many."""
    ring = key_ring()
    number, key = len(ring) - 1, ring[-1]
    return [name_under(number, key, one) for one in entity_ids]


def pseudonyms(entity_id: str) -> list[str]:
    """Its names under every key held, newest first: under these its entries are found."""
    return [name_under(number, key, entity_id) for number, key in reversed(list(enumerate(key_ring())))]


def name_under(number: int, key: bytes, entity_id: str) -> str:
    return f"{number}.{hmac.digest(key, entity_id.encode('utf-8', 'replace'), 'sha256')[:BYTES].hex()}"


def compact(name: str) -> bytes:
    """The ten bytes of a pseudonym, as sets keep them."""
    return bytes.fromhex(name.partition(".")[2])


def mark_of(content: bytes) -> str:
    return hmac.digest(_derived("mark", settings.SECRET_KEY), content, "sha256")[:16].hex()


def key_ring() -> list[bytes]:
    """All keys of pseudonyms by number; the last one is in use."""
    # every look comes by here several times: no paths are built, and the file is read when it has changed
    path = f"{settings.HOME}/{FILE}"
    try:
        changed = os.stat(path).st_mtime_ns  # noqa: PTH116
    except FileNotFoundError:
        changed = 0
    return _ring(path, changed, settings.SECRET_KEY)


def rotate() -> int:
    """Begins a new key; returns its number."""
    path = home() / FILE
    lines = path.read_text() if path.exists() else ""
    fresh = path.with_name(f".{FILE}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(f"{lines}{secrets.token_hex(32)}\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    return len(key_ring()) - 1


@lru_cache(maxsize=8)
def _ring(path: str, changed: int, secret: str) -> list[bytes]:
    later = Path(path).read_text().split() if changed else []
    return [_derived("pseudonym", secret), *(bytes.fromhex(line) for line in later)]


@lru_cache(maxsize=8)
def _derived(use: str, secret: str) -> bytes:
    return hmac.digest(secret.encode(), f"jingwei ledger {use} v1".encode(), sha256)
