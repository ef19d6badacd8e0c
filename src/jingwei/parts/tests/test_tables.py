"""Tables: conditions, order, columns and place in the address, over a queryset and over a list alike."""

from datetime import UTC, datetime, timedelta

import pytest
import python_calamine
from django.http import QueryDict

from jingwei.inbox.models import Notice
from jingwei.kernel.errors import NotAllowed
from jingwei.kernel.text import Text
from jingwei.parts.tables import Column, Listed, Stored, Table
from jingwei.parts.tables import address as addresses
from jingwei.parts.tables.export import csv_pieces, disarmed, xlsx_file

KINDS = (("late", Text("晚了", "late")), ("held", Text("扣住", "held")))
COLUMNS = (
    Column("about", Text("关于", "About"), sort=True, filter=True),
    Column("kind", Text("种类", "Kind"), kind="choice", choices=KINDS, filter=True),
    Column("at", Text("时间", "When"), kind="moment", sort=True, filter=True),
    Column("read_at", Text("读于", "Read"), kind="moment", sort=True),
    Column("id", Text("编号", "Number"), kind="number", filter=True, shown=False),
)
TABLE = Table("test.notices", Text("通知", "Notices"), "notice.read", COLUMNS, order="-at", size=4)
START = datetime(2026, 11, 1, 4, tzinfo=UTC)


@pytest.fixture
def notices(db):
    """Ten of them, a day apart; every third was read, and two were put there in the same moment."""
    return [
        Notice.objects.create(
            about=f"资源{number}",
            kind="held" if number % 2 else "late",
            at=START + timedelta(days=min(number, 8)),
            read_at=START + timedelta(days=20 - number) if number % 3 == 0 else None,
        )
        for number in range(10)
    ]


def sources(notices):
    return [Stored(Notice.objects.all()), Listed(Notice.objects.all(), key=lambda row: str(row.pk))]


def walk(rf, reader, source, query=""):
    """The numbers of every page from the first to the last, and back again."""
    there, back = [], []
    shown = look(rf, reader, source, query)
    while True:
        there.append([row.pk for row in shown.slice.rows])
        if not shown.next:
            break
        shown = look(rf, reader, source, shown.next.partition("?")[2])
    while True:
        back.append([row.pk for row in shown.slice.rows])
        if not shown.previous:
            break
        shown = look(rf, reader, source, shown.previous.partition("?")[2])
    return there, back


def look(rf, reader, source, query=""):
    request = rf.get(f"/x/?{query}")
    request.user = reader
    return TABLE.read(request, source)


@pytest.fixture
def clerk(account):
    return account("clerk")


@pytest.mark.parametrize("order", ["-at", "at", "read_at", "-read_at", "about"])
def test_every_row_comes_once_whichever_way_it_is_ordered(rf, clerk, notices, order):
    name = order.removeprefix("-")
    having = [one for one in notices if getattr(one, name) is not None]
    having.sort(key=lambda one: (getattr(one, name), one.pk), reverse=order.startswith("-"))
    lacking = [one for one in notices if getattr(one, name) is None]
    expected = [one.pk for one in having + lacking]
    there, _ = walk(rf, clerk, Stored(Notice.objects.all()), f"order={order}")
    assert [key for page in there for key in page] == expected


@pytest.mark.parametrize("order", ["-at", "read_at", "-read_at"])
def test_going_back_shows_every_page_again(rf, clerk, notices, order):
    there, back = walk(rf, clerk, Stored(Notice.objects.all()), f"order={order}")
    # the first page is always a full one, so the pages between may be cut elsewhere
    assert back[0] == there[-1]
    assert back[-1] == there[0]
    assert {key for page in back for key in page} == {one.pk for one in notices}


def test_a_list_and_a_queryset_answer_alike(rf, clerk, notices):
    for query in (
        "kind=held",
        "about=资源3",
        "about=资源&about.how=begins",
        "at.from=2026-11-03&at.to=2026-11-05",
    ):
        stored, listed = (look(rf, clerk, source, query) for source in sources(notices))
        assert {one.pk for one in stored.slice.rows} == {one.pk for one in listed.slice.rows}
        assert stored.total == listed.total > 0


def test_the_last_day_of_a_range_counts_whole(rf, clerk, notices):
    shown = look(rf, clerk, Stored(Notice.objects.all()), "at.from=2026-11-02&at.to=2026-11-02")
    assert [one.about for one in shown.slice.rows] == ["资源1"]


@pytest.mark.parametrize(
    ("query", "name", "words"),
    [
        ("id.from=abc", "id.from", "a number"),
        ("id.to=1e999", "id.to", "a number"),
        ("id.to=NaN", "id.to", "a number"),
        ("at.from=20号", "at.from", "a day"),
        ("kind=murder", "kind", "choice"),
    ],
)
def test_a_condition_that_cannot_be_read_is_told_beside_its_field(rf, clerk, notices, query, name, words):
    shown = look(rf, clerk, Stored(Notice.objects.all()), query)
    assert words in shown.chosen.faults[name].en
    assert shown.total == 10


def test_full_width_digits_are_digits(rf, clerk, notices):
    key = notices[0].pk
    shown = look(
        rf, clerk, Stored(Notice.objects.all()), f"id.from={key}&id.to=".replace("1", "１") + str(key)
    )
    assert [one.pk for one in shown.slice.rows] == [key]


@pytest.mark.parametrize(
    "query",
    [
        "order=account__password",
        "order=kind",
        "columns=account__password",
        "account__password=x",
        "after=999999999999999999999999",
        "after=' OR 1=1",
        "before=x%00y",
        "row=-5&after=1",
        "page=3",
    ],
)
def test_what_the_table_does_not_offer_is_left_out(rf, clerk, notices, query):
    shown = look(rf, clerk, Stored(Notice.objects.all()), query)
    assert shown.chosen.signed_order == "-at"
    assert [one.name for one in shown.chosen.columns] == ["about", "kind", "at", "read_at"]
    assert shown.total == 10


def test_chosen_columns_keep_the_declared_order_and_stand_in_every_address(rf, clerk, notices):
    shown = look(rf, clerk, Stored(Notice.objects.all()), "columns=id&columns=about&kind=late")
    assert [one.name for one in shown.chosen.columns] == ["about", "id"]
    again = addresses.read(QueryDict(shown.next.partition("?")[2]), COLUMNS, "-at")
    assert [one.name for one in again.columns] == ["about", "id"]
    assert [one.typed for one in again.conditions] == ["late"]


def test_no_value_of_a_row_gets_into_an_address(rf, clerk, notices):
    shown = look(rf, clerk, Stored(Notice.objects.all()), "order=about")
    assert "资源" not in shown.next
    with pytest.raises(ValueError, match="personal"):
        Column("name", Text("姓名", "Name"), personal=True, filter=True)


def test_counting_stops_at_its_cap(rf, clerk, notices):
    source = Stored(Notice.objects.all())
    chosen = look(rf, clerk, source).chosen
    assert source.count(chosen, cap=7) == 8


def test_whoever_may_not_see_the_page_gets_no_table(rf, account, notices):
    with pytest.raises(NotAllowed):
        look(rf, account("resident"), Stored(Notice.objects.all()))


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_a_cell_that_a_spreadsheet_would_compute_is_disarmed(sign):
    assert disarmed(f"{sign}cmd|'/c calc'!A1") == f"'{sign}cmd|'/c calc'!A1"
    assert disarmed(-5) == "-5"


def test_a_csv_carries_the_mark_of_its_encoding_and_the_shown_columns():
    rows = [{"about": "=1+1", "kind": "late"}, {"about": '张"三,四\n五', "kind": "held"}]
    text = b"".join(csv_pieces(COLUMNS[:2], rows)).decode("utf-8-sig")
    assert text.splitlines()[:2] == ["关于,种类", "'=1+1,晚了"]
    assert '"张""三,四' in text


def test_a_workbook_keeps_text_as_text_and_long_numbers_whole(home):
    column = Column("v", Text("值", "Value"))
    rows = [{"v": one} for one in ("=1+1", "990101199001011234", 990101199001011234, -5, None, "a\x01b")]
    with xlsx_file("值/[表]", [column], rows) as book:
        sheet = python_calamine.load_workbook(book).get_sheet_by_index(0)
    assert [row[0] for row in sheet.to_python()][1:5] == [
        "=1+1",
        "990101199001011234",
        "990101199001011234",
        -5,
    ]


def test_a_full_sheet_is_followed_by_another(home, monkeypatch):
    monkeypatch.setattr("jingwei.parts.tables.export.SHEET_ROWS", 3)
    with xlsx_file("表", [COLUMNS[0]], [{"about": str(n)} for n in range(7)]) as book:
        sheets = python_calamine.load_workbook(book)
        assert [len(sheets.get_sheet_by_name(name).to_python()) for name in sheets.sheet_names] == [4, 4, 2]
