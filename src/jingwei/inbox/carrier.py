"""The one place that sends something off this machine: Apprise, with everything that could lead elsewhere shut.

Imported by the worker alone; it brings a library along that no page needs. Redirects are not followed, for they
would lead past the list of allowed hosts; an address is judged anew each time, for the list may have changed.
"""

from __future__ import annotations

import logging
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import apprise
from apprise.plugins.custom_json import NotifyJSON
from django.conf import settings

from jingwei.inbox import addresses
from jingwei.inbox.models import Address
from jingwei.kernel.errors import JingweiError
from jingwei.kernel.text import Text

log = logging.getLogger(__name__)
WAITED = (4.0, 8.0)
"""Seconds for a connection, and for an answer."""


def send(address: Address, title: Text, body: Text) -> bool:
    """Whether the other side took it. Neither the address nor its answer stands in a log."""
    text = addresses.unseal(address)
    if text is None:
        log.warning("address %s was sealed with another key", address.pk)
        return False
    try:
        addresses.judge(text)
        target = _target(address, text)
        words = (title.en, body.en) if address.language == "en" else (title.zh, body.zh)
        return target is not None and bool(target.notify(title=words[0], body=words[1]))
    except JingweiError as exc:
        log.warning("address %s: %s", address.pk, exc.code)
    except Exception as exc:
        log.warning("address %s: %s", address.pk, type(exc).__name__)
    return False


def _target(address: Address, text: str) -> apprise.NotifyBase | None:
    if address.kind == Address.MAIL:
        joint = "&" if "?" in settings.MAIL else "?"
        mail = f"{settings.MAIL}{joint}to={quote(text, safe='')}&format=text"
        return apprise.Apprise.instantiate(mail, suppress_exceptions=True)
    parts = urlsplit(text)
    if parts.scheme not in addresses.PORTS:
        joint = "&" if "?" in text else "?"
        return apprise.Apprise.instantiate(f"{text}{joint}redirect=no", suppress_exceptions=True)
    return NotifyJSON(
        host=parts.hostname,
        port=parts.port,
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        fullpath=parts.path or "/",
        params=dict(parse_qsl(parts.query, keep_blank_values=True)),
        secure=parts.scheme == "https",
        redirect="no",
        cto=WAITED[0],
        rto=WAITED[1],
    )
