"""Rows about companies, with the columns that market regulation, tax and licences share."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jingwei.sample.identifiers import CREDIT_ALPHABET
from jingwei.sample.mistakes import sounds_alike
from jingwei.sample.people import TODAY
from jingwei.sample.rates import COMPANY_RATES
from jingwei.sample.strings import blank, day, fixed, patch, pick, rewrite
from jingwei.sample.systems.base import Records, Sample


def vary_name(text: str, draw: float) -> str:
    """The same company as another clerk writes it."""
    way = int(draw * 4)
    if way == 0 and "有限公司" in text:
        return text.replace("有限公司", "有限责任公司")
    if way == 1:
        return (
            text.replace("云溪区", "", 1) if text.startswith("云溪区") else text.replace("云溪", "云溪区", 1)
        )
    if way == 2:
        return text.replace("云溪", "（云溪）", 1)
    return f" {text[:4]} {text[4:]}"


class CompanyRecords(Records):
    """Rows about companies, in file order; a record with a former name is older than the change."""

    def __init__(self, sample: Sample, resource: str, which: np.ndarray, since: str) -> None:
        self.sample, self.companies = sample, sample.companies
        self.mistakes = sample.mistakes(resource)
        self.rates = COMPANY_RATES[resource]
        self.rng = self.mistakes.rng
        self.which = which[self.rng.permutation(len(which))]
        self.subject = self.which
        changed_on = self.companies.changed_on[self.which]
        # who shows the name or representative before was written before the change
        self.former_name = self.mistakes.choose(
            "name_former", self.companies.former_name.is_valid().to_numpy(False)[self.which]
        )
        replaced = (self.companies.former_representative != self.companies.representative)[self.which]
        self.former_representative = self.mistakes.choose("representative_former", replaced)
        former = self.former_name | self.former_representative
        founded = self.companies.founded[self.which]
        earliest = np.where(former, founded, np.maximum(np.maximum(day(since), founded), changed_on))
        latest = np.where(former, np.maximum(changed_on - 1, founded), TODAY)
        self.as_of = earliest + ((latest - earliest) * self.rng.random(self.rows)).astype(np.int64)

    def codes(self) -> pa.Array:
        matrix = self.companies.code[self.which]
        wrong = self.mistakes.choose("code_wrong", self.every())
        self.code_fits = ~wrong
        rows = np.flatnonzero(wrong)
        # the last character or one of the organization part becomes another; the check cannot agree
        column = self.rng.integers(10, 18, len(rows))
        place = np.zeros(128, dtype=np.int64)
        place[CREDIT_ALPHABET] = np.arange(31)
        matrix[rows, column] = CREDIT_ALPHABET[
            (place[matrix[rows, column]] + self.rng.integers(1, 31, len(rows))) % 31
        ]
        return blank(fixed(matrix), self.mistakes.choose("code_missing", ~wrong))

    def names(self) -> pa.Array:
        names = patch(
            pick(self.companies.name, self.which),
            self.former_name,
            pick(self.companies.former_name, self.which[self.former_name]),
        )
        varied = self.mistakes.choose("name_variant", ~self.former_name)
        names = rewrite(names, varied, vary_name, self.mistakes.draws(varied))
        alike = self.mistakes.choose(
            "name_homophone", ~varied & pc.match_substring_regex(names, "[云和禾嘉佳金林]").to_numpy(False)
        )
        return rewrite(names, alike, sounds_alike, self.mistakes.draws(alike))

    def _representative(self) -> np.ndarray:
        return np.where(
            self.former_representative,
            self.companies.former_representative[self.which],
            self.companies.representative[self.which],
        )

    def representatives(self) -> pa.Array:
        return pick(self.sample.world.people.name, self._representative())

    def representative_numbers(self) -> pa.Array:
        matrix = self.sample.world.people.number[self._representative()]
        wrong = self.mistakes.choose("representative_number_wrong", self.every())
        rows = np.flatnonzero(wrong)
        column = self.rng.integers(6, 17, len(rows))
        matrix[rows, column] = (matrix[rows, column] - 48 + self.rng.integers(1, 10, len(rows))) % 10 + 48
        return blank(fixed(matrix), self.mistakes.choose("representative_number_missing", ~wrong))

    def addresses(self, form: str) -> pa.Array:
        other = self.mistakes.choose("address_variant", self.every())
        return self.sample.addresses.varied(
            self.sample.addresses.shop, self.companies.house[self.which], form, other
        )

    def phones(self) -> pa.Array:
        texts = self.companies.phones(self.sample.world, self.which)
        return blank(texts, self.mistakes.choose("phone_missing", self.every()))
