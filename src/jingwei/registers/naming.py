"""The name of an entity: the prefix and 80 bits in base 32 of a keyed hash of its label.

The label is the strongest identifier (`id_number:…`) or the smallest member (`record:<resource>:<key>`), so
the same content gives the same name in whatever order it came, and the key keeps anybody from finding an
entity by trying numbers. `linking` says the same in SQL for whole tables; a test holds the two together.
"""

from __future__ import annotations

import hashlib

from django.conf import settings

from jingwei.registers.linking import BASE32
from jingwei.registers.sources import Declared


def entity_name(declared: Declared, label: str) -> str:
    key = hashlib.sha256(f"entity:{declared.name}:{settings.SECRET_KEY}".encode()).hexdigest()
    digest = hashlib.sha256(f"{key}{label}{key}".encode()).hexdigest()
    halves = (int(digest[start : start + 10], 16) for start in (0, 10))
    letters = "".join(BASE32[(half >> shift) & 31] for half in halves for shift in range(35, -1, -5))
    return declared.register.prefix + letters


def record_label(resource: str, record_key: str) -> str:
    """The label of a record that belongs to no identified entity."""
    return f"record:{resource}:{record_key}"
