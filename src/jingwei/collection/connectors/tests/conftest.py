"""Reading in a test: everything a source gives, at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from jingwei.collection.connectors import ROW, Reject, open_source, resolve
from jingwei.testing.servers import mariadb_server, postgres_server

__all__ = ["mariadb_server", "postgres_server"]

SHARED = Path(__file__).parents[5].parent / "shared" / "data"


@dataclass
class Everything:
    """`rows` without their numbers, which stand in `numbers`."""

    columns: tuple[str, ...] = ()
    rows: list[tuple[str | None, ...]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    declared: int | None = None

    @property
    def codes(self) -> list[tuple[int, str]]:
        return [(reject.row, reject.code) for reject in self.rejects]


def read(location: object, expected: tuple[str, ...] = (), **options: Any) -> Everything:
    """`expected` are headers, their aliases behind a bar: `姓名|名字`."""
    headers = [tuple(names.split("|")) for names in expected]
    source = resolve(str(location), options.pop("format", None), options.pop("table", None), headers, options)
    found = Everything()
    with open_source(source) as reader:
        for batch in reader.batches():
            assert batch.rows.schema.names == [ROW, *reader.columns]
            cells = [column.to_pylist() for column in batch.rows.columns]
            found.numbers += cells[0]
            found.rows += zip(*cells[1:], strict=True)
            found.rejects += batch.rejects
        found.columns, found.facts, found.declared = reader.columns, reader.facts, reader.declared
    return found


@pytest.fixture
def put(tmp_path: Path) -> Callable[..., Path]:
    """Writes a file of these bytes (or of this text in UTF-8) and gives its path."""

    def write(content: bytes | str, name: str = "table.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


@pytest.fixture
def shared() -> Path:
    if not SHARED.is_dir():
        pytest.skip("the folder of real tables is not there (../shared/data beside the project)")
    return SHARED
