"""The line of a score, the words of a schedule, the picture of a day."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from jingwei.collection import cron_words, day_plan, trend
from jingwei.collection.models import Run

NOON = timezone.make_aware(datetime(2026, 11, 20, 12, 30))


@dataclass
class Point:
    at: datetime
    score: float


def points(*scores):
    return [Point(NOON + timedelta(days=day), score) for day, score in enumerate(scores)]


def test_one_point_is_no_line():
    assert trend.draw(points(0.9)) is None


@pytest.mark.parametrize(("least", "floor"), [(0.995, 0.99), (0.99, 0.98), (0.97, 0.95), (0.91, 0.9), (0.3, 0.0), (1.0, 0.99)])  # fmt: skip
def test_the_axis_begins_where_there_is_something_to_see(least, floor):
    assert trend.begin(least) == floor


def test_the_line_goes_from_edge_to_edge_and_its_highest_point_is_everything():
    drawn = trend.draw(points(0.96, 1.0, 0.98))
    assert (drawn.dots[0].x, drawn.dots[-1].x) == (drawn.left, drawn.right)
    assert drawn.dots[1].y == trend.TOP and drawn.rows[0].said == "100%"
    assert drawn.floor == 0.95 and drawn.rows[-1].said == "95%"


def test_almost_everything_never_reads_as_everything():
    assert (trend.percent(0.99999), trend.percent(1.0), trend.percent(0.5)) == ("99.9%", "100%", "50%")


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("30 2 * * *", "每天 02:30"),
        ("0 8,20 * * *", "每天 08:00、20:00"),
        ("15 6 * * 1-5", "周一到周五 06:15"),
        ("0 3 1 * *", "每月 1 日 03:00"),
        ("*/10 * * * *", "每 10 分钟"),
        ("5 * * * *", "每小时 05 分"),
        ("0 */4 * * *", "每 4 小时，00 分"),
        ("0 0 1 1 *", "0 0 1 1 *"),
        ("0 0 * * MON#1", "0 0 * * MON#1"),
    ],
)
def test_a_schedule_is_said_in_words_or_as_it_is_written(expression, said):
    assert cron_words.words(expression).zh == said


def test_a_days_marks_stand_in_their_hours_and_what_failed_stands_lowest():
    runs = [Run(state=state, planned=NOON.replace(hour=8)) for state in (Run.DONE, Run.FAILED)]
    coming = [NOON.replace(hour=23), NOON + timedelta(hours=14), NOON + timedelta(days=1)]
    day = day_plan.draw(runs, [], coming, NOON)
    assert [(hour.said, hour.count) for hour in day.hours if hour.count] == [("08", 2), ("23", 1), ("02", 1)]
    first = [mark for mark in day.marks if mark.x < 200]
    assert max(first, key=lambda mark: mark.y).fill == "f-bad"
    assert day.now == pytest.approx(day_plan.LEFT + 6.5 / 24 * (day.width - 2 * day_plan.LEFT), abs=0.1)
    assert [hour.said for hour in day.hours if "-" in hour.said] == ["11-21"]


def test_an_hour_with_very_many_stays_in_the_picture():
    day = day_plan.draw([], [NOON] * 300, [], NOON)
    assert min(mark.y for mark in day.marks) >= 0 and day.total == 300
