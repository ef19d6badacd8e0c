"""The declaration of a table, and what a page gets of it: the rows to show, every address, or the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol
from urllib.parse import quote

from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from jingwei.kernel import ledger, permissions
from jingwei.kernel.models import Account
from jingwei.kernel.text import Text
from jingwei.parts.models import SavedView
from jingwei.parts.tables import address, export
from jingwei.parts.tables.address import Chosen, Condition
from jingwei.parts.tables.columns import HOWS, Column
from jingwei.parts.tables.stored import Slice

SIZE = 50
CAP = 10_000
"""Beyond this a list says that there are more: counting a million rows costs more than showing a page."""
NOTHING_YET = Text("还没有。", "Nothing here yet.")


class Rows(Protocol):
    """Where rows come from: `Stored`, `Listed`, or a room's own."""

    def slice(self, chosen: Chosen, size: int) -> Slice: ...
    def count(self, chosen: Chosen, cap: int) -> int: ...
    def every(self, chosen: Chosen) -> Iterator[Any]: ...


@dataclass(frozen=True)
class Table:
    """`name` tells tables apart in saved views and in the ledger (`room.noun`); `action` is what an account
    must be allowed; `order` a column's name, with `-` for falling; `empty` says what to do first."""

    name: str
    title: Text
    action: str
    columns: tuple[Column, ...]
    order: str = ""
    size: int = SIZE
    exports: tuple[str, ...] = ("csv", "xlsx")
    empty: Text = NOTHING_YET
    key: str = "pk"

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        if len(set(names)) < len(names):
            raise ValueError(f"{self.name}: two columns of one name")
        by = self.order.removeprefix("-")
        if by and not any(column.name == by and column.sort for column in self.columns):
            raise ValueError(f"{self.name}: {by!r} is no column that orders")

    def read(self, request: HttpRequest, rows: Rows) -> Shown:
        """Checks the action, reads the address, and puts an export on record before a row of it leaves."""
        account = request.user
        assert isinstance(account, Account)
        permissions.require(account, self.action, self.name)
        chosen = address.read(request.GET, self.columns, self.order)
        return Shown(self, account, chosen, rows, request.path, request.POST.get("export", ""))


@dataclass
class Shown:
    """A table as one reader sees it; what the template draws."""

    table: Table
    account: Account
    chosen: Chosen
    source: Rows
    path: str
    wanted: str = ""

    @cached_property
    def slice(self) -> Slice:
        return self.source.slice(self.chosen, self.table.size)

    @cached_property
    def counted(self) -> int:
        return self.source.count(self.chosen, CAP)

    @property
    def total(self) -> int:
        return min(self.counted, CAP)

    @property
    def more_than_total(self) -> bool:
        return self.counted > CAP

    @property
    def id(self) -> str:
        return "table-" + self.table.name.replace(".", "-")

    @property
    def first(self) -> int:
        """The number of the first row shown: the address carries it, because nothing is counted away."""
        if not self.slice.rows:
            return 0
        return max(self.chosen.row, 1) if self.slice.earlier else 1

    @property
    def last(self) -> int:
        return self.first + len(self.slice.rows) - 1 if self.slice.rows else 0

    def key_of(self, row: Any) -> str:
        listed = getattr(self.source, "key", None)
        return str(listed(row) if callable(listed) else getattr(row, self.table.key))

    @property
    def next(self) -> str:
        if not self.slice.later:
            return ""
        return self._at(after=self.key_of(self.slice.rows[-1]), row=self.last + 1)

    @property
    def previous(self) -> str:
        if not self.slice.earlier or not self.slice.rows:
            return ""
        return self._at(before=self.key_of(self.slice.rows[0]), row=max(1, self.first - self.table.size))

    @property
    def here(self) -> str:
        return self._at()

    @property
    def bare(self) -> str:
        return self.path

    def order_by(self, column: Column) -> str:
        return self._join(self.chosen.ordered(column).query())

    def without(self, column: Column) -> str:
        return self._join(self.chosen.without(column).query())

    def sorted_how(self, column: Column) -> str:
        """For `aria-sort`."""
        if self.chosen.order is not column:
            return ""
        return "descending" if self.chosen.falling else "ascending"

    @property
    def hows(self) -> dict[str, Text]:
        return HOWS

    @property
    def filters(self) -> list[Column]:
        return [column for column in self.table.columns if column.filter]

    def said(self, condition: Condition) -> str:
        """A condition in words, for the row of those that hold."""
        column = condition.column
        if condition.how == "from":
            return str(Text("{t} 从 {v}", "{t} from {v}").fill(t=column.title, v=condition.typed))
        if condition.how == "to":
            return str(Text("{t} 到 {v}", "{t} to {v}").fill(t=column.title, v=condition.typed))
        if column.kind == "choice":
            word = dict(column.options()).get(condition.typed, condition.typed)
            return str(Text("{t}：{v}", "{t}: {v}").fill(t=column.title, v=word))
        how = HOWS.get(condition.how, HOWS["is"])
        return str(Text("{t} {h}“{v}”", '{t} {h} "{v}"').fill(t=column.title, h=how, v=condition.typed))

    @cached_property
    def views(self) -> list[tuple[SavedView, str]]:
        """What this reader kept of the table, each with its address."""
        kept = SavedView.objects.filter(account=self.account, table=self.table.name)
        return [(view, self._join(view.query)) for view in kept]

    @property
    def download(self) -> HttpResponseBase | None:
        """The file, where one was asked for; the asking is on record before a row leaves."""
        if self.wanted not in self.table.exports:
            return None
        columns = self.chosen.columns
        ledger.record(
            self.account,
            "table.export",
            self.table.name,
            fields=[column.name for column in columns],
            purpose=self.wanted,
        )
        name = f"{self.table.title}-{timezone.localdate().isoformat()}.{self.wanted}"
        rows = self.source.every(self.chosen)
        kind, _ = export.WRITERS[self.wanted]
        if self.wanted == "xlsx":
            book = export.xlsx_file(str(self.table.title), columns, rows)
            return FileResponse(book, as_attachment=True, filename=name, content_type=kind)
        return StreamingHttpResponse(
            export.csv_pieces(columns, rows),
            content_type=kind,
            headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"},
        )

    def _at(self, **place: str | int) -> str:
        return self._join(self.chosen.query(**place))

    def _join(self, query: str) -> str:
        return f"{self.path}?{query}" if query else self.path
