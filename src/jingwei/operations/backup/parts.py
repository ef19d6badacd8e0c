"""Which files of a node belong to a backup: the lake's data files of a pinned catalog, and the rest of the home."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from jingwei.operations.backup.manifest import walk
from jingwei.operations.backup.stores import Pinned

LEFT_OUT = ("lake", "locks", "logs", "registers", "sample", "tmp")
"""Folders of a home that are copied in their own way, fall with their process, or can be made again."""
DATABASE = "operational.sqlite"
DATA = "lake/data"
KEYS = (".key", ".keys", ".pem")

REFERRED = """
SELECT s.path, s.path_is_relative, t.path, t.path_is_relative, f.path, f.path_is_relative
FROM {files} f JOIN ducklake_table t ON t.table_id = f.table_id JOIN ducklake_schema s ON s.schema_id = t.schema_id
"""


def lake_files(catalog: Pinned, data: Path) -> list[str]:
    """Every file that a snapshot of the pinned catalog needs, relative to the home."""
    found: set[str] = set()
    for files in ("ducklake_data_file", "ducklake_delete_file"):
        for schema, schema_relative, table, table_relative, file, relative in catalog.rows(
            REFERRED.format(files=files)
        ):
            parts = [file] if not relative else [table, file]
            if relative and table_relative:
                parts = [schema, *parts]
            absolute = not relative or not table_relative or not schema_relative
            path = PurePosixPath("", *parts)
            if absolute:
                path = PurePosixPath(path.as_posix().removeprefix(f"{data.as_posix()}/"))
            found.add(f"{DATA}/{path.as_posix()}")
    return sorted(found)


def is_secret(name: str) -> bool:
    return name.endswith(KEYS)


def others(home: Path) -> Iterator[str]:
    """The rest of the home: files, packs, keys, sealed ledger; half-written ones begin with a dot."""
    for name in walk(home):
        parts = name.split("/")
        if (
            parts[0] in LEFT_OUT
            or parts[0].startswith((DATABASE, "."))
            or parts[-1].endswith((".new", ".part"))
        ):
            continue
        yield name
