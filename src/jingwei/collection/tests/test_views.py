"""The pages of collection: balances, quarantined rows, what is masked, what is queued, what is recorded."""

import csv
import io

import pytest
from django.urls import reverse
from django_q.models import OrmQ

from jingwei.collection import quarantine, queue, service
from jingwei.collection.errors import ColumnsMissing
from jingwei.collection.models import Run
from jingwei.kernel.models import LedgerEntry
from jingwei.testing.small_district import FORMULA, LU, POLICE, small_district

__all__ = ["small_district"]

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def steward(account, client):
    found = account("steward")
    client.force_login(found, backend=BACKEND)
    return found


@pytest.fixture
def administrator(account, client):
    found = account("administrator")
    client.force_login(found, backend=BACKEND)
    return found


def opened(client, name, *args, **query):
    return client.get(reverse(name, args=args), query).content.decode()


ADDRESSES = [
    ("get", "collection:start", []),
    ("get", "collection:runs", []),
    ("get", "collection:run", ["R-1"]),
    ("post", "collection:reveal", ["R-1"]),
    ("post", "collection:export", ["R-1"]),
    ("post", "collection:read", ["police.resident"]),
    ("get", "collection:progress", ["police.resident"]),
    ("get", "collection:release", ["R-1"]),
    ("post", "collection:release", ["R-1"]),
    ("get", "collection:plan", []),
    ("get", "collection:resource", ["police.resident"]),
    ("get", "collection:resource-field", ["police.resident", "name"]),
    ("get", "collection:uploads", []),
    ("get", "collection:upload", ["U-1"]),
    ("post", "collection:upload-row", ["U-1", 5]),
    ("post", "collection:upload-submit", ["U-1"]),
    ("get", "collection:upload-template", ["police.resident"]),
]


@pytest.mark.parametrize(("method", "name", "args"), ADDRESSES)
def test_nobody_comes_in_without_signing_in(db, client, method, name, args):
    assert getattr(client, method)(reverse(name, args=args)).url.startswith("/sign-in/")


@pytest.mark.parametrize(("method", "name", "args"), ADDRESSES)
def test_a_clerk_is_refused_and_the_try_is_on_record(db, account, client, method, name, args):
    client.force_login(account("clerk"), backend=BACKEND)
    assert getattr(client, method)(reverse(name, args=args)).status_code == 403
    assert LedgerEntry.objects.get().outcome == "refused"


def test_every_resource_is_listed_with_the_balance_of_its_newest_run(small_district, steward, client):
    page = opened(client, "collection:start")
    run = small_district.police_run
    assert "常住人口登记" in page and "区医保局" in page
    assert f"<b>{run.read}</b>" in page and reverse("collection:run", args=[run.id]) in page


def test_the_list_is_filtered_by_words_and_state_in_the_address(small_district, steward, client):
    assert "市场主体登记" not in opened(client, "collection:start", q="公安")
    assert "没有合这个条件的" in opened(client, "collection:start", state="never")
    run = small_district.police_run
    run.state = Run.HELD
    run.save()
    page = opened(client, "collection:start", state="hand")
    assert "常住人口登记" in page and "市场主体登记" not in page


def test_without_any_contract_the_page_says_what_to_do_first(home, steward, client):
    assert "jingwei pack install" in opened(client, "collection:start")


def test_a_run_shows_its_equation_steps_and_rows(small_district, steward, client):
    run = small_district.police_run
    rows = len(POLICE.splitlines()) - 1
    assert (run.read, run.quarantined) == (rows, 2)
    page = opened(client, "collection:run", run.id)
    assert page.count("等于") == 2 and "不等于" not in page
    assert "没有隔离" not in page and 'class="is-wrong"' in page


def test_a_run_that_does_not_balance_shows_it_in_words(small_district, steward, client):
    run = small_district.police_run
    run.declared, run.state = run.read + 1, Run.HELD
    run.error = {"error": "run-held", "what": {"zh": "源端说有 6 行，读到 5 行", "en": "6 said, 5 read"}}
    run.save()
    page = opened(client, "collection:run", run.id)
    assert "不等于" in page and "源端说有 6 行" in page and "没有发布" in page and "没到" in page


def test_a_failed_run_says_what_happened_and_what_to_do(small_district, steward, client):
    wrong = small_district.home / "tmp" / "wrong.csv"
    wrong.write_text("姓名,更新日期\n甲,2026-01-01\n", "utf-8")
    with pytest.raises(ColumnsMissing):
        service.collect("police.resident", str(wrong))
    failed = Run.objects.get(state=Run.FAILED)
    page = opened(client, "collection:run", failed.id)
    assert "公民身份号码" in page and "数据没有改动" in page and "停在这里" in page


def test_numbers_in_quarantined_rows_are_masked_until_asked_and_the_asking_is_recorded(
    small_district, steward, client
):
    run = small_district.police_run
    wrong = f"{LU.number[:-1]}*"
    assert wrong not in opened(client, "collection:run", run.id)
    page = client.post(reverse("collection:reveal", args=[run.id])).content.decode()
    assert wrong in page
    assert LedgerEntry.objects.first().action == "run.reveal"


def test_an_administrator_sees_balances_and_no_persons(small_district, administrator, client):
    run = small_district.police_run
    page = opened(client, "collection:run", run.id)
    assert "王五" not in page and "赵六" not in page and "等于" in page
    assert reverse("collection:export", args=[run.id]) not in page
    assert client.post(reverse("collection:reveal", args=[run.id])).status_code == 403
    assert client.post(reverse("collection:export", args=[run.id])).status_code == 403


def test_a_reason_filters_the_rows(small_district, steward, client):
    run = small_district.police_run
    (first, _, count) = next(one for one in service.reasons(run) if one[0].startswith("id_number"))
    page = opened(client, "collection:run", run.id, reason=first)
    assert f"第 1–{count} 行，共 {count} 行" in page
    assert 'aria-current="true"' in page


@pytest.mark.parametrize("asked", ["0", "99", "x", "", "²"])
def test_a_page_number_that_is_none_becomes_the_nearest(small_district, steward, client, asked):
    assert (
        client.get(
            reverse("collection:run", args=[small_district.police_run.id]), {"page": asked}
        ).status_code
        == 200
    )


def test_an_export_holds_all_rows_as_they_came_and_no_formula(small_district, steward, client):
    run = small_district.police_run
    response = client.post(reverse("collection:export", args=[run.id]))
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) == 1 + quarantine.count(run=run.id)
    assert rows[0][:2] == ["源行", "姓名"]
    cells = [cell for row in rows[1:] for cell in row]
    assert f"'{FORMULA}" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert LedgerEntry.objects.first().action == "run.export"


def test_reading_again_is_queued_once_and_said(small_district, steward, client):
    for _ in range(2):
        response = client.post(reverse("collection:read", args=["police.resident"]))
    assert OrmQ.objects.count() == 1
    page = client.get(response.url).content.decode()
    assert "排队中" in page and "hx-get" in page
    assert "排队中" in opened(client, "collection:progress", "police.resident")
    assert LedgerEntry.objects.filter(action="run.start").count() == 1


def test_what_was_queued_is_what_the_worker_can_do(small_district, steward, client):
    client.post(reverse("collection:read", args=["police.resident"]))
    task = OrmQ.objects.get().task
    assert task["func"] == "jingwei.collection.queue.perform"
    run = Run.objects.get(pk=queue.perform(*task["args"], **task["kwargs"]))
    assert (run.state, run.started_by, run.new, run.unchanged) == (Run.DONE, "steward", 0, run.accepted)


def test_when_nothing_waits_any_more_the_page_is_loaded_anew(small_district, steward, client):
    response = client.get(reverse("collection:progress", args=["police.resident"]))
    assert (response.status_code, response.headers["HX-Refresh"]) == (204, "true")


def test_an_unknown_resource_or_run_is_told(small_district, steward, client):
    assert client.post(reverse("collection:read", args=["police.residents"])).status_code == 400
    assert client.get(reverse("collection:run", args=["R-0"])).status_code == 400
    assert not OrmQ.objects.exists()


def test_a_run_that_is_not_held_cannot_be_let_through(small_district, steward, client):
    address = reverse("collection:release", args=[small_district.police_run.id])
    assert client.get(address).status_code == client.post(address).status_code == 400
    assert not OrmQ.objects.exists()


def test_a_held_run_that_was_overtaken_cannot_be_let_through(small_district, steward, client):
    run = small_district.police_run
    run.state, run.error = Run.HELD, {"what": {"zh": "少了", "en": "fewer"}}
    run.save()
    later = service.collect("police.resident", started_by="test")
    page = opened(client, "collection:run", run.id)
    assert reverse("collection:release", args=[run.id]) not in page
    answer = client.post(reverse("collection:release", args=[run.id]))
    assert answer.status_code == 400 and later.id in answer.content.decode()


def test_remarks_about_accepted_rows_stand_apart_from_quarantined_ones(small_district, steward, client):
    run = small_district.police_run
    assert "看隔离的" not in opened(client, "collection:run", run.id)
    assert "收下的行都没有备注" in opened(client, "collection:run", run.id, which="remarks")


def test_an_administrator_sees_a_resource_and_what_is_due_but_hands_in_nothing(
    small_district, administrator, client
):
    page = opened(client, "collection:resource", "police.resident")
    assert "常住人口登记" in page and "模板" not in page
    assert client.get(reverse("collection:uploads")).status_code == 403


def test_an_unknown_field_of_a_resource_is_not_found(small_district, steward, client):
    assert (
        client.get(reverse("collection:resource-field", args=["police.resident", "shoe"])).status_code == 404
    )
