"""An entry is appended in the transaction of what it records: both are there, or neither.

Entity numbers turn into pseudonyms here, in `subjects` as in `object`, so that no table, segment or proof
holds them. Who is named in a bulk set (a list compared, a sample drawn) stands in a set beside the entry, which
carries its digest and count.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from django.db.models import Manager
from django.utils import timezone

from jingwei.kernel import standing
from jingwei.kernel.ledger.entry import content
from jingwei.kernel.ledger.keys import ENTITY, compact, mark_of, pseudonym
from jingwei.kernel.models import Account, LedgerEntry, LedgerSet

NODE = "(node)"
BULK = 64
"""More subjects than this are a set: an entry stays a line, whatever was compared."""

LIMITS = {"object": 200, "purpose": 200, "case": 60, "grant": 60, "door": 20, "action": 60, "outcome": 20}


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
) -> LedgerEntry:
    """Appends an entry in the caller's transaction. `subjects` are entity ids, never identity numbers;
    `account` None is the node itself (a job, the command line). `door` is `page` for a person and `node` for
    the node, unless said otherwise."""
    # An object names whom a refused look was about, though its caller knows of no subjects.
    about = dict.fromkeys([*subjects, *ENTITY.findall(object)])
    organization, post = standing.said(account, action) if account else ("", "")
    entry = LedgerEntry(
        at=timezone.now(),
        account=account.username if account else NODE,
        organization=organization,
        post=post,
        action=action,
        object=ENTITY.sub(lambda found: pseudonym(found[0]), object),
        fields=[plain(name, 200) for name in fields],
        purpose=purpose,
        outcome=outcome,
        case=case,
        grant=grant,
        door=door or ("page" if account else "node"),
        nonce=secrets.token_hex(8),
        **named(list(about)),
    )
    for name, most in LIMITS.items():
        setattr(entry, name, plain(getattr(entry, name), most))
    entry.mark = mark_of(content(entry))
    entry.save(force_insert=True)
    return entry


def named(entity_ids: Sequence[str], sets: Manager[Any] = LedgerSet.objects) -> dict[str, Any]:
    """The columns that say whom an entry is about."""
    names = [pseudonym(one) for one in entity_ids]
    if len(names) <= BULK:
        return {"subjects": names, "subject_digest": "", "subject_count": len(names)}
    number = int(names[0].partition(".")[0])
    members = b"".join(sorted({compact(name) for name in names}))
    digest = digest_of(number, members)
    sets.get_or_create(digest=digest, defaults={"key": number, "members": members})
    return {"subjects": [], "subject_digest": digest, "subject_count": len(names)}


def digest_of(number: int, members: bytes) -> str:
    """The digest of a set: its key's number, then its pseudonyms' bytes in order."""
    return sha256(b"jingwei ledger set v1\n%d\n" % number + members).hexdigest()


def plain(text: str, most: int) -> str:
    """What every store can keep: no NUL, which PostgreSQL refuses, no halves of characters, not too long."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()[:most]
