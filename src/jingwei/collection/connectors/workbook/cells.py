"""A cell's value as the text a person sees in it, and the numbers that cannot be trusted.

Excel keeps 15 significant digits. An identity number typed into a cell that is not text is ruined
the moment it is entered: 440301199001011234 is kept as 440301199001011000. Nothing can bring the
digits back, so such a value is never handed on as if it were one.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

LONGEST_WHOLE = 10**15
"""Whole numbers from here on have 16 digits or more, one beyond what Excel keeps."""


def is_ruined(value: Any) -> bool:
    """Whether the cell is a number with more digits than Excel keeps."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) >= LONGEST_WHOLE


def text_of(value: Any) -> str:
    """Whole numbers without `.0`, others with Excel's 15 digits, dates in ISO form, TRUE and FALSE;
    a ruined number in scientific notation, which no element takes for a code."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        if is_ruined(value):
            return f"{value:.14E}"
        if value == int(value):
            return str(int(value))
        return format(Decimal(f"{value:.15g}"), "f")
    if isinstance(value, datetime):
        whole = value.time() == time(0)
        return value.date().isoformat() if whole else value.isoformat(sep=" ", timespec=_precision(value))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat(timespec=_precision(value))
    if isinstance(value, timedelta):
        seconds = round(value.total_seconds())
        sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
        return f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return str(value)


def _precision(value: datetime | time) -> str:
    return "milliseconds" if value.microsecond else "seconds"
