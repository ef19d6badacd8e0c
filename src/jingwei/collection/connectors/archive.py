"""Zipped tables: one is read as what it is; several of one kind are read one after the other.

    archive ─members─▶ candidates ─unpacked to disk─▶ those that fit ─▶ batches, each part numbered on
                       (shapefile parts are one)        └▶ left out, with the reason, in the facts

Where several members are read, each is a partition with its rows and checksum; rows are numbered on from one
to the next, and the facts say which numbers are whose.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from jingwei.collection.connectors import errors, file_errors, headers
from jingwei.collection.connectors.base import (
    ROW,
    Batch,
    Connector,
    Partition,
    Reader,
    Source,
    connectors,
    for_format,
    register,
)
from jingwei.collection.connectors.batches import schema
from jingwei.collection.connectors.files import checksum, usable
from jingwei.collection.connectors.resolve import DECLARED, resolve
from jingwei.collection.connectors.unpacking import Member, Unpacked, Unpacker, members
from jingwei.kernel.errors import JingweiError
from jingwei.kernel.home import home
from jingwei.kernel.scratch import Scratch
from jingwei.kernel.text import listed

SHAPES = ".shp"
PARTS = (".dbf", ".shx", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".xml", ".fpt", ".dbt")
"""What belongs to a table of the same name."""
DOCUMENTS = (
    ".pdf", ".doc", ".docx", ".wps", ".ppt", ".pptx", ".jpg", ".jpeg", ".png", ".gif", ".md", ".htm", ".html",
)  # fmt: skip
"""What lies beside tables and is none; read only if `member` names it."""
NO_TABLE = (
    errors.HeaderMissing, errors.FormatUnknown, errors.EncodingUnknown, errors.JsonNotTable, errors.WebPageNotTable,
    errors.SourceEmpty, errors.TableNotNamed, file_errors.RecordsMissing, file_errors.WidthsUnknown,
)  # fmt: skip
"""What is said of a member that is another table than the expected one, or no table."""


@register
class Archive(Connector):
    """Option: `member`, a pattern for names in the archive (`*` stands for anything); further options are
    those of the tables within."""

    name = "archive"
    formats = ("zip", "gz")
    suffixes = (".zip", ".gz")

    def open(self, source: Source) -> Reader:
        path = usable(source.location)
        scratch = Scratch(home() / "tmp")
        try:
            return ArchiveReader(source, path, scratch)
        except BaseException:
            scratch.remove()
            raise


@dataclass(frozen=True)
class Table:
    """A candidate, unpacked: `source` reads it, `columns` are what it has."""

    member: Member
    unpacked: Unpacked
    source: Source
    columns: tuple[str, ...]


class ArchiveReader(Reader):
    def __init__(self, source: Source, path: Path, scratch: Scratch) -> None:
        super().__init__()
        self._source = source
        self._scratch = scratch
        self._stamp = _stamp(path)
        self._path = path
        self._left_out: list[dict[str, str]] = []
        self._unpacker = Unpacker(path, scratch.path)
        present = members(path)
        pattern = source.options.get("member")
        candidates = _candidates(present, pattern)
        if not candidates:
            raise file_errors.MemberMissing(
                location=path, member=pattern or "*", members=listed(one.name for one in present[:20])
            )
        self._alone = len(candidates) == 1
        self._only: Reader | None = None
        """The reader of a table that is alone, which need not be opened twice."""
        found = (self._table(at, one, present, bool(pattern)) for at, one in enumerate(candidates))
        self._tables = [table for table in found if table is not None]
        if not self._tables:
            raise file_errors.MemberMissing(
                location=path, member=pattern or "*", members=listed(one.name for one in present[:20])
            )
        self.columns = self._united()
        self.facts = {
            "format": self._tables[0].source.format,
            "archive": source.format,
            "bytes": path.stat().st_size,
            "sha256": checksum(path),
        }
        if self._left_out:
            self.facts["members_left_out"] = self._left_out

    def _table(self, at: int, member: Member, present: Sequence[Member], named: bool) -> Table | None:
        """The member unpacked and opened once, to see what it has; None if it is another table."""
        unpacked = self._unpacker.unpack(member, str(at))
        for part in present if member.suffix in (SHAPES, ".dbf") else ():
            if part.suffix in PARTS and part.stem == member.stem and part is not member:
                self._unpacker.unpack(part, str(at))
        with self._naming(member):
            try:
                source = _inner(self._source, unpacked.path)
                if source.format in Archive.formats:
                    raise file_errors.ArchiveNested(location=self._path, member=member.name)
                reader = _open(source)
                if self._alone:
                    self._only = reader
                else:
                    reader.__exit__(None, None, None)
                return Table(member, unpacked, source, reader.columns)
            except NO_TABLE as problem:
                if self._alone or named:
                    raise
                self._left_out.append({"name": member.name, "why": problem.code})
                return None

    def _united(self) -> tuple[str, ...]:
        """The columns of all tables. Where nothing is expected all must have the same; else none may lack what
        is expected and another one has."""
        united: dict[str, str] = {}
        for table in self._tables:
            for name in table.columns:
                united.setdefault(headers.plain(name), name)
        expected = {headers.plain(alias) for aliases in self._source.headers for alias in aliases}
        for table in self._tables:
            has = {headers.plain(name) for name in table.columns}
            lacking = [name for name in united if name not in has and (name in expected or not expected)]
            if lacking and not expected:
                raise file_errors.MemberAmbiguous(
                    location=self._path, members=listed(one.member.name for one in self._tables)
                )
            if lacking:
                columns = listed(united[name] for name in lacking)
                raise file_errors.MembersDiffer(
                    location=self._path, member=table.member.name, columns=columns
                )
        return tuple(united.values())

    def batches(self) -> Iterator[Batch]:
        """The tables one after the other. Raises `SourceChanged` at the end if the archive did."""
        before = 0
        declared: list[int | None] = []
        noted = []
        for table in self._tables:
            rows = last = 0
            with self._naming(table.member), self._only or _open(table.source) as reader:
                for made in reader.batches():
                    rows += made.rows.num_rows + len(made.rejects)
                    last = max([last, *_most(made)])
                    yield self._placed(made, before)
                declared.append(reader.declared)
                self.facts = {**_kept(reader.facts), **self.facts}
            noted.append({"name": table.member.name, "rows": rows, "numbers": [before + 1, before + last]})
            self.partitions.append(Partition(table.member.name, rows, table.unpacked.sha256))
            before += last
        if None not in declared:
            self.declared = sum(number for number in declared if number is not None)
        self.facts["members"] = noted
        if _stamp(self._path) != self._stamp:
            raise errors.SourceChanged(location=self._path)

    def _placed(self, made: Batch, before: int) -> Batch:
        """A part's batch under the columns of all, numbered on."""
        own = {headers.plain(name): made.rows.column(name) for name in made.rows.schema.names[1:]}
        count = made.rows.num_rows
        arrays = [own.get(headers.plain(name), pa.nulls(count, pa.string())) for name in self.columns]
        numbers = pc.add(made.rows.column(ROW), before) if before else made.rows.column(ROW)
        rows = pa.RecordBatch.from_arrays([numbers, *arrays], schema=schema(self.columns))
        return Batch(rows, tuple(replace(reject, row=reject.row + before) for reject in made.rejects))

    @contextmanager
    def _naming(self, member: Member) -> Iterator[None]:
        """Errors name the member in its archive, not the file it was unpacked to."""
        try:
            yield
        except JingweiError as problem:
            place = str(problem.values.get("location", ""))
            if not place.startswith(str(self._scratch.path)):
                raise
            raise type(problem)(**{**problem.values, "location": f"{self._path} › {member.name}"}) from None

    def __exit__(self, *exc: object) -> None:
        if self._only is not None:
            self._only.__exit__(*exc)
        self._scratch.remove()


def _candidates(present: Sequence[Member], pattern: str | None) -> list[Member]:
    """Members that may be tables, in the order of their names; the parts of a shapefile are one."""
    wholes = {one.stem for one in present if one.suffix == SHAPES}
    tables = {one.stem for one in present if one.suffix == ".dbf"} | wholes
    found = []
    for one in sorted(present, key=lambda one: one.name):
        is_part = one.suffix in PARTS and one.stem in (wholes if one.suffix == ".dbf" else tables)
        if pattern:
            last = PurePosixPath(one.name).name
            wanted = any(fnmatchcase(name.casefold(), pattern.casefold()) for name in (one.name, last))
            if wanted and not is_part:
                found.append(one)
        elif not is_part and one.suffix not in DOCUMENTS:
            found.append(one)
    return found


def _inner(source: Source, path: Path) -> Source:
    """The table within, with the options of the whole."""
    options: dict[str, Any] = {k: v for k, v in source.options.items() if k not in ("member", DECLARED)}
    said = source.options.get(DECLARED)
    known = any(path.suffix.lower() in connector.suffixes for connector in connectors())
    format = said if said and not known else None
    return resolve(str(path), format, source.table, source.headers, options, source.part, hint=said)


def _open(source: Source) -> Reader:
    connector = for_format(source.format)
    assert connector is not None
    return connector.open(source)


def _most(made: Batch) -> list[int]:
    rows = [pc.max(made.rows.column(ROW)).as_py()] if made.rows.num_rows else []
    return [*rows, *(reject.row for reject in made.rejects)]


def _kept(facts: dict[str, Any]) -> dict[str, Any]:
    """What a part's reader found out that holds of the whole."""
    return {
        name: value
        for name, value in facts.items()
        if name not in ("bytes", "sha256", "location", "declared")
    }


def _stamp(path: Path) -> tuple[int, int, int]:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns, stat.st_ino
