from datetime import datetime

import pytest
from django_q.models import Schedule

from jingwei.operations import weekly


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2026-11-22 02:59", "2026-11-22"),
        ("2026-11-22 03:00", "2026-11-29"),
        ("2026-11-23 00:00", "2026-11-29"),
    ],
)
def test_upkeep_comes_in_the_night_to_sunday(now, then):
    assert weekly.coming(datetime.fromisoformat(now)) == datetime.fromisoformat(f"{then} 03:00")


def test_a_plan_that_is_there_keeps_its_time(db):
    weekly.prepare()
    Schedule.objects.update(next_run="2026-12-01T00:00Z")
    weekly.prepare()
    assert Schedule.objects.get(name=weekly.NAME).next_run.day == 1
