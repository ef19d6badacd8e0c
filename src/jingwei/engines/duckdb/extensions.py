"""DuckDB's extensions, loaded from their Python packages by path: nothing is downloaded."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import duckdb


@cache
def path(name: str) -> Path:
    """File of an installed extension, e.g. `ducklake`, `sqlite_scanner`."""
    spec = find_spec(f"duckdb_extension_{name}")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    for folder in folders:
        for file in Path(folder).rglob("*.duckdb_extension"):
            return file
    raise FileNotFoundError(f"the package duckdb-extension-{name.replace('_', '-')} is not installed")


def load(con: duckdb.DuckDBPyConnection, *names: str) -> None:
    for name in names:
        con.execute(f"LOAD '{path(name)}'")
