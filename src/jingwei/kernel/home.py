"""The folder that holds all data of a node, and what lies where in it."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

FOLDERS = ("lake/data", "files", "packs", "tmp", "locks", "logs")


def home() -> Path:
    return Path(settings.HOME)


def make(folder: Path) -> None:
    """Makes the folders of a home; what is there stays."""
    for name in FOLDERS:
        (folder / name).mkdir(parents=True, exist_ok=True)


def tmp() -> Path:
    folder = home() / "tmp"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
