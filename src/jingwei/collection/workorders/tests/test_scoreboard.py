"""The scoreboard counts what its definitions say, ranks organizations, and shows its orders to whom they concern."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone

from jingwei.collection.models import WorkOrder
from jingwei.collection.workorders import scoreboard
from jingwei.inbox.working_days import is_working_day

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate
QUICK, SLOW, NEW = "区快局", "区慢局", "区新局"


def noon(day):
    return timezone.make_aware(datetime.combine(day, time(12)))


def order(number, organization, opened, due, closed=None):
    """Days are counted from today, negative ones lie in the past."""
    day = {name: TODAY() + timedelta(days=n) for name, n in (("opened", opened), ("due", due))}
    return WorkOrder.objects.create(
        id=f"W-20260101-{number:04}",
        resource="trial.person",
        organization=organization,
        run=f"R-20260101-{number:04}",
        opened_by="test",
        opened=noon(day["opened"]),
        due=day["due"],
        state=WorkOrder.OPEN if closed is None else WorkOrder.CLOSED,
        closed=None if closed is None else noon(TODAY() + timedelta(days=closed)),
        rows=1,
    )


@pytest.fixture
def history():
    order(1, QUICK, -20, -13, closed=-14)
    order(2, QUICK, -20, -13, closed=-13)
    order(3, SLOW, -20, -13, closed=-10)
    order(4, SLOW, -20, -13)
    order(5, SLOW, -400, -393, closed=-399)
    order(6, NEW, -1, 6)


def standing(of, period="30", by=scoreboard.ON_TIME):
    return next(one for one in scoreboard.standings(period, by) if one.organization == of)


def test_in_time_are_those_closed_on_the_deadline_or_before_of_all_that_are_decided(history):
    assert (standing(QUICK).on_time, len(standing(QUICK).decided)) == (2, 2)
    assert (standing(SLOW).on_time, len(standing(SLOW).decided), standing(SLOW).share) == (0, 2, 0)


def test_an_order_neither_closed_nor_due_counts_for_nobody(history):
    one = standing(NEW)
    assert (one.decided, one.share, one.rank, one.open) == ((), None, 0, 1)


def test_the_period_decides_what_counts_and_lateness_is_as_of_today(history):
    assert len(standing(SLOW, "30").decided) == 2
    assert len(standing(SLOW, "365").closed) == 1
    assert [o.id for o in standing(SLOW).late] == ["W-20260101-0004"]


def test_the_time_to_close_is_the_median_in_working_days(history):
    def days(closed):
        first = TODAY() - timedelta(days=20)
        return sum(is_working_day(first + timedelta(days=n)) for n in range(1, 21 + closed))

    assert standing(QUICK).days == (days(-14) + days(-13)) / 2


@pytest.mark.parametrize(
    ("by", "best"), [(scoreboard.ON_TIME, QUICK), (scoreboard.DAYS, QUICK), (scoreboard.LATE, QUICK)]
)
def test_the_better_one_comes_first_and_who_has_nothing_to_judge_comes_last(history, by, best):
    found = scoreboard.standings("30", by)
    assert found[0].rank == 1 and best in {one.organization for one in found if one.rank == 1}
    assert all(one.rank for one in found if one.standing(by) is not None)
    assert [one.rank for one in found if one.standing(by) is None] == [0] * sum(
        one.standing(by) is None for one in found
    )


def test_equals_share_a_rank(history):
    ranks = {one.organization: one.rank for one in scoreboard.standings("30", scoreboard.LATE)}
    assert ranks == {QUICK: 1, NEW: 1, SLOW: 3}


def test_every_figure_opens_to_the_orders_it_was_computed_from(history):
    one = standing(SLOW)
    assert {o.id for o in one.orders(scoreboard.ON_TIME)} == {"W-20260101-0003", "W-20260101-0004"}
    assert {o.id for o in one.orders(scoreboard.DAYS)} == {"W-20260101-0003"}
    assert one.orders(scoreboard.QUALITY) == ()
    assert set(scoreboard.DEFINITIONS) == set(scoreboard.FIGURES)
