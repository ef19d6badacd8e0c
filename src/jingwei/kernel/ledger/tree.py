"""Merkle trees as RFC 6962 has them (section 2.1): a leaf is hashed behind 0x00, a node behind 0x01, and a
list of n is split at the largest power of two below n. The different first bytes keep a node from being
passed off as a leaf."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

EMPTY = sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def root(hashes: Iterable[bytes]) -> bytes:
    """The root above leaf hashes, in memory that grows with the logarithm of their number."""
    stack: list[tuple[int, bytes]] = []
    for one in hashes:
        height = 0
        while stack and stack[-1][0] == height:
            one = node_hash(stack.pop()[1], one)
            height += 1
        stack.append((height, one))
    if not stack:
        return EMPTY
    found = stack.pop()[1]
    while stack:
        found = node_hash(stack.pop()[1], found)
    return found


def path(hashes: Sequence[bytes], index: int) -> list[bytes]:
    """The audit path of a leaf (RFC 6962, 2.1.1): siblings from the leaf up to the root."""
    if len(hashes) == 1:
        return []
    half = 1 << (len(hashes) - 1).bit_length() - 1
    if index < half:
        return [*path(hashes[:half], index), root(hashes[half:])]
    return [*path(hashes[half:], index - half), root(hashes[:half])]


def root_from(path: Sequence[bytes], leaf: bytes, index: int, count: int) -> bytes | None:
    """The root that a leaf and its audit path lead to (RFC 9162, 2.1.3.2); None where the path does not fit."""
    if not 0 <= index < count:
        return None
    last, found = count - 1, leaf
    for sibling in path:
        if last == 0:
            return None
        if index & 1 or index == last:
            found = node_hash(sibling, found)
            while not index & 1 and index:
                index >>= 1
                last >>= 1
        else:
            found = node_hash(found, sibling)
        index >>= 1
        last >>= 1
    return found if last == 0 else None
