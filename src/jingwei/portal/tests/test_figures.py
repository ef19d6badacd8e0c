"""Numbers, dates and addresses as readers expect them."""

from datetime import UTC, date, datetime

import pytest
from django.utils import timezone, translation

from jingwei.portal import figures


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (1, 4, "25.0%"),
        (0, 4, "0.0%"),
        (4, 4, "100.0%"),
        (1, 1_000_000, "<0.1%"),
        (999_999, 1_000_000, ">99.9%"),
        (1, 0, "–"),
    ],
)
def test_a_share_never_rounds_something_to_nothing_or_to_all(part, whole, said):
    assert figures.share(part, whole) == said


def test_thousands_have_a_comma_and_nothing_is_a_dash():
    assert (figures.number(1234567), figures.number(0), figures.number(None)) == ("1,234,567", "0", "–")


def test_a_day_is_the_sites_day():
    late = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
    assert figures.day(late) == timezone.localtime(late).date().isoformat()
    assert (figures.day(date(2026, 1, 2)), figures.day("2026"), figures.day(None)) == (
        "2026-01-02",
        "2026",
        "–",
    )


def test_only_another_year_is_written_out():
    now = timezone.localtime()
    assert figures.moment(now) == now.strftime("%m-%d %H:%M")
    assert figures.moment(now.replace(year=now.year - 1, day=1)).startswith(str(now.year - 1))


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [(0.26, "0.3 秒", "0.3 s"), (42, "42 秒", "42 s"), (186, "3 分 06 秒", "3 min 06 s"), (None, "–", "–")],
)
def test_a_duration_speaks_the_readers_language(seconds, zh, en):
    with translation.override("zh-hans"):
        assert figures.duration(seconds) == zh
    with translation.override("en"):
        assert figures.duration(seconds) == en


def test_an_address_leaves_out_what_is_empty():
    assert figures.with_query("/x/", {"a": "1 2", "b": None, "c": ""}) == "/x/?a=1+2"
    assert figures.with_query("/x/", {}) == "/x/"
