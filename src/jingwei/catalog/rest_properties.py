"""How a service is asked, as a contract's server says it under `rest`: endpoint, paging, sign-in, limits.

Held to its shape when the pack is checked, so that a misspelt `sizeParameter` is found at the desk and not at
two in the morning. What each part does is said in docs/how-to/collect-a-service.md. Secrets are never part of it.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field, field_validator, model_validator
from pydantic.alias_generators import to_camel

from jingwei.packs.declarations import Declaration

NEEDED = {
    "none": (),
    "page": ("parameter",),
    "offset": ("parameter", "size_parameter", "size"),
    "cursor": ("parameter", "path"),
    "link": (),
    "next": ("path",),
}
"""Parts a kind of paging cannot do without."""
SIGNED_BY = {"bearer": (), "key": ("name",), "basic": ("user",), "oauth2": ("client", "url")}
SECRET_HEADERS = ("authorization", "cookie", "proxy-authorization")


class Shape(Declaration):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


def _complete(shape: Shape, kind: str, needed: tuple[str, ...]) -> None:
    missing = [to_camel(name) for name in needed if getattr(shape, name) is None]
    if missing:
        raise ValueError(f"kind: {kind} needs {', '.join(missing)}")


class PagingShape(Shape):
    """`page` counts pages from `first` (1), `offset` rows from `first` (0), `cursor` sends back what the answer
    has at `path`, `link` follows the header Link, `next` the address at `path`."""

    kind: Literal["none", "page", "offset", "cursor", "link", "next"]
    parameter: str | None = None
    first: int | None = Field(default=None, ge=0)
    size_parameter: str | None = None
    size: int | None = Field(default=None, ge=1)
    path: str | None = None
    place: Literal["query", "body"] = "query"

    @model_validator(mode="after")
    def _whole(self) -> PagingShape:
        _complete(self, self.kind, NEEDED[self.kind])
        return self


class AuthShape(Shape):
    """Who asks. The token, key, password or client secret is in JINGWEI_SECRET_<SERVER>."""

    kind: Literal["bearer", "key", "basic", "oauth2"]
    name: str | None = None
    place: Literal["header", "query"] = "header"
    user: str | None = None
    client: str | None = None
    url: str | None = None
    scope: str | None = None

    @model_validator(mode="after")
    def _whole(self) -> AuthShape:
        _complete(self, self.kind, SIGNED_BY[self.kind])
        return self


class SinceShape(Shape):
    """How the service is asked for what is newer: `format` is strftime's, or `epoch`, or `epoch-ms`."""

    parameter: str
    format: str | None = None


class SuccessShape(Shape):
    """What an answer has at `path` when all is well, for services that report errors with status 200."""

    path: str
    values: tuple[str, ...]

    @field_validator("values", mode="before")
    @classmethod
    def _texts(cls, value: Any) -> Any:
        listed = value if isinstance(value, list | tuple) else [value]
        return tuple(
            {True: "true", False: "false"}.get(one, str(one)) if isinstance(one, bool) else str(one)
            for one in listed
        )


class RestShape(Shape):
    """`attempts`, `timeout` and `patience` (seconds) bound how long one page is waited for."""

    path: str = ""
    method: Literal["GET", "POST"] = "GET"
    params: dict[str, str | int | float | bool] = {}
    body: dict[str, Any] | None = None
    headers: dict[str, str] = {}
    records: str | None = None
    total: str | None = None
    paging: PagingShape | None = None
    auth: AuthShape | None = None
    success: SuccessShape | None = None
    since: SinceShape | None = None
    per_second: float | None = Field(default=None, gt=0)
    timeout: float = Field(default=60, gt=0, le=600)
    attempts: int = Field(default=5, ge=1, le=20)
    patience: float = Field(default=60, ge=0, le=3600)

    @field_validator("headers")
    @classmethod
    def _no_secrets(cls, value: dict[str, str]) -> dict[str, str]:
        for name in value:
            if name.lower() in SECRET_HEADERS:
                raise ValueError(
                    f"{name} is a secret: declare auth, and keep the secret in JINGWEI_SECRET_..."
                )
        return value

    @model_validator(mode="after")
    def _body_is_posted(self) -> RestShape:
        in_body = self.body is not None or (self.paging is not None and self.paging.place == "body")
        if in_body and self.method != "POST":
            raise ValueError("a body needs method: POST")
        return self
