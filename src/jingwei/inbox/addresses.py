"""Where messages may go besides the page, and the settings of each address.

A mail address goes through the site's own mail server (JINGWEI_MAIL). A webhook goes only to a host, and any
other service of Apprise only by a name, that the administrator listed (JINGWEI_TELL): otherwise anybody could have
this machine call another one from inside. Addresses are sealed with the node's key; a page never sees them again.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Max, Q, QuerySet

from jingwei.inbox import kinds, plain, todos
from jingwei.inbox.errors import AddressOfOthers, AddressRefused
from jingwei.inbox.models import Address, Notice, Step
from jingwei.kernel import ledger, permissions
from jingwei.kernel.models import Account
from jingwei.kernel.text import Text

LONGEST = 500
MOST = 10
"""Addresses that one account or one organization may have."""
PORTS = {"http": 80, "https": 443}
WORD = Text("地址", "The address")
SERVICE = re.compile(r"[a-z][a-z0-9]{1,30}://\S+")
FAILED = kinds.register(
    kinds.Kind("address", Text("通知发不出去", "messages fail"), "alert", above="administrator")
)


@dataclass(frozen=True)
class Times:
    """When an address is told: at once, daily at an hour, never; and the hours in which it is left in peace."""

    digest: str = Address.NOW
    hour: int = 9
    quiet_from: int | None = None
    quiet_until: int | None = None
    language: str = "zh"

    @classmethod
    def of(cls, form: Mapping[str, str]) -> Times:
        """Raises AddressRefused for what is no hour, and for a digest in the quiet hours."""
        digest, language = form.get("digest", Address.NOW), form.get("language", "zh")
        known = digest in (Address.NOW, Address.DAILY, Address.NONE) and language in ("zh", "en")
        begin, end = _hour(form.get("quiet_from", "")), _hour(form.get("quiet_until", ""))
        hour = _hour(form.get("hour", "") or "9")
        if not known or hour is None or (begin is None) != (end is None):
            raise AddressRefused(why=Text("时间没填全。", "its times are not complete."))
        found = cls(digest, hour, begin if begin != end else None, end if begin != end else None, language)
        if digest == Address.DAILY and is_quiet(found.quiet_from, found.quiet_until, hour):
            raise AddressRefused(
                why=Text("汇总的钟点在免打扰时段里。", "the hour of its digest lies in its quiet hours.")
            )
        return found


def is_quiet(begin: int | None, end: int | None, hour: int) -> bool:
    """Whether the hour lies in the quiet ones, which may go past midnight."""
    if begin is None or end is None:
        return False
    return begin <= hour < end if begin < end else hour >= begin or hour < end


def _hour(text: str) -> int | None:
    if not text:
        return None
    if text.isascii() and text.isdecimal() and int(text) < 24:
        return int(text)
    raise AddressRefused(why=Text("钟点是 0 到 23。", "an hour is 0 to 23."))


def mine(account: Account) -> QuerySet[Address]:
    """One's own, and those of the organization for whoever may decide there."""
    found = Q(account=account.username)
    if speaks_for(account):
        assert account.organization is not None
        found |= Q(organization=account.organization.name_zh)
    return Address.objects.filter(found)


def speaks_for(account: Account) -> bool:
    return account.organization is not None and permissions.allowed(account, "todo.hand_over")


def add(account: Account, text: str, times: Times, *, whole_organization: bool = False) -> Address:
    """Keeps an address. Raises AddressRefused, TextRefused; NotAllowed is on record."""
    permissions.require(account, "notice.read", "addresses")
    if whole_organization:
        permissions.require(account, "todo.hand_over", "addresses")
    place = account.organization if whole_organization else None
    if whole_organization and place is None:
        raise AddressRefused(why=Text("您的账号没有单位。", "your account has no organization."))
    text = plain.one_line(text, WORD, LONGEST)
    kind, shown = judge(text)
    owner = {"organization": place.name_zh} if place else {"account": account.username}
    with transaction.atomic():
        if Address.objects.filter(**owner).count() >= MOST:
            raise AddressRefused(why=Text("地址太多，先删几个。", "there are too many; remove some first."))
        address = Address.objects.create(
            kind=kind,
            sealed=seal(text),
            shown=shown,
            created_by=account.username,
            # What happened before is no news.
            told_step=Step.objects.aggregate(last=Max("id"))["last"] or 0,
            told_notice=Notice.objects.aggregate(last=Max("id"))["last"] or 0,
            **owner,
            **vars(times),
        )
        ledger.record(account, "notice.address", f"address/{address.pk} add {kind}")
    return address


def address_of(account: Account, number: int) -> Address:
    """Raises AddressOfOthers, in the same words whether there is one, once the try is on record."""
    permissions.require(account, "notice.read", f"address/{number}")
    found = mine(account).filter(pk=number).first()
    if found is None:
        ledger.record(account, "notice.address", f"address/{number}", outcome="refused")
        raise AddressOfOthers(action=permissions.ACTIONS["notice.read"])
    return found


def change(account: Account, number: int, times: Times) -> None:
    address = address_of(account, number)
    with transaction.atomic():
        Address.objects.filter(pk=address.pk).update(**vars(times))
        ledger.record(account, "notice.address", f"address/{number} change")


def remove(account: Account, number: int) -> None:
    address = address_of(account, number)
    with transaction.atomic():
        todos.done(key_of(address), account.username)
        address.delete()
        ledger.record(account, "notice.address", f"address/{number} remove")


def key_of(address: Address) -> str:
    """Of the to-do that says that the address fails."""
    return f"address:{address.pk}"


def judge(text: str) -> tuple[str, str]:
    """Kind of an address, and what may be shown of it."""
    if "://" not in text:
        return Address.MAIL, _mail(text)
    if text.startswith(("http://", "https://")):
        return Address.HOOK, _hook(text)
    scheme = text.partition("://")[0].lower()
    if not SERVICE.fullmatch(text) or scheme not in settings.TELL:
        raise AddressRefused(
            why=Text("管理员没有放行 {name}。", "the administrator has not allowed {name}.").fill(
                name=scheme[:30]
            )
        )
    return Address.HOOK, f"{scheme}://…"


def _mail(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError as exc:
        raise AddressRefused(
            why=Text("它不是邮箱，也不是网址。", "it is neither mail address nor web address.")
        ) from exc
    if any(sign in text for sign in ',;<>" '):
        raise AddressRefused(why=Text("一次只写一个邮箱。", "give one mail address at a time."))
    if not settings.MAIL:
        raise AddressRefused(
            why=Text(
                "本站还没有发信服务器，请管理员设置 JINGWEI_MAIL。",
                "this site has no mail server yet: JINGWEI_MAIL.",
            )
        )
    name, _, domain = text.rpartition("@")
    return f"{name[:1]}***@{domain}"[:120]


def _hook(text: str) -> str:
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    except ValueError as exc:
        raise AddressRefused(why=Text("网址写错了。", "the web address is wrong.")) from exc
    if "\\" in text or any(sign.isspace() for sign in text):
        raise AddressRefused(why=Text("网址里有空白或反斜线。", "it holds blanks or backslashes."))
    plainly = port == PORTS[parts.scheme] and host in settings.TELL
    if not host or not (plainly or f"{host}:{port}" in settings.TELL):
        raise AddressRefused(
            why=Text("管理员没有放行 {name}。", "the administrator has not allowed {name}.").fill(
                name=f"{host}:{port}"[:80]
            )
        )
    return f"{parts.scheme}://{host}/…"[:120]


def _box() -> Fernet:
    digest = hashlib.sha256(b"jingwei notice addresses\0" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))


def seal(text: str) -> str:
    return _box().encrypt(text.encode()).decode()


def unseal(address: Address) -> str | None:
    """None where the node's key is another one now."""
    try:
        return _box().decrypt(address.sealed.encode()).decode()
    except InvalidToken:
        return None
