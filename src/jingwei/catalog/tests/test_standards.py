"""The built-in pack `standards`: its own cases, its citations, its agreement with a peer."""

import random
from datetime import date

import pytest
from stdnum.cn import ric, uscc
from stdnum.exceptions import InvalidComponent, ValidationError

from jingwei.catalog import checking
from jingwei.catalog.cases import check_cases, documents, outcomes
from jingwei.catalog.elements import Element
from jingwei.catalog.values import Standardizer, standardize_many, standardize_one, standardizer
from jingwei.packs.service import installed, shipped

STANDARDS = shipped() / "standards"


@pytest.fixture(scope="module")
def elements() -> dict[str, Element]:
    declared = installed().declared["elements"]
    return {name: one.value for name, one in declared.items() if one.pack == "standards"}


@pytest.fixture(scope="module")
def standardizers(elements) -> dict[str, Standardizer]:
    return {name: standardizer(name) for name in elements}


def test_every_case_of_the_pack_comes_out_as_written(standardizers):
    assert [str(fault) for fault in check_cases(STANDARDS, standardizers)] == []


def test_the_long_way_gives_the_same_as_the_quick_look(standardizers):
    """`quick` is there for speed alone: it may decide nothing that steps and checks would decide otherwise."""
    for _, cases, faults in documents(STANDARDS):
        assert not faults
        assert list(outcomes(standardizers[cases.element], cases, quick=False)) == [], cases.element


def test_what_an_element_gives_it_gives_again(standardizers):
    """A value taken once must pass unchanged when another system sends it back."""
    for _, cases, _ in documents(STANDARDS):
        given = [case.gives for case in cases.cases if case.gives is not None]
        assert [str(r.value) for r in standardize_many(standardizers[cases.element], given)] == given


def test_every_element_has_cases_with_a_refusal(standardizers):
    tried = {}
    for _, cases, _ in documents(STANDARDS):
        tried.setdefault(cases.element, []).extend(cases.cases)
    assert set(tried) == set(standardizers)
    assert [name for name, cases in tried.items() if not any(case.fault for case in cases)] == []


def test_every_element_and_code_list_cites_its_standard(elements):
    declared = [*elements.values(), *installed().section("codes").values()]
    assert [one for one in declared if not any(c.isdigit() for c in one.standard)] == []


def test_elements_compile(elements):
    catalogue = installed()
    assert list(checking.check(catalogue.declared["elements"], catalogue.declared)) == []


def numbers_with_birth(day: date, count: int, chance: random.Random) -> list[str]:
    """Valid numbers of nobody: division 990101."""
    bodies = [f"990101{day:%Y%m%d}{chance.randrange(1000):03d}" for _ in range(count)]
    return [body + ric.calc_check_digit(body + "0") for body in bodies]


def corrupted(number: str, alphabet: str, chance: random.Random) -> str:
    """One slip of the hand: a character changed, dropped, doubled or two swapped."""
    at = chance.randrange(len(number) - 1)
    return chance.choice(
        [
            number[:at] + chance.choice(alphabet) + number[at + 1 :],
            number[:at] + number[at + 1 :],
            number[:at] + number[at] + number[at:],
            number[:at] + number[at + 1] + number[at] + number[at + 2 :],
        ]
    )


def peer_takes_identity(number: str) -> bool:
    """python-stdnum's judgement without its table of divisions, and with our bounds of the birth date."""
    try:
        ric.validate(number)
    except InvalidComponent:
        try:
            ric.get_birth_date(number)
        except InvalidComponent:
            return False
    except ValidationError:
        return False
    return date(1880, 1, 1) <= ric.get_birth_date(number) <= date.today() and number[0] != "0"


def test_identity_numbers_agree_with_python_stdnum_whatever_slips():
    chance = random.Random(11643)
    days = [date.fromordinal(chance.randrange(date(1870, 1, 1).toordinal(), 741_000)) for _ in range(700)]
    days += [date(2000, 2, 29), date(1904, 2, 29), date(1880, 1, 1), date(1879, 12, 31), date.today()]
    good = [number for day in days for number in numbers_with_birth(day, 2, chance)]
    tried = good + [corrupted(number, "0123456789X", chance) for number in good for _ in range(3)]
    tried = [number for number in tried if len(number) != 15]
    ours = [result.fault is None for result in standardize_many("resident_id", tried)]
    theirs = [peer_takes_identity(number) for number in tried]
    assert [n for n, our, their in zip(tried, ours, theirs, strict=True) if our != their] == []
    assert theirs.count(True) > 1000 and theirs.count(False) > 3000


def test_credit_codes_agree_with_python_stdnum_whatever_slips():
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    chance = random.Random(32100)
    bodies = [f"9{chance.choice('1239')}990101" + "".join(chance.choices(alphabet, k=9)) for _ in range(1500)]
    good = [body + uscc.calc_check_digit(body) for body in bodies]
    tried = good + [corrupted(code, alphabet + "IOZSV", chance) for code in good for _ in range(3)]
    ours = [result.fault is None for result in standardize_many("credit_code", tried)]
    # python-stdnum knows no codes that begin with letters (N for rural collectives); see below.
    tried_by_both = [(code, our) for code, our in zip(tried, ours, strict=True) if code[:2].isdigit()]
    assert [code for code, our in tried_by_both if our != uscc.is_valid(code)] == []
    assert ours.count(True) >= len(good)


def test_credit_codes_of_rural_collectives_begin_with_a_letter():
    body = "N2990101MF0000001"
    assert standardize_one("credit_code", body + uscc.calc_check_digit(body)).fault is None


def test_fifteen_digits_become_the_eighteen_of_the_same_person():
    for full in numbers_with_birth(date(1961, 3, 8), 50, random.Random(15)):
        assert standardize_one("resident_id", full[:6] + full[8:17]).value == full


@pytest.mark.parametrize(("place", "sex"), [("1", "1"), ("2", "2"), ("9", "1"), ("0", "2")])
def test_an_identity_number_tells_birth_date_and_sex(place, sex, standardizers):
    body = "9901011984022901" + place
    number = body + ric.calc_check_digit(body + "0")
    assert standardize_one("resident_id", number).fault is None
    derived = standardizers["resident_id"].derive(number)
    assert derived == {"birth_date": date(1984, 2, 29), "sex": sex}
