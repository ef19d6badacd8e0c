"""How often each source is wrong, and in which way: declared here, met within chance.

Every rate is a share of the rows it can apply to: a 15-digit number needs somebody born before
2000, an old phone somebody who changed phones. `truth/errors.csv` beside the sample says how many
rows each rate hit.
"""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class ErrorRates:
    """Shares between 0 and 1; a row may carry several faults, but one fault of a kind at most."""

    name_homophone: float = 0.006
    """One character of the name replaced by one that sounds alike (张 for 章)."""
    name_lookalike: float = 0.003
    """One character replaced by one that looks alike (未 for 末)."""
    name_traditional: float = 0.002
    """Written in traditional characters where such exist."""
    name_spacing: float = 0.02
    """A space inside or after the name; in dotted names another dot, a full stop or none."""

    number_missing: float = 0.01
    """No identity number: empty or a word such as 无."""
    number_wrong: float = 0.005
    """One digit wrong, so that the check digit does not agree."""
    number_of_another: float = 0.0003
    """A valid number that belongs to another resident."""
    number_15: float = 0.0
    """The 15-digit number of before 1999, for people born in the 20th century."""
    number_full_width: float = 0.001
    """Digits typed in full width."""
    number_x: float = 0.1
    """Of the numbers that end in X: written with x or Ｘ."""

    birth_swapped: float = 0.004
    """Month and day of birth exchanged, where both stay possible."""
    birth_missing: float = 0.001
    """No date of birth."""
    date_style: float = 0.01
    """The date of birth written in another style than the system's own."""

    address_old: float = 0.2
    """Of those who moved: still the address before."""
    address_variant: float = 0.1
    """The address written in another form than the system's own."""
    address_missing: float = 0.005
    phone_old: float = 0.2
    """Of those who changed phones: still the old one."""
    phone_missing: float = 0.05
    """No phone although the person has one."""

    repeated: float = 0.002
    """The same record twice, word for word."""
    registered_twice: float = 0.002
    """The same person twice, under two record numbers."""
    unusable: float = 0.003
    """Rows that must be quarantined: a date that is none or to come, no name, a broken record number."""


RATES: dict[str, ErrorRates] = {
    "police.resident": ErrorRates(
        name_homophone=0.001, name_lookalike=0.0005, name_traditional=0.0005, name_spacing=0.004,
        number_missing=0.002, number_wrong=0.0005, number_of_another=0.0, number_x=0.02, birth_swapped=0.0005,
        date_style=0.0, address_old=0.12, address_variant=0.03, phone_old=0.5, phone_missing=0.25,
        repeated=0.001, registered_twice=0.001, unusable=0.002,
    ),
    "medical.insured": ErrorRates(number_missing=0.004, number_wrong=0.004, number_15=0.01, address_old=0.35),
    "social.insured": ErrorRates(
        # the number is the key here: without it, or with a wrong one, the row cannot stand
        number_missing=0.001, number_wrong=0.003, number_of_another=0.0, number_15=0.005,
        registered_twice=0.0, phone_old=0.03, phone_missing=0.01, address_old=0.15, unusable=0.002,
    ),
    "education.student": ErrorRates(
        number_missing=0.03, number_wrong=0.008, address_old=0.25, birth_swapped=0.008,
    ),
    "health.record": ErrorRates(
        name_homophone=0.012, name_lookalike=0.006, number_missing=0.18, number_wrong=0.01, number_15=0.05,
        number_full_width=0.004, birth_swapped=0.01, birth_missing=0.01, date_style=0.08, address_old=0.3,
        address_variant=0.25, phone_old=0.35, phone_missing=0.15, registered_twice=0.006, unusable=0.004,
    ),
    "civil.marriage": ErrorRates(
        # there is no address here
        address_old=0.0, number_missing=0.02, number_15=0.2, name_traditional=0.004, date_style=0.03,
    ),
    "housing.ownership": ErrorRates(
        # the home owned is the home of today
        address_old=0.0, number_missing=0.03, number_15=0.12, phone_old=0.4, phone_missing=0.3,
    ),
    "street.elder_allowance": ErrorRates(
        name_homophone=0.015, name_lookalike=0.008, name_spacing=0.06, number_missing=0.04,
        number_wrong=0.015, number_15=0.08,
        birth_swapped=0.01, date_style=0.15, address_variant=0.3, unusable=0.008,
    ),
    "licence.health_certificate": ErrorRates(address_old=0.0, number_missing=0.02, phone_old=0.1),
}  # fmt: skip


@dataclass(frozen=True)
class CompanyRates:
    """Shares of rows in the tables of companies."""

    code_missing: float = 0.02
    """No credit code."""
    code_wrong: float = 0.006
    """One character wrong, so that the check character does not agree."""
    name_former: float = 0.5
    """Of those that changed their name: still the former name."""
    name_variant: float = 0.04
    """有限责任公司 for 有限公司, brackets and spaces, the district left out."""
    name_homophone: float = 0.004
    representative_former: float = 0.4
    """Of those that changed their legal representative: still the former one."""
    address_variant: float = 0.15
    phone_missing: float = 0.1
    representative_number_missing: float = 0.03
    representative_number_wrong: float = 0.004
    repeated: float = 0.002
    unusable: float = 0.003


COMPANY_RATES: dict[str, CompanyRates] = {
    "market.enterprise": CompanyRates(
        # the register of record: its names and representatives are the present ones
        code_missing=0.0, code_wrong=0.004, name_former=0.0, name_variant=0.0, name_homophone=0.0,
        representative_former=0.0, address_variant=0.02, unusable=0.002,
    ),
    "tax.taxpayer": CompanyRates(),
    "licence.food_permit": CompanyRates(code_missing=0.05, name_variant=0.08, name_homophone=0.01),
}  # fmt: skip


def kinds(rates: ErrorRates | CompanyRates) -> tuple[str, ...]:
    return tuple(field.name for field in fields(rates))
