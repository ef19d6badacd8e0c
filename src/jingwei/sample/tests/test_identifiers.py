from __future__ import annotations

import re

import numpy as np
import pytest
from stdnum.cn import ric, uscc

from jingwei.sample.identifiers import credit_codes, identity_numbers
from jingwei.sample.strings import day, fixed

ID_COLUMNS = {
    "police/resident.db": "公民身份号码",
    "medical/insured.csv": "证件号码",
    "social/insured.csv": "社会保障号码",
    "education/student.jsonl": "身份证件号",
    "health/record.csv": "身份证号码",
    "civil/marriage.tsv": "当事人证件号",
    "housing/ownership.jsonl": "证件号",
    "street/elder_allowance.xlsx": "身份证号",
    "licence/health_certificate.csv": "证件号码",
    "market/enterprise.db": "法定代表人证件号",
    "tax/taxpayer.csv": "法定代表人身份证号",
}
FULL_WIDTH = str.maketrans("０１２３４５６７８９Ｘｘ", "0123456789XX")


def check_digit(seventeen: str) -> str:
    """GB 11643: the check character of ISO 7064 MOD 11-2, by its own definition."""
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(seventeen))
    return "0123456789X"[(1 - total) % 11]


def test_numbers_follow_the_standard_and_never_repeat():
    rng = np.random.default_rng(1)
    people = 3_000
    birth = rng.integers(day("1950-01-01"), day("1950-01-20"), people)
    sex = rng.integers(1, 3, people)
    numbers = fixed(identity_numbers(np.full(people, 990101), birth, sex, rng)).to_pylist()
    assert len(set(numbers)) == people
    for number, one_sex in zip(numbers[:500], sex, strict=False):
        assert number[17] == check_digit(number[:17])
        assert int(number[16]) % 2 == one_sex % 2


def test_more_persons_than_a_birthday_has_numbers_for_are_refused():
    same = np.full(501, 20_000)
    with pytest.raises(ValueError, match="500"):
        identity_numbers(np.full(501, 990101), same, np.ones(501, dtype=int), np.random.default_rng(1))


def test_credit_codes_agree_with_another_implementation_of_the_standard():
    codes = fixed(
        credit_codes(np.array([1, 2, 3] * 200), np.full(600, 990101), np.arange(600) * 997)
    ).to_pylist()
    assert all(uscc.is_valid(code) for code in codes)
    assert len(set(codes)) == 600


@pytest.mark.parametrize("path", ID_COLUMNS)
def test_no_identity_number_has_a_division_that_exists(read, path):
    numbers = [row[ID_COLUMNS[path]] for row in read(path)]
    digits = [number.translate(FULL_WIDTH) for number in numbers if number and number not in ("无", "-")]
    assert digits
    assert all(re.fullmatch(r"9901\d{2}(\d{11}[\dXx]|\d{9})", number) for number in digits)


def test_numbers_that_agree_with_their_check_digit_are_nearly_all(read):
    numbers = [
        row["证件号码"].translate(FULL_WIDTH).upper()
        for row in read("medical/insured.csv")
        if row["证件号码"]
    ]
    long = [number for number in numbers if len(number) == 18]
    wrong = [number for number in long if number[17] != check_digit(number[:17])]
    # 0.4 per cent are declared wrong; everything else holds
    assert 0.002 < len(wrong) / len(long) < 0.006
    assert sum(len(number) == 15 for number in numbers) > 0


def test_a_peer_finds_the_dates_in_our_numbers(read):
    row = read("social/insured.csv")[0]
    year, month, day_of_month = (int(part) for part in row["出生日期"].split("/"))
    number = row["社会保障号码"]
    assert ric.compact(number)[6:14] == f"{year:04d}{month:02d}{day_of_month:02d}"


def test_the_credit_codes_of_companies_are_valid_but_for_the_declared_few(read):
    codes = [row["统一社会信用代码"] for row in read("market/enterprise.db")]
    valid = [code for code in codes if code and uscc.is_valid(code)]
    assert len(valid) / len(codes) > 0.98
    assert all(code[2:6] == "9901" for code in valid)
