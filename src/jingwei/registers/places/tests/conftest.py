from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jingwei.registers.places.tests.village import FILES, MAP, PEOPLE, Village, built


@pytest.fixture
def village(home: Path, pack: Callable[..., Path], db: None) -> Village:
    """The village with its people, put but not linked."""
    pack("village", FILES)
    made = Village()
    made.put({**MAP, **PEOPLE})
    return made


@pytest.fixture
def linked(db: None, settings: Any, tmp_path_factory: pytest.TempPathFactory) -> Village:
    """The village with places and people linked and related; built once, so that tests only look at it."""
    return built(settings, tmp_path_factory)
