"""The pages of work orders: who sees what, masked until asked, nothing lost on the way."""

from __future__ import annotations

import shutil

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from jingwei.collection.models import RowNote, WorkOrder
from jingwei.collection.workorders import disputes, excel, lines
from jingwei.kernel.models import LedgerEntry
from jingwei.packs.service import installed

from .conftest import GOOD
from .test_excel import back, put, table

WRONG_ID = "440301199001011231"


@pytest.fixture
def order(deliver):
    deliver(*GOOD, f"3,程既白,男,{WRONG_ID},2020-13-01", "4,,某,,2020-01-02")
    return WorkOrder.objects.get()


@pytest.fixture
def browse(client):
    def sign_in(who):
        client.force_login(who)
        return client

    return sign_in


def at(name, *args):
    return reverse(f"collection:{name}", args=args)


def text(response):
    return response.content.decode()


def line_of(order, key):
    return next(line for line in lines.page(order) if line.key == key)


PAGES = ["order", "order-mend"]
DEEDS = [
    "order-check",
    "order-file",
    "order-return",
    "order-right",
    "order-confirm",
    "order-correct",
    "order-value",
]


def test_the_list_has_the_orders_of_the_own_organization_alone(order, officer, stranger, browse):
    assert order.id in text(browse(officer).get(at("orders")))
    assert order.id not in text(browse(stranger).get(at("orders")))


@pytest.mark.parametrize("name", PAGES)
def test_another_departments_officer_opens_no_page_of_it(order, stranger, browse, name):
    assert browse(stranger).get(at(name, order.id)).status_code == 403
    assert LedgerEntry.objects.filter(account="stranger", outcome="refused").count() == 1


@pytest.mark.parametrize("name", DEEDS)
def test_another_departments_officer_does_nothing_with_it(order, stranger, browse, name):
    assert browse(stranger).post(at(name, order.id)).status_code == 403


@pytest.mark.parametrize("name", ["orders", "scoreboard", "scoreboard-figure"])
def test_a_clerk_sees_no_orders_and_no_scoreboard(order, account, browse, name):
    assert browse(account("clerk")).get(at(name)).status_code == 403


def test_numbers_are_starred_until_the_officer_mends_and_that_is_on_record(order, officer, browse):
    page = browse(officer).get(at("order", order.id))
    assert page.status_code == 200 and WRONG_ID not in text(page) and "4403**********1231" in text(page)
    assert not LedgerEntry.objects.filter(action="order.reveal").exists()
    assert WRONG_ID in text(browse(officer).get(at("order-mend", order.id)))
    assert LedgerEntry.objects.get(action="order.reveal").account == "officer"


def test_a_row_mended_in_the_page_leaves_the_list(order, officer, browse):
    line = line_of(order, "3")
    sent = {
        "row": [line.mark],
        f"cell.{line.mark}.since": "2020-12-01",
        f"cell.{line.mark}.id_number": "",
    }
    done = browse(officer).post(at("order-mend", order.id), sent, follow=True)
    assert "1 行改对了" in text(done) and [line.key for line in lines.page(order)] == ["4"]


def test_a_form_without_changes_says_so_and_keeps_the_page(order, officer, browse):
    line = line_of(order, "3")
    page = browse(officer).post(at("order-mend", order.id), {"row": [line.mark]})
    assert page.status_code == 400 and "没有给出改动" in text(page)


def test_the_check_answers_with_reasons_and_keeps_a_draft(order, officer, browse):
    line = line_of(order, "4")
    answer = browse(officer).post(
        at("order-check", order.id), {"row": line.mark, f"cell.{line.mark}.name": "陶知远"}
    )
    assert set(answer.json()["faults"]) == {"sex"}
    assert RowNote.objects.get().values == {"name": "陶知远"}
    assert 'value="陶知远"' in text(browse(officer).get(at("order-mend", order.id)))


def test_the_check_of_a_row_somebody_mended_says_that_it_is_gone(order, officer, browse):
    answer = browse(officer).post(at("order-check", order.id), {"row": "0" * 32})
    assert answer.status_code == 400


def test_a_file_goes_out_on_record_and_comes_back(order, officer, browse):
    sent = browse(officer).post(at("order-file", order.id))
    data = b"".join(sent.streaming_content)
    assert sent["Content-Disposition"].endswith(f'{order.id}.xlsx"')
    assert LedgerEntry.objects.get(action="order.export").object == f"{order.id} 2 rows"
    rows = put(put(table(data), "3", "登记日期", "2020-12-01"), "3", "证件号", "")
    page = browse(officer).post(
        at("order-return", order.id), {"file": SimpleUploadedFile("改.xlsx", back(rows))}
    )
    assert page.status_code == 200 and "1 行改对了" in text(page)


def test_no_file_and_a_wrong_file_are_told(order, officer, browse):
    assert "没有选文件" in text(browse(officer).post(at("order-return", order.id)))
    wrong = SimpleUploadedFile("x.csv", "编号\n1\n".encode())
    page = browse(officer).post(at("order-return", order.id), {"file": wrong})
    assert page.status_code == 400 and excel.NUMBER in text(page)


def test_a_row_said_to_be_right_is_before_the_steward_who_replies(order, officer, steward, browse):
    line = line_of(order, "3")
    browse(officer).post(
        at("order-right", order.id), {"right": line.mark, f"why.{line.mark}": "证上就是这样"}
    )
    assert "证上就是这样" in text(browse(steward).get(at("order", order.id)))
    browse(steward).post(at("order-reply", order.id), {"row": line.mark, "reply": "没有 13 月"})
    assert "没有 13 月" in text(browse(officer).get(at("order-mend", order.id)))


def test_a_dispute_has_its_own_page_where_the_provider_answers(order, officer, steward, browse):
    contract = installed().section("contracts")["trial.person"]
    dispute = disputes.start(steward, contract, "1", "since", "应是 2020-01-20")
    page = text(browse(officer).get(at("order", dispute.id)))
    assert "应是 2020-01-20" in page and "2020-01-02" in page
    refused = browse(officer).post(at("order-correct", dispute.id), {"value": "2020-13-20"})
    assert refused.status_code == 400 and "没有 2020-13-20 这一天" in text(refused)
    browse(officer).post(at("order-correct", dispute.id), {"value": "2020-01-20"})
    assert WorkOrder.objects.get(pk=dispute.id).state == WorkOrder.CLOSED
    assert "值已改" in text(browse(officer).get(at("order", dispute.id)))


@pytest.mark.parametrize("by", ["quality", "on_time", "days", "late"])
@pytest.mark.parametrize("period", ["30", "365", "nonsense"])
def test_the_scoreboard_and_every_figure_of_it_open(order, officer, browse, by, period):
    board = browse(officer).get(at("scoreboard"), {"by": by, "period": period})
    assert order.organization in text(board)
    figure = browse(officer).get(
        at("scoreboard-figure"), {"organization": order.organization, "by": by, "period": period}
    )
    assert figure.status_code == 200
    assert browse(officer).get(at("scoreboard-figure"), {"organization": "无"}).status_code == 200


def test_an_officer_without_an_organization_is_told_why_the_list_is_empty(db, account, browse):
    assert "没有配单位" in text(browse(account("officer")).get(at("orders")))


def test_the_page_of_a_closed_order_says_who_closed_it(order, officer, browse, deliver):
    deliver(*GOOD, "3,程既白,男,,2020-12-01", "4,陶知远,男,,2020-01-02")
    assert "办完了" in text(browse(officer).get(at("order", order.id)))
    assert browse(officer).get(at("order-mend", order.id)).status_code == 302
    assert browse(officer).get(at("orders"), {"state": "closed"}).status_code == 200


def test_without_its_contract_an_order_can_be_seen_but_not_mended(order, officer, browse, home):
    shutil.rmtree(home / "packs" / "trial")
    assert "已不在目录里" in text(browse(officer).get(at("order", order.id)))
    assert browse(officer).get(at("order-mend", order.id)).status_code == 400
