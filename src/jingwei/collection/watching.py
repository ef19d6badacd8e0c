"""Collecting a folder into which files are dropped: each once, in order, one run a file.

    contract ─▶ folder ─`connectors.folder.drops`─▶ ready ─▶ runs.collect, one after the other
                  ▲                                            │
                  └── what earlier runs took (their facts) ◀───┘

What was taken is known from the runs alone: each notes its file in the facts, in the same lake transaction
as the rows. A process that is killed between two files, or within one, goes on with the next call where it
stopped. A file that cannot be read stops those after it, for their rows may stand on its; only where every
file is the whole table (`refresh: full`) does a later one make up for it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db.models import JSONField
from django.db.models.fields.json import KeyTransform

from jingwei.catalog.contracts import Contract
from jingwei.collection import runs, settling, sources
from jingwei.collection.connectors import errors, file_errors
from jingwei.collection.connectors.folder import SETTLE, Drop, Drops, Taken, drops, look, stamp_of
from jingwei.collection.models import Run
from jingwei.kernel.errors import JingweiError
from jingwei.kernel.locks import exclusive
from jingwei.kernel.text import Text, listed

SAID = 10
"""Files that are named in a line for people; the facts name all."""


@dataclass
class Collected:
    """What came of looking into the folder once. `error` is what stopped it (of a run that failed), `held` the
    run that stopped it waiting for a person, `after` the files that wait behind it."""

    looked: Drops
    runs: list[Run] = field(default_factory=list)
    error: JingweiError | None = None
    held: Run | None = None
    after: tuple[str, ...] = ()

    def left(self) -> dict[str, Any]:
        """What was left alone and why, for programs; empty lists are left out."""
        told = _folder_facts(self.looked)
        for one in told.get("waiting", []):
            one["why"] = str(Text(**one["why"]))
        return {**told, **({"after": list(self.after)} if self.after else {})}

    def said(self) -> list[Text]:
        """What was left alone and why, for people."""
        return [*_told(self.looked), *_stopped(self.after)]


def is_watched(contract: Contract) -> bool:
    """Whether the contract's source is a folder of drops rather than one file."""
    server = contract.server
    return server is not None and bool(server.options.get("pattern")) and "://" not in server.location


def collect_folder(
    resource: str,
    *,
    started_by: str = "",
    progress: runs.Progress | None = None,
    settle: float | None = None,
    **options: Any,
) -> Collected:
    """Reads every file that is ready, in order. `options` go to each `runs.collect`. Files that were written
    to a moment ago are given `settle` seconds to show whether they still grow."""
    contract = runs.contract_of(resource)
    folder, pattern = _place(contract)
    options = {**options, "started_by": started_by, **({"progress": progress} if progress else {})}
    with exclusive(f"folder-{resource}", Text(f"资源 {resource} 的文件夹", f"the folder of {resource}")):
        settling.recover()
        found = _look(contract, folder, pattern, _patience(contract, settle))
        collected = Collected(found)
        for at, drop in enumerate(found.ready):
            if _touched(drop):
                collected.after = tuple(later.name for later in found.ready[at:])
                break
            facts = {"file": _facts(drop), "folder": _folder_facts(found)}
            try:
                run = runs.collect(resource, str(drop.path), facts=facts, **options)
                collected.runs.append(run)
            except JingweiError as problem:
                collected.runs += _failed(resource, drop)
                collected.error = collected.error or problem
                if contract.refresh != "full" or problem.retry_helps:
                    collected.after = tuple(later.name for later in found.ready[at + 1 :])
                    break
                continue
            if run.state == Run.HELD and contract.refresh != "full":
                collected.held = run
                collected.after = tuple(later.name for later in found.ready[at + 1 :])
                break
            collected.held = run if run.state == Run.HELD else None
        return collected


def waiting(contract: Contract) -> Drops:
    """What lies in the folder now, without waiting and without reading it: for pages and plans."""
    folder, pattern = _place(contract)
    return drops(folder, pattern, taken(contract.id), time.time(), whole=contract.refresh == "full")


def newest(contract: Contract) -> str:
    """The file that says what the whole table is now. Raises FolderInParts where each file is only a part."""
    folder, _ = _place(contract)
    names = [one.name for one in taken(contract.id)]
    if contract.refresh != "full" or not names:
        raise file_errors.FolderInParts(resource=contract.id)
    return str(folder / names[-1])


def taken(resource: str) -> list[Taken]:
    """The files that runs of the resource took, in that order."""
    done = (
        Run.objects.filter(resource=resource, state=Run.DONE, facts__has_key="file")
        .order_by("started", "id")
        .annotate(file=KeyTransform("file", "facts", output_field=JSONField()))
    )
    return [
        Taken(str(file["name"]), str(file["sha256"]), str(file.get("stamp", "")))
        for file in done.values_list("file", flat=True)
        if isinstance(file, dict)
    ]


def _place(contract: Contract) -> tuple[Path, str]:
    assert contract.server is not None
    folder = Path(sources.place_of(contract, None))
    if not folder.exists():
        raise errors.SourceMissing(location=folder)
    if not folder.is_dir():
        raise file_errors.NotAFolder(location=folder)
    return folder, str(contract.server.options["pattern"])


def _patience(contract: Contract, settle: float | None) -> float:
    assert contract.server is not None
    said = contract.server.options.get("settle")
    return settle if settle is not None else SETTLE if said is None else float(said)


def _look(contract: Contract, folder: Path, pattern: str, settle: float) -> Drops:
    earlier = taken(contract.id)
    first = look(folder, pattern, time.time())
    if settle and first.fresh(pattern, settle):
        time.sleep(settle)
    whole = contract.refresh == "full"
    return drops(folder, pattern, earlier, time.time(), before=first, settle=settle, whole=whole)


def _touched(drop: Drop) -> bool:
    """Whether the file is no longer what it was when the folder was looked at."""
    try:
        return stamp_of(drop.path.stat()) != drop.stamp
    except OSError:
        return True


def _failed(resource: str, drop: Drop) -> Iterator[Run]:
    """The run that an error ended; there is none if it was refused before it began."""
    last = Run.objects.filter(resource=resource).first()
    if last is not None and last.facts.get("file", {}).get("sha256") == drop.sha256:
        yield last


def _facts(drop: Drop) -> dict[str, Any]:
    return {
        "name": drop.name,
        "sha256": drop.sha256,
        "bytes": drop.size,
        "stamp": drop.stamp,
        **({"day": drop.day.isoformat()} if drop.day else {}),
        **({"same_day": list(drop.same_day)} if drop.same_day else {}),
        **({"changed": True} if drop.changed else {}),
        **({"again_after": drop.again_after} if drop.again_after else {}),
    }


def _folder_facts(found: Drops) -> dict[str, Any]:
    told = {
        "waiting": [{"name": name, "why": why._asdict()} for name, why in found.waiting],
        "repeated": [{"name": name, "same_as": twin} for name, twin in found.repeated],
        "superseded": [{"name": name, "by": later} for name, later in found.superseded],
        "others": list(found.others),
    }
    return {name: value for name, value in told.items() if value}


def _told(found: Drops) -> Iterator[Text]:
    for name, why in found.waiting:
        yield Text("{name}：先不读，{why}", "{name}: left alone, it {why}").fill(name=name, why=why)
    for name, twin in found.repeated:
        yield Text("{name}：内容同 {twin} 一样，不再读", "{name}: the same content as {twin}, not read again").fill(
            name=name, twin=twin
        )  # fmt: skip
    for name, later in found.superseded:
        yield Text(
            "{name}：已读过更新的整表 {later}，不再读",
            "{name}: the later whole table {later} was read already",
        ).fill(name=name, later=later)
    if found.others:
        names = listed([*found.others[:SAID], *(["…"] if len(found.others) > SAID else [])])
        yield Text(
            "{n} 个文件不合 pattern，没有读：{names}",
            "{n} files do not fit the pattern and were not read: {names}",
        ).fill(n=len(found.others), names=names)


def _stopped(after: tuple[str, ...]) -> Iterator[Text]:
    if after:
        names = listed([*after[:SAID], *(["…"] if len(after) > SAID else [])])
        yield Text(
            "排在后面的 {n} 个文件等着：{names}", "{n} files after it wait: {names}"
        ).fill(n=len(after), names=names)  # fmt: skip
