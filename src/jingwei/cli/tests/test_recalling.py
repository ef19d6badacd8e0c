"""`jingwei register history`: changes as words and JSON, the record of a day, numbers starred."""

import json

import pytest
from django.utils import timezone

from jingwei.cli.commands import jingwei
from jingwei.kernel import ledger
from jingwei.kernel.models import LedgerEntry
from jingwei.registers.errors import NoSuchEntity, NotKnownThen
from jingwei.testing.small_district import LU, small_district

__all__ = ["small_district"]


@pytest.fixture
def entity(small_district):
    (small_district.home / "operational.sqlite").touch()
    return small_district.entity(LU)


def run(*arguments):
    return jingwei.main(["register", "history", "population", *arguments], standalone_mode=False)


def test_a_history_begins_with_the_first_build_and_is_on_record(entity, capsys):
    run(entity, "--json")
    told = json.loads(capsys.readouterr().out)
    assert [moment["kind"] for moment in told["moments"]] == ["first"]
    entry = LedgerEntry.objects.get()
    assert (entry.action, entry.subjects) == ("register.read", [ledger.pseudonym(entity)])


def test_the_record_of_a_day_is_shown_with_its_numbers_starred(entity, capsys):
    run(entity, "--on", timezone.localdate().isoformat(), "--valid", "2026-06-01", "--json")
    fields = json.loads(capsys.readouterr().out)["fields"]
    assert fields["address"]["value"] == LU.address
    assert "*" in fields["id_number"]["value"]
    run(entity, "--on", timezone.localdate().isoformat())
    assert LU.number not in capsys.readouterr().out


def test_an_unknown_entity_and_a_day_before_the_register_are_told(entity):
    with pytest.raises(NoSuchEntity):
        run("Pnobody")
    with pytest.raises(NotKnownThen):
        run(entity, "--on", "2020-01-01")
