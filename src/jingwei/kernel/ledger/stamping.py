"""Time stamps of an outside authority (RFC 3161), where the site has one: the heads' own clock is not trusted.

A stamp covers the newest head, and through the chain every head before it. It lies beside its segment as
`….tsr`, and is asked for after sealing: an authority that does not answer holds nothing up.
"""

from __future__ import annotations

import logging
from hashlib import sha256
from pathlib import Path
from urllib.request import Request, urlopen

from cryptography import x509
from django.conf import settings
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from jingwei.kernel.errors import DiskFull
from jingwei.kernel.ledger import segments
from jingwei.kernel.ledger.segments import SIGNED, Head
from jingwei.kernel.models import LedgerHead

log = logging.getLogger(__name__)
WAIT = 10
LARGEST = 100_000


def message(head: Head) -> bytes:
    return SIGNED + head.text.encode()


def catch_up() -> Path | None:
    """Stamps the newest head unless it is, where an authority is set; a failure is logged, not raised."""
    row = LedgerHead.objects.order_by("-number").first() if settings.LEDGER_STAMP else None
    if row is None or segments.stamp_of(row.number).exists():
        return None
    head = Head.read(row.text)
    try:
        answer = ask(settings.LEDGER_STAMP, message(head))
        if fault(answer, message(head)):
            raise ValueError(fault(answer, message(head)))
        segments.place(segments.stamp_of(head.number), answer)
    except (OSError, ValueError, DiskFull) as exc:
        log.warning("ledger: segment %s has no time stamp: %s", head.number, exc)
        return None
    return segments.stamp_of(head.number)


def ask(address: str, data: bytes) -> bytes:
    asked = (
        TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256).nonce(nonce=True).build()
    )
    request = Request(address, data=asked.as_bytes(), headers={"Content-Type": "application/timestamp-query"})
    if not address.startswith(("http://", "https://")):
        raise ValueError(address)
    with urlopen(request, timeout=WAIT) as answer:
        body: bytes = answer.read(LARGEST)
    return body


def fault(answer: bytes, data: bytes) -> str:
    """What is wrong with a stamp of these bytes; empty where nothing is. The authority's own signature is
    checked where its root certificate is set (JINGWEI_LEDGER_STAMP_ROOT)."""
    try:
        stamp: TimeStampResponse = decode_timestamp_response(answer)
        if stamp.status != 0 or stamp.tst_info.message_imprint.message != sha256(data).digest():
            return "it stamps something else"
        if settings.LEDGER_STAMP_ROOT:
            roots = x509.load_pem_x509_certificates(Path(settings.LEDGER_STAMP_ROOT).read_bytes())
            VerifierBuilder(roots=roots).build().verify_message(stamp, data)
    except (ValueError, VerificationError, OSError) as exc:
        return str(exc) or type(exc).__name__
    return ""
