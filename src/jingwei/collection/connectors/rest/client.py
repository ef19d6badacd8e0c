"""Asking a service: one page after the other, signed in, at its pace, patient with passing faults.

dlt's REST client does the asking (sessions, tokens, waiting as told by Retry-After, trying again); here its
answers are judged: every status and every body that is no page of records becomes an error a person understands.
Importing dlt takes most of a second, so that only the connector of services imports this module, when it reads.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

# Nothing about a node's sources is anybody's business.
os.environ.setdefault("RUNTIME__DLTHUB_TELEMETRY", "false")

import requests
from dlt.common.configuration.specs.runtime_configuration import RuntimeConfiguration
from dlt.sources.helpers.requests import Client as Session
from dlt.sources.helpers.rest_client import RESTClient
from dlt.sources.helpers.rest_client.auth import OAuth2ClientCredentials

from jingwei.catalog.rest_properties import PagingShape, RestShape
from jingwei.collection.connectors import errors
from jingwei.collection.connectors.rest import answers, paging
from jingwei.collection.connectors.rest.answers import MISSING
from jingwei.collection.connectors.rest.errors import (
    AnswerNotJson,
    EndpointMissing,
    PagingLeaves,
    PagingLoops,
    PagingUnknown,
    RecordsMissing,
    RequestRefused,
    ServiceBusy,
    ServiceError,
    ServiceMoved,
)
from jingwei.collection.connectors.rest.sending import Paced, signed
from jingwei.kernel.errors import JingweiError
from jingwei.kernel.text import listed

SAID = 200
ERROR_NAMES = (
    "msg",
    "message",
    "errmsg",
    "errorMessage",
    "error_description",
    "error",
    "detail",
    "errors",
    "code",
    "status",
)
"""Under which services say what went wrong."""
AUTH_NAMES = ("token", "key", "secret", "password", "sign")


@dataclass(frozen=True)
class Asked:
    """What is asked of whom: the contract's words, the secret, and how the place is shown."""

    location: str
    shape: RestShape
    secret: str
    variable: str
    params: Mapping[str, Any]
    encoding: str | None = None

    @property
    def shown(self) -> str:
        return joined(self.location, self.shape.path).partition("?")[0]

    def hide(self, text: str) -> str:
        plain = " ".join(text.split())
        return (plain.replace(self.secret, "***") if self.secret else plain)[:SAID]


def joined(location: str, path: str) -> str:
    return f"{location.rstrip('/')}/{path.lstrip('/')}" if path else location


@dataclass(frozen=True)
class Page:
    """One page: its records, the answer they stood in, the declared total, and how pages are turned."""

    records: list[Any]
    envelope: Any
    total: int | None
    paging: PagingShape | None
    size: int


class Service(RESTClient):
    """The client of one reading; not shared between threads."""

    def __init__(self, asked: Asked, *, attempts: int | None = None, timeout: float | None = None) -> None:
        shape = asked.shape
        session = Session(
            request_timeout=timeout or shape.timeout,
            raise_for_status=False,
            request_max_attempts=attempts or shape.attempts,
            request_backoff_factor=1,
            request_max_retry_delay=shape.patience,
        ).session
        for scheme in ("http://", "https://"):
            session.mount(scheme, Paced(shape.per_second))
        session.headers["User-Agent"] = "jingwei"
        super().__init__(
            asked.location,
            headers={"Accept": "application/json", **shape.headers},
            auth=signed(shape.auth, asked.secret, session) if shape.auth else None,
            session=session,
            data_selector="$",
            config=RuntimeConfiguration(),
        )
        self.asked = asked
        self.clock: datetime | None = None
        self.records_at = shape.records
        self.read = 0
        self.pages_read = 0
        self._seen: set[str] = set()
        self._last: list[tuple[str, Any, Any]] = []

    def pages(self) -> Iterator[Page]:
        """Every page, until the service has no more, or its declared total has come."""
        shape = self.asked.shape
        turned = shape.paging
        paginator = paging.declared(turned) if turned else _Undecided()
        pages = self.paginate(
            shape.path,
            method=shape.method,
            params={name: _plain(value) for name, value in {**shape.params, **self.asked.params}.items()}
            or None,
            json=shape.body,
            paginator=paginator,
            hooks={"response": []},
            allow_redirects=False,
        )
        for page in pages:
            envelope = page.response.json()
            if isinstance(paginator, _Undecided):
                turned = turned or paginator.shape
                self._follows(envelope, turned)
            self.read += len(page)
            self.pages_read += 1
            total = self.total(envelope)
            yield Page(list(page), envelope, total, turned, len(page.response.content))
            if total is not None and self.read >= total:
                return

    def again(self) -> list[Any]:
        """The records of the page before the last one, asked for once more."""
        url, params, body = self._last[-2]
        response = self.request(
            url,
            method=self.asked.shape.method,
            params=params,
            json=body,
            hooks={"response": []},
            allow_redirects=False,
        )
        return self.extract_response(response, "$")

    def request(self, path: str = "", method: Any = "GET", **options: Any) -> Any:
        self._seen.clear()
        return super().request(path, method, **options)

    def _follows(self, envelope: Any, turned: PagingShape | None) -> None:
        """Pages found out from the answers have to be the pages that were asked for."""
        if turned is None or turned.kind != "page" or self.pages_read == 0:
            return
        echoed = paging.echoed(envelope, turned)
        wanted = (turned.first or 0) + self.pages_read
        if echoed is not None and echoed != wanted:
            raise PagingUnknown(location=self.asked.shown, sign=f"{turned.parameter} = {echoed}, ≠ {wanted}")

    def total(self, envelope: Any) -> int | None:
        path = self.asked.shape.total
        if path is None:
            return None
        value = answers.number(answers.at(envelope, path))
        if value is None:
            raise RecordsMissing(location=self.asked.shown, path=path, found=_found(envelope))
        return value

    def _send_request(self, request: Any, **options: Any) -> Any:
        self._guard(request)
        response = self._sent(request, **options)
        if response.status_code == 401 and isinstance(self.auth, OAuth2ClientCredentials):
            # Some services forget a token before the time they said.
            self.auth.access_token = None
            response = self._sent(request, **options)
        if self.clock is None and "Date" in response.headers:
            self.clock = _date(response.headers["Date"])
        self._refuse(response)
        envelope = self._parsed(response)
        # Whoever asks the answer for its JSON gets the one with every literal kept.
        response.json = lambda **_: envelope
        return response

    def _sent(self, request: Any, **options: Any) -> Any:
        try:
            return super()._send_request(request, **options)
        except requests.HTTPError as exc:
            # The only one raised by itself: the place that hands out tokens refused.
            raise self._unsigned(exc) from None
        except requests.RequestException as exc:
            raise self._broken(exc) from None

    def _unsigned(self, exc: requests.HTTPError) -> JingweiError:
        status = exc.response.status_code if exc.response is not None else 0
        if status >= 500 or status == 429:
            return self._broken(exc)
        return errors.CredentialsRefused(location=self.asked.shown, variable=self.asked.variable)

    def _broken(self, exc: Exception) -> JingweiError:
        reason = self.asked.hide(_reason(exc))
        if self.read:
            return errors.SourceWentAway(location=self.asked.shown, read=self.read, reason=reason)
        return errors.SourceUnreachable(location=self.asked.shown, reason=reason)

    def _guard(self, request: Any) -> None:
        """Nothing is asked twice, and nobody but the declared host is asked."""
        base, wanted = urlsplit(joined(self.asked.location, "")), urlsplit(request.url)
        same = (base.hostname, base.port) == (wanted.hostname, wanted.port) or (
            base.hostname == wanted.hostname and base.port is None
        )
        if not same or (base.scheme == "https" and wanted.scheme != "https"):
            raise PagingLeaves(location=self.asked.shown, where=f"{wanted.scheme}://{wanted.netloc}")
        body = json.dumps(request.json, sort_keys=True, default=str)
        mark = f"{request.url}\n{sorted((request.params or {}).items(), key=str)}\n{body}"
        if mark in self._seen:
            raise PagingLoops(location=self.asked.shown, page=self.pages_read + 1)
        self._seen.add(mark)
        self._last = [*self._last[-1:], (request.url, dict(request.params or {}), request.json)]

    def _refuse(self, response: Any) -> None:
        """Raises what a status other than 2xx means."""
        status, shown = response.status_code, self.asked.shown
        if 200 <= status < 300:
            return
        if status in (401, 403):
            raise errors.CredentialsRefused(location=shown, variable=self.asked.variable)
        if 300 <= status < 400:
            where = str(response.headers.get("Location", "?")).partition("?")[0]
            raise ServiceMoved(location=shown, where=self.asked.hide(where))
        if status in (404, 410):
            raise EndpointMissing(location=shown, status=status)
        if status == 429:
            raise ServiceBusy(location=shown)
        if status >= 500:
            raise self._broken(RuntimeError(f"HTTP {status}"))
        said = self.asked.hide(re.sub(r"<[^>]*>", " ", response.text)) or "-"
        raise RequestRefused(location=shown, status=status, said=said)

    def _parsed(self, response: Any) -> Any:
        kind = response.headers.get("Content-Type", "")
        text = answers.decoded(response.content, answers.charset(kind), self.asked.encoding)
        if text is None:
            raise AnswerNotJson(location=self.asked.shown, found=self.asked.encoding or kind or "?")
        try:
            return answers.parse(text)
        except ValueError as exc:
            start = text.lstrip("\ufeff \r\n\t")[:1]
            if self._cut_off(response, start):
                raise self._broken(RuntimeError(str(exc))) from None
            found = "HTML" if start == "<" else kind or self.asked.hide(text[:40]) or "-"
            raise AnswerNotJson(location=self.asked.shown, found=found) from None

    @staticmethod
    def _cut_off(response: Any, start: str) -> bool:
        """Whether it began as JSON: then it was broken off, and trying again helps."""
        return start in ("{", "[") and response.status_code == 200

    def extract_response(self, response: Any, data_selector: Any) -> list[Any]:
        """The records of an answer. An answer that reports an error, or has no records where they belong, is
        never taken for an empty page."""
        envelope, shape, shown = response.json(), self.asked.shape, self.asked.shown
        if shape.success is not None:
            value = answers.at(envelope, shape.success.path)
            if value is MISSING or _plain(value) not in shape.success.values:
                raise ServiceError(location=shown, said=self._said(envelope))
        if self.records_at is None:
            self.records_at = answers.find_records(envelope)
        found = answers.at(envelope, self.records_at) if self.records_at is not None else MISSING
        if isinstance(found, list):
            return found
        if found is None and (shape.success is not None or self.read):
            # No records: some services say so with null, on the page behind the last one.
            return []
        if _reports(envelope):
            raise ServiceError(location=shown, said=self._said(envelope))
        raise RecordsMissing(location=shown, path=self.records_at or "?", found=_found(envelope))

    def _said(self, envelope: Any) -> str:
        if not isinstance(envelope, Mapping):
            return "-"
        told = [
            f"{name}: {envelope[name]}"
            for name in ERROR_NAMES
            if envelope.get(name) not in (None, "", [], {})
        ]
        return self.asked.hide("; ".join(told)) or _found(envelope)


class _Undecided(paging.BasePaginator):
    """Decides by the first answer how pages are turned, and then is that."""

    def __init__(self) -> None:
        super().__init__()
        self.shape: PagingShape | None = None
        self._real: paging.BasePaginator | None = None

    def update_state(self, response: Any, data: list[Any] | None = None) -> None:
        if self._real is None:
            found = paging.detected(response.json(), response.links, len(data or []))
            if isinstance(found, str):
                raise PagingUnknown(location=response.url.partition("?")[0], sign=found)
            self.shape = found or PagingShape(kind="none")
            self._real = paging.declared(self.shape)
            if isinstance(self._real, paging.Pages):
                self._real.current_value = self.shape.first or 0
        self._real.update_state(response, data)
        self._has_next_page = self._real.has_next_page

    def update_request(self, request: Any) -> None:
        assert self._real is not None
        self._real.update_request(request)


def _plain(value: Any) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


def _reports(envelope: Any) -> bool:
    """Whether an answer speaks of itself: a message or a code beside no records."""
    return isinstance(envelope, Mapping) and any(name in envelope for name in ERROR_NAMES)


def _found(envelope: Any) -> str:
    if isinstance(envelope, Mapping):
        return listed(list(envelope)[:12]).en
    return type(envelope).__name__


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _reason(exc: Exception) -> str:
    """What a network error comes to, without the address (which may hold a key)."""
    if isinstance(exc, requests.exceptions.SSLError):
        return "TLS certificate"
    if isinstance(exc, requests.Timeout):
        return "timeout"
    if isinstance(exc, requests.HTTPError) and exc.response is not None:
        return f"HTTP {exc.response.status_code}"
    if isinstance(exc, requests.exceptions.ChunkedEncodingError):
        return "broken off"
    if isinstance(exc, requests.ConnectionError):
        inner = re.search(
            r"\[Errno -?\d+\] ([^'\")]+)|(Remote end closed[^'\")]*)|(Connection \w+)", str(exc)
        )
        return next((part for part in inner.groups() if part), "connection") if inner else "connection"
    return str(exc)
