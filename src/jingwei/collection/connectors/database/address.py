"""Addresses of databases: `postgresql://user@host:5432/db?schema=public`, and their passwords.

A password comes from the environment (`JINGWEI_SECRET_<SERVER>`, where SERVER is the name of the
contract's server entry), because contracts are shared and addresses are printed. One that stands
in an address all the same is used, and masked wherever the address is shown.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from jingwei.collection.connectors import errors


def masked(location: str) -> str:
    """The location as it may be shown: a password in it becomes `***`."""
    return re.sub(r"(?i)((?:[?&])pass(?:word|wd)?=)[^&]*", r"\1***", _in_address(location))


def _in_address(location: str) -> str:
    # the last @ before the path ends the credentials: an unescaped @ may be part of the password
    return re.sub(r"^([a-z+]+://[^/:@]*):[^/]*@", r"\1:***@", location, flags=re.IGNORECASE)


@dataclass(frozen=True)
class Address:
    """The parts of a database's address; empty where the driver's default is meant."""

    shown: str
    host: str
    port: int | None
    database: str
    user: str
    password: str
    schema: str
    variable: str
    """Environment variable the password is looked for in."""

    def hide(self, message: object) -> str:
        """A driver's message, on one line and without the password."""
        text = " ".join(str(message).split())
        return (text.replace(self.password, "***") if self.password else text)[:300]


def parse(location: str, options: Mapping[str, Any], default_variable: str) -> Address:
    """Splits an address and looks its password up; raises `OptionWrong` if it cannot be split."""
    shown = masked(location)
    try:
        parts = urlsplit(location)
        port = parts.port
    except ValueError:
        raise errors.OptionWrong(option="location", value=shown) from None
    query = parse_qs(parts.query)
    server = str(options.get("server", ""))
    named = f"JINGWEI_SECRET_{re.sub(r'[^A-Za-z0-9]', '_', server).upper()}" if server else ""
    password = os.environ.get(named, "") if named else ""
    return Address(
        shown=shown,
        host=unquote(query["host"][0]) if "host" in query else parts.hostname or "",
        port=port,
        database=unquote(parts.path.lstrip("/")),
        user=unquote(parts.username or ""),
        password=password or unquote(parts.password or "") or os.environ.get(default_variable, ""),
        schema=str(options.get("schema") or query.get("schema", [""])[0]),
        variable=named or default_variable,
    )
