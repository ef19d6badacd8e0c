"""A real browser against a live server: what every journey needs.

Every page that a journey opens is watched: a request that leaves the site, a console error or a fault of a
script fails the test that caused it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from jingwei.kernel.models import Account, Organization
from jingwei.testing.small_district import small_district

__all__ = ["small_district"]

# The live server shares the test's connection with its own thread; the browser's loop runs in this one.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESK, PHONE = (1366, 768), (390, 844)
PASSWORD = "correct horse"
POSTS = {"clerk": "许可心", "steward": "程既白", "administrator": "陶知远", "officer": "池映川"}
PLACES = {"clerk": "松涛街道便民服务中心", "officer": "区公安分局"}
"""Organizations of those whose work depends on theirs."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine: apt-get install chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield started
        started.close()


@dataclass
class Reader:
    """Somebody at a browser: a page, and what went wrong on it."""

    page: Page
    site: str
    strays: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def open(self, address: str) -> Page:
        self.page.goto(self.site + address)
        return self.page

    def sign_in(self, username: str, password: str = PASSWORD) -> None:
        self.open("/sign-in/")
        self.page.fill("#username", username)
        self.page.fill("#password", password)
        self.page.press("#password", "Enter")
        self.page.wait_for_url(lambda address: "sign-in" not in address)

    def watch(self) -> None:
        def leaving(request: Any) -> None:
            if not request.url.startswith((self.site, "data:", "blob:")):
                self.strays.append(request.url)

        def said(message: Any) -> None:
            # A refusal is answered by 4xx on purpose; the browser notes it as an error of its own.
            if message.type == "error" and "Failed to load resource" not in message.text:
                self.faults.append(message.text)

        self.page.on("request", leaving)
        self.page.on("console", said)
        self.page.on("pageerror", lambda fault: self.faults.append(str(fault)))


def account_of(who: str) -> Account:
    """The account of a post, made where there is none yet."""
    found = Account.objects.filter(username=who).first()
    if found is not None:
        return found
    place = PLACES.get(who)
    office = None
    if place:
        office, _ = Organization.objects.get_or_create(
            name_zh=place, defaults={"code": f"place-{who}", "level": "district"}
        )
    return Account.objects.create_user(who, PASSWORD, name=POSTS[who], roles=[who], organization=office)


@pytest.fixture
def reader(browser: Browser, live_server: Any) -> Iterator[Callable[..., Reader]]:
    """`reader("clerk", viewport=PHONE, language="en")`: signed in, watched."""
    opened: list[Reader] = []

    def start(
        who: str | None = None,
        viewport: tuple[int, int] = DESK,
        language: str = "",
        theme: str = "",
        scripts: bool = True,
    ) -> Reader:
        context = browser.new_context(
            viewport={"width": viewport[0], "height": viewport[1]}, java_script_enabled=scripts
        )
        for name, value in (("jingwei-language", language), ("jingwei-theme", theme)):
            if value:
                context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
        one = Reader(context.new_page(), live_server.url)
        one.watch()
        opened.append(one)
        if who:
            account_of(who)
            one.sign_in(who)
        return one

    yield start
    for one in opened:
        one.page.context.close()
    assert [stray for one in opened for stray in one.strays] == []
    assert [fault for one in opened for fault in one.faults] == []
