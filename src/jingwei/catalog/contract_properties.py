"""What the house adds to the standard's contract: its `customProperties`, strict like everything else.

The standard keeps them as a list of `{property, value}`; each list is read here as one declaration, so
that an unknown name, a wrong value and a missing part are told the same way as in every other file.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Literal, TypeVar

from pydantic import ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic.alias_generators import to_camel

from jingwei.catalog.contracts import ChangeTable, Cursor, Drift, Unpivot
from jingwei.catalog.rest_properties import RestShape
from jingwei.kernel.text import Text, listed
from jingwei.packs.declarations import Declaration, nearest

SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(s|min|h|d|w|)")
UNITS = {"s": 1, "min": 60, "h": 3600, "d": 86400, "w": 604800}
CYCLES = {
    **{name: 3600 for name in ("h", "hr", "hour", "hours")},
    **{name: 86400 for name in ("", "d", "day", "days")},
    **{name: 604800 for name in ("w", "week", "weeks")},
    **{name: 2678400 for name in ("m", "mo", "month", "months")},
    **{name: 31622400 for name in ("y", "yr", "year", "years")},
}
"""Seconds of the standard's units; a month is its longest, for what is promised monthly may come on the 31st."""


class Properties(Declaration):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=False)


class CursorShape(Properties):
    """`cursor: {column: 更新时间, lookback: 2d}`."""

    column: str
    lookback: str = "0"

    @field_validator("lookback", mode="before")
    @classmethod
    def _a_span(cls, value: Any) -> str:
        if not SPAN.fullmatch(str(value)):
            raise ValueError("is a number, or a span such as 30min, 12h, 2d")
        return str(value)

    def made(self) -> Cursor:
        return Cursor(self.column, self.lookback)


def _texts(value: Any) -> Any:
    """One code or several, as text: YAML reads `1` as a number."""
    return tuple(str(one) for one in value) if isinstance(value, list) else (str(value),)


class ChangesShape(Properties):
    sequence: str
    operation: str
    insert: tuple[str, ...] = ChangeTable.insert
    update: tuple[str, ...] = ChangeTable.update
    delete: tuple[str, ...] = ChangeTable.delete
    acknowledge: str | None = None
    acknowledged: str = "1"

    _codes = field_validator("insert", "update", "delete", mode="before")(_texts)

    @field_validator("acknowledged", mode="before")
    @classmethod
    def _a_text(cls, value: Any) -> str:
        return str(value)

    @model_validator(mode="after")
    def _told_apart(self) -> ChangesShape:
        codes = [code.casefold() for code in (*self.insert, *self.update, *self.delete)]
        if len(set(codes)) != len(codes):
            raise ValueError("insert, update and delete share a code")
        return self

    def made(self) -> ChangeTable:
        return ChangeTable(**self.model_dump())


class DriftShape(Properties):
    added: Literal["notice", "freeze"] = "notice"
    removed: Literal["freeze", "evolve"] = "freeze"
    renamed: Literal["freeze", "evolve"] = "freeze"
    retyped: Literal["quarantine", "freeze"] = "quarantine"
    codes: Literal["quarantine", "freeze"] = "quarantine"
    held_above: float = Field(default=0.2, ge=0, le=1)

    def made(self) -> Drift:
        return Drift(**self.model_dump())


class UnpivotShape(Properties):
    columns: str
    into: str
    value: str

    @field_validator("columns")
    @classmethod
    def _a_pattern(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as exc:
            raise ValueError(f"is no regular expression: {exc}") from None
        return value

    def made(self) -> Unpivot:
        return Unpivot(**self.model_dump())


class ContractProperties(Properties):
    organization: str | None = None
    source_system: str | None = None
    title: Any = None
    as_of: str | None = None
    refresh: Literal["upsert", "full", "incremental", "changes"] = "upsert"
    max_removed: float = Field(default=0.05, ge=0, le=1)
    drift: DriftShape = DriftShape()
    cursor: CursorShape | None = None
    changes: ChangesShape | None = None
    deletions: Literal["keys", "none"] = "keys"
    partition: str | None = None
    unpivot: UnpivotShape | None = None
    consumers: tuple[str, ...] = ()
    deadline: int = Field(default=5, ge=1, le=250)
    sharing: Literal["unconditional", "conditional", "not_shared"] = "conditional"
    sharing_reason: str = ""
    theme: str = ""
    level: Literal[1, 2, 3, 4] | None = None

    @model_validator(mode="after")
    def _a_reason(self) -> ContractProperties:
        if self.sharing == "not_shared" and not self.sharing_reason.strip():
            raise ValueError("sharing: not_shared needs sharingReason, the law or rule that says so")
        return self


class FieldProperties(Properties):
    element: str | None = None
    aliases: tuple[str, ...] | None = None
    on_fault: Literal["quarantine", "void"] = "quarantine"
    title: Any = None

    _texts = field_validator("aliases", mode="before")(lambda v: v if v is None else _texts(v))


class ServerProperties(Properties):
    """How to read what cannot be found out: text files, workbooks, databases, services. What each connector
    makes of its own is said in the reference of connectors."""

    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    dialect: str | None = None
    user: str | None = None
    widths: list[Any] | None = None
    """Fixed width: `[[name, first, last], ...]`, from 1, in what `count` says."""
    count: Literal["characters", "bytes", "columns"] | None = None
    """What `widths` counts: characters, bytes as mainframes do, or columns of a screen."""
    member: str | None = None
    """Which file of an archive, as a pattern with `*`."""
    pattern: str | None = None
    """Which files of a watched folder, as a pattern with `*`."""
    settle: float | None = Field(default=None, ge=0, le=3600)
    """Seconds a file of a watched folder must have been left alone."""
    layer: str | None = None
    records: str | None = None
    """Where in a JSON document the records are: a path such as `data.items`."""
    driver: str | None = None
    """ADBC or ODBC: the driver's name or file."""
    header_row: int | None = Field(default=None, ge=0)
    """Number of the header's last row, where it is not found by its names; 0 for a table without one."""
    from_row: int | None = Field(default=None, ge=1)
    """Row from which on the header is looked for."""
    fill_down: tuple[str, ...] | None = None
    """Headers of columns whose empty cells repeat the cell above."""
    totals: Literal["apart", "keep"] | None = None
    """Rows named 合计 and the like: kept apart and listed (as without a word), or records."""
    sections: bool | None = None
    """Titles between the rows become the column 分组."""
    sheets: str | None = None
    """Sheets read as one table, as a pattern with `*`; their names become the column 工作表."""
    connection: dict[str, Any] | None = None
    """ADBC or ODBC: further options of the driver."""
    max_text: int | None = None
    """ODBC: characters of the longest value in a column that names no limit."""
    rest: RestShape | None = None
    """A service: endpoint, paging, sign-in, limits; see the reference of connectors."""


M = TypeVar("M", bound=Properties)


def read(listed_properties: Any, model: type[M], say: Callable[[int | None, Text, str], None]) -> M:
    """A list of `{property, value}` as `model`; each fault is said with the index of its entry."""
    given: dict[str, Any] = {}
    places: dict[str, int] = {}
    for index, entry in enumerate(listed_properties or []):
        name = str(entry.get("property"))
        if name in given:
            say(
                index,
                Text(f"属性 {name} 写了两次", f"the property {name} stands here twice"),
                "declared-twice",
            )
        given[name], places[name] = entry.get("value"), index
    try:
        return model.model_validate(given)
    except ValidationError as exc:
        for error in exc.errors():
            path = [str(step) for step in error["loc"]]
            say(places.get(path[0]) if path else None, *_said(error, path, model))
        return model.model_construct()


def _said(error: Any, path: list[str], model: type[Properties]) -> tuple[Text, str]:
    where = ".".join(path)
    if error["type"] == "extra_forbidden":
        known = _names(model, path[:-1])
        near = nearest(path[-1], known)
        hint = Text(f"，是不是 {near}？", f"; did you mean {near}?") if near else Text("", "")
        return Text("不认识的属性 {where}{hint}", "unknown property {where}{hint}").fill(
            where=where, hint=hint
        ), "unknown-key"
    if error["type"] == "missing":
        return Text(f"缺少 {where}", f"{where} is missing"), "missing-key"
    if error["type"] == "literal_error":
        choices = error["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        return Text("{where} 只能是 {choices}", "{where} is one of {choices}").fill(
            where=where, choices=listed(choices)
        ), "contract"
    said = error["msg"].removeprefix("Value error, ")
    return Text(f"{where}：{said}", f"{where}: {said}"), "contract"


def _names(model: Any, path: list[str]) -> list[str]:
    for step in path:
        field = next((f for f in model.model_fields.values() if f.alias == step), None)
        inner = (
            [a for a in getattr(field.annotation, "__args__", ()) if hasattr(a, "model_fields")]
            if field
            else []
        )
        own = [field.annotation] if field and hasattr(field.annotation, "model_fields") else inner
        if not own:
            return []
        model = own[0]
    return [f.alias or name for name, f in model.model_fields.items()]


def span(value: Any, unit: Any) -> timedelta | None:
    """`frequency: 1, unit: d` of the standard's slaProperties as a time."""
    try:
        return timedelta(seconds=float(value) * CYCLES[str(unit or "").strip().lower()])
    except (TypeError, ValueError, KeyError):
        return None


def back(lookback: str) -> float:
    """Seconds (or, for counters, steps) to go back from the last value of a cursor."""
    found = SPAN.fullmatch(lookback)
    return float(found[1]) * UNITS.get(found[2], 1) if found else 0.0
