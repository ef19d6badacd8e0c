"""Commands on accounts: add, disable, enable, a new one-time password, posts without roles, choosing one's password.

The administrator makes accounts and posts (`account.edit` within the post's organization); what a post may do is
granted by somebody else (`granting`). The three administrators are kept up on the server: whoever could reset the
auditor's password here could become the auditor.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from datetime import date
from typing import Any

from django.contrib.auth.password_validation import (
    CommonPasswordValidator,
    MinimumLengthValidator,
    NumericPasswordValidator,
    UserAttributeSimilarityValidator,
)
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from jingwei.kernel import ledger, permissions, standing
from jingwei.kernel.models import Account, Organization, Post
from jingwei.kernel.organizations import subtree
from jingwei.kernel.roles import guarded
from jingwei.kernel.text import Text
from jingwei.people.errors import FactsWrong, GuardedAccount, NotForOneself, PasswordWeak, UnknownAccount

EDIT = "account.edit"
USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,59}")
CLEAR = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters that nobody mistakes for another when a password is read out."""
LEAST = 10


def visible(account: Account, action: str = EDIT) -> QuerySet[Account]:
    """Accounts of the organizations in which one has the action; those of no organization belong to the node."""
    scopes = permissions.scopes(account, action)
    if scopes is None:
        return Account.objects.all()
    ids = subtree(scopes)
    return Account.objects.filter(Q(organization_id__in=ids) | Q(posts__organization_id__in=ids)).distinct()


def account_of(actor: Account | None, username: str, action: str = EDIT) -> Account:
    """The account, once the actor may do this with it; actor None is the node itself."""
    found = Account.objects.select_related("organization").filter(username=username).first()
    if actor is not None:
        allowed_for(actor, action, found, username)
    if found is None:
        raise UnknownAccount(username=username)
    return found


def allowed_for(actor: Account, action: str, found: Account | None, username: str) -> None:
    """Refuses, on record, what concerns people of other organizations."""
    object = f"account/{username}"[:200]
    permissions.require(actor, action, object)
    if found is not None and not visible(actor, action).filter(pk=found.pk).exists():
        outside = found.organization or Organization(code="(node)", level="city")
        permissions.require(actor, action, object, within=outside)


def plain_name(text: str) -> str:
    """A person's name as it is kept: composed, without what cannot be seen; ethnic names keep their ·."""
    kept = "".join(
        sign for sign in unicodedata.normalize("NFC", text) if unicodedata.category(sign) not in ("Cc", "Cf")
    )
    return " ".join(kept.split())


def one_time() -> str:
    """A password to be told once and changed at the first sign-in."""
    return "-".join("".join(secrets.choice(CLEAR) for _ in range(4)) for _ in range(3))


def add(
    actor: Account | None,
    username: str,
    name: str,
    organization: Organization | None,
    title: str = "",
    password: str = "",
    roles: tuple[str, ...] = (),
) -> tuple[Account, str]:
    """A new account with one post, and its one-time password. Roles and a password of its own only the node gives."""
    if actor is not None:
        permissions.require(actor, EDIT, f"account/{username}"[:200], within=place_of(organization))
        if roles or password:
            raise ValueError("an administrator gives neither roles nor lasting passwords")
    name = plain_name(name)
    faults: dict[str, Text] = {}
    if not USERNAME.fullmatch(username):
        faults["username"] = Text(
            "账号用小写字母、数字和 . _ -，2 到 60 个",
            "the account is 2 to 60 lower-case letters, digits and . _ -",
        )
    elif Account.objects.filter(username=username).exists():
        faults["username"] = Text("这个账号已经有了", "this account exists already")
    if not name or len(name) > 60:
        faults["name"] = Text("要有姓名，最多 60 个字", "a name of 60 characters at most is needed")
    title = plain_name(title)
    if len(title) > 60:
        faults["title"] = Text("岗位名最多 60 个字", "the post's name has 60 characters at most")
    if faults:
        raise FactsWrong(faults)
    given = password or one_time()
    with transaction.atomic():
        made = Account.objects.create_user(username, given, name=name, must_change=not password)
        Post.objects.create(
            account=made, organization=organization, title=title, roles=list(roles), main=True
        )
        project(made)
        ledger.record(
            actor, EDIT, f"account/{username}", fields=["username", "name", "organization"], purpose="added"
        )
    return made, given


def disable(actor: Account | None, found: Account) -> None:
    """The account signs in no more; what it did stays on record. Its sessions end with the next request."""
    _not_guarded(actor, found)
    _set(actor, found, "disabled", is_active=False)


def enable(actor: Account | None, found: Account) -> None:
    _not_guarded(actor, found)
    _set(actor, found, "enabled", is_active=True)


def reset(actor: Account | None, found: Account) -> str:
    """A new one-time password; every session of the account ends."""
    _not_guarded(actor, found)
    given = one_time()
    found.set_password(given)
    _set(actor, found, "password reset", password=found.password, must_change=True)
    return given


def choose_password(account: Account, old: str, new: str, again: str) -> None:
    """One's own password, by the rules; raises FactsWrong or PasswordWeak."""
    if not account.check_password(old):
        ledger.record(account, "password.change", f"account/{account.username}", outcome="refused")
        raise FactsWrong({"old": Text("现在的密码不对", "the present password is wrong")})
    if new != again:
        raise FactsWrong({"again": Text("两次输入的不一样", "the two are not the same")})
    if new == old:
        raise FactsWrong({"new": Text("新密码不能和现在的一样", "the new password must be another one")})
    reasons: dict[Any, Text] = {
        MinimumLengthValidator(LEAST): Text(f"至少 {LEAST} 个字符", f"it needs {LEAST} characters"),
        UserAttributeSimilarityValidator(("username", "name")): Text(
            "太像账号或姓名", "it is too like the account or name"
        ),
        CommonPasswordValidator(): Text("太常见", "it is too common"),
        NumericPasswordValidator(): Text("不能全是数字", "it cannot be digits alone"),
    }
    for validator, why in reasons.items():
        try:
            validator.validate(new, account)
        except ValidationError as exc:
            raise PasswordWeak(why=why) from exc
    with transaction.atomic():
        account.set_password(new)
        account.must_change = False
        account.save(update_fields=["password", "must_change"])
        ledger.record(account, "password.change", f"account/{account.username}")


def add_post(
    actor: Account | None,
    found: Account,
    organization: Organization | None,
    title: str,
    since: date,
    until: date | None,
) -> Post:
    """Another post, without roles until the security administrator grants them."""
    if actor is not None:
        permissions.require(actor, EDIT, f"account/{found.username}", within=place_of(organization))
    faults: dict[str, Text] = {}
    if until is not None and until < since:
        faults["until"] = Text("结束不能早于开始", "it cannot end before it begins")
    title = plain_name(title)
    if len(title) > 60:
        faults["title"] = Text("岗位名最多 60 个字", "the post's name has 60 characters at most")
    if organization is not None and organization.valid_until is not None:
        faults["organization"] = Text("这个机构已撤销", "this organization is closed")
    if faults:
        raise FactsWrong(faults)
    with transaction.atomic():
        settle(found)
        made = Post.objects.create(
            account=found, organization=organization, title=title, since=since, until=until
        )
        project(found)
        ledger.record(actor, EDIT, f"account/{found.username}", fields=["post"], purpose="post added")
    return made


def end_post(actor: Account | None, post: Post, last: date) -> None:
    """The post is held until that day; another current post becomes the main one."""
    if actor is not None:
        permissions.require(
            actor, EDIT, f"account/{post.account.username}", within=place_of(post.organization)
        )
        if actor.pk == post.account_id:
            raise NotForOneself()
    last = max(last, post.since)
    with transaction.atomic():
        post.until = last
        post.save(update_fields=["until"])
        project(post.account)
        ledger.record(
            actor, EDIT, f"account/{post.account.username}", fields=["post"], purpose=f"post ends {last}"
        )


def settle(account: Account) -> None:
    """Puts the post that an account's own fields say on file, before another one is added."""
    if not Post.objects.filter(account=account).exists():
        Post.objects.create(
            account=account,
            organization=account.organization,
            title=account.post,
            roles=account.roles,
            main=True,
        )


def project(account: Account) -> None:
    """Brings the account's own fields in line with its main post of today."""
    today = timezone.localdate()
    posts = list(Post.objects.filter(account=account).select_related("organization"))
    held = [post for post in posts if post.since <= today and (post.until is None or post.until >= today)]
    main = next(iter(held), None)  # main first, then the newest
    if main is not None and not main.main:
        Post.objects.filter(account=account).update(main=False)
        Post.objects.filter(pk=main.pk).update(main=True)
    account.roles = sorted({role for post in held for role in post.roles})
    account.organization = main.organization if main else None
    account.post = main.title if main else ""
    account.save(update_fields=["roles", "organization", "post"])
    standing.forget(account)


def place_of(organization: Organization | None) -> Organization:
    """No organization means the node itself, within which only posts of the node have their actions."""
    return organization or Organization(code="(node)", level="city")


def _not_guarded(actor: Account | None, found: Account) -> None:
    if actor is None:
        return
    permissions.require(actor, EDIT, f"account/{found.username}", within=place_of(found.organization))
    if actor.pk == found.pk:
        raise NotForOneself()
    if any(guarded(role) for role in standing.own_roles(found)):
        ledger.record(actor, EDIT, f"account/{found.username}", outcome="refused", purpose="guarded")
        raise GuardedAccount(username=found.username)


def _set(actor: Account | None, found: Account, what: str, **facts: object) -> None:
    with transaction.atomic():
        for name, value in facts.items():
            setattr(found, name, value)
        found.save(update_fields=list(facts))
        ledger.record(actor, EDIT, f"account/{found.username}", fields=sorted(set(facts)), purpose=what)
