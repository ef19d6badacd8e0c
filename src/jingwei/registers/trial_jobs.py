"""Trials that a steward asked for on a page: queued for the worker, kept as files, found again later.

    page ─▶ home/registers/trials/<register>/<id>.json (waiting) ─ worker ─▶ running ─▶ done, or failed with the reason

A trial changes nothing, so a worker that was killed may begin it anew. The last ones are kept.
"""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from difflib import unified_diff
from pathlib import Path
from typing import Any

from django.utils import timezone
from django_q.tasks import async_task

from jingwei.kernel.errors import JingweiError
from jingwei.kernel.text import Text
from jingwei.registers import overview, trial
from jingwei.registers.errors import NoSuchTrial

PERFORM = "jingwei.registers.trial_jobs.perform"
WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"
KEPT = 10
log = logging.getLogger(__name__)


@dataclass
class Trial:
    """`difference` are the changed lines of the YAML; `outcome` a trial.Outcome as plain values."""

    id: str
    register: str
    by: str
    at: str
    text: str
    difference: list[str]
    state: str = WAITING
    stage: list[str] = field(default_factory=list)
    outcome: dict[str, Any] | None = None
    error: dict[str, list[str]] | None = None


def ask(register: str, text: str, by: str) -> Trial:
    """Queues a trial of a faultless text."""
    before = trial.declaration(register).splitlines()
    lines = [one for one in unified_diff(before, text.splitlines(), lineterm="", n=1)][2:]
    now = timezone.localtime()
    name = f"{now:%Y%m%d%H%M%S}-{secrets.token_hex(3)}"
    made = Trial(name, register, by, now.isoformat(timespec="seconds"), text, lines)
    _keep(made)
    async_task(PERFORM, register, name, group=f"trial {name}")
    for old in sorted(_folder(register).glob("*.json"))[:-KEPT]:
        old.unlink(missing_ok=True)
    return made


def perform(register: str, name: str) -> str:
    """What the worker does; a fault is kept with the trial and is none of the queue's."""
    one = found(register, name)
    one.state = RUNNING

    def say(text: Text) -> None:
        one.stage = list(text)
        _keep(one)

    try:
        one.outcome = asdict(trial.run_text(register, one.text, say))
        one.state = DONE
    except JingweiError as exc:
        one.error = {"what": list(exc.what), "do": list(exc.do)}
        one.state = FAILED
        log.warning("the trial %s of %s failed: %s", name, register, exc)
    _keep(one)
    return one.state


def found(register: str, name: str) -> Trial:
    path = _folder(register) / f"{name}.json"
    # A name comes from an address: it must not lead out of the folder.
    if path.parent.resolve() != _folder(register).resolve() or not path.is_file():
        raise NoSuchTrial(register=register)
    return Trial(**json.loads(path.read_text(encoding="utf-8")))


def latest(register: str) -> list[Trial]:
    """Newest first."""
    return [found(register, path.stem) for path in sorted(_folder(register).glob("*.json"), reverse=True)]


def outcome_of(kept: Mapping[str, Any]) -> trial.Outcome:
    """A kept outcome as it was worked out."""
    fields = [
        trial.FieldChange(f["field"], f["entities"], [Text(*title) for title in f["readers"]])
        for f in kept["fields"]
    ]
    return trial.Outcome(
        **{**kept, "fields": fields, "examples": [trial.Example(**e) for e in kept["examples"]]}
    )


def _folder(register: str) -> Path:
    folder = overview.folder() / "trials" / register
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _keep(one: Trial) -> None:
    path = _folder(one.register) / f"{one.id}.json"
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(asdict(one), ensure_ascii=False, default=str), encoding="utf-8")
    fresh.chmod(0o600)
    fresh.replace(path)
