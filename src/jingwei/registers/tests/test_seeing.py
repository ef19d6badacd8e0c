"""A register that names the roles that see it is closed to others at every door, and says so."""

import pytest
from django.urls import reverse

from jingwei.kernel.models import LedgerEntry
from jingwei.packs.errors import PackFaulty
from jingwei.packs.service import installed
from jingwei.registers import seeing
from jingwei.registers.finding import entities

from .conftest import FILES, REGISTER, Town, person

BACKEND = "django.contrib.auth.backends.ModelBackend"


def seen_by(role: str) -> dict[str, str]:
    return FILES | {"registers/people.yaml": REGISTER + f"seen_by: [{role}]\n"}


@pytest.fixture
def closed(town: Town, pack):
    """One person, in a register that stewards alone see."""
    pack("town", seen_by("steward"))
    town.put("a.person", [["A1", *person(1)[:3]]])
    for other in ("b.person", "c.person"):
        town.put(other, [])
    town.link()
    return next(iter(town.entities().values()))


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("record", ["people", "{}"]), ("overview", ["people"]), ("review", ["people"])],
)
def test_a_page_of_a_register_one_does_not_see_is_refused_and_recorded(
    closed, account, client, name, arguments
):
    address = reverse(f"registers:{name}", args=[one.format(closed) for one in arguments])
    client.force_login(account("clerk"), backend=BACKEND)
    assert client.get(address).status_code == 403
    assert LedgerEntry.objects.latest("id").outcome == "refused"
    client.force_login(account("steward"), backend=BACKEND)
    assert client.get(address).status_code == 200


def test_searches_find_nobody_in_it(closed, account, client):
    _, name, _, _ = person(1)
    clerk, steward = account("clerk"), account("steward")
    assert [one.title for one in entities(steward, name, 5)] == [name]
    assert entities(clerk, name, 5) == []
    assert seeing.seen(clerk, installed().section("registers")) == []
    client.force_login(clerk, backend=BACKEND)
    page = client.post(reverse("registers:start"), {"q": name}).content.decode()
    assert closed not in page and "/registers/people/" not in page


def test_a_role_that_nobody_declared_is_a_fault(town, pack):
    pack("town", seen_by("stewart"))
    with pytest.raises(PackFaulty) as told:
        installed()
    assert "steward" in str(told.value.as_dict())
