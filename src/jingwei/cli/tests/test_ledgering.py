"""`jingwei ledger`: sealed, verified, shown, proved, and its keys."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from jingwei.cli.commands import jingwei
from jingwei.kernel import ledger
from jingwei.kernel.errors import EXIT_BAD_INPUT, EXIT_DONE, EXIT_FAILED, JingweiError
from jingwei.kernel.ledger import signing
from jingwei.kernel.models import LedgerEntry

pytestmark = pytest.mark.django_db
SOMEBODY = "Pabcdefghijklmnop"


@pytest.fixture
def run(home):
    (home / "operational.sqlite").touch()
    for _ in range(3):
        ledger.record(None, "register.read", f"population/{SOMEBODY}", subjects=[SOMEBODY])

    def invoke(*arguments):
        done = CliRunner().invoke(jingwei, ["ledger", *arguments], standalone_mode=False)
        if isinstance(done.exception, JingweiError):
            return done.exception.exit_code, done.exception.as_dict()
        assert done.exception is None, done.exception
        return done.return_value or EXIT_DONE, json.loads(done.stdout)

    return invoke


def test_a_ledger_is_sealed_and_verified_and_looking_at_it_is_recorded(run):
    assert run("seal", "--json") == (EXIT_DONE, {"sealed": 3, "segments": 1, "aside": []})
    code, told = run("verify", "--json")
    assert (code, told["whole"], told["entries"], told["unsealed"]) == (EXIT_DONE, True, 3, 0)
    _, shown = run("show", "--json")
    assert (shown["sealed"], shown["unsealed"]) == (3, 1)
    assert [one["action"] for one in shown["entries"]][:2] == ["ledger.verify", "register.read"]
    assert SOMEBODY not in json.dumps(shown)
    assert LedgerEntry.objects.first().action == "ledger.read"


def test_what_was_tampered_with_ends_with_three_and_is_named(run):
    run("seal", "--json")
    LedgerEntry.objects.filter(position=1).update(purpose="other")
    code, told = run("verify", "--json")
    assert (code, told["whole"], told["findings"][0]["kind"]) == (EXIT_FAILED, False, "changed")
    assert "purpose" in told["findings"][0]["means"]


def test_a_noted_head_is_compared_and_what_is_none_is_refused(run, tmp_path):
    run("seal", "--json")
    noted = tmp_path / "head.json"
    noted.write_text(json.dumps(run("show", "--head")[1]))
    assert run("verify", "--json", "--head", str(noted))[0] == EXIT_DONE
    noted.write_text('{"head": "{}"}')
    code, told = run("verify", "--json", "--head", str(noted))
    assert (code, told["error"]) == (EXIT_BAD_INPUT, "not-a-head")


def test_a_proof_is_written_once_the_entry_is_sealed(run, tmp_path):
    entry = LedgerEntry.objects.first().id
    assert run("proof", str(entry))[1]["error"] == "entry-not-sealed"
    run("seal", "--json")
    assert run("proof", str(entry), "--to", str(tmp_path / "proof.json"), "--json")[0] == EXIT_DONE
    assert json.loads((tmp_path / "proof.json").read_text())["index"] == 2
    assert run("proof", "99999", "--json")[1]["error"] == "no-such-entry"


def test_a_new_key_takes_over_and_a_lost_one_is_said_to_be_lost(run):
    run("seal", "--json")
    before = run("key", "--json")[1]["public"]
    after = run("key", "--new", "--json")[1]["public"]
    assert before != after and run("seal", "--json")[0] == EXIT_DONE
    signing.path().unlink()
    assert run("key", "--json")[1]["error"] == "ledger-key-lost"
    assert run("key", "--new", "--json")[1]["error"] == "ledger-key-lost"
    assert run("key", "--new", "--lost", "--json")[0] == EXIT_DONE
    assert run("seal", "--json")[0] == EXIT_DONE
    code, told = run("verify", "--json")
    assert code == EXIT_DONE and len(told["notes"]) == 2
