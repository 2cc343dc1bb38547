"""Formats of periods, shares and numbers in the sentences of a report."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DAYS_OF_YEAR = 366
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}:\d{2}))?")
_MONTH = re.compile(r"(\d{4})-(\d{2})")


def spans_years(labels: Sequence[str]) -> bool:
    """Return whether periods of days span more than a year, so that a day and its month name two of them.

    >>> spans_years(["2024-11-25", "2026-11-16"]), spans_years(["2025-12-29", "2026-01-05"]), spans_years(["all"])
    (True, False, False)
    """
    found = [_DAY.fullmatch(label) for label in (*labels[:1], *labels[-1:])]
    days = [dt.date(int(each[1]), int(each[2]), int(each[3])) for each in found if each]
    return len(days) == 2 and (days[1] - days[0]).days > DAYS_OF_YEAR


def in_words(label: str, *, dated: bool = False) -> str:
    """Return a period's label in everyday form; ``dated`` days have their year.

    >>> in_words("2026-11-02"), in_words("2026-11"), in_words("2026-11-02T13:00"), in_words("0 to 500")
    ('2 Nov', 'Nov 2026', '2 Nov 13:00', '0 to 500')
    """
    if found := _DAY.fullmatch(label):
        day = f"{int(found[3])} {MONTHS[int(found[2]) - 1]}"
        return " ".join(filter(None, (day, found[4], found[1] if dated else "")))
    if found := _MONTH.fullmatch(label):
        return f"{MONTHS[int(found[2]) - 1]} {found[1]}"
    return label


def share(value: float) -> str:
    """Return a share as a percentage: one decimal below 10 percent.

    >>> share(0.0237), share(0.1), share(0.0001), share(0.0)
    ('2.4%', '10%', '< 0.1%', '0%')
    """
    percent = 100 * value
    if value == 0:
        return "0%"
    if percent < 0.1:
        return "< 0.1%"
    return f"{percent:.1f}%" if percent < 10 else f"{percent:.0f}%"


def spelled(value: float) -> str:
    """Return a number with three digits, as whole where they suffice.

    >>> spelled(18.213), spelled(184012.0), spelled(0.00012345), spelled(-2.5)
    ('18.2', '184,012', '0.000123', '−2.5')
    """
    words = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return words.replace("-", "−")
