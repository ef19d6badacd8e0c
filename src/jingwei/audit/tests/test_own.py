"""What a resident may know, what the law lets be told later, and that nothing gives the withheld away."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from jingwei.audit import resident, suppression, words
from jingwei.audit.errors import (
    AlreadyDecided,
    BadPeriod,
    NotBound,
    SayWhy,
    SecondPerson,
    UnknownWord,
)
from jingwei.audit.models import Finding, Suppression
from jingwei.inbox.models import ToDo
from jingwei.kernel.errors import NotAllowed
from jingwei.kernel.ledger.errors import NoSuchEntry
from jingwei.kernel.models import LedgerEntry
from jingwei.registers.models import Forwarding
from jingwei.testing.small_district import LU

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate
DAY = timedelta(days=1)


def page_of(account, query=""):
    client = Client()
    client.force_login(account)
    return client.get(f"/my-data/{query}")


def propose(scene, **facts):
    given = {
        "law": "pipl-35",
        "register": "population",
        "entity_id": scene.entity,
        "reason": "区监委〔2026〕9号",
    }
    given |= {"starts": TODAY() - 5 * DAY, "until": TODAY() + 30 * DAY, **facts}
    return suppression.propose(scene.auditor, **given)


def approved(scene, **facts):
    return suppression.decide(scene.second, propose(scene, **facts).pk, True)


def seen(scene):
    return [look.entry.pk for look in resident.trace(scene.resident, words.vocabulary(), whole=True).looks]


def test_a_resident_reads_who_when_for_what_and_which_fields(scene):
    scene.look(scene.clerk, at=timezone.make_aware(datetime(2026, 11, 18, 10, 41)), case="YX-20261118-0001")
    page = page_of(scene.resident, "?all=1").content.decode()
    for told in (
        "松涛街道便民服务中心",
        "许可心",
        "11-18 周三 10:41",
        "高龄津贴申领",
        "YX-20261118-0001",
        "姓名、证件号码",
    ):
        assert told in page, told


def test_english_readers_read_english(scene, recently):
    scene.look(scene.clerk, at=recently)
    client = Client()
    client.force_login(scene.resident)
    client.cookies["jingwei-language"] = "en"
    page = client.get("/my-data/").content.decode()
    assert "Old-age allowance" in page and "Identity number" in page and "1 organization" in page


def test_own_visits_and_looks_at_others_are_not_listed(scene, recently):
    scene.look(scene.clerk, scene.district.entity(LU), at=recently)
    page_of(scene.resident)
    assert LedgerEntry.objects.filter(account="resident", action="trace.own", subject_count=1).exists()
    assert seen(scene) == []


def test_looks_at_a_record_that_joined_another_are_still_told(scene, recently):
    Forwarding.objects.create(
        register="population", entity_id="Paaaaaaaaaaaaaaaa", to=scene.entity, build="b", at=recently
    )
    entry = scene.look(scene.clerk, "Paaaaaaaaaaaaaaaa", at=recently)
    assert seen(scene) == [entry.pk]


def test_an_account_that_is_tied_to_nobody_reads_nothing(scene, account):
    stranger = account("resident", "grid_worker")
    with pytest.raises(NotBound):
        resident.trace(stranger, words.vocabulary())
    assert page_of(stranger).status_code == 400


def test_a_withheld_look_changes_nothing_that_the_resident_reads(scene, recently):
    scene.look(scene.clerk, at=recently)
    before = told_words(page_of(scene.resident))
    one = approved(scene, case="YX-7")
    hidden = scene.look(scene.second, at=recently, case="YX-7", action="register.read")
    assert told_words(page_of(scene.resident)) == before
    client = Client()
    client.force_login(scene.resident)
    nobodys = client.get("/my-data/999999/proof/")
    withheld = client.get(f"/my-data/{hidden.pk}/proof/")
    assert withheld.status_code == nobodys.status_code
    with pytest.raises(NoSuchEntry):
        resident.ask(scene.resident, hidden.pk)
    assert one.state == Suppression.APPROVED
    assert not LedgerEntry.objects.filter(action="ledger.suppress", subject_count__gt=0).exists()


def told_words(response):
    """A page without what differs between any two answers."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())


def test_a_withheld_look_appears_with_a_note_once_the_term_is_over(scene, monkeypatch):
    today = TODAY()
    entry = scene.look(scene.clerk, at=timezone.now() - 2 * DAY)
    approved(scene)
    assert seen(scene) == []
    monkeypatch.setattr(
        timezone, "localdate", lambda value=None, **_: value.date() if value else today + 30 * DAY
    )
    assert seen(scene) == [entry.pk]
    (look,) = resident.trace(scene.resident, words.vocabulary(), whole=True).looks
    assert look.later is not None and look.later.law == "pipl-35"


def test_no_look_is_withheld_longer_than_the_law_of_the_house_even_by_several_in_a_row(scene):
    old = timezone.now() - (suppression.MOST_DAYS + 1) * DAY
    entry = scene.look(scene.clerk, at=old)
    starts = timezone.localtime(old).date()
    approved(scene, starts=starts + 5 * DAY, until=TODAY() + DAY)
    Suppression.objects.update(starts=starts - DAY)
    assert seen(scene) == [entry.pk]


def test_looks_before_after_for_other_cases_or_of_others_are_told(scene):
    approved(scene, case="YX-7", organization="松涛街道便民服务中心")
    early = scene.look(scene.clerk, at=timezone.now() - 20 * DAY, case="YX-7")
    other_case = scene.look(scene.clerk, at=timezone.now() - DAY, case="YX-8")
    other_office = scene.look(scene.auditor, at=timezone.now() - DAY, case="YX-7")
    withheld = scene.look(scene.clerk, at=timezone.now() - DAY, case="YX-7")
    assert set(seen(scene)) == {early.pk, other_case.pk, other_office.pk}
    assert withheld.pk not in seen(scene)


def test_a_proposal_alone_withholds_nothing_and_its_proposer_cannot_approve_it(scene, recently):
    entry = scene.look(scene.clerk, at=recently)
    one = propose(scene)
    assert seen(scene) == [entry.pk]
    with pytest.raises(SecondPerson):
        suppression.decide(scene.auditor, one.pk, True)
    suppression.decide(scene.second, one.pk, False)
    assert seen(scene) == [entry.pk]
    with pytest.raises(AlreadyDecided):
        suppression.decide(scene.second, one.pk, True)


def test_auditors_own_looks_do_not_give_away_what_is_proposed(scene):
    scene.look(
        scene.auditor,
        at=timezone.now(),
        action="ledger.read",
        object="candidates",
        purpose="区监委〔2026〕9号",
    )
    assert len(seen(scene)) == 1
    one = propose(scene, case="YX-7")
    assert seen(scene) == []
    suppression.decide(scene.second, one.pk, True)
    assert seen(scene) == []
    suppression.lift(scene.second, one.pk)
    assert len(seen(scene)) == 1


def test_it_can_be_ended_early_and_every_step_is_recorded(scene, recently):
    entry = scene.look(scene.clerk, at=recently)
    one = approved(scene)
    assert seen(scene) == []
    suppression.lift(scene.auditor, one.pk)
    assert seen(scene) == [entry.pk]
    steps = (
        LedgerEntry.objects.filter(action="ledger.suppress").order_by("id").values_list("account", "object")
    )
    assert list(steps) == [
        ("auditor", f"suppression {one.pk} propose"),
        ("second", f"suppression {one.pk} approve"),
        ("auditor", f"suppression {one.pk} lift"),
    ]


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"until": None}, BadPeriod),
        ({"starts": TODAY(), "until": TODAY() - DAY}, BadPeriod),
        ({"until": TODAY() + 400 * DAY}, BadPeriod),
        ({"starts": date(2020, 1, 1), "until": date(2020, 2, 1)}, BadPeriod),
        ({"law": "because"}, UnknownWord),
        ({"reason": " 密 "}, SayWhy),
    ],
    ids=["no end", "backwards", "too long", "over already", "no law", "no reason"],
)
def test_a_proposal_without_law_reason_or_a_fitting_end_is_refused(scene, facts, refusal):
    with pytest.raises(refusal):
        propose(scene, **facts)
    assert not Suppression.objects.exists()


def test_nobody_else_proposes_or_decides(scene):
    one = propose(scene)
    for somebody in (scene.clerk, scene.resident):
        with pytest.raises(NotAllowed):
            suppression.decide(somebody, one.pk, True)
        with pytest.raises(NotAllowed):
            suppression.lift(somebody, one.pk)


def test_auditors_propose_and_approve_on_their_page(scene):
    first, second = Client(), Client()
    first.force_login(scene.auditor)
    second.force_login(scene.second)
    form = {
        "law": "pipl-35",
        "subject": f"population/{scene.entity}",
        "reason": "区监委〔2026〕9号",
        "starts": str(TODAY()),
        "until": str(TODAY() + 9 * DAY),
    }
    assert first.post("/ledger/suppressions/", form | {"subject": "population/P0"}).status_code == 400
    assert first.post("/ledger/suppressions/", form | {"until": "soon"}).status_code == 400
    assert first.post("/ledger/suppressions/", form).status_code == 302
    one = Suppression.objects.get()
    assert "批准" not in re.sub(
        r"待另一人批准|另一人批准", "", first.get("/ledger/suppressions/").content.decode()
    )
    assert first.post(f"/ledger/suppressions/{one.pk}/", {"what": "approve"}).status_code == 400
    assert second.post(f"/ledger/suppressions/{one.pk}/", {"what": "nonsense"}).status_code == 400
    assert second.post(f"/ledger/suppressions/{one.pk}/", {"what": "approve"}).status_code == 302
    one.refresh_from_db()
    assert (one.state, one.decided_by) == ("approved", "second")
    assert ToDo.objects.get().done_by == "second"
    assert "暂不告知中" in first.get("/ledger/suppressions/").content.decode()


def test_who_knows_of_no_such_matter_asks_and_is_answered(scene, recently):
    entry = scene.look(scene.clerk, at=recently)
    client = Client()
    client.force_login(scene.resident)
    client.post(f"/my-data/{entry.pk}/ask/")
    client.post(f"/my-data/{entry.pk}/ask/")
    finding = Finding.objects.get()
    assert (finding.kind, finding.account, finding.entries) == ("resident-asks", "clerk", [entry.pk])
    assert ToDo.objects.filter(role="auditor", done=None, link=f"/ledger/unusual/{finding.pk}/").count() == 1
    assert "前答复您" in page_of(scene.resident).content.decode()
    auditor = Client()
    auditor.force_login(scene.auditor)
    auditor.post(f"/ledger/unusual/{finding.pk}/", {"reason": "mistaken", "note": "点错了同名的人，已提醒"})
    assert not ToDo.objects.filter(done=None).exists()
    assert "点错了同名的人" in page_of(scene.resident).content.decode()


def test_another_residents_looks_cannot_be_asked_about_or_proved(scene, recently):
    entry = scene.look(scene.clerk, scene.district.entity(LU), at=recently)
    client = Client()
    client.force_login(scene.resident)
    assert client.post(f"/my-data/{entry.pk}/ask/").status_code == 400
    assert client.get(f"/my-data/{entry.pk}/proof/").status_code == 400
    assert not Finding.objects.exists()
