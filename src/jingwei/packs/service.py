"""The packs of this node: the built-in ones and those installed into its home.

Public names of the room: `check`, `install`, `installed`, `versions`.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

from jingwei.kernel.home import home
from jingwei.kernel.text import Text, listed
from jingwei.packs import kept
from jingwei.packs.declarations import Fault, nearest
from jingwei.packs.errors import PackFaulty, UnknownName
from jingwei.packs.loader import Pack, read_pack, together, values
from jingwei.packs.sections import Declared, sections

BUILT_IN = ("standards",)
RECEIPT = kept.RECEIPT


def shipped() -> Path:
    """Folder of the packs that come with the software: beside the sources, or inside the installed package."""
    here = Path(__file__).resolve().parents[1]
    packaged = here / "_packs"
    return packaged if packaged.is_dir() else here.parents[1] / "packs"


@dataclass(frozen=True)
class Catalogue:
    """Everything the packs of a node declare."""

    packs: Mapping[str, Pack]
    declared: Mapping[str, Mapping[str, Declared]]
    faults: tuple[Fault, ...] = ()

    def section(self, name: str) -> Mapping[str, Any]:
        return values(self.declared.get(name, {}))

    def get(self, section: str, name: str, kind: Text) -> Any:
        """One declaration; UnknownName, with the nearest known name, where there is none."""
        known = self.declared.get(section, {})
        if name in known:
            return known[name].value
        near = nearest(name, known)
        hint = Text(f"，是不是 {near}", f"; did you mean {near}") if near else Text("", "")
        raise UnknownName(name=name, kind=kind, hint=hint, known=listed(sorted(known)[:40]))


def _folders() -> list[Path]:
    own = home() / "packs"
    installed_folders = (
        sorted(p for p in own.iterdir() if (p / "pack.yaml").is_file()) if own.is_dir() else []
    )
    return [shipped() / name for name in BUILT_IN] + installed_folders


Stamp: TypeAlias = tuple[tuple[str, int, int], ...]


def _stamp(folders: list[Path]) -> Stamp:
    """What the files of the packs look like; a change here means reading them again."""
    stamp = []
    for folder in folders:
        for path in sorted(p for p in folder.rglob("*") if p.suffix in (".yaml", ".yml")):
            facts = path.stat()
            stamp.append((str(path), facts.st_mtime_ns, facts.st_size))
    return tuple(stamp)


@lru_cache(maxsize=16)
def _read(folder: Path, stamp: Stamp) -> tuple[Pack | None, tuple[Fault, ...]]:
    """A pack as it was at its stamp: where one pack changes, the others are not read again."""
    pack, faults = read_pack(folder)
    return pack, tuple(faults)


@lru_cache(maxsize=4)
def _load(folders: tuple[Path, ...], stamp: Stamp) -> Catalogue:
    packs: dict[str, Pack] = {}
    faults: list[Fault] = []
    for folder in folders:
        pack, wrong = _read(folder, _stamp([folder]))
        faults += wrong
        if pack:
            packs[pack.manifest.pack] = pack
    declared, found = together(packs.values())
    if faults + found:
        raise PackFaulty(listed(packs), faults + found)
    return Catalogue(packs, declared)


@dataclass
class _Trust:
    """How long a server takes the packs for unchanged without looking at their files again."""

    seconds: float = 0
    until: float = 0
    home: Path | None = None
    catalogue: Catalogue | None = None


_trust = _Trust()


def trust_for(seconds: float) -> None:
    """For servers: looking at every file of every pack several times a request would cost more than the request."""
    _trust.seconds = seconds


def installed() -> Catalogue:
    """What this node knows; read again when a file changed."""
    now = time.monotonic()
    if _trust.catalogue and now < _trust.until and _trust.home == home():
        return _trust.catalogue
    folders = _folders()
    found = _load(tuple(folders), _stamp(folders))
    _trust.catalogue, _trust.home, _trust.until = found, home(), now + _trust.seconds
    return found


def check(folder: Path) -> tuple[Pack | None, list[Fault]]:
    """Everything wrong with a pack, looked at together with what it requires."""
    pack, faults = read_pack(folder)
    if pack is None:
        return None, faults
    others = _others(pack)
    _, found = together([*others, pack])
    return pack, faults + found


def _others(pack: Pack) -> list[Pack]:
    """The packs a pack is checked beside: the node's own, and shipped ones that it requires."""
    found: dict[str, Pack] = {}
    folders = [*_folders(), *(shipped() / name for name in pack.manifest.requires)]
    for folder in folders:
        if not (folder / "pack.yaml").is_file():
            continue
        other, _ = read_pack(folder)
        if other and other.manifest.pack != pack.manifest.pack:
            found.setdefault(other.manifest.pack, other)
    return list(found.values())


@dataclass(frozen=True)
class Installed:
    pack: str
    version: str
    counts: dict[str, int]
    requires: tuple[str, ...]


def install(folder: Path) -> Installed:
    """Copies a faultless pack into the home, with the shipped packs it requires; replaces its earlier version whole."""
    pack, faults = check(folder)
    if pack is None or faults:
        raise PackFaulty(folder.name, faults)
    own = home() / "packs"
    own.mkdir(parents=True, exist_ok=True)
    for name in pack.manifest.requires:
        if name not in BUILT_IN and not (own / name).exists():
            install(shipped() / name)
    if pack.manifest.pack not in BUILT_IN:
        target = own / pack.manifest.pack
        staging = Path(tempfile.mkdtemp(prefix=".new-", dir=own))
        shutil.copytree(folder, staging, dirs_exist_ok=True)
        fresh = {"version": pack.manifest.version, "from": str(folder), "at": time.time()}
        (staging / RECEIPT).write_text(json.dumps(fresh))
        if target.exists():
            kept.put_away(target, staging)
            staging.rename(target)
        else:
            staging.rename(target)
        target.chmod(0o755)
    counts = {name: len(pack.declared.get(name, {})) for name in sections()}
    return Installed(pack.manifest.pack, pack.manifest.version, counts, pack.manifest.requires)


def versions(pack: str) -> list[kept.Version]:
    """The pack as it was installed, oldest first; the last is the one in force. One that came with the
    software was never installed and has its folder alone."""
    own = home() / "packs"
    if (own / pack / "pack.yaml").is_file():
        return kept.versions(own, pack)
    return [kept.shipped(shipped() / pack)] if pack in BUILT_IN else []
