"""How the next page is asked for: the kinds a contract may declare, and what an answer itself gives away.

Paginators are dlt's, with what they leave open closed: an offset moves by the rows that really came (a server
may cap what was asked for), an end is known from the total or an empty page, and a page that was asked for
before ends the reading with an error instead of never.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlt.sources.helpers.rest_client.paginators import (
    BaseNextUrlPaginator,
    BasePaginator,
    BaseReferencePaginator,
    HeaderLinkPaginator,
    OffsetPaginator,
    PageNumberPaginator,
    SinglePagePaginator,
)

from jingwei.catalog.rest_properties import PagingShape
from jingwei.collection.connectors.rest.answers import MISSING, at, number

PAGE_NAMES = (
    "page", "pageNum", "pageNo", "page_no", "page_num", "pageIndex", "page_index", "currentPage", "current_page",
    "current", "page_number", "pageNumber",
)  # fmt: skip
PAGES_NAMES = ("pages", "totalPages", "total_pages", "pageCount", "page_count", "last_page", "lastPage")
TOTAL_NAMES = (
    "total",
    "totalCount",
    "total_count",
    "totalElements",
    "total_elements",
    "totalRecords",
    "recordsTotal",
)
NEXT_NAMES = ("next", "nextUrl", "next_url", "nextLink", "next_link", "@odata.nextLink", "next_page_url")
CURSOR_NAMES = (
    "next_cursor",
    "nextCursor",
    "cursor",
    "next_token",
    "nextToken",
    "continuation",
    "next_page_token",
)
MORE_NAMES = ("has_more", "hasMore", "hasNext", "has_next", "hasNextPage")


class Pages(PageNumberPaginator):
    """By number, until a page is empty."""

    def __init__(self, shape: PagingShape) -> None:
        body = shape.place == "body"
        super().__init__(
            base_page=1 if shape.first is None else shape.first,
            page_param=None if body else shape.parameter,
            page_body_path=shape.parameter if body else None,
            total_path=None,
        )
        self.shape = shape

    def update_request(self, request: Any) -> None:
        super().update_request(request)
        _put_size(request, self.shape)


class Rows(OffsetPaginator):
    """By offset, which moves by what came."""

    def __init__(self, shape: PagingShape) -> None:
        body = shape.place == "body"
        super().__init__(
            limit=shape.size or 1,
            offset=shape.first or 0,
            offset_param=None if body else shape.parameter,
            offset_body_path=shape.parameter if body else None,
            limit_param=None if body else shape.size_parameter,
            limit_body_path=shape.size_parameter if body else None,
            total_path=None,
        )

    def update_state(self, response: Any, data: list[Any] | None = None) -> None:
        self.value_step = len(data or [])
        super().update_state(response, data)


class Cursor(BaseReferencePaginator):
    """By what the answer says comes next; nothing, an empty text and 0 are the end."""

    def __init__(self, shape: PagingShape) -> None:
        super().__init__()
        self.shape = shape

    def init_request(self, request: Any) -> None:
        _put_size(request, self.shape)

    def update_state(self, response: Any, data: list[Any] | None = None) -> None:
        value = at(response.json(), self.shape.path or "")
        ended = value is MISSING or value in (None, "", False, "0") or not isinstance(value, str)
        self._next_reference = None if ended else str(value)

    def update_request(self, request: Any) -> None:
        _put(request, self.shape, self.shape.parameter or "", self._next_reference)


class Next(BaseNextUrlPaginator):
    """By the address the answer has of the next page."""

    def __init__(self, shape: PagingShape) -> None:
        super().__init__()
        self.shape = shape

    def update_state(self, response: Any, data: list[Any] | None = None) -> None:
        value = at(response.json(), self.shape.path or "")
        self._next_reference = value if isinstance(value, str) and value else None


def _put(request: Any, shape: PagingShape, name: str, value: Any) -> None:
    place = "json" if shape.place == "body" else "params"
    setattr(request, place, {**(getattr(request, place) or {}), name: value})


def _put_size(request: Any, shape: PagingShape) -> None:
    if shape.size_parameter and shape.size:
        _put(request, shape, shape.size_parameter, shape.size)


def declared(shape: PagingShape) -> BasePaginator:
    if shape.kind == "page":
        return Pages(shape)
    if shape.kind == "offset":
        return Rows(shape)
    if shape.kind == "cursor":
        return Cursor(shape)
    if shape.kind == "link":
        return HeaderLinkPaginator()
    if shape.kind == "next":
        return Next(shape)
    return SinglePagePaginator()


def detected(envelope: Any, links: Mapping[str, Any], rows: int) -> PagingShape | str | None:
    """How the service turns its pages, as far as its first answer says; None for one page, and a text with the
    sign of further pages where how to get there is not to be seen."""
    if "next" in links:
        return PagingShape(kind="link")
    if not isinstance(envelope, Mapping):
        return None
    for path, value in _named(envelope, NEXT_NAMES):
        address = value.get("href", value.get("url")) if isinstance(value, Mapping) else value
        inner = f"{path}.{'href' if 'href' in value else 'url'}" if isinstance(value, Mapping) else path
        if isinstance(address, str) and address.startswith(("http", "/", "?")):
            return PagingShape(kind="next", path=inner)
    sign = _sign(envelope, rows)
    if sign is None:
        return None
    for path, value in _named(envelope, PAGE_NAMES):
        first = number(value)
        if first is not None and first <= 1:
            return PagingShape(kind="page", parameter=path.rpartition(".")[2], first=first)
    return sign


def _sign(envelope: Mapping[str, Any], rows: int) -> str | None:
    """What in an answer says that there is more than this page."""
    for names, least in ((TOTAL_NAMES, rows), (PAGES_NAMES, 1)):
        for path, value in _named(envelope, names):
            count = number(value)
            if count is not None and count > least:
                return f"{path} = {value}"
    for path, value in _named(envelope, MORE_NAMES):
        if value is True:
            return f"{path} = true"
    for path, value in _named(envelope, (*CURSOR_NAMES, *NEXT_NAMES)):
        if isinstance(value, str) and value:
            return path
    return None


def _named(envelope: Mapping[str, Any], names: tuple[str, ...]) -> list[tuple[str, Any]]:
    """Members of these names, at the top or one and two levels below it."""
    found = []
    levels: list[tuple[str, Mapping[str, Any]]] = [("", envelope)]
    for _ in range(3):
        below = []
        for prefix, level in levels:
            for name, value in level.items():
                if name in names:
                    found.append((prefix + name, value))
                if isinstance(value, Mapping):
                    below.append((f"{prefix}{name}.", value))
        levels = below
    return found


def echoed(envelope: Any, shape: PagingShape) -> int | None:
    """The page number an answer says it is."""
    for path, value in _named(envelope, (shape.parameter or "",)) if isinstance(envelope, Mapping) else []:
        if at(envelope, path) is not MISSING:
            return number(value)
    return None
