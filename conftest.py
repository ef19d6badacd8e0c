"""Fixtures every room's tests may use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.contrib.contenttypes.management import create_contenttypes
from django.db.models.signals import post_migrate
from django.test import override_settings

from jingwei.engines import lake
from jingwei.kernel import home as homes
from jingwei.kernel.models import Account
from jingwei.testing.once import once

__all__ = ["once"]

_empty: list[bytes] = []
"""The catalog of a lake nobody wrote to yet. Making one takes as long as collecting a small table."""


@pytest.fixture(autouse=True, scope="session")
def cheap_passwords() -> Iterator[None]:
    """Tests make hundreds of accounts and sign them in."""
    with override_settings(PASSWORD_HASHERS=["jingwei.testing.passwords.CheapArgon2"]):
        yield


@pytest.fixture(autouse=True, scope="session")
def emptied_quickly() -> None:
    """Every test that commits is followed by an emptying of all tables, and that by Django's own permissions of
    every model, made anew. Nobody here asks for those: `kernel.permissions` is what decides."""
    post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
    post_migrate.disconnect(create_contenttypes)


@pytest.fixture
def home(tmp_path: Path, settings) -> Path:
    """An empty home of its own; contracts' relative paths start from its folder `sample`."""
    folder = tmp_path / "home"
    homes.make(folder)
    settings.HOME = folder
    settings.SOURCES = folder / "sample"
    (folder / "sample").mkdir()
    catalog = folder / "lake" / "catalog.sqlite"
    if not _empty:
        lake().prepare()
        _empty.append(catalog.read_bytes())
    catalog.write_bytes(_empty[0])
    return folder


@pytest.fixture
def pack(home: Path) -> Callable[..., Path]:
    """Writes a pack into the home: `pack("name", {"contracts/x.yaml": text, ...})`."""

    def write(name: str, files: dict[str, str], requires: str = "[standards]") -> Path:
        folder = home / "packs" / name
        folder.mkdir(parents=True, exist_ok=True)
        manifest = f"pack: {name}\nversion: 1.0.0\ntitle: {{zh: 试, en: Trial}}\nrequires: {requires}\n"
        (folder / "pack.yaml").write_text(manifest, encoding="utf-8")
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
        return folder

    return write


@pytest.fixture
def account(db) -> Callable[..., Account]:
    """An account with the given roles: `account("clerk")`."""

    def make(*roles: str) -> Account:
        name = "-".join(roles) or "nobody"
        return Account.objects.create_user(name, "correct horse", name="许可心", roles=list(roles))

    return make
