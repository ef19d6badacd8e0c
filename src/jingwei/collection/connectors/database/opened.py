"""What a contract says about a driver: which one, where to, as whom. Secrets come from the environment alone.

`connection` gives the driver's own options. In their values stand, in braces, what is written elsewhere:
{host}, {port}, {database} and whatever else the server entry has, {user}, and {password}, which is looked for
in `JINGWEI_SECRET_<SERVER>`. In a value that is an address they are written the way addresses want them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from jingwei.collection.connectors import errors
from jingwei.collection.connectors.base import Source
from jingwei.collection.connectors.database.address import parse

_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Opening:
    """The parts of a connection; `settings` with their places filled."""

    shown: str
    driver: str
    place: Mapping[str, str]
    user: str
    password: str
    variable: str
    settings: Mapping[str, str]
    given: bool
    """Whether the contract gives options of its own."""
    max_text: int | None

    def hide(self, message: object) -> str:
        """A driver's message, on one line and without the password."""
        text = " ".join(str(message).split())
        for secret in (self.password, quote(self.password, safe="")):
            text = text.replace(secret, "***") if secret else text
        return text[:300]


def opening(source: Source) -> Opening:
    """Raises OptionWrong where no driver is named or a value names a place that there is not."""
    options = source.options
    address = parse(source.location, options, "")
    driver = str(options.get("driver") or "")
    if not driver:
        raise errors.OptionWrong(option="driver", value="")
    place = {key: str(value) for key, value in (options.get("place") or {}).items()}
    user = str(options.get("user") or address.user)
    known = {**place, "user": user, "password": address.password}
    settings = {}
    for key, value in (options.get("connection") or {}).items():
        settings[str(key)] = _filled(str(key), _text(value), known)
    return Opening(
        shown=address.shown,
        driver=driver,
        place=place,
        user=user,
        password=address.password,
        variable=address.variable,
        settings=settings,
        given=bool(settings),
        max_text=int(options["max_text"]) if options.get("max_text") else None,
    )


def _text(value: Any) -> str:
    # YAML reads yes and no as truth values
    return {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _filled(key: str, value: str, known: Mapping[str, str]) -> str:
    in_address = "://" in value

    def put(found: re.Match[str]) -> str:
        if not known.get(found[1]):
            raise errors.OptionWrong(option=f"connection.{key}", value=value)
        return quote(known[found[1]], safe="") if in_address and found[1] != "host" else known[found[1]]

    return _PLACE.sub(put, value)
