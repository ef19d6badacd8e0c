"""A look at a database before anything is collected: can it be reached, signed in to, is the table there, and so on.

    connect ─ reachable, signed-in ─▶ Inspector ─ table ─ columns ─ rights ─▶ clock

Each database gives an `Inspector`; what is asked of it, in which order and words, is the same for all. Nothing is
written, and no row is read.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime

from jingwei.collection.connectors import errors
from jingwei.collection.connectors.base import Finding, Part, Source
from jingwei.collection.connectors.database import parts
from jingwei.collection.connectors.headers import plain
from jingwei.kernel.errors import JingweiError
from jingwei.kernel.text import Text, listed

DRIFT = 300
"""Seconds a source's clock may differ from ours: beyond that, reading what is newer cannot be trusted."""


class Inspector(AbstractContextManager["Inspector"], ABC):
    """An open connection. Its methods raise errors of the tree; `find` comes before those that speak of the table."""

    product: str = ""
    """What the server calls itself."""

    @abstractmethod
    def find(self) -> str:
        """The table's full name."""

    @abstractmethod
    def columns(self) -> list[str]: ...

    @abstractmethod
    def try_reading(self) -> None:
        """Raises TableRefused where it is not allowed."""

    def may_mark(self, column: str) -> bool | None:
        """Whether this column may be updated; None if that cannot be told."""
        return None

    def now(self) -> datetime | None:
        """The source's time (aware), where it has a clock of its own."""
        return None


def check(
    source: Source, connect: Callable[[], Inspector], steps: tuple[str, ...] = ("reachable", "signed-in")
) -> Iterator[Finding]:
    """`steps` are what connecting tells."""
    began = time.monotonic()
    try:
        inspector = connect()
    except JingweiError as exc:
        spent = time.monotonic() - began
        if len(steps) > 1 and isinstance(exc, errors.CredentialsRefused | errors.DatabaseMissing):
            yield Finding(steps[0], True, Text("服务器有应答", "the server answers"), spent)
            steps = steps[1:]
        yield Finding(steps[0], False, exc.what, spent, exc.do)
        return
    with inspector:
        spent = time.monotonic() - began
        said = {
            "reachable": Text("服务器有应答", "the server answers"),
            "signed-in": Text("登录成功：{product}", "signed in: {product}").fill(product=inspector.product),
            "open": Text("文件打得开：{product}", "the file opens: {product}").fill(
                product=inspector.product
            ),
        }
        for at, step in enumerate(steps):
            yield Finding(step, True, said[step], spent if at == 0 else 0.0)
        yield from _table(source, inspector)
        yield from _clock(inspector)


def _table(source: Source, inspector: Inspector) -> Iterator[Finding]:
    began = time.monotonic()
    try:
        table = inspector.find()
        columns = inspector.columns()
    except JingweiError as exc:
        step = "rights" if isinstance(exc, errors.TableRefused) else "table"
        yield Finding(step, False, exc.what, time.monotonic() - began, exc.do)
        return
    there = Text("{table}，{n} 列", "{table}, {n} columns").fill(table=table, n=len(columns))
    yield Finding("table", True, there, time.monotonic() - began)
    yield _columns(source, table, columns)
    yield _rights(source.part or Part(), inspector)


def _columns(source: Source, table: str, columns: list[str]) -> Finding:
    """Whether the contract's columns, and those its way of reading needs, are there."""
    began = time.monotonic()
    present = {plain(name) for name in columns}
    missing = [names[0] for names in source.headers if not any(plain(name) in present for name in names)]
    part = source.part or Part()
    needed = [(part.cursor, parts.CURSOR)]
    if part.changes is not None:
        needed += [(part.changes.sequence, parts.SEQUENCE), (part.changes.acknowledge, parts.ACKNOWLEDGE)]
    said: list[str | Text] = list(missing)
    for name, role in needed:
        if name is not None and plain(name) not in present:
            said.append(Text("{name}（{role}）", "{name} ({role})").fill(name=name, role=role))
    spent = time.monotonic() - began
    if not said:
        told = Text("要的 {n} 列都在", "all {n} columns asked for are there").fill(
            n=len(source.headers) or len(columns)
        )
        return Finding("columns", True, told, spent)
    told = Text("{table} 缺少：{missing}；有：{present}", "{table} has no {missing}; it has: {present}").fill(
        table=table, missing=listed(said), present=listed(columns[:40])
    )
    return Finding("columns", False, told, spent, errors.PartColumnMissing.do)


def _rights(part: Part, inspector: Inspector) -> Finding:
    began = time.monotonic()
    try:
        inspector.try_reading()
        mark = part.changes.acknowledge if part.changes else None
        may = inspector.may_mark(mark) if mark else True
    except JingweiError as exc:
        return Finding("rights", False, exc.what, time.monotonic() - began, exc.do)
    spent = time.monotonic() - began
    if mark is None:
        return Finding("rights", True, Text("可以读", "may read"), spent)
    if may:
        return Finding("rights", True, Text("可以读，可以打回执", "may read and acknowledge"), spent)
    if may is None:
        said = Text("可以读；能否打回执看不出来", "may read; whether it may acknowledge cannot be told")
        return Finding("rights", None, said, spent)
    said = Text("可以读，但不能改写回执列“{column}”", "may read, but not update “{column}” to acknowledge")
    return Finding("rights", False, said.fill(column=mark), spent, errors.AcknowledgeRefused.do)


def _clock(inspector: Inspector) -> Iterator[Finding]:
    began, before = time.monotonic(), datetime.now(UTC)
    try:
        there = inspector.now()
    except JingweiError as exc:
        yield Finding("clock", None, exc.what, time.monotonic() - began, exc.do)
        return
    if there is None:
        return
    spent = time.monotonic() - began
    # what the question took is nobody's drift
    here = before + (datetime.now(UTC) - before) / 2
    apart = abs((there - here).total_seconds())
    said = Text(
        "源端 {there}，本机 {here}，相差 {apart} 秒",
        "the source says {there}, we say {here}: {apart} s apart",
    ).fill(there=_time(there), here=_time(here), apart=f"{apart:,.0f}")
    if apart <= DRIFT:
        yield Finding("clock", True, said, spent)
        return
    do = Text(
        "请先校准两边的时钟；在此之前不要按时间增量读取。",
        "Set both clocks right first; until then do not read by time.",
    )
    yield Finding("clock", False, said, spent, do)


def _time(moment: datetime) -> str:
    return moment.astimezone().isoformat(sep=" ", timespec="seconds")
