"""The data engine of this node."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.conf import settings

from jingwei.engines.duckdb.lake import DuckLake


@cache
def _lake(home: Path, catalog: str, memory: str, threads: int) -> DuckLake:
    return DuckLake(home, catalog, memory, threads)


def lake() -> DuckLake:
    """The lake of the configured home; the same object for the same settings."""
    return _lake(Path(settings.HOME), settings.LAKE_CATALOG, settings.MEMORY, settings.THREADS)
