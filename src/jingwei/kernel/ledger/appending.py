"""An entry is appended in the transaction of what it records: both are there, or neither.

Entity numbers turn into pseudonyms here, in `subjects` as in `object`, so that no table, segment or proof
holds them. Who is named in a bulk set (a list compared, a sample drawn) stands in a set beside the entry, which
carries its digest and count.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from django.db import connection
from django.db.models import Manager
from django.utils import timezone

from jingwei.kernel import standing
from jingwei.kernel.ledger.entry import CONTENT, content
from jingwei.kernel.ledger.keys import ENTITY, compact, mark_of, names, pseudonym
from jingwei.kernel.models import Account, LedgerSet

NODE = "(node)"
BULK = 64
"""More subjects than this are a set: an entry stays a line, whatever was compared."""

LIMITS = {
    "account": 60, "organization": 120, "post": 60, "object": 200, "purpose": 200, "case": 60, "grant": 60,
    "door": 20, "action": 60, "outcome": 20,
}  # fmt: skip
WRITTEN = (*CONTENT, "mark")
# Written in SQL, because an object of Django's costs four times as much and every look pays for it.
INSERT = "INSERT INTO kernel_ledgerentry ({}) VALUES ({}) RETURNING id".format(
    ", ".join(f'"{name}"' for name in WRITTEN), ", ".join(["%s"] * len(WRITTEN))
)


def record(
    account: Account | None,
    action: str,
    object: str,
    *,
    subjects: Sequence[str] = (),
    fields: Sequence[str] = (),
    purpose: str = "",
    outcome: str = "done",
    case: str = "",
    grant: str = "",
    door: str = "",
) -> int:
    """Appends an entry in the caller's transaction and returns its number. `subjects` are entity ids, never
    identity numbers; `account` None is the node itself (a job, the command line). `door` is `page` for a person
    and `node` for the node, unless said otherwise."""
    # An object names whom a refused look was about, though its caller knows of no subjects.
    about = dict.fromkeys([*subjects, *ENTITY.findall(object)])
    # In whose stead a deputy acts, and from which post, is known from what the permission was given by.
    organization, post = standing.said(account, action) if account else ("", "")
    values: dict[str, Any] = {
        "account": account.username if account else NODE,
        "organization": organization,
        "post": post,
        "action": action,
        "object": ENTITY.sub(lambda found: pseudonym(found[0]), object),
        "purpose": purpose,
        "outcome": outcome,
        "case": case,
        "grant": grant,
        "door": door or ("page" if account else "node"),
    }
    for name, most in LIMITS.items():
        values[name] = plain(values[name], most)
    values |= {
        "at": timezone.now(),
        "fields": [plain(name, 200) for name in fields],
        "nonce": secrets.token_hex(8),
        **named(list(about)),
    }
    values["mark"] = mark_of(content(values))
    return insert(values)


def insert(values: Mapping[str, Any]) -> int:
    written = {
        **values,
        "at": connection.ops.adapt_datetimefield_value(values["at"]),
        "fields": json.dumps(values["fields"]),
        "subjects": json.dumps(values["subjects"]),
    }
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [written[name] for name in WRITTEN])
        number: int = cursor.fetchone()[0]
    return number


def named(entity_ids: Sequence[str], sets: Manager[Any] = LedgerSet.objects) -> dict[str, Any]:
    """The columns that say whom an entry is about."""
    found = names(entity_ids)
    if len(found) <= BULK:
        return {"subjects": found, "subject_digest": "", "subject_count": len(found)}
    number = int(found[0].partition(".")[0])
    members = b"".join(sorted({compact(name) for name in found}))
    digest = digest_of(number, members)
    sets.get_or_create(digest=digest, defaults={"key": number, "members": members})
    return {"subjects": [], "subject_digest": digest, "subject_count": len(found)}


def digest_of(number: int, members: bytes) -> str:
    """The digest of a set: its key's number, then its pseudonyms' bytes in order."""
    return sha256(b"jingwei ledger set v1\n%d\n" % number + members).hexdigest()


def plain(text: str, most: int) -> str:
    """What every store can keep: no NUL, which PostgreSQL refuses, no halves of characters, not too long."""
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode()
    return text.replace("\x00", "")[:most]
