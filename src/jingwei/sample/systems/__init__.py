"""The departments' systems: one module each, all of them listed in `SYSTEMS`.

A system is a function from the true world to a `Sheet`: the table as that department keeps it,
with its own record numbers, headers, date style, address form and mistakes. `write` puts it into
the kind of file the department really has.
"""

from __future__ import annotations

from jingwei.sample.systems import (
    civil,
    education,
    health,
    housing,
    licence,
    market,
    medical,
    place,
    police,
    public,
    social,
    statistics,
    street,
    tax,
)
from jingwei.sample.systems.base import Sample, Sheet, System

SYSTEMS: tuple[System, ...] = (
    police.RESIDENT,
    medical.INSURED,
    social.INSURED,
    education.STUDENT,
    health.RECORD,
    civil.MARRIAGE,
    housing.OWNERSHIP,
    street.ELDER_ALLOWANCE,
    market.ENTERPRISE,
    tax.TAXPAYER,
    licence.FOOD_PERMIT,
    licence.HEALTH_CERTIFICATE,
    place.GRID,
    place.BUILDING,
    place.HOUSE,
    place.DIVISION,
    place.COMMUNITY,
    place.BORDER,
    place.DIVISION_CODE,
    public.BRANCH,
    public.SHAREHOLDER,
    public.PENALTY,
    public.PERMIT,
    statistics.INDICATOR,
)

__all__ = ["SYSTEMS", "Sample", "Sheet", "System"]
