"""Messages outside the page: where they may go, when they go, what they say, and what becomes of failures."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from jingwei.inbox import addresses, sending, todos
from jingwei.inbox.addresses import Times
from jingwei.inbox.errors import AddressOfOthers, AddressRefused, TextRefused
from jingwei.inbox.models import Address, ToDo
from jingwei.kernel.errors import NotAllowed
from jingwei.kernel.models import LedgerEntry
from jingwei.kernel.text import Text

from . import servers
from .conftest import STREET, TAX, days, service

MAIL = "zhou@tax.example"
MORNING = datetime(2026, 3, 4, 9, 30, tzinfo=timezone.get_default_timezone())


@pytest.fixture
def mail(settings):
    with servers.mail_server() as server:
        settings.MAIL = f"mailto://127.0.0.1:{server.server_address[1]}?from=jingwei@district.example"
        settings.SITE = "https://jingwei.district.example"
        yield server


@pytest.fixture
def web(settings):
    with servers.web_server() as server:
        server.host = f"127.0.0.1:{server.server_address[1]}"
        settings.TELL = [server.host]
        yield server


@pytest.fixture
def zhou(person):
    return person("zhou", TAX)


def test_a_mail_says_that_something_waits_and_where_and_nothing_else(mail, zhou, asked):
    asked(0)
    addresses.add(zhou, MAIL, Times())
    asked(1, title=Text("张伟的登记日期要改", "mend Zhang Wei's date"), due=days(-1)), asked(2)
    asked(3, organization=STREET)
    service.tell(about="tax.1", kind="held", text=Text("张伟", "Zhang Wei"), organization=TAX)
    assert sending.send_due() == 1 and sending.send_due() == 0
    (one,) = mail.taken
    body = one["mail"].get_content().strip()
    assert one["to"] == [MAIL] and one["mail"]["From"] == "jingwei@district.example"
    assert one["mail"]["Subject"] == sending.TITLE.zh
    # What was there before the address (matter 0) and what is meant for others (matter 3) is no news.
    assert body == "有2 件待办、1 条通知等您看。https://jingwei.district.example/todos/"
    asked(4)
    assert sending.send_due() == 1


def test_a_webhook_gets_the_same_in_the_language_chosen(web, zhou, asked):
    addresses.add(
        zhou, f"http://u:pass@{web.host}/hook?token=s3cret", Times(language="en"), whole_organization=True
    )
    asked(1)
    assert sending.send_due() == 1
    ((path, told),) = web.taken
    assert path == "/hook?token=s3cret" and told["title"] == sending.TITLE.en
    assert told["message"] == "Waiting for you: to-dos: 1. Open Jingwei to see."


def test_ones_own_deeds_and_work_handed_to_others_are_no_news(web, zhou, person, asked):
    wu, one = person("wu", TAX), asked()
    for account in (zhou, wu):
        addresses.add(account, f"http://{web.host}/{account.username}", Times())
    todos.hand_over(zhou, one.pk, "wu", "你熟")
    sending.send_due()
    assert [path for path, _ in web.taken] == ["/wu"]


def test_the_digest_comes_once_a_day_at_its_hour_and_counts_all_that_waits(web, zhou, asked):
    asked(1, due=days(-1)), asked(2)
    addresses.add(zhou, f"http://{web.host}/", Times(Address.DAILY, hour=9))
    early = MORNING.replace(hour=8, minute=59)
    assert [sending.send_due(at) for at in (early, MORNING, MORNING + timedelta(hours=5))] == [0, 1, 0]
    assert web.taken[0][1]["message"].startswith("有2 件待办等您看，其中逾期 1 件。")
    assert sending.send_due(MORNING + timedelta(days=1)) == 1
    # The clock is put back a day: the digest of that day has been sent, the next one comes when its day comes.
    assert sending.send_due(MORNING + timedelta(days=2)) == 1


def test_nothing_is_sent_for_nothing_nor_to_who_wants_none_nor_to_who_left(web, zhou, asked):
    addresses.add(zhou, f"http://{web.host}/", Times(Address.DAILY, hour=0))
    assert sending.send_due() == 0
    asked()
    Address.objects.update(digest=Address.NONE)
    assert sending.send_due() == 0
    Address.objects.update(digest=Address.NOW)
    zhou.is_active = False
    zhou.save()
    assert sending.send_due() == 0 and web.taken == []


@pytest.mark.parametrize(("hour", "sent"), [(21, 1), (22, 0), (23, 0), (0, 0), (6, 0), (7, 1), (12, 1)])
def test_quiet_hours_hold_back_over_midnight_and_nothing_is_lost(zhou, asked, settings, hour, sent):
    settings.TELL = ["hook.example"]
    addresses.add(zhou, "https://hook.example/", Times(quiet_from=22, quiet_until=7))
    asked()
    told = []

    def take(address, title, body):
        told.append(body)
        return True

    assert sending.send_due(MORNING.replace(hour=hour), take) == sent
    sending.send_due(MORNING + timedelta(days=1), take)
    assert len(told) == 1


def test_what_is_not_taken_is_tried_again_then_given_up_and_told_in_the_page(mail, zhou, asked):
    one = addresses.add(zhou, MAIL, Times())
    asked()
    mail.refusing, now = True, MORNING
    for delay in (*sending.DELAYS, timedelta()):
        assert sending.send_due(now) == 0
        one.refresh_from_db()
        if one.next_try:
            assert one.next_try == now + delay and sending.send_due(now + delay / 2) == 0
            now = one.next_try
    assert one.broken and sending.send_due(now + timedelta(days=2)) == 0
    told = ToDo.objects.get(kind="address")
    assert told.account == "zhou" and MAIL not in told.zh and told.link == "/notices/settings/"
    mail.refusing = False
    assert sending.try_now(one.pk, "zhou")
    told.refresh_from_db()
    assert told.done and sending.send_due() == 1


def test_it_follows_no_redirect(web, zhou, asked):
    addresses.add(zhou, f"http://{web.host}/here", Times())
    asked()
    web.answer, web.elsewhere = 302, f"http://{web.host}/there"
    assert sending.send_due() == 0
    assert [path for path, _ in web.taken] == ["/here"]


def test_a_host_that_is_no_longer_allowed_gets_nothing(web, zhou, asked, settings):
    addresses.add(zhou, f"http://{web.host}/", Times())
    asked()
    settings.TELL = []
    assert sending.send_due() == 0 and web.taken == []


def test_a_message_two_workers_want_to_send_is_sent_by_one(zhou, asked, settings):
    settings.TELL = ["hook.example"]
    addresses.add(zhou, "https://hook.example/", Times())
    asked()
    taken = []

    def slow(address, title, body):
        taken.append(address.pk)
        # The other worker comes while this one still sends.
        if len(taken) == 1:
            assert sending.send_due(MORNING, slow) == 0
        return True

    assert sending.send_due(MORNING, slow) == 1 and len(taken) == 1


@pytest.mark.parametrize(
    "text",
    [
        "https://other.example/",
        "http://hook.example:8080/",
        "https://hook.example@other.example/",
        "https://hook.example\\@other.example/",
        "http://127.0.0.1/",
        "http://[::1]/",
        "https://hook.example:99999/",
        "file:///etc/passwd",
        "syslog://",
        "dingtalk://token",
        "nobody",
        "a@b.example,c@d.example",
        "",
    ],
)
def test_an_address_that_is_not_allowed_is_refused(zhou, settings, text):
    settings.TELL, settings.MAIL = ["hook.example"], "mailto://127.0.0.1?from=a@b.example"
    with pytest.raises(AddressRefused):
        addresses.add(zhou, text, Times())
    assert not Address.objects.exists()


@pytest.mark.parametrize(
    "text",
    ["a@b.example\r\nBcc: c@d.example", "a@b.example\nx", "a" * 501, "a@b.example\u202e", "a\x00@b.example"],
)
def test_a_header_line_an_overlong_or_turned_text_is_refused(zhou, settings, text):
    settings.MAIL = "mailto://127.0.0.1?from=a@b.example"
    with pytest.raises(TextRefused):
        addresses.add(zhou, text, Times())
    assert not Address.objects.exists()


def test_without_a_mail_server_a_mail_address_says_so(zhou, settings):
    settings.MAIL = ""
    with pytest.raises(AddressRefused, match="JINGWEI_MAIL"):
        addresses.add(zhou, MAIL, Times())


@pytest.mark.parametrize(
    "form",
    [
        {"digest": "hourly"},
        {"hour": "24"},
        {"quiet_from": "22"},
        {"quiet_from": "x", "quiet_until": "7"},
        {"digest": "daily", "hour": "23", "quiet_from": "22", "quiet_until": "7"},
        {"language": "fr"},
    ],
)
def test_times_that_make_no_sense_are_refused(form):
    with pytest.raises(AddressRefused):
        Times.of(form)


def test_an_address_is_sealed_and_never_shown_again(zhou, settings, client):
    settings.TELL = ["hook.example"]
    one = addresses.add(zhou, "https://hook.example/hook?token=s3cret", Times())
    client.force_login(zhou, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/notices/settings/").content.decode()
    assert "s3cret" not in one.sealed and "s3cret" not in page and "https://hook.example/…" in page
    assert addresses.unseal(one) == "https://hook.example/hook?token=s3cret"
    refused = client.post("/notices/settings/add/", {"address": "https://hook.example:1/s3cret"})
    assert refused.status_code == 422 and "s3cret" not in refused.content.decode()
    assert not any("s3cret" in entry.object for entry in LedgerEntry.objects.all())
    settings.SECRET_KEY = "another"
    assert addresses.unseal(one) is None


def test_addresses_are_kept_by_their_owners_alone(zhou, person, settings, client):
    settings.TELL = ["hook.example"]
    own = addresses.add(zhou, "https://hook.example/1", Times())
    of_office = addresses.add(zhou, "https://hook.example/2", Times(), whole_organization=True)
    wu, stranger, worker = person("wu", TAX), person("stranger", STREET), person("wang", TAX, "grid_worker")
    assert [one.pk for one in addresses.mine(wu)] == [of_office.pk]
    for account, number in ((wu, own.pk), (stranger, of_office.pk), (worker, of_office.pk), (wu, 10**9)):
        for deed in (addresses.remove, lambda a, n: addresses.change(a, n, Times())):
            with pytest.raises(AddressOfOthers):
                deed(account, number)
    assert LedgerEntry.objects.filter(outcome="refused").count() == 8
    with pytest.raises(NotAllowed):
        addresses.add(worker, "https://hook.example/3", Times(), whole_organization=True)
    client.force_login(wu, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(f"/notices/settings/{own.pk}/try/").status_code == 403
    assert client.post(f"/notices/settings/{of_office.pk}/remove/").url.endswith("?told=removed")
    assert list(Address.objects.all()) == [own]
