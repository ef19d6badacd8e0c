"""What would become of an upload if it were handed in now: the run's own steps up to the moment of publishing.

    reading.opened ─stage─▶ ─Plan─▶ ─work_out─▶ balance, wrong rows ─weigh─▶ would it be held?

Everything happens in temporary tables of a reader of the lake, so looking takes no lock and changes nothing.
What was found is kept beside the file until the corrections, the contract, the day or the lake change, for a
page that is turned must not read a workbook of ten thousand rows again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb
from django.utils import timezone

from jingwei.catalog import sql
from jingwei.catalog.contracts import Contract
from jingwei.collection import drift, listing, runs, sources
from jingwei.collection.balance import Way
from jingwei.collection.connectors.unpivot import turned, unpivoted
from jingwei.collection.errors import ColumnsMissing, NoRows
from jingwei.collection.models import Run, Upload
from jingwei.collection.uploads.reading import (
    CorrectedReader,
    cells_of,
    headers_of,
    made_fields,
    opened,
    path_of,
    place_of,
)
from jingwei.engines import lake
from jingwei.engines.duckdb.lake import literal
from jingwei.kernel.errors import JingweiError
from jingwei.kernel.text import Text, listed
from jingwei.packs import limits
from jingwei.packs.declarations import nearest

LACKING = Text("文件里少了 {n} 列：{names}。", "{n} columns are not in the file: {names}.")
POINT = Text(
    "只是名字不一样的，在下面指出是哪一列；真没有的，在文件里补上再交。",
    "Where one merely has another name, say below which it is; what is really missing, add to the file.",
)
Told = dict[str, str]
"""A text in both languages, as JSON keeps it."""


@dataclass
class Matched:
    """A field of the contract and the column of the file that answers to it; `near` is the likeliest other."""

    field: str
    header: str | None
    near: str | None = None
    assigned: bool = False
    made: bool = False
    """No column: turning a wide table long makes it, so its cells are mended in the file."""


@dataclass
class Verdict:
    """`fault` says why the file cannot be judged at all; `hold` why the run would wait for a person."""

    facts: dict[str, Any] = field(default_factory=dict)
    matched: list[Matched] = field(default_factory=list)
    spare: list[str] = field(default_factory=list)
    """Columns of the file that answer to no field."""
    left_out: list[str] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    balance: dict[str, int] = field(default_factory=dict)
    reasons: list[dict[str, Any]] = field(default_factory=list)
    replaced: dict[str, dict[str, str]] = field(default_factory=dict)
    fault: dict[str, Told] | None = None
    hold: Told | None = None
    seconds: float = 0.0

    @property
    def missing(self) -> list[Matched]:
        return [one for one in self.matched if one.header is None and not one.made]


@dataclass(frozen=True)
class WrongRow:
    """A row that would be quarantined, or (`accepted`) taken with a remark: a value set aside, a warning.
    `cells` is None where it cannot be told which cell is which."""

    row: int
    key: str | None
    reasons: list[tuple[str, str, Text]]
    cells: dict[str, str] | None
    text: str
    accepted: bool


def verdict(upload: Upload, contract: Contract) -> Verdict:
    """What was found, from what is kept beside the file where it still holds."""
    kept = path_of(upload).with_name("verdict.json")
    engine = lake()
    with engine.read() as con:
        mark = _mark(upload, contract, engine.snapshot(con))
        try:
            written = json.loads(kept.read_text("utf-8"))
        except (OSError, ValueError):
            written = {}
        if written.get("mark") == mark:
            return _read(written["verdict"])
        found = look(con, upload, contract)
    kept.write_text(json.dumps({"mark": mark, "verdict": asdict(found)}, ensure_ascii=False), "utf-8")
    return found


def _mark(upload: Upload, contract: Contract, snapshot: int) -> str:
    said = [upload.corrections, repr(contract), timezone.localdate().isoformat(), snapshot]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _read(written: dict[str, Any]) -> Verdict:
    return Verdict(**{**written, "matched": [Matched(**one) for one in written["matched"]]})


def look(con: duckdb.DuckDBPyConnection, upload: Upload, contract: Contract) -> Verdict:
    """Judges the file as a run would, on a cursor of the lake's reader; wrong rows go beside the file."""
    began = timezone.now()
    found = Verdict()
    wrong = wrong_rows_of(upload)
    wrong.unlink(missing_ok=True)
    try:
        with opened(upload, contract) as reader:
            _columns(found, reader, upload, contract)
            _judge(con, found, reader, contract, wrong, place_of(upload))
    except ColumnsMissing as exc:
        found.fault = _lacking(found, contract, exc)
    except JingweiError as exc:
        found.fault = told(exc, upload)
    found.seconds = (timezone.now() - began).total_seconds()
    return found


def _lacking(found: Verdict, contract: Contract, exc: ColumnsMissing) -> dict[str, Told]:
    """What lacks, said to whoever can point at the column; what the values look like is a better guess than names."""
    for one in found.missing:
        one.near = exc.values.get("guesses", {}).get(one.field) or one.near
    what = LACKING.fill(
        n=len(found.missing), names=listed(contract.field(one.field).header for one in found.missing)
    )
    return {"what": what._asdict(), "means": exc.means._asdict(), "do": POINT._asdict()}


def told(exc: JingweiError, upload: Upload) -> dict[str, Told]:
    """The error's three sentences, with the file's own name where they name its place on this machine."""
    if "location" in exc.values:
        exc = type(exc)(**{**exc.values, "location": upload.name})
    return {name: getattr(exc, name)._asdict() for name in ("what", "means", "do")}


def _columns(found: Verdict, reader: CorrectedReader, upload: Upload, contract: Contract) -> None:
    assigned = upload.corrections.get("columns", {})
    answers = headers_of(contract, reader.columns)
    found.left_out = [column for column in reader.columns if limits.refused(column)]
    taken = set(answers.values())
    unpivot, made = contract.unpivot, made_fields(contract)
    wide = {reader.columns[one.at] for one in turned(reader.columns, unpivot)} if unpivot else set()
    found.spare = [c for c in reader.columns if c not in taken | wide and c not in found.left_out]
    for one in contract.fields:
        if one.name in made:
            found.matched.append(Matched(one.name, None, made=True))
            continue
        header = assigned.get(one.name, answers.get(one.name))
        near = None if header else nearest(one.header, found.spare)
        found.matched.append(Matched(one.name, header, near, one.name in assigned))
    found.columns = list(reader.columns)
    found.facts = dict(reader.facts)


def _judge(
    con: duckdb.DuckDBPyConnection,
    found: Verdict,
    reader: CorrectedReader,
    contract: Contract,
    wrong: Path,
    place: str,
) -> None:
    engine = lake()
    sql.install(con)
    # Never saved: it carries what a run would note.
    run = Run(resource=contract.id, kind=Run.FULL)
    unpivot = sources.source_of(contract, place).options.get("unpivot")
    whole = unpivoted(reader, unpivot) if unpivot else reader
    staged = runs.stage(con, whole, contract, run, _quiet)
    found.facts = run.facts
    for (row, name), text in reader.replaced.items():
        found.replaced.setdefault(str(row), {})[name] = text
    if staged.rows + staged.rejects == 0:
        raise NoRows(location=found.facts["upload_file"])
    plan, balance = runs.judge(con, engine, contract, staged, run, Way(complete=contract.refresh == "full"))
    runs.note(run, balance, whole.declared)
    why = drift.weigh(con, engine, plan, contract, staged, run) or runs.weigh(run, contract)
    found.hold = why._asdict() if why else None
    listing.incoming(con, plan)
    found.balance = asdict(balance)
    found.reasons = (
        con.execute(
            "SELECT accepted, r.field, r.code, min(r.zh) AS zh, min(r.en) AS en, count(*) AS rows"
            " FROM (SELECT accepted, unnest(reasons) AS r FROM incoming) GROUP BY ALL ORDER BY rows DESC, 2, 3"
        )
        .to_arrow_table()
        .to_pylist()
    )
    con.execute(
        "COPY (SELECT row, key, reasons, original, accepted FROM incoming ORDER BY row)"
        f" TO {literal(str(wrong))} (FORMAT parquet)"
    )


def _quiet(step: str, rows: int) -> None:
    """Nobody waits for the progress of a look."""


def wrong_rows_of(upload: Upload) -> Path:
    return path_of(upload).with_name("wrong.parquet")


def wrong_rows(
    upload: Upload,
    found: Verdict,
    contract: Contract,
    offset: int,
    limit: int,
    reason: str = "",
    accepted: bool = False,
) -> list[WrongRow]:
    """Rows that would be listed, by their number; `reason` is `field:code`, `accepted` asks for remarks."""
    page = f"LIMIT {int(limit)} OFFSET {int(offset)}"
    return list(_select(upload, found, contract, _having(reason, accepted), page))


def wrong_row(upload: Upload, found: Verdict, contract: Contract, row: int) -> WrongRow | None:
    return next(_select(upload, found, contract, f"row = {int(row)}", "LIMIT 1"), None)


def count_wrong(upload: Upload, reason: str = "", accepted: bool = False) -> int:
    path = wrong_rows_of(upload)
    if not path.exists():
        return 0
    with lake().read() as con:
        row = con.execute(
            f"SELECT count(*) FROM read_parquet({literal(str(path))}) WHERE {_having(reason, accepted)}"
        ).fetchone()
    return int(row[0]) if row else 0


def _having(reason: str, accepted: bool) -> str:
    which = "accepted" if accepted else "NOT accepted"
    if not reason:
        return which
    name, _, code = reason.rpartition(":")
    met = f"lambda r: r.field = {literal(name)} AND r.code = {literal(code)}"
    return f"{which} AND len(list_filter(reasons, {met})) > 0"


def _select(upload: Upload, found: Verdict, contract: Contract, having: str, page: str) -> Iterator[WrongRow]:
    path = wrong_rows_of(upload)
    if not path.exists():
        return
    with lake().read() as con:
        rows = con.execute(
            f"SELECT row, key, reasons, original, accepted FROM read_parquet({literal(str(path))})"
            f" WHERE {having} ORDER BY row {page}"
        ).fetchall()
    headers = {one.field: one.header for one in found.matched if one.header}
    for row, key, reasons, original, accepted in rows:
        said = [(r["field"], r["code"], Text(r["zh"], r["en"])) for r in reasons]
        staged = _staged(original, tuple(found.columns))
        cells = None
        if staged is not None:
            # Of a row that is no record yet, what was typed so far is not laid over it by the reader.
            typed = upload.corrections.get("cells", {}).get(str(row), {})
            cells = {name: staged.get(header) or "" for name, header in headers.items()} | typed
        yield WrongRow(row, key, said, cells, original, accepted)


def _staged(original: str, columns: tuple[str, ...]) -> dict[str, str | None] | None:
    """Header → text of a wrong row, by whichever way it was kept."""
    try:
        values = json.loads(original)
    except ValueError:
        values = None
    if isinstance(values, dict):
        return values
    cells = cells_of(original, columns)
    return None if cells is None else dict(zip(columns, cells, strict=True))
