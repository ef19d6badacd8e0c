"""What many tests begin with is made once and put back: a home's files, and the rows that came beside them.

    once("order", make)      the first test that asks runs `make`; the next ones get what it left behind

What was there before decides what comes of `make` (whose accounts are told, say), so it is part of the key:
a test that begins otherwise makes its own.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import models

Model = type[models.Model]


@dataclass(frozen=True)
class Kept:
    folder: Path
    rows: dict[Model, list[Any]]


_kept: dict[tuple[Any, ...], Kept] = {}


def _all() -> dict[Model, dict[Any, Any]]:
    """Every row of every table that has any."""
    found = {model: {row.pk: row for row in model._default_manager.all()} for model in apps.get_models()}
    return {model: rows for model, rows in found.items() if rows}


@pytest.fixture
def once(
    request: pytest.FixtureRequest, home: Path, db: None, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, Callable[[], object]], None]:
    """Gives `once(name, make)`; names are the module's own."""

    def begin(name: str, make: Callable[[], object]) -> None:
        before = _all()
        present = tuple(sorted((model._meta.label, *map(str, rows)) for model, rows in before.items()))
        key = (request.module.__name__, name, present)
        if key in _kept:
            shutil.copytree(_kept[key].folder, home, dirs_exist_ok=True)
            for model, rows in _kept[key].rows.items():
                model._default_manager.bulk_create(rows)
            return
        make()
        folder = tmp_path_factory.mktemp("once") / "home"
        shutil.copytree(home, folder)
        new = {
            model: [row for pk, row in rows.items() if pk not in before.get(model, ())]
            for model, rows in _all().items()
        }
        _kept[key] = Kept(folder, {model: rows for model, rows in new.items() if rows})

    return begin
