"""The ledger's pages: who may open them, what they say, and that looking at the ledger is in the ledger."""

from __future__ import annotations

import json
import shutil

import pytest
from django.test import Client

from jingwei.audit.models import Finding
from jingwei.audit.search_pages import entry_numbered
from jingwei.kernel import ledger
from jingwei.kernel.ledger import sealing
from jingwei.kernel.models import Account, LedgerEntry
from jingwei.kernel.permissions import ROLES, allowed
from jingwei.testing.small_district import HE_1951, LU

pytestmark = pytest.mark.django_db
PAGES = {
    "/ledger/": "ledger.read",
    "/ledger/unusual/": "ledger.read",
    "/ledger/responsibilities/": "ledger.read",
    "/ledger/suppressions/": "ledger.suppress",
    "/my-data/": "trace.own",
}


def signed_in(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


def test_only_roles_with_the_action_open_a_page_and_refusals_are_recorded(scene):
    for role in ROLES:
        one, _ = Account.objects.get_or_create(
            username=f"as-{role}", defaults={"name": role, "roles": [role]}
        )
        client = signed_in(one)
        for address, action in PAGES.items():
            status = client.get(address).status_code
            if not allowed(one, action):
                assert status == 403, (role, address)
                assert LedgerEntry.objects.filter(
                    account=one.username, action=action, outcome="refused"
                ).exists()
            else:
                # A resident whose account is tied to nobody is told so.
                assert status == (400 if action == "trace.own" else 200), (role, address)


def test_nobody_opens_a_page_signed_out(scene):
    for address in PAGES:
        assert Client().get(address).status_code == 302, address


def test_a_search_narrows_by_each_condition(scene, recently):
    kept = scene.look(scene.clerk, at=recently, object="YX-20261118-0001")
    client = signed_in(scene.auditor)
    for query in ("who=许可", "who=clerk", "organization=松涛", "action=window.prefill", "object=YX-2026"):
        rows = client.get(f"/ledger/?{query}").content.decode()
        assert f"/ledger/entries/{kept.pk}/" in rows, query
    for query in (
        "who=程既白",
        "organization=区民政局",
        "action=case.read",
        "outcome=refused",
        "since=2999-01-01",
    ):
        assert f"/ledger/entries/{kept.pk}/" not in client.get(f"/ledger/?{query}").content.decode(), query


def test_reading_the_ledger_is_in_the_ledger_and_left_out_of_a_search_until_asked_for(scene):
    client = signed_in(scene.auditor)
    client.get("/ledger/?who=clerk")
    read = LedgerEntry.objects.filter(account="auditor", action="ledger.read").first()
    assert "who=clerk" in read.object
    assert f"/entries/{read.pk}/" not in client.get("/ledger/").content.decode()
    assert f"/entries/{read.pk}/" in client.get("/ledger/?reads=1").content.decode()


def test_a_search_by_person_wants_a_reason_and_is_about_that_person(scene, recently):
    mine, other = (
        scene.look(scene.clerk, at=recently),
        scene.look(scene.clerk, scene.district.entity(LU), at=recently),
    )
    client = signed_in(scene.auditor)
    bare = client.get(f"/ledger/?subject=population/{scene.entity}")
    assert bare.status_code == 400 and f"/entries/{mine.pk}/" not in bare.content.decode()
    page = client.get(f"/ledger/?subject=population/{scene.entity}&why=信访 2026-18").content.decode()
    assert f"/entries/{mine.pk}/" in page and f"/entries/{other.pk}/" not in page
    assert "沈云禾" in page
    read = LedgerEntry.objects.filter(account="auditor", action="ledger.read").first()
    assert read.subject_count == 1 and read.purpose == "信访 2026-18"
    assert scene.entity not in read.object


def test_a_person_is_found_in_the_body_and_the_candidates_are_recorded(scene):
    client = signed_in(scene.auditor)
    assert client.post("/ledger/find/", {"q": HE_1951.name, "why": ""}).status_code == 400
    page = client.post("/ledger/find/", {"q": HE_1951.name, "why": "信访 2026-18"}).content.decode()
    assert page.count("subject=population") == 2
    assert HE_1951.number not in page
    # Two residents of the name, and the shop that bears it.
    assert LedgerEntry.objects.filter(account="auditor", object="candidates").first().subject_count == 3


def test_an_export_is_recorded_and_holds_no_formula(scene, recently):
    scene.look(scene.clerk, at=recently, object="=1+1", purpose="+SUM(A1)")
    response = signed_in(scene.auditor).post("/ledger/export/", {"as": "csv", "who": "clerk"})
    text = response.content.decode("utf-8-sig")
    assert "'=1+1" in text and "'+SUM(A1)" in text
    kept = LedgerEntry.objects.get(action="ledger.export")
    assert kept.object.startswith("1 entries") and "who=clerk" in kept.object
    assert signed_in(scene.auditor).post("/ledger/export/", {"as": "xlsx"}).content[:2] == b"PK"
    assert signed_in(scene.clerk).post("/ledger/export/", {"as": "csv"}).status_code == 403


@pytest.mark.parametrize(
    "odd",
    [
        "㛃𬀩",
        "阿依古丽·买买提",
        "\u202eevil\u202c",
        "长" * 400,
        "<script>alert(1)</script>",
        "%00\x00",
        "'; DROP TABLE",
    ],
    ids=["rare", "dot", "right-to-left", "long", "script", "zero", "quote"],
)
def test_any_text_is_searched_by_and_shown_as_text(scene, recently, odd):
    scene.look(
        scene.clerk, at=recently, object=odd.replace("\x00", "")[:200], purpose=odd.replace("\x00", "")[:200]
    )
    client = signed_in(scene.auditor)
    page = client.get("/ledger/", {"object": odd, "who": odd, "organization": odd})
    assert page.status_code == 200
    page = client.get("/ledger/").content.decode()
    assert "<script>alert" not in page
    assert (
        client.get("/ledger/", {"since": odd, "page": odd, "subject": odd, "why": "为了核对"}).status_code
        == 200
    )


def test_an_entry_says_who_what_and_how_its_proof_stands(scene, recently):
    entry = scene.look(scene.clerk, at=recently, case="YX-20261118-0001")
    client = signed_in(scene.auditor)
    page = client.get(f"/ledger/entries/{entry.pk}/").content.decode()
    for told in ("许可心", "窗口打开表单", "YX-20261118-0001", "证件号", "验证凭证"):
        assert told in page
    assert "还没有封存" in client.get(f"/ledger/entries/{entry.pk}/?proof=1").content.decode()
    assert client.get(f"/ledger/entries/{entry.pk}/proof/").status_code == 400
    assert client.get("/ledger/entries/999999/").status_code == 400
    assert entry_numbered(entry.pk) == entry


def test_a_sealed_entry_is_proved_and_one_that_was_changed_is_not(scene, recently, settings, tmp_path):
    # Sealing writes files; the district's home is every test's.
    shutil.copytree(scene.district.home / "packs", tmp_path / "packs")
    settings.HOME = tmp_path
    ledger.record(
        scene.clerk, "window.prefill", "population", subjects=[scene.entity], purpose="高龄津贴申领"
    )
    kept = LedgerEntry.objects.latest("id")
    sealing.seal()
    client, own = signed_in(scene.auditor), signed_in(scene.resident)
    assert "凭证有效" in client.get(f"/ledger/entries/{kept.pk}/?proof=1").content.decode()
    assert "凭证有效" in own.get(f"/my-data/?proof={kept.pk}").content.decode()
    proof = json.loads(own.get(f"/my-data/{kept.pk}/proof/").content)
    assert json.loads(proof["entry"])["id"] == kept.pk and proof["path"] is not None
    LedgerEntry.objects.filter(pk=kept.pk).update(purpose="别的")
    assert "凭证对不上" in client.get(f"/ledger/entries/{kept.pk}/?proof=1").content.decode()
    assert "凭证对不上" in own.get(f"/my-data/?proof={kept.pk}").content.decode()


def test_responsibilities_name_provider_and_count_what_was_read(scene, recently):
    scene.look(scene.clerk, at=recently, action="register.read", object=f"population/{scene.entity}")
    page = signed_in(scene.auditor).get("/ledger/responsibilities/?q=police").content.decode()
    assert "区公安分局" in page and "松涛街道便民服务中心" in page and "契约没写" in page
    assert "区医保局" not in page


def test_who_is_concerned_explains_and_another_closes(scene):
    finding = Finding.objects.create(
        kind="out-of-hours",
        account="clerk",
        day="2026-11-18",
        figures={"looks": 1, "persons": 1, "first": "22:01", "last": "22:01", "working": True},
    )
    clerk, auditor = signed_in(scene.clerk), signed_in(scene.auditor)
    assert "22:01" in clerk.get(f"/asked-of-me/{finding.pk}/").content.decode()
    assert signed_in(scene.second).get(f"/asked-of-me/{finding.pk}/").status_code == 400
    assert clerk.post(f"/asked-of-me/{finding.pk}/", {"answer": "加"}).status_code == 400
    clerk.post(f"/asked-of-me/{finding.pk}/", {"answer": "加班录入，有排班表"})
    page = auditor.get(f"/ledger/unusual/{finding.pk}/").content.decode()
    assert "加班录入" in page
    assert (
        auditor.post(f"/ledger/unusual/{finding.pk}/", {"reason": "nonsense", "note": "核对过"}).status_code
        == 400
    )
    auditor.post(f"/ledger/unusual/{finding.pk}/", {"reason": "arranged", "note": "与排班表一致"})
    finding.refresh_from_db()
    assert (finding.state, finding.closed_by) == ("closed", "auditor")
    assert "与排班表一致" in clerk.get(f"/asked-of-me/{finding.pk}/").content.decode()
    assert clerk.post(f"/asked-of-me/{finding.pk}/", {"answer": "再改一次"}).status_code == 400


def test_nobody_closes_what_is_about_themselves(scene):
    facts = {"looks": 1, "persons": 1, "first": "22:01", "last": "22:01", "working": True}
    own = Finding.objects.create(kind="out-of-hours", account="auditor", day="2026-11-18", figures=facts)
    client = signed_in(scene.auditor)
    assert (
        client.post(f"/ledger/unusual/{own.pk}/", {"reason": "explained", "note": "没有问题"}).status_code
        == 400
    )
    own.refresh_from_db()
    assert own.state == "open"
    assert LedgerEntry.objects.filter(action="ledger.close", outcome="refused").exists()
