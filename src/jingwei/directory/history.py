"""The versions of a contract, as packs brought them: which, since when, and what each changed.

    home/packs/.kept/<pack>/* + the installed pack ──contract's file──▶ Contract ──changes──▶ Revision

Kept folders never change, so what was read of one is kept. A file that today's rules cannot read any more is
passed over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from jingwei.catalog import contract_files
from jingwei.catalog.contracts import Contract
from jingwei.directory.changes import Change, between
from jingwei.directory.resources import Resource
from jingwei.packs.declarations import read
from jingwei.packs.service import versions


@dataclass(frozen=True)
class Revision:
    """`changes` is against the revision before; `first` has none."""

    version: str
    pack: str
    pack_version: str
    since: datetime | None
    changes: tuple[Change, ...]
    first: bool

    @property
    def breaking(self) -> bool:
        return any(change.breaking for change in self.changes)


def history(one: Resource) -> list[Revision]:
    """Newest first. Packs that were installed without touching this contract leave no revision."""
    found: list[Revision] = []
    before: Contract | None = None
    kept = versions(one.pack)
    for place, version in enumerate(kept):
        last = place == len(kept) - 1
        contract = one.contract if last else _contracts(version.folder).get(one.id)
        if contract is None:
            continue
        changes = between(before, contract) if before else []
        if before is None or changes or before.version != contract.version:
            found.append(
                Revision(
                    contract.version, one.pack, version.version, version.at, tuple(changes), before is None
                )
            )
        before = contract
    return found[::-1]


@lru_cache(maxsize=64)
def _contracts(folder: Path) -> dict[str, Contract]:
    """Contracts of a folder that nobody writes to any more."""
    found = {}
    for path in sorted((folder / "contracts").rglob("*.y*ml")):
        document, _ = read(path)
        if document is None:
            continue
        places = [(n,) for n in range(len(document.value))] if isinstance(document.value, list) else [()]
        for at in places:
            contract, faults = contract_files.read(document, at)
            if contract is not None and not faults:
                found[contract.id] = contract
    return found
