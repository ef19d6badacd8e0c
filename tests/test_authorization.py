"""Every page and route, by GET and by POST, as every role, signed out, and as somebody from another organization.

Which action opens a page stands beside its address, in `NEEDS` of the room's `urls.py`: one action, `a+b` for both,
`a|b` for either, or one of the words in `WORDS`. A page that is not there fails here, and so does one that lets
somebody in whom its line does not name. Views are called as they stand behind the middleware; as soon as a view has
asked for all that its line says, the rest of it is not run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.cache import SessionStore
from django.http import Http404
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from jingwei.collection.models import Upload, WorkOrder
from jingwei.kernel import permissions
from jingwei.kernel.errors import JingweiError, NotAllowed
from jingwei.kernel.models import Account, LedgerEntry, Organization, Post
from jingwei.kernel.roles import conflicts

WORDS = {
    "(open)": "anybody, signed in or not",
    "(signed in)": "whoever has signed in; what they see depends on them",
}
INVENTED: dict[str, Any] = {"int": 1, "str": "nothing"}
"""What stands in the place of a number or a name in an address."""


@dataclass(frozen=True)
class Page:
    name: str
    view: Any
    arguments: dict[str, Any]
    needs: str

    @property
    def actions(self) -> tuple[str, ...]:
        return (
            tuple(self.needs.replace("+", "|").split("|")) if self.needs and self.needs not in WORDS else ()
        )

    def opens_to(self, account: Account) -> bool:
        has = [permissions.allowed(account, action) for action in self.actions]
        return any(has) if "|" in self.needs else all(has)


def pages() -> list[Page]:
    return list(walk(get_resolver(), (), {}))


def walk(resolver: URLResolver, spaces: tuple[str, ...], needs: dict[str, str]) -> Iterator[Page]:
    module = resolver.urlconf_module
    if isinstance(module, ModuleType):
        needs = {**needs, **getattr(module, "NEEDS", {})}
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            yield from walk(one, (*spaces, one.namespace) if one.namespace else spaces, needs)
        elif isinstance(one, URLPattern):
            arguments = {
                name: INVENTED["int" if type(kind).__name__ == "IntConverter" else "str"]
                for name, kind in one.pattern.converters.items()
            }
            name = ":".join((*spaces, one.name or "?"))
            yield Page(name, one.callback, {**arguments, **one.default_args}, needs.get(one.name or "", ""))


class Passed(Exception):
    """The view asked for everything its line names, and the account had it."""


@pytest.fixture
def ask(db: None, home: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`ask(page, method, user)`: passed, refused, door (sent to sign in), no method, other (no such thing) or answered
    without having asked."""
    real = permissions.require
    going: dict[str, Any] = {}

    def require(account: Account, action: str, object: str = "", **more: Any) -> None:
        real(account, action, object, **more)
        going["asked"].add(action)
        page = going["page"]
        wanted = set(page.actions)
        if wanted and (going["asked"] & wanted if "|" in page.needs else wanted <= going["asked"]):
            raise Passed

    monkeypatch.setattr(permissions, "require", require)

    def call(page: Page, method: str, user: Any) -> str:
        going.update(page=page, asked=set())
        request = RequestFactory().generic(method, "/somewhere/")
        request.user, request.session = user, SessionStore()
        request._dont_enforce_csrf_checks = True
        try:
            answer = page.view(request, **page.arguments)
        except Passed:
            return "passed"
        except NotAllowed:
            return "refused"
        except (JingweiError, Http404):
            return "other"
        if answer.status_code == 302 and "sign-in" in answer.headers["Location"]:
            return "door"
        if answer.status_code == 405:
            return "no method"
        return "other" if answer.status_code in (400, 404) else "answered"

    return call


def test_every_page_says_which_action_opens_it():
    known = {*permissions.ACTIONS}
    undeclared = [page.name for page in pages() if not page.needs]
    assert undeclared == [], "add them to NEEDS in the urls.py of their room"
    assert [page.name for page in pages() if page.needs not in WORDS and not set(page.actions) <= known] == []


def test_no_page_but_an_open_one_takes_a_form_without_its_token():
    loose = [
        page.name for page in pages() if getattr(page.view, "csrf_exempt", False) and page.needs != "(open)"
    ]
    assert loose == []


def test_signed_out_one_gets_to_the_door_and_no_further(ask):
    got_in = []
    for page in pages():
        found = {method: ask(page, method, AnonymousUser()) for method in ("GET", "POST")}
        if page.needs != "(open)" and set(found.values()) - {"no method"} != {"door"}:
            got_in.append((page.name, found))
    assert got_in == []


def test_what_the_table_says_is_what_passes_as_every_role(ask, account):
    """A page that refuses nobody, refuses too many, or never asks for what it declares is named with the role."""
    wrong = []
    everybody = [account(role) for role in permissions.ROLES] + [account()]
    for page in pages():
        if page.needs in WORDS:
            continue
        for who in everybody:
            found = {method: ask(page, method, who) for method in ("GET", "POST")}
            said = set(found.values()) - {"no method"}
            if said != ({"passed"} if page.opens_to(who) else {"refused"}):
                wrong.append((page.name, page.needs, who.username, found))
    assert wrong == []


def test_an_account_that_ended_and_roles_that_exclude_each_other_open_nothing(ask, account):
    ended, two = account("steward"), account("administrator", "auditor")
    ended.is_active = False
    assert conflicts(two.roles)
    opened = [
        (page.name, who.username)
        for page in pages()
        if page.needs not in WORDS
        for who in (ended, two)
        for method in ("GET", "POST")
        if ask(page, method, who) == "passed"
    ]
    assert opened == []


def theirs(place: Organization) -> dict[str, str]:
    """Things of one organization, by the name they go under in an address."""
    WorkOrder.objects.create(
        id="W-1", kind=WorkOrder.QUALITY, resource="police.resident", organization=place.name_zh,
        due="2026-12-01", rows=1, remaining=1,
    )  # fmt: skip
    Upload.objects.create(
        id="U-1", resource="police.resident", name="a.csv", path="files/uploads/U-1/a.csv", by="theirs",
        organization=place.name_zh,
    )  # fmt: skip
    owner = Account.objects.create_user("theirs", "correct horse", name="别人", organization=place)
    Post.objects.create(account=owner, organization=place, roles=["officer"], main=True)
    return {
        "collection:order": "W-1",
        "collection:upload": "U-1",
        "people:organization": place.code,
        "people:account": "theirs",
    }


def test_things_of_another_organization_are_refused_on_record_at_every_page_about_them(client, home, db):
    """Whoever may do the same with their own: an officer, an administrator and a security administrator elsewhere."""
    there, here = (
        Organization.objects.create(code=code, name_zh=name, level="street")
        for code, name in (("there", "那边街道"), ("here", "这边街道"))
    )
    things = theirs(there)
    let_in = []
    for role in ("officer", "administrator", "security"):
        who = Account.objects.create_user(role, "correct horse", name=role, roles=[role], organization=here)
        Post.objects.create(account=who, organization=here, roles=[role], main=True)
        client.force_login(who)
        for page in pages():
            thing = next((one for name, one in things.items() if page.name.startswith(name)), None)
            if (
                thing is None
                or not set(page.arguments) & {"order_id", "number", "code", "username"}
                or not page.opens_to(who)
            ):
                continue
            first, *rest = page.arguments
            given = {first: thing, **{name: page.arguments[name] for name in rest}}
            for method in ("get", "post"):
                before = LedgerEntry.objects.filter(outcome="refused").count()
                answer = getattr(client, method)(reverse(page.name, kwargs=given))
                after = LedgerEntry.objects.filter(outcome="refused").count()
                if answer.status_code != 405 and (answer.status_code < 400 or after == before):
                    let_in.append((page.name, role, method, answer.status_code, after - before))
    assert let_in == []
    assert LedgerEntry.objects.filter(outcome="refused").exists()
