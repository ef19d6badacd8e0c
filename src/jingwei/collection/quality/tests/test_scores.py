"""Scores describe the table as it stands, however few rows the last run brought."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from jingwei.collection import service as collecting
from jingwei.collection.models import Score
from jingwei.collection.quality import scores, service
from jingwei.collection.quality.scorecard import span

pytestmark = pytest.mark.django_db


def kept(run):
    return {(s.field, s.dimension): (s.judged, s.failed) for s in Score.objects.filter(run=run.id)}


def test_each_fault_counts_under_its_field_and_dimension(club, member):
    run = club(
        [*(member(n) for n in range(1, 7)), member(7, name=""), member(8, id_number="123"), member(9, fee="-1"),
         member(10, joined="2022-01-01", name="")]
    )  # fmt: skip
    found = kept(run)
    assert found["", ""] == (10, 4)
    assert found["name", "completeness"] == (10, 2)
    assert found["id_number", "conformity"] == (10, 1)
    assert found["", "conformity"] == (10, 2)
    assert found["", "consistency"] == (10, 1)
    assert found["sex", ""] == (10, 0)
    card = service.scores("club.member")
    assert card.score == pytest.approx(0.6)
    assert [d.dimension for d in card.dimensions] == [
        "completeness",
        "conformity",
        "uniqueness",
        "consistency",
    ]
    assert {f.field: f.score for f in card.fields}["name"] == pytest.approx(0.8)


def test_two_faults_of_one_field_and_dimension_are_one_row(club, member):
    run = club([member(1), member(2, fee="-1"), member(3, name="", id_number="1")])
    assert kept(run)["", ""] == (3, 2)


def test_values_set_aside_count_though_their_rows_stand(club, member):
    run = club([member(1), member(2, id_number="123")], void=True)
    assert run.accepted == 2
    assert kept(run)["id_number", "conformity"] == (2, 1)


def test_a_run_of_one_row_is_scored_as_the_whole_table(club, member):
    club([*(member(n) for n in range(1, 9)), member(9, name=""), member(10, name="")])
    run = club([member(9)])
    assert run.read == 1
    assert kept(run)["", ""] == (10, 1)


def test_a_key_that_stands_and_came_again_wrong_is_one_row(club, member):
    club([member(1), member(2)])
    run = club([member(1), member(2, name="")])
    assert kept(run)["", ""] == (2, 1)
    assert kept(run)["name", "completeness"] == (2, 1)


def test_scoring_a_run_again_changes_nothing(club, member):
    run = club([member(1), member(2, name="")])
    before = kept(run)
    service.note(run, collecting.contract_of("club.member"))
    assert kept(run) == before


def test_a_held_run_leaves_the_scores_as_they_were(club, member):
    club([member(1), member(2)])
    held = club([member(1, name=""), member(2, name="")])
    assert held.state == held.HELD
    assert not kept(held)
    assert service.score_now("club.member") == 1


def test_lateness_grows_without_a_run(club, member):
    club([member(1)], cycle="value: 10, unit: d")
    assert service.score_now("club.member") == 1
    later = service.scores("club.member", timezone.now() + timedelta(days=20))
    # Twenty days old, ten of them beyond the promise.
    assert later.score == pytest.approx(0.5, abs=0.01)
    assert later.promptness.late
    timely = next(d for d in later.dimensions if d.dimension == "timeliness")
    assert timely.score == pytest.approx(0.5, abs=0.01)
    assert "10 天" in later.promptness.told.zh


def test_the_newest_row_is_what_as_of_says(club, member):
    old = (timezone.localdate() - timedelta(days=41)).isoformat()
    club([member(1, joined="2000-01-01", changed=old)], cycle="value: 10, unit: d",
         properties="  - {property: asOf, value: changed}")  # fmt: skip
    card = service.scores("club.member")
    assert card.promptness.age.days == 40
    assert card.score == pytest.approx(10 / 40, abs=0.01)


def test_a_resource_never_collected_has_no_score(club, member):
    club.declare()
    assert service.score_now("club.member") is None
    assert service.departments() == ()
    assert service.history("club.member") == ()


def test_history_keeps_the_last_score_of_each_day(club, member):
    first = club([member(1), member(2, name="")])
    Score.objects.filter(run=first.id).update(at=timezone.now() - timedelta(days=3))
    club([member(3, name=""), member(4)])
    last = club([member(2)])
    points = service.history("club.member")
    assert [(p.judged, p.failed) for p in points] == [(2, 1), (4, 1)]
    assert points[1].at.date() == last.ended.date()


def test_departments_are_weighted_by_rows_and_compared_with_thirty_days_ago(club, member):
    first = club([member(1), member(2, name="")])
    Score.objects.filter(run=first.id).update(at=timezone.now() - timedelta(days=31))
    club([member(2), member(3), member(4)])
    (department,) = service.departments()
    assert (department.organization, department.judged, department.failed) == ("区体育局", 4, 0)
    assert department.before == pytest.approx(0.5)
    assert department.change == pytest.approx(0.5)
    assert [card.resource for card in department.resources] == ["club.member"]


@pytest.mark.parametrize(
    ("minutes", "said"), [(5, "5 分钟"), (119, "119 分钟"), (180, "3 小时"), (2880, "2 天")]
)
def test_a_span_is_told_in_one_unit(minutes, said):
    assert span(timedelta(minutes=minutes)).zh == said


def test_every_reason_has_a_dimension(club, member):
    club.declare()
    contract = collecting.contract_of("club.member")
    assert scores.dimension_of(contract, "", "duplicate-key") == "uniqueness"
    assert scores.dimension_of(contract, "", "changed-after-joined") == "consistency"
    assert scores.dimension_of(contract, "id_number", "too-short") == "conformity"
