"""What all systems share: who is in them, since when, and how records go wrong."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa

from jingwei.sample.addresses import Addresses
from jingwei.sample.companies import Companies
from jingwei.sample.mistakes import (
    Mistakes,
    Planted,
    blur_births,
    blur_names,
    blur_numbers,
    changeable,
)
from jingwei.sample.people import TODAY, World
from jingwei.sample.rates import COMPANY_RATES, RATES, ErrorRates
from jingwei.sample.strings import blank, dates, day, numbered, patch, pick
from jingwei.sample.words import COMMUNITIES

BROKEN_DATES = ("1986-13-45", "0000-00-00", "待核实", "19000231", "2062-08-17", "2109年2月1日")
BROKEN_NAMES = (None, "", "无")
BROKEN_RECORD_NUMBERS = (None, "#N/A", "1.23457E+11", "待补")


@dataclass
class Sample:
    """The true world and what systems need to write about it."""

    world: World
    companies: Companies
    seed: int
    addresses: Addresses
    planted: list[Planted] = field(default_factory=list)

    def rng(self, resource: str) -> np.random.Generator:
        return np.random.default_rng([self.seed, zlib.crc32(resource.encode())])

    def mistakes(self, resource: str) -> Mistakes:
        rates = RATES.get(resource) or COMPANY_RATES[resource]
        return Mistakes(resource, rates, self.rng(resource), self.planted)

    @cached_property
    def changeable_names(self) -> dict[str, np.ndarray]:
        return changeable(self.world.people.name)


@dataclass(frozen=True)
class Sheet:
    """A department's table: `columns` by header, all of them text unless the file kind knows numbers;
    `keys` the contract's key, `truth` the true sequence number, `usable` the rows fit to be accepted."""

    columns: dict[str, pa.Array]
    keys: pa.Array
    truth: np.ndarray
    usable: np.ndarray
    repeated: np.ndarray

    def table(self) -> pa.Table:
        """All rows, those told twice at the end."""
        rows = pa.table(self.columns)
        return pa.concat_tables([rows, rows.take(pa.array(self.repeated))]) if len(self.repeated) else rows


@dataclass(frozen=True)
class System:
    """A resource, the register its rows belong to (None: neither persons nor companies), where its
    file lies under the sample's folder, how its sheet is made and written."""

    resource: str
    register: str | None
    path: str
    make: Callable[[Sample], Sheet]
    write: Callable[[Sheet, Path], None]


class Records:
    """Rows of a system in file order: `subject` is the true number of the person or company of each."""

    mistakes: Mistakes
    rng: np.random.Generator
    subject: np.ndarray
    as_of: np.ndarray

    @property
    def rows(self) -> int:
        return len(self.subject)

    def every(self) -> np.ndarray:
        return np.ones(self.rows, dtype=bool)

    def updated(self, style: str) -> pa.Array:
        return dates(self.as_of, style)

    def sheet(
        self,
        columns: dict[str, pa.Array],
        breakable: Mapping[str, Sequence[str | None]],
        keys: pa.Array,
        also_unusable: np.ndarray | None = None,
    ) -> Sheet:
        """Breaks a few rows past use (`breakable`: header to what it breaks into) and repeats some."""
        unusable = self.mistakes.choose("unusable", self.every())
        way = self.rng.integers(0, len(breakable), self.rows)
        for index, (header, junk) in enumerate(breakable.items()):
            here = unusable & (way == index)
            broken = pick(pa.array(junk, pa.string()), self.rng.integers(0, len(junk), int(here.sum())))
            columns[header] = patch(columns[header], here, broken)
        usable = ~unusable if also_unusable is None else ~(unusable | also_unusable)
        repeated = np.flatnonzero(self.mistakes.choose("repeated", self.every()))
        return Sheet(columns, keys, self.subject, usable, repeated)


class PersonRecords(Records):
    """Rows about persons, in file order, with the columns most systems have.

    `since` is the system's first day: records carry a date between it and today. A record older
    than its person's last move may show the address before; one younger never does.
    """

    def __init__(self, sample: Sample, resource: str, who: np.ndarray, since: str) -> None:
        self.sample, self.resource = sample, resource
        self.mistakes = sample.mistakes(resource)
        self.rates: ErrorRates = RATES[resource]
        self.rng = self.mistakes.rng
        twice = self.mistakes.choose("registered_twice", np.ones(len(who), dtype=bool))
        who = np.concatenate([who, who[twice]])
        self.who = who[self.rng.permutation(len(who))]
        self.subject = self.who
        self.since = day(since)
        self.birth = sample.world.people.birth[self.who]
        self._date_records()

    def _date_records(self) -> None:
        people = self.sample.world.people
        moved_on = people.moved_on[self.who]
        # the married appear in records only from the age at which they may marry
        grown = np.where(people.marital[self.who] >= 20, 20 * 365.25 + 20, 1).astype(np.int64)
        earliest = np.minimum(np.maximum(self.since, self.birth + grown), TODAY - 1)
        self.old_address = self.mistakes.choose("address_old", moved_on > earliest + 30)
        latest = np.where(self.old_address, moved_on - 1, TODAY)
        earliest = np.where(self.old_address, earliest, np.maximum(earliest, moved_on))
        recent = 1 - self.rng.random(self.rows) ** 2
        self.as_of = earliest + ((latest - earliest) * recent).astype(np.int64)
        self.house = np.where(self.old_address, people.house_before[self.who], people.house[self.who])

    def sort(self, by: np.ndarray) -> None:
        """Puts the rows into another order; before any column is made."""
        order = np.argsort(by, kind="stable")
        self.who = self.subject = self.who[order]
        self.birth, self.as_of = self.birth[order], self.as_of[order]
        self.house, self.old_address = self.house[order], self.old_address[order]

    def of(self, values: np.ndarray) -> np.ndarray:
        return values[self.who]

    def record_numbers(self, prefix: str, digits_after: int = 10, first: int = 1) -> pa.Array:
        return numbered(prefix, np.arange(self.rows) + first, digits_after)

    def names(self) -> pa.Array:
        possible = {kind: mask[self.who] for kind, mask in self.sample.changeable_names.items()}
        return blur_names(self.mistakes, pick(self.sample.world.people.name, self.who), possible)

    def numbers(self) -> pa.Array:
        texts, self.number_fits = blur_numbers(
            self.mistakes, self.sample.world.people.number, self.who, self.birth
        )
        return texts

    def sexes(self, words: Sequence[str] = ("男", "女")) -> pa.Array:
        return pick(words, self.of(self.sample.world.people.sex) - 1)

    def births(self, style: str) -> pa.Array:
        return blur_births(self.mistakes, self.birth, style, self.since)

    def phones(self) -> pa.Array:
        old = self.mistakes.choose("phone_old", self.sample.world.people.phone_changed[self.who])
        texts = self.sample.world.people.phones(self.who, old)
        return blank(texts, self.mistakes.choose("phone_missing", self.every()))

    def addresses(self, form: str) -> pa.Array:
        other = self.mistakes.choose("address_variant", self.every())
        texts = self.sample.addresses.varied(self.sample.addresses.write, self.house, form, other)
        return blank(texts, self.mistakes.choose("address_missing", self.every()))

    def communities(self) -> pa.Array:
        return pick(COMMUNITIES, self.sample.world.community_of(self.house))
