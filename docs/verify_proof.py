#!/usr/bin/env python3
"""Checks that an entry stands in Jingwei's sealed ledger, with nothing but Python's standard library.

    python3 verify_proof.py proof.json [PUBLIC_KEY_HEX]

The proof holds the entry, its place, the hashes beside it up the Merkle tree (RFC 6962), and the head that the
node signed (Ed25519, RFC 8032). Take the public key from where the node publishes it, not from the proof: without
it, the proof is only consistent in itself. Ends with 0 if the proof holds, 1 if not, 2 if it cannot be read.
"""

import json
import sys
from hashlib import sha256, sha512

P = 2**255 - 19  # the field
L = 2**252 + 27742317777372353535851937790883648493  # the order of the base point
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)  # a square root of -1


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(n, p):
    found = (0, 1, 1, 0)
    while n:
        if n & 1:
            found = add(found, p)
        p, n = add(p, p), n >> 1
    return found


def point(data):
    y, odd = int.from_bytes(data, "little") & (1 << 255) - 1, data[31] >> 7
    if y >= P:
        raise ValueError("no point of the curve")
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and odd):
        raise ValueError("no point of the curve")
    x = P - x if x & 1 != odd else x
    return x, y, 1, x * y % P


def is_signed(public, signature, message):
    if len(public) != 32 or len(signature) != 64:
        return False
    base = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
    r, s = point(signature[:32]), int.from_bytes(signature[32:], "little")
    k = int.from_bytes(sha512(signature[:32] + public + message).digest(), "little") % L
    left, right = times(s, base), add(r, times(k, point(public)))
    same = (left[0] * right[2] - right[0] * left[2]) % P, (left[1] * right[2] - right[1] * left[2]) % P
    return s < L and same == (0, 0)


def root_from(path, leaf, index, count):
    last, found = count - 1, leaf
    for sibling in path:
        if index % 2 or index == last:
            found = sha256(b"\x01" + sibling + found).digest()
            while index % 2 == 0 and index:
                index, last = index >> 1, last >> 1
        else:
            found = sha256(b"\x01" + found + sibling).digest()
        index, last = index >> 1, last >> 1
    return found if last == 0 else None


def check(proof, public=""):
    """What is wrong with the proof; empty if it holds."""
    head = json.loads(proof["head"])
    leaf = sha256(b"\x00" + proof["entry"].encode()).digest()
    if not 0 <= proof["index"] < head["count"]:
        return "the place lies outside the batch"
    found = root_from([bytes.fromhex(one) for one in proof["path"]], leaf, proof["index"], head["count"])
    if found != bytes.fromhex(head["root"]):
        return "the entry is not in this batch, or was changed"
    if public and public.lower() != head["key"]:
        return "another key signed: " + head["key"]
    message = b"jingwei ledger head v1\n" + proof["head"].encode()
    signed = is_signed(bytes.fromhex(head["key"]), bytes.fromhex(proof["signature"]), message)
    return "" if signed else "the signature does not fit"


if __name__ == "__main__":
    try:
        with open(sys.argv[1], encoding="utf-8") as file:
            given = json.load(file)
        fault = check(given, "".join(sys.argv[2:3]))
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        sys.exit(print("cannot be read:", error) or 2)
    print("NOT PROVED: " + fault if fault else "proved: " + given["entry"] + "\nsealed: " + given["head"])
    sys.exit(1 if fault else 0)
