from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from jingwei.registers.places.succession import Division, Divisions, compare

REAL = Path(__file__).resolve().parents[6] / "shared/data/codes"
RETIRED = date(2000, 1, 1)


def divisions(*rows: Division) -> Divisions:
    return Divisions.of(rows)


def test_an_old_code_finds_todays_over_several_steps():
    known = divisions(
        Division("1", "甲县", None, date(1990, 1, 1), ("2",)), Division("2", "甲市", date(1990, 1, 1), RETIRED, ("3",)), Division("3", "甲区", RETIRED)
    )  # fmt: skip
    found = known.find("1")
    assert (found.how, found.codes, found.name, found.way) == ("succeeded", ("3",), "甲区", ("1", "2", "3"))


def test_a_merger_leads_both_to_one_and_a_split_is_told_and_not_guessed():
    known = divisions(
        Division("1", "东县", None, RETIRED, ("3",)), Division("2", "西县", None, RETIRED, ("3",)), Division("3", "合区"),
        Division("4", "大县", None, RETIRED, ("5", "6")), Division("5", "左区"), Division("6", "右区"),
    )  # fmt: skip
    assert known.find("1").codes == known.find("2").codes == ("3",)
    split = known.find("4")
    assert (split.how, split.codes, split.name) == ("split", ("5", "6"), None)
    assert known.one("4") is None


def test_a_circle_of_successors_ends_and_is_told():
    known = divisions(Division("1", "甲", None, RETIRED, ("2",)), Division("2", "乙", None, RETIRED, ("1",)))
    assert known.find("1").how == "circle"


def test_what_was_given_up_and_what_nobody_knows_have_no_code_today():
    known = divisions(Division("1", "甲", None, RETIRED))
    assert [(f.how, f.codes) for f in (known.find("1"), known.find("9"))] == [
        ("retired", ()),
        ("unknown", ()),
    ]


def test_editions_tell_renaming_moving_and_a_code_given_to_another():
    known = divisions(
        *compare(
            {
                "199012": {"110221": "昌平县", "110110": "东郊区", "469026": "屯昌县", "469031": "昌江县"},
                "200912": {"110114": "昌平区", "110110": "东丽区", "469022": "屯昌县", "469026": "昌江县"},
            }
        )
    )
    moved, renamed, given = known.find("110221"), known.find("110110"), known.find("469026")
    assert (moved.how, moved.codes, moved.inferred) == ("succeeded", ("110114",), True)
    assert (renamed.how, renamed.name) == ("renamed", "东丽区")
    # without its day nobody knows which of the two was meant
    assert (given.how, given.codes) == ("split", ("469022", "469026"))
    assert known.find("469026", date(1995, 1, 1)).codes == ("469022",)
    assert known.find("469031").codes == ("469026",)


def test_a_name_that_ended_goes_on_under_its_code_also_when_another_led_there():
    known = divisions(
        Division("1", "甲县", None, date(1990, 1, 1), ("2",)), Division("2", "乙区", date(1980, 1, 1), RETIRED), Division("2", "丙区", RETIRED)
    )  # fmt: skip
    assert known.find("1").codes == known.find("2", date(1995, 1, 1)).codes == ("2",)
    assert known.find("1").name == "丙区"


def test_two_of_a_name_in_a_province_are_both_told():
    before = {"132202": "桥东区", "132502": "桥东区"}
    after = {"130502": "桥东区", "130702": "桥东区"}
    assert divisions(*compare({"1980": before, "2009": after})).find("132202").codes == ("130502", "130702")


@pytest.mark.skipif(
    not REAL.is_dir(), reason="the folder shared/data lies beside the project only where it was given"
)
def test_codes_of_five_editions_find_those_of_the_last():
    editions: dict[str, dict[str, str]] = {}
    for path in sorted(REAL.glob("gb2260_*.tsv")):
        with path.open(encoding="utf-8") as lines:
            for row in csv.DictReader(lines, delimiter="\t"):
                editions.setdefault(row["Revision"], {})[row["Code"]] = row["Name"]
    known = divisions(*compare(editions))
    today = editions[max(editions)]
    found = {code: known.find(code) for code in known.known}
    assert all(set(one.codes) <= set(today) for one in found.values())
    old = [
        code
        for code in known.known
        if code not in today and known.known[code][-1].name not in ("市辖区", "县")
    ]
    led = sum(len(found[code].codes) == 1 for code in old)
    assert led > 0.85 * len(old)
    assert found["110221"].name == "昌平区" and found["442126"].name == "屯昌县"
