"""The key that signs heads: Ed25519, in the file `ledger.key` of the home or where JINGWEI_LEDGER_KEY says.

It is made with the first sealing and never again by itself: a node that lost its key says so instead of going
on under another. `renew` puts a new one in its place, with the old one's signature over it (the handover), or
with the word `lost` where there is none to sign.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from jingwei.kernel.errors import DiskFull
from jingwei.kernel.home import home
from jingwei.kernel.ledger.errors import KeyLost
from jingwei.kernel.ledger.segments import SIGNED, Head

FILE = "ledger.key"
HANDOVER = b"jingwei ledger handover v1\n"
LOST = "lost"


@dataclass(frozen=True)
class Key:
    private: Ed25519PrivateKey
    handover: str = ""
    """What its first head carries: the signature of the key before, `lost`, or nothing for the very first."""

    @property
    def public(self) -> str:
        return self.private.public_key().public_bytes_raw().hex()

    def sign(self, head: Head) -> str:
        return self.private.sign(SIGNED + head.text.encode()).hex()


def path() -> Path:
    return Path(settings.LEDGER_KEY).expanduser() if settings.LEDGER_KEY else home() / FILE


def exists() -> bool:
    return path().exists()


def load() -> Key:
    """Raises KeyLost."""
    try:
        kept = json.loads(path().read_text())
        return Key(Ed25519PrivateKey.from_private_bytes(bytes.fromhex(kept["private"])), kept["handover"])
    except (OSError, ValueError, KeyError, TypeError):
        raise KeyLost(path=path()) from None


def make() -> Key:
    """The first key."""
    return _keep(Ed25519PrivateKey.generate(), "")


def renew(lost: bool = False) -> Key:
    """A new key, handed over to by the one there is; `lost` where there is none. Raises KeyLost."""
    fresh = Ed25519PrivateKey.generate()
    if lost:
        return _keep(fresh, LOST)
    public = fresh.public_key().public_bytes_raw()
    return _keep(fresh, load().private.sign(HANDOVER + public).hex())


def _keep(private: Ed25519PrivateKey, handover: str) -> Key:
    key = Key(private, handover)
    kept = {
        "kind": "jingwei ledger key v1",
        "private": key.private.private_bytes_raw().hex(),
        "public": key.public,
        "handover": handover,
    }
    fresh = path().with_name(f".{path().name}.{os.getpid()}")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(json.dumps(kept, indent=1) + "\n")
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path())
    except OSError as exc:
        fresh.unlink(missing_ok=True)
        raise DiskFull(path=path().parent) from exc
    return key


def is_signed(head: Head, signature: str) -> bool:
    return _holds(head.key, signature, SIGNED + head.text.encode())


def is_handed_over(before: str, head: Head) -> bool:
    try:
        return _holds(before, head.handover, HANDOVER + bytes.fromhex(head.key))
    except ValueError:
        return False


def _holds(public: str, signature: str, message: bytes) -> bool:
    try:
        # capitals and spaces would read as the same bytes: a signature is as it was written, or it is none
        if bytes.fromhex(signature).hex() != signature:
            return False
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
        key.verify(bytes.fromhex(signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True


def may_follow(last: Head) -> bool:
    """Whether the key there is may sign behind this head."""
    try:
        key = load()
    except KeyLost:
        return False
    return key.public == last.key or key.handover == LOST or _follows(last, key)


def _follows(last: Head, key: Key) -> bool:
    return _holds(last.key, key.handover, HANDOVER + bytes.fromhex(key.public))
