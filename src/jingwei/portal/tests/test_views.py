"""Signing in and out, the way to one's room, language and theme, and errors in plain words."""

import json

import pytest
from django.test import Client

from jingwei.kernel.models import LedgerEntry
from jingwei.kernel.text import Text
from jingwei.portal import demo
from jingwei.portal.context import ROOMS, Room, room_at

COLLECT = next(room for room in ROOMS if room.start == "collection:start")
BACKEND = "django.contrib.auth.backends.ModelBackend"


def signed_in(client, account):
    client.force_login(account, backend=BACKEND)
    return client


def test_everybody_starts_on_the_home_page(client, account):
    answer = signed_in(client, account("clerk")).get("/")
    assert answer.status_code == 200 and "能去的地方" in answer.content.decode()


def test_who_has_one_room_starts_in_it(client, account):
    assert signed_in(client, account("resident")).get("/").url == "/my-data/"


def test_the_rail_marks_the_room_whose_address_fits_best():
    rooms = [Room("portal:home", Text("首", "First"), "home", "run.read"), COLLECT]
    assert room_at("/collection/runs/", rooms) == "collection:start"
    assert room_at("/nowhere/", rooms) == "portal:home"
    assert room_at("/nowhere/", [COLLECT]) == ""


def test_an_account_without_a_post_is_told_whom_to_ask(client, account):
    response = signed_in(client, account()).get("/")
    assert response.status_code == 403 and "岗位" in response.content.decode()


def test_a_stranger_is_led_to_the_sign_in_and_back(client, account):
    account("clerk")
    assert client.get("/").url == "/sign-in/"
    sent = {"username": "clerk", "password": "correct horse", "next": "/window/cases/"}
    assert client.post("/sign-in/", sent).url == "/window/cases/"
    assert LedgerEntry.objects.get().action == "session.begin"


@pytest.mark.parametrize(
    "target", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"]
)
def test_signing_in_never_leads_off_the_site(client, account, target):
    account("clerk")
    sent = {"username": "clerk", "password": "correct horse", "next": target}
    assert client.post("/sign-in/", sent).url == "/"


def test_a_wrong_password_says_so_and_keeps_the_name_only(client, account):
    account("clerk")
    response = client.post("/sign-in/", {"username": "clerk", "password": "wrong horse"})
    page = response.content.decode()
    assert response.status_code == 401
    assert "用户名或密码不对" in page and 'value="clerk"' in page and "wrong horse" not in page


def test_too_many_wrong_passwords_are_slowed_down_in_plain_words(client, account, settings):
    account("clerk")
    for _ in range(settings.AXES_FAILURE_LIMIT + 1):
        response = client.post("/sign-in/", {"username": "clerk", "password": "wrong"})
    assert response.status_code == 429
    assert client.post("/sign-in/", {"username": "clerk", "password": "correct horse"}).status_code == 429


def test_signing_out_needs_a_form_and_ends_the_session(client, account):
    signed_in(client, account("clerk"))
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/").url == "/sign-in/"
    assert client.get("/window/").status_code == 302


def test_a_demo_offers_its_ready_made_sign_ins(client, db, home):
    assert demo.sign_ins() == []
    accounts = [{"username": "clerk", "password": "p", "post": "综合窗口", "post_en": "Window clerk", "x": 1}]
    (home / "demo.json").write_text(json.dumps({"accounts": accounts}), "utf-8")
    page = client.get("/sign-in/").content.decode()
    assert "综合窗口" in page and 'value="clerk"' in page


def test_a_broken_demo_file_hides_the_offer_and_nothing_else(client, db, home):
    (home / "demo.json").write_text("{", "utf-8")
    assert client.get("/sign-in/").status_code == 200


def test_chinese_is_spoken_whatever_the_browser_prefers(client, db):
    page = client.get("/sign-in/", headers={"Accept-Language": "en"}).content.decode()
    assert '<html lang="zh-CN"' in page and "登录" in page


def test_the_reader_chooses_language_and_colours_and_stays_on_the_page(client, db, settings):
    response = client.post("/reading/", {"language": "en", "next": "/sign-in/"})
    assert response.url == "/sign-in/"
    client.post("/reading/", {"theme": "dark"})
    page = client.get("/sign-in/").content.decode()
    assert '<html lang="en" data-bs-theme="dark"' in page and "Sign in" in page


@pytest.mark.parametrize("sent", [{"language": "xx"}, {"theme": "pink"}, {}])
def test_an_unknown_choice_changes_nothing(client, db, sent):
    assert not client.post("/reading/", sent).cookies


@pytest.mark.parametrize("who", ["clerk", None])
def test_a_missing_page_says_so_without_a_traceback(client, account, who):
    if who:
        signed_in(client, account(who))
    response = client.get("/nowhere/")
    assert response.status_code == 404 and "没有这一页" in response.content.decode()


def test_a_stale_form_is_explained(db, account):
    strict = signed_in(Client(enforce_csrf_checks=True), account("clerk"))
    response = strict.post("/sign-out/")
    assert response.status_code == 403


def test_a_fault_of_ours_gives_a_reference_and_no_traceback(client, account, monkeypatch):
    client.raise_request_exception = False

    def broken(*_, **__):
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr("jingwei.portal.home.rooms_of", broken)
    response = signed_in(client, account("clerk")).get("/")
    page = response.content.decode()
    assert response.status_code == 500
    assert "编号" in page and "secret detail" not in page and "Traceback" not in page


def test_pages_allow_no_script_or_style_of_their_own_text_and_are_not_cached(client, db):
    response = client.get("/sign-in/")
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "unsafe" not in policy
    assert response.headers["Cache-Control"] == "no-store"
    page = response.content.decode()
    assert "style=" not in page and "onclick" not in page and "<style" not in page


@pytest.mark.parametrize(
    ("role", "rooms"),
    [("clerk", {"窗口", "基础库"}), ("steward", {"基础库", "采集"}), ("administrator", {"采集"})],
)
def test_the_rail_shows_only_rooms_one_may_enter(client, account, role, rooms):
    page = signed_in(client, account(role)).get("/nowhere/").content.decode()
    rail = page[page.index("<ul>") : page.index("</ul>")]
    assert {room for room in ("窗口", "基础库", "采集") if room in rail} == rooms
