"""Whether a backup is what its manifest says: every file's hash, both databases whole, no data file missing.

`jingwei backup verify` does this beside the node; restoring does it too, before a home is made.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from jingwei.kernel.text import Text
from jingwei.operations.backup import manifest, parts, stores
from jingwei.operations.backup.manifest import Manifest

Say = Callable[[Text], None]


def faults(folder: Path, made: Manifest, say: Say = lambda text: None) -> list[str]:
    """What is wrong, a file a line; empty for a whole backup."""
    say(Text("核对 {n} 个文件", "checking {n} files").fill(n=len(made.files)))
    wrong = []
    for name, entry in made.files.items():
        path = folder / name
        try:
            if path.stat().st_size != entry.size or manifest.digest(path) != entry.sha256:
                wrong.append(f"{name}: changed")
        except OSError as exc:
            wrong.append(f"{name}: {exc.strerror}")
    return wrong or [
        *_of_store(folder, made.operational),
        *_of_store(folder, made.lake),
        *_of_lake(folder, made),
    ]


def _of_store(folder: Path, store: manifest.Store) -> list[str]:
    """SQLite says itself whether it is whole; of a dump the hash has to do."""
    if store.kind != stores.PinnedSQLite.kind:
        return []
    try:
        with stores.pinned_sqlite(folder / store.file) as pinned:
            said = pinned.rows("PRAGMA quick_check(3)")
            counted = pinned.counts()
    except sqlite3.DatabaseError as exc:
        return [f"{store.file}: {exc}"]
    wrong = [] if said == [("ok",)] else [f"{store.file}: {said[0][0]}"]
    return [*wrong, *differing(store.file, store.tables, counted)]


def differing(
    name: str, promised: dict[str, int] | dict[str, str], found: dict[str, int] | dict[str, str]
) -> list[str]:
    """Tables whose count or digest is another than the manifest's."""
    return [
        f"{name} {table}: {promised.get(table)} / {found.get(table)}"
        for table in sorted({*promised, *found})
        if promised.get(table) != found.get(table)
    ]


def _of_lake(folder: Path, made: Manifest) -> list[str]:
    if made.lake.kind != stores.PinnedSQLite.kind:
        return []
    with stores.pinned_sqlite(folder / made.lake.file) as catalog:
        return [
            f"{name}: missing"
            for name in parts.lake_files(catalog, folder / parts.DATA)
            if name not in made.files
        ]
