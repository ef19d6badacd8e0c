"""Where the real tables lie, and writing workbooks for a test."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).parents[5].parent / "shared" / "data"


@pytest.fixture
def shared() -> Path:
    if not SHARED.is_dir():
        pytest.skip("the folder of real tables is not there (../shared/data beside the project)")
    return SHARED
