"""How a request goes out: at the pace the contract allows, and with the secret the service wants to see."""

from __future__ import annotations

import time
from typing import Any

from dlt.sources.helpers.rest_client.auth import (
    APIKeyAuth,
    AuthConfigBase,
    BearerTokenAuth,
    HttpBasicAuth,
    OAuth2ClientCredentials,
)
from requests.adapters import HTTPAdapter

from jingwei.catalog.rest_properties import AuthShape


class Paced(HTTPAdapter):
    """No more requests a second than the contract says, those that are tried again included."""

    def __init__(self, per_second: float | None) -> None:
        super().__init__()
        self._gap = 1 / per_second if per_second else 0.0
        self._free = 0.0

    def send(self, request: Any, *arguments: Any, **options: Any) -> Any:
        wait = self._free - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        self._free = max(time.monotonic(), self._free) + self._gap
        return super().send(request, *arguments, **options)


def signed(auth: AuthShape, secret: str, session: Any) -> AuthConfigBase:
    if auth.kind == "bearer":
        return BearerTokenAuth(token=secret)
    if auth.kind == "key":
        location: Any = auth.place
        return APIKeyAuth(name=auth.name or "", api_key=secret, location=location)
    if auth.kind == "basic":
        return HttpBasicAuth(username=auth.user or "", password=secret)
    more = {"scope": auth.scope} if auth.scope else {}
    return OAuth2ClientCredentials(
        access_token_url=auth.url or "",
        client_id=auth.client or "",
        client_secret=secret,
        access_token_request_data=more,
        session=session,
    )
