"""Earlier versions of a pack: what was in force before, and until when.

    packs/<pack>/ ──another is installed──▶ packs/.kept/<pack>/<time>/   (unless nothing in it changed)

A version that is installed again without a change replaces itself and leaves nothing behind.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import yaml

KEPT = ".kept"
RECEIPT = ".installed.json"


@dataclass(frozen=True)
class Version:
    """`at` is when it was installed; None where that was never written down."""

    pack: str
    version: str
    at: datetime | None
    folder: Path


def put_away(old: Path, new: Path) -> None:
    """Keeps the folder that is about to be replaced; drops it where the new one says the same."""
    if fingerprint(old) == fingerprint(new):
        receipt = old / RECEIPT
        if receipt.is_file():
            shutil.copy(receipt, new / RECEIPT)
        shutil.rmtree(old)
        return
    shelf = old.parent / KEPT / old.name
    shelf.mkdir(parents=True, exist_ok=True)
    place = f"{len(list(shelf.iterdir())) + 1:05d}"
    old.rename(shelf / place)


def fingerprint(folder: Path) -> str:
    """Of all files but the receipt, whatever their dates."""
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.name != RECEIPT):
        digest.update(f"{path.relative_to(folder)}\0".encode("utf-8", "surrogateescape"))
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def versions(own: Path, pack: str) -> list[Version]:
    """Oldest first, the installed one last."""
    shelf = own / KEPT / pack
    folders = sorted(shelf.iterdir()) if shelf.is_dir() else []
    return [_read(folder, pack) for folder in [*folders, own / pack]]


def shipped(folder: Path) -> Version:
    return _read(folder, folder.name)


def _read(folder: Path, pack: str) -> Version:
    try:
        told = json.loads((folder / RECEIPT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        told = {}
    at = told.get("at")
    when = datetime.fromtimestamp(at, UTC) if isinstance(at, int | float) else None
    return Version(pack, str(told.get("version") or _said(folder)), when, folder)


def _said(folder: Path) -> str:
    """The version of the manifest, for a pack that was put into the home by hand."""
    try:
        told = yaml.safe_load((folder / "pack.yaml").read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError):
        return ""
    return str(told.get("version", "")) if isinstance(told, dict) else ""
