"""Services: every page is asked for and kept on disk first, then read like a file of JSON lines.

    location + rest ──client──▶ pages ──answers.line──▶ lines on disk ──jsonlines──▶ batches
                       ▲           │
                       └───────────┘ read anew when records came or went meanwhile

Columns of a service are known only when its last page is: the file makes them known before the first row is
handed on, keeps memory small, and lets a reading that does not hold together be thrown away and begun again.
"""

from __future__ import annotations

import importlib
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
from django.utils import timezone
from pydantic import ValidationError

from jingwei.catalog.rest_properties import RestShape, SinceShape
from jingwei.collection.connectors import errors
from jingwei.collection.connectors.base import (
    CURSOR,
    Batch,
    Connector,
    Finding,
    Reader,
    Source,
    for_format,
    register,
)
from jingwei.collection.connectors.headers import matched
from jingwei.collection.connectors.rest import answers
from jingwei.collection.connectors.rest.errors import PagesShifted, RestWrong, SecretMissing
from jingwei.kernel.errors import JingweiError
from jingwei.kernel.home import home
from jingwei.kernel.scratch import Scratch
from jingwei.kernel.text import Text

TRIES = 3
"""Readings of a service whose records change while its pages are turned."""
CLOCK = 300
"""Seconds the service's clock may differ from the node's."""
PROBE = 15.0


@register
class Rest(Connector):
    """Options: `rest` (see catalog.rest_properties), `encoding`, `records`."""

    name = "rest"
    formats = ("rest",)
    schemes = ("https", "http")
    capabilities = frozenset({CURSOR})

    def open(self, source: Source) -> Reader:
        return RestReader(source)

    def check(self, source: Source) -> Iterator[Finding]:
        yield from _check(source)


def shape_of(source: Source) -> RestShape:
    """What the contract says of the service; raises RestWrong with all that is wrong with it."""
    given = source.options.get("rest") or {}
    records = source.options.get("records")
    try:
        shape = RestShape.model_validate(given)
    except ValidationError as exc:
        told = "; ".join(
            f"{'.'.join(str(step) for step in one['loc'])}: {one['msg'].removeprefix('Value error, ')}"
            for one in exc.errors()
        )
        raise RestWrong(faults=told) from None
    return shape.model_copy(update={"records": records}) if records and not shape.records else shape


def asked_of(source: Source) -> Any:
    """What the client needs; the secret comes from the environment alone."""
    client = _client()
    shape = shape_of(source)
    server = re.sub(r"[^A-Za-z0-9]", "_", str(source.options.get("server") or "")).upper()
    variable = f"JINGWEI_SECRET_{server}" if server else "JINGWEI_SECRET_…"
    asked = client.Asked(
        location=source.location,
        shape=shape,
        secret=os.environ.get(variable, ""),
        variable=variable,
        params=_since(source, shape),
        encoding=source.options.get("encoding"),
    )
    if "@" in source.location.split("://", 1)[-1].partition("/")[0]:
        raise errors.OptionWrong(option="location", value=re.sub(r"//[^/]*@", "//***@", source.location))
    if shape.auth is not None and not asked.secret:
        raise SecretMissing(location=asked.shown, variable=variable)
    return asked


def _client() -> Any:
    # dlt takes most of a second to import, which nobody who reads no service should wait for
    return importlib.import_module("jingwei.collection.connectors.rest.client")


def _since(source: Source, shape: RestShape) -> dict[str, str]:
    """The parameter that asks for what is newer, where only that is wanted."""
    part = source.part
    if part is None or part.since is None:
        return {}
    if shape.since is None:
        raise errors.OptionWrong(option="rest.since", value="—")
    return {shape.since.parameter: written(part.since, shape.since)}


def written(since: str, shape: SinceShape) -> str:
    """The cursor's value as the service wants it; what is no time goes as it is."""
    if shape.format is None:
        return since
    try:
        moment = datetime.fromisoformat(since.strip())
    except ValueError:
        return since
    if timezone.is_naive(moment):
        moment = timezone.make_aware(moment, timezone.get_default_timezone())
    if shape.format in ("epoch", "epoch-ms"):
        return str(int(moment.timestamp() * (1000 if shape.format == "epoch-ms" else 1)))
    return moment.strftime(shape.format)


@dataclass
class Landed:
    """What one reading left on disk."""

    rows: int = 0
    pages: int = 0
    bytes: int = 0
    totals: list[int] = field(default_factory=list)
    paging: str = "none"
    repeated_page: bool = False


class _Shifted(Exception):
    """Records came or went while the pages were turned."""


class RestReader(Reader):
    def __init__(self, source: Source) -> None:
        super().__init__()
        self._asked = asked_of(source)
        self._scratch = Scratch(home() / "tmp")
        self._path = self._scratch.path / "records.jsonl"
        try:
            landed, service = self._land()
            self._inner = self._opened(source) if landed.rows else None
        except BaseException:
            self._scratch.remove()
            raise
        expected = tuple(names[0] for names in source.headers)
        found = self._inner.columns if self._inner else ()
        # A part, or nothing at all, says little about which columns there are: keys that are null are left out.
        few = source.part is not None and source.part.since is not None
        self._padded = (
            tuple(names[0] for names in source.headers if not matched(found, [names]))
            if few and found
            else ()
        )
        self.columns = (*found, *self._padded) if found else expected
        self.clock = service.clock
        self.declared = landed.totals[-1] if landed.totals else None
        self.facts = {
            "format": "rest",
            "location": self._asked.shown,
            "pages": landed.pages,
            "bytes": landed.bytes,
            "records": service.records_at,
            "paging": landed.paging,
        }
        if landed.repeated_page:
            self.facts["last_page_repeated"] = True

    def _land(self) -> tuple[Landed, Any]:
        for _ in range(TRIES):
            service = _client().Service(self._asked)
            try:
                return land(service, self._path), service
            except _Shifted:
                continue
        raise PagesShifted(location=self._asked.shown, tries=TRIES)

    def _opened(self, source: Source) -> Reader:
        lines = for_format("jsonl")
        assert lines is not None
        spooled = replace(
            source,
            location=str(self._path),
            format="jsonl",
            options={"encoding": "utf-8"},
            part=None,
            table=None,
        )
        try:
            return lines.open(spooled)
        except JingweiError as exc:
            raise type(exc)(**{**exc.values, "location": self._asked.shown}) from None

    def batches(self) -> Iterator[Batch]:
        if self._inner is None:
            return
        for batch in self._inner.batches():
            rows = batch.rows
            for name in self._padded:
                rows = rows.append_column(name, pa.nulls(rows.num_rows, pa.string()))
            yield Batch(rows, batch.rejects)

    def __exit__(self, *exc: object) -> None:
        if self._inner is not None:
            self._inner.__exit__(*exc)
        self._scratch.remove()


def land(service: Any, path: Path) -> Landed:
    """Writes every record as a line; raises _Shifted where the pages are not of one state."""
    landed = Landed()
    previous: list[str] = []
    with path.open("w", encoding="utf-8", errors="surrogatepass") as file:
        for page in service.pages():
            lines = [answers.line(record) for record in page.records]
            landed.pages += 1
            landed.bytes += page.size
            landed.paging = page.paging.kind if page.paging else "none"
            if page.total is not None:
                if landed.totals and page.total < landed.totals[-1]:
                    raise _Shifted
                landed.totals.append(page.total)
            if landed.paging == "page" and lines and lines == previous:
                # Asked for a page behind the last one, some services give the last one again.
                landed.repeated_page = True
                break
            if landed.paging in ("page", "offset") and _overlap(previous, lines):
                before = [answers.line(record) for record in service.again()]
                if before != previous:
                    raise _Shifted
            file.writelines(f"{line}\n" for line in lines)
            landed.rows += len(lines)
            previous = lines
    if landed.totals and landed.rows != landed.totals[-1]:
        if landed.totals[0] != landed.totals[-1]:
            raise _Shifted
        raise errors.SourceIncomplete(
            location=service.asked.shown, declared=f"{landed.totals[-1]:,}", read=f"{landed.rows:,}"
        )
    return landed


def _overlap(previous: list[str], lines: list[str]) -> bool:
    """Whether a page begins with the end of the one before: a record came in above them."""
    most = min(len(previous), len(lines))
    return any(previous[-size:] == lines[:size] for size in range(1, most + 1))


def _check(source: Source) -> Iterator[Finding]:
    began = time.monotonic()

    def finding(step: str, ok: bool | None, said: Text, do: Text | None = None) -> Finding:
        nonlocal began
        spent, began = time.monotonic() - began, time.monotonic()
        return Finding(step, ok, said, spent, do)

    try:
        asked = asked_of(source)
    except SecretMissing as exc:
        yield finding("signed-in", False, exc.what, exc.do)
        return
    except JingweiError as exc:
        yield finding("open", False, exc.what, exc.do)
        return
    service = _client().Service(asked, attempts=1, timeout=PROBE)
    try:
        page = next(service.pages())
    except JingweiError as exc:
        step = FAILS_AT.get(exc.code, "open")
        if step != "reachable":
            yield finding(
                "reachable", True, Text("{where} 有回应", "{where} answers").fill(where=asked.shown)
            )
        yield finding(step, False, exc.what, exc.do)
        return
    yield finding("reachable", True, Text("{where} 有回应", "{where} answers").fill(where=asked.shown))
    signed = (
        Text("凭据有效", "the secret is taken") if asked.shape.auth else Text("不用凭据", "no secret needed")
    )
    yield finding("signed-in", True, signed)
    found = Text("记录在 {path}，首页 {n} 条", "records at {path}, {n} on the first page")
    yield finding("table", True, found.fill(path=service.records_at, n=len(page.records)))
    yield _columns(finding, source, page.records)
    yield _clock(finding, service.clock)


FAILS_AT = {
    "source-unreachable": "reachable",
    "service-busy": "reachable",
    "credentials-refused": "signed-in",
    "service-moved": "signed-in",
    "endpoint-missing": "table",
    "answer-without-records": "table",
    "service-error": "table",
}


def _columns(finding: Any, source: Source, records: list[Any]) -> Finding:
    if not records:
        return finding(
            "columns", None, Text("首页没有记录，列看不出来", "no record on the first page to tell by")
        )
    objects = (record for record in records if isinstance(record, answers.Object))
    names = list({name for record in objects for name, _ in answers.flat(record)})
    missing = [aliases[0] for aliases in source.headers if not matched(names, [aliases])]
    if missing:
        said = Text("首页没有：{missing}", "not on the first page: {missing}").fill(
            missing=", ".join(missing)
        )
        do = Text("请核对契约的 physicalName 或 aliases。", "Check physicalName or aliases of the contract.")
        return finding("columns", None, said, do)
    return finding("columns", True, Text("契约要的列都在", "every column of the contract is there"))


def _clock(finding: Any, clock: datetime | None) -> Finding:
    if clock is None:
        return finding("clock", None, Text("服务没有报时间", "the service does not tell its time"))
    apart = abs((datetime.now(UTC) - clock).total_seconds())
    said = Text("相差 {s} 秒", "{s} s apart").fill(s=round(apart))
    if apart > CLOCK:
        do = Text(
            "请双方校时；增量读取要靠它。", "Have both clocks set; incremental reading depends on them."
        )
        return finding("clock", False, said, do)
    return finding("clock", True, said)
