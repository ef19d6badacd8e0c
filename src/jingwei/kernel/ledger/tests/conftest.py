"""A ledger of three sealed segments and a few entries that wait."""

from __future__ import annotations

import pytest

from jingwei.kernel import ledger
from jingwei.kernel.ledger import checking, sealing, segments
from jingwei.kernel.models import Account

SUBJECTS = [f"P{'abcdefghijklmno'}{letter}" for letter in "abcdefgh"]


@pytest.fixture
def small(monkeypatch) -> int:
    """Segments of eight entries, so that a few dozen show what millions do."""
    monkeypatch.setattr(segments, "ENTRIES", 8)
    return 8


@pytest.fixture
def book(home, db, small) -> Account:
    """20 entries in segments of 8, 8 and 4, and 3 that wait."""
    clerk = Account.objects.create(username="clerk", name="许可心", roles=["clerk"])
    for turn in range(20):
        ledger.record(
            clerk,
            "register.read",
            f"population/{SUBJECTS[turn % 8]}",
            subjects=[SUBJECTS[turn % 8]],
            fields=["name", "phone"],
            purpose="低保",
            case=f"YX-{turn}",
        )
    sealing.seal()
    for _ in range(3):
        ledger.record(None, "run.read", "reconcile police.resident")
    assert kinds() == []
    return clerk


def kinds(**given) -> list[str]:
    """The kinds of what an auditor is told, in order."""
    return [one.kind for one in checking.verify(**given).findings]
