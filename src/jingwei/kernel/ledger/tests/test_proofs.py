"""A resident's proof is checked by the script of the documentation, which knows nothing of this code."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from jingwei.kernel import ledger
from jingwei.kernel.ledger import segments, signing
from jingwei.kernel.ledger.errors import NoSuchEntry, SegmentUnusable
from jingwei.kernel.models import LedgerEntry

SCRIPT = Path(__file__).parents[5] / "docs" / "verify_proof.py"


def checked(folder: Path, proof: dict, *more: str) -> tuple[int, str]:
    (folder / "proof.json").write_text(json.dumps(proof, ensure_ascii=False), encoding="utf-8")
    command = [sys.executable, "-I", "-S", str(SCRIPT), str(folder / "proof.json"), *more]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"PYTHONUTF8": "1"})
    return done.returncode, done.stdout + done.stderr


def test_the_script_is_short_and_needs_the_standard_library_alone():
    text = SCRIPT.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 100
    imports = {line.split()[1] for line in text.splitlines() if line.startswith(("import ", "from "))}
    assert imports <= set(sys.stdlib_module_names)


def test_a_proof_holds_and_says_what_was_proved(book, tmp_path):
    entry = LedgerEntry.objects.get(position=11)
    proof = ledger.proof(entry.id).as_dict()
    code, said = checked(tmp_path, proof, signing.load().public)
    assert code == 0 and "低保" in said and f'"id":{entry.id}' in said


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda p: p | {"entry": p["entry"].replace("clerk", "other")}, "changed"),
        (lambda p: p | {"index": p["index"] + 1}, "changed"),
        (lambda p: p | {"index": 8}, "outside"),
        (lambda p: p | {"path": p["path"][:-1]}, "changed"),
        (lambda p: p | {"head": p["head"].replace('"number":2', '"number":3')}, "signature"),
        (lambda p: p | {"signature": "00" * 64}, "signature"),
        (lambda p: p | {"signature": "ff"}, "signature"),
        (lambda p: {}, "cannot be read"),
    ],
)
def test_a_proof_that_was_changed_does_not_hold(book, tmp_path, change, words):
    proof = ledger.proof(LedgerEntry.objects.get(position=11).id).as_dict()
    code, said = checked(tmp_path, change(proof))
    assert code in (1, 2) and words in said and "Traceback" not in said


def test_a_proof_under_another_key_does_not_hold(book, tmp_path):
    proof = ledger.proof(LedgerEntry.objects.get(position=0).id).as_dict()
    assert checked(tmp_path, proof, "ab" * 32)[0] == 1


def test_what_waits_has_no_proof_yet_and_what_is_not_there_none_at_all(book):
    assert ledger.proof(LedgerEntry.objects.filter(position__isnull=True).first().id) is None
    with pytest.raises(NoSuchEntry):
        ledger.proof(10**9)


@pytest.mark.parametrize("change", [lambda p: p.unlink(), lambda p: p.write_bytes(p.read_bytes()[:-60])])
def test_a_segment_that_no_longer_proves_it_is_told(book, change):
    change(segments.path_of(2))
    with pytest.raises(SegmentUnusable):
        ledger.proof(LedgerEntry.objects.get(position=11).id)
