"""`jingwei audit`: an account is tied to exactly one resident, and unusual use is looked for by hand."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from jingwei.audit.models import Finding, Holder
from jingwei.cli.commands import jingwei
from jingwei.kernel import ledger
from jingwei.kernel.errors import JingweiError
from jingwei.kernel.models import LedgerEntry
from jingwei.testing.small_district import HE_1986, small_district

__all__ = ["small_district"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def run(small_district, monkeypatch):
    # The home of the district is no home that `jingwei init` made.
    monkeypatch.setattr("jingwei.cli.frame._require_home", lambda: None)

    def invoke(*arguments):
        done = CliRunner().invoke(jingwei, ["audit", *arguments, "--json"], standalone_mode=False)
        if isinstance(done.exception, JingweiError):
            return done.exception.as_dict()
        assert done.exception is None, done.exception
        return json.loads(done.stdout)

    return invoke


def test_an_account_is_tied_by_the_whole_number_and_the_tying_is_recorded(small_district, account, run):
    one = account("resident")
    done = run("bind", one.username, "population", HE_1986.number)
    assert done["entity"] == small_district.entity(HE_1986)
    assert Holder.objects.get().account == one
    assert LedgerEntry.objects.get(action="account.bind").subject_count == 1


@pytest.mark.parametrize(
    ("who", "number", "code"),
    [("nobody-here", HE_1986.number, "no-such-account"), ("resident", HE_1986.name, "not-exactly-one")],
)
def test_nobody_is_tied_by_a_name_or_without_an_account(small_district, account, run, who, number, code):
    account("resident")
    done = run("bind", who, "population", number)
    assert done["error"] == code
    assert not Holder.objects.exists()


def test_looking_by_hand_says_how_many_are_new(small_district, account, run):
    ledger.record(account("clerk"), "window.prefill", "population", subjects=[small_district.entity(HE_1986)])
    LedgerEntry.objects.filter(action="window.prefill").update(at="2026-11-18T15:00:00Z")
    days = ("--since", "2026-11-18", "--until", "2026-11-18")
    assert run("look", *days)["new"] == 1
    assert run("look", *days)["new"] == 0
    assert Finding.objects.get().kind == "out-of-hours"
