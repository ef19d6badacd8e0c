"""Organizations, one above the other, and the people of each."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from jingwei.inbox import kinds, service, todos
from jingwei.kernel.models import Account, Organization
from jingwei.kernel.text import Text

DISTRICT, TAX, STREET = "清河区人民政府", "区税务局", "松涛街道办事处"
TRIAL = kinds.register(kinds.Kind("trial", Text("试件", "trial"), "file", above="steward"))


@pytest.fixture
def offices(db):
    above = Organization.objects.create(code="gov", name_zh=DISTRICT, level="district")
    return {
        DISTRICT: above,
        TAX: Organization.objects.create(code="tax", name_zh=TAX, level="district", parent=above),
        STREET: Organization.objects.create(code="street", name_zh=STREET, level="street"),
    }


@pytest.fixture
def person(offices):
    def make(username, place="", *roles):
        return Account.objects.create_user(
            username,
            "correct horse",
            name=username.title(),
            roles=list(roles or ("officer",)),
            organization=offices.get(place),
        )

    return make


@pytest.fixture
def asked(db):
    """A to-do, by default of the tax office."""

    def ask(number=1, **more):
        facts = {"organization": TAX} if not more.keys() & {"organization", "role", "account"} else {}
        facts |= {
            "kind": "trial",
            "about": f"tax.{number}",
            "key": f"trial:{number}",
            "title": Text(f"第 {number} 件事", f"matter {number}"),
            **more,
        }
        return todos.ask(**facts)

    return ask


def days(number):
    return timezone.localdate() + timedelta(days=number)


__all__ = ["date", "days", "service"]
