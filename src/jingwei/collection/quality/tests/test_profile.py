"""Profiles: what values look like, what has shifted, and what is never shown of people."""

from __future__ import annotations

import json
import random

import duckdb
import pytest

from jingwei.collection.models import Profile
from jingwei.collection.quality import profile as profiling
from jingwei.collection.quality import service
from jingwei.collection.quality.shapes import shape_sql, short
from jingwei.collection.quality.shifts import psi

database = pytest.mark.django_db


def field(name):
    return next(f for f in service.profile("club.member").fields if f.field == name)


@database
def test_counts_codes_and_distribution_of_a_small_table(club, member):
    club([*(member(n) for n in range(100)), member(100, kind=""), member(101, kind="丁")])
    table = service.profile("club.member")
    assert (table.rows, table.compared_with, table.shifts, table.changed_since) == (102, None, (), 0)
    kind = field("kind")
    # 100 members in three kinds, one without; 丁 has one row only and is not named.
    assert {v.value: v.rows for v in kind.values} == {"甲": 34, "乙": 33, "丙": 33}
    assert (kind.missing, kind.others, kind.distinct, kind.distinct_exact) == (1, 1, 4, True)
    sex = field("sex")
    assert {v.value: v.rows for v in sex.values} == {"1": 51, "2": 51}
    assert sex.values[0].title is not None
    fee = field("fee")
    assert (fee.least, fee.most, fee.sampled) == ("0.00", "49.00", None)
    assert fee.quantiles["0.5"].startswith("24")
    assert sum(bar.share for bar in fee.bars) == pytest.approx(1, abs=1e-4)


@database
def test_of_personal_values_only_shapes_and_lengths_are_kept(club, member):
    club([member(n) for n in range(60)])
    kept = json.dumps(Profile.objects.get().fields, ensure_ascii=False)
    assert "990101" not in kept
    assert "沈云" not in kept
    number = field("id_number")
    assert number.withheld is not None
    assert (number.values, number.shortest, number.longest) == ((), 18, 18)
    assert {p.value for p in number.patterns} <= {"9{18}", "9{17}A"}
    assert [p.value for p in field("name").patterns] == ["中中中"]


@database
def test_a_run_that_changed_nothing_takes_no_new_profile(club, member):
    members = [member(n) for n in range(30)]
    first = club(members)
    again = club(members)
    assert (again.new, again.changed) == (0, 0)
    assert service.profile("club.member").run == first.id


@database
def test_few_changes_are_counted_until_they_are_worth_a_profile(club, member):
    members = [member(n) for n in range(300)]
    first = club(members)
    club([member(0, fee="49.00"), *members[1:]])
    table = service.profile("club.member")
    assert (table.run, table.changed_since) == (first.id, 1)
    last = club([member(n, fee="48.00") for n in range(5)])
    assert service.profile("club.member").run == last.id


@database
def test_what_has_shifted_is_told_in_words(club, member):
    club([member(n) for n in range(400)])
    club([member(n, kind="丁" if n % 2 else "", fee=f"{n % 50 + 30}.00") for n in range(800)])
    table = service.profile("club.member")
    told = {(s.field, s.kind): s for s in table.shifts}
    assert told["", "rows"].text.zh == "行数从 400 变为 800（+100%）"
    assert told["kind", "missing"].strong
    assert "丁" in told["kind", "appeared"].text.zh
    assert "乙" in told["kind", "vanished"].text.en
    assert told["fee", "distribution"].figure > 0.25
    assert not [s for s in table.shifts if s.field in ("name", "id_number", "joined")]
    assert [s.strong for s in table.shifts] == sorted((s.strong for s in table.shifts), reverse=True)


@database
def test_another_way_of_writing_is_a_shift(club, member):
    club([member(n, number=f"A{n:05d}") for n in range(300)])
    club([member(n, number=f"B-{n:03d}") for n in range(900)])
    assert ("number", "pattern") in {(s.field, s.kind) for s in service.profile("club.member").shifts}


@database
def test_a_large_table_is_sampled_and_says_so(club, member, monkeypatch):
    monkeypatch.setattr(profiling, "SAMPLE", 100)
    club([member(n) for n in range(1000)])
    fee = field("fee")
    assert 50 < fee.sampled < 150
    assert (fee.rows, fee.least, fee.most) == (1000, "0.00", "49.00")
    assert field("kind").distinct_exact
    assert sum(p.rows for p in field("name").patterns) == 1000


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("京A·12345", "中A·9{5}"),
        ("沈云禾", "中中中"),
        ("990101199001011239", "9{18}"),
        ("ab-7", "aa-9"),
        ("松涛街道松间路12号3幢101室（西侧入口）", "中+9+中+9+中+9+中+（中+）"),
        ("Иван", "文文文文"),
        ("a\tb", "a\ta"),
        ("", ""),
    ],
)
def test_a_text_has_the_shape_of_its_signs(text, shape):
    row = duckdb.connect().execute(f"SELECT {shape_sql('v')} FROM (SELECT ? AS v)", [text]).fetchone()
    assert short(row[0]) == shape


def test_chance_alone_is_no_shift():
    rng = random.Random(1)
    for _ in range(20):
        sides = []
        for _ in range(2):
            counts = [0] * 20
            for _ in range(500):
                counts[rng.randrange(20)] += 1
            sides.append([count / 500 for count in counts])
        assert psi(*sides, 500, 500) < 0.1


def test_halves_that_change_places_are_a_strong_shift():
    # Σ (p - q) ln(p / q) = 2 · 0.6 · ln 4 = 1.66, less (2 - 1) · (2 / 1000).
    assert psi([0.8, 0.2], [0.2, 0.8], 1000, 1000) == pytest.approx(1.66355 - 0.002, abs=1e-4)
