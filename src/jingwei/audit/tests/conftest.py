"""A day of use in the small district: a clerk who serves, an auditor, a resident with an account."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from jingwei.audit import resident
from jingwei.audit.models import Holder
from jingwei.kernel import ledger
from jingwei.kernel.models import Account, LedgerEntry, Organization
from jingwei.testing.small_district import HE_1986, SmallDistrict, small_district

__all__ = ["small_district"]
OFFICE = "松涛街道便民服务中心"
WEDNESDAY = timezone.make_aware(datetime(2026, 11, 18, 10, 41))
"""A working day of a year whose holidays are known."""


@dataclass
class Scene:
    district: SmallDistrict
    clerk: Account
    auditor: Account
    second: Account
    resident: Account
    entity: str

    def look(
        self,
        account: Account,
        *entities: str,
        at: datetime = WEDNESDAY,
        action: str = "window.prefill",
        **facts: object,
    ) -> LedgerEntry:
        """An entry as the window makes it, at a time of one's own."""
        named = {"object": "population", "fields": ["name", "id_number"], "purpose": "高龄津贴申领", **facts}
        what = named.pop("object")
        ledger.record(account, action, what, subjects=entities or (self.entity,), **named)
        entry = LedgerEntry.objects.latest("id")
        LedgerEntry.objects.filter(pk=entry.pk).update(at=at)
        entry.refresh_from_db()
        return entry


@pytest.fixture
def scene(small_district: SmallDistrict, account: Callable[..., Account]) -> Scene:
    office = Organization.objects.create(code="office", name_zh=OFFICE, level="street")
    people = {}
    for name, role, called in (
        ("clerk", "clerk", "许可心"),
        ("auditor", "auditor", "卜算子"),
        ("second", "auditor", "阿依古丽·买买提"),
        ("resident", "resident", HE_1986.name),
    ):
        one = Account.objects.create_user(name, None, name=called, roles=[role])
        one.organization = office if role == "clerk" else None
        one.save()
        people[name] = one
    entity = small_district.entity(HE_1986)
    resident.bind("卜算子", people["resident"], "population", entity)
    assert Holder.objects.get().entity_id == entity
    return Scene(
        small_district, people["clerk"], people["auditor"], people["second"], people["resident"], entity
    )


@pytest.fixture
def recently() -> datetime:
    """Yesterday at a quarter past ten, so that a page of the last days holds it."""
    day = timezone.localdate() - timedelta(days=1)
    return timezone.make_aware(datetime(day.year, day.month, day.day, 10, 15))
