"""Importing public holidays: what a file may say, what it changes, and what is known until when."""

from datetime import date

import pytest

from jingwei.inbox import calendar_import, working_days
from jingwei.inbox.errors import CalendarRefused
from jingwei.inbox.models import CalendarDay

pytestmark = pytest.mark.django_db
YEAR = working_days.LAST + 1


@pytest.fixture(autouse=True)
def unremembered():
    working_days.forget()
    yield
    working_days.forget()


@pytest.fixture
def imported(tmp_path):
    def write(text, encoding="utf-8"):
        path = tmp_path / "calendar.csv"
        path.write_bytes(text.encode(encoding))
        return calendar_import.load(path)

    return write


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_imported_days_count_and_the_year_is_known(imported, encoding):
    assert working_days.known_until() == date(YEAR - 1, 12, 31)
    found = imported(
        f"日期,类别,名称\n{YEAR}-01-01,放假,元旦\n{YEAR}/10/01,holiday\n\n{YEAR}-02-20,上班,调休\n", encoding
    )
    assert [one.kind for one in found] == ["holiday", "workday", "holiday"]
    assert not working_days.is_working_day(date(YEAR, 1, 1))
    assert working_days.is_working_day(date(YEAR, 2, 20))
    assert working_days.known_until() == date(YEAR, 12, 31) and working_days.remark(date(YEAR, 5, 6)) is None


def test_a_year_of_which_only_new_year_is_known_is_not_known(imported):
    imported(f"{YEAR}-01-01,holiday")
    assert working_days.known_until().year == YEAR - 1 and working_days.remark(date(YEAR, 5, 6))


def test_an_imported_day_goes_before_the_library(imported):
    monday = date(2026, 3, 2)
    assert working_days.is_working_day(monday)
    imported("2026-03-02,holiday,临时放假")
    assert not working_days.is_working_day(monday)
    imported("2026-03-02,workday")
    assert working_days.is_working_day(monday)


def test_all_wrong_lines_are_told_at_once_and_nothing_is_kept(imported):
    lines = [
        "2027-01-01,holiday",
        "2027-02-30,holiday",
        "2027-03-01,maybe",
        "x",
        "1492-01-01,holiday",
        "2027-01-01,workday",
    ]
    with pytest.raises(CalendarRefused) as refused:
        imported("\n".join(lines))
    told = str(refused.value)
    assert all(f"第 {number} 行" in told for number in range(2, 7)) and "第 1 行" not in told
    assert not CalendarDay.objects.exists()


@pytest.mark.parametrize(
    "text", ["", "date,kind\n", "\x00\x01", "2027-01-01,holiday," + "长" * 61, "2027-01-01,holiday,a\u202eb"]
)
def test_a_file_that_is_no_calendar_is_refused(imported, text):
    with pytest.raises(CalendarRefused):
        imported(text)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(CalendarRefused):
        calendar_import.load(tmp_path / "none.csv")
