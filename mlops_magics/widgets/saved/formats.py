"""Values as people read them, the same as in `js/src/format.ts`, which `tests/wire/formats.json` verifies."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NOTHING = "–"
SHORT_ID = 5
"""Letters at the end of an id by which people know a version."""
MOST_DECIMALS = 6
LARGEST_WHOLE = 1e15
"""Largest size at which a float holds every whole number."""
_PERIOD = re.compile(r"(\d{4})-(\d\d)(?:-(\d\d)(?:T(\d\d:\d\d))?)?")


def number(value: Any) -> str:
    """Return a number with four digits, a whole one with all of its own, a dash where there is none."""
    if not _known(value):
        return NOTHING
    if float(value).is_integer() and abs(value) < LARGEST_WHOLE:
        return _written(str(int(value)))
    return _written(_plain(value, 4))


def decimals(values: Iterable[Any]) -> int:
    """Return the decimals that distinguish numbers: three for shares, fewer for large ones, more for close ones."""
    known = [float(value) for value in values if _known(value)]
    most = max(map(abs, known), default=0.0)
    spread = max(known) - min(known) if known else 0.0
    usual = 3 if most < 1 else 2 if most < 100 else 1 if most < 1000 else 0
    needed = math.ceil(-math.log10(spread)) + 1 if spread > 0 else 0
    return min(MOST_DECIMALS, max(usual, needed))


def fixed(value: Any, digits: int) -> str:
    """Return a number with so many decimals. One that they would make 0 has three digits, none is a dash."""
    if not _known(value):
        return NOTHING
    told = _decimal(value, digits)
    lost = value != 0 and float(told) == 0
    return _written(_plain(value, 3) if lost or abs(value) >= LARGEST_WHOLE else told)


def signed(value: float, digits: int) -> str:
    """Return a difference with its sign."""
    told = fixed(value, digits)
    return f"+{told}" if value > 0 else f"±{told}" if value == 0 else told


def count(value: Any) -> str:
    """Return a count with commas, from a million on as ``1.24 M``."""
    if not _known(value):
        return NOTHING
    return f"{_plain(value / 1e6, 3)} M" if value >= 1e6 else _written(_decimal(value, 0))


def plural(value: int, noun: str, many: str | None = None) -> str:
    """Return a count with its noun: ``1 row``, ``2 rows``."""
    return f"{_written(str(value))} {noun if value == 1 else many or noun + 's'}"


def percent(share: Any, digits: int = 1) -> str:
    """Return a share as a percentage."""
    return f"{_written(_decimal(100 * share, digits))}%" if _known(share) else NOTHING


def probability(p: Any) -> str:
    """Return a p-value: two digits, nothing below a thousandth."""
    if not _known(p):
        return NOTHING
    return "< 0.001" if p < 0.001 else _plain(p, 2)


def effect(value: Any) -> str:
    """Return an effect with two decimals."""
    if not _known(value):
        return NOTHING
    return _written(_decimal(value, 2) if abs(value) < 1000 else _decimal(value, 0))


def times(floors: float) -> str:
    """Return an effect as a multiple of its floor."""
    return f"{_decimal(floors, 1)}×" if floors < 10 else f"{count(floors)}×"


def milliseconds(value: Any) -> str:
    """Return milliseconds with two digits."""
    if not _known(value):
        return NOTHING
    told = _plain(value, 2)
    if value >= 100:
        return _written(_decimal(value, 0))
    return f"{told}.0" if 1 <= float(told) < 10 and "." not in told else told


def duration(seconds: float) -> str:
    """Return a duration in its largest unit, from an hour on in its two largest."""
    if seconds < 120:
        return f"{math.floor(seconds + 0.5)} s" if seconds >= 10 else f"{_decimal(seconds, 1)} s"
    if seconds < 3600:
        return f"{int(seconds // 60)} min"
    hours = int(seconds // 3600)
    return f"{hours} h {int(seconds % 3600 // 60)} min" if hours < 48 else f"{hours // 24} d {hours % 24} h"


def sentence(text: str) -> str:
    """Return words with a capital at the beginning, but for a name of code, and a full stop at the end."""
    told = text[:1].upper() + text[1:] if re.match(r"[a-z]+(\s|$)", text) else text
    return told if told.endswith((".", "!", "?")) else f"{told}."


def moment(text: str | None) -> dt.datetime | None:
    """Return a moment in UTC, or None where the text is not one."""
    try:
        found = dt.datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return found.replace(tzinfo=dt.UTC) if found.tzinfo is None else found.astimezone(dt.UTC)


def exact(text: str | None) -> str:
    """Return the whole moment, to the second, in UTC."""
    found = moment(text)
    return (text or "") if found is None else found.strftime("%Y-%m-%d %H:%M:%S UTC")


def day(text: str | None) -> str:
    """Return a moment to the minute, in UTC: a saved page grows old, and ages would be wrong there."""
    found = moment(text)
    return (text or "") if found is None else f"{found.day} {MONTHS[found.month - 1]} {found:%Y %H:%M}"


UNITS_OF_TIME = (
    ("week", 604_800, re.compile(r"\d{4}-\d\d-\d\d")),
    ("day", 86_400, re.compile(r"\d{4}-\d\d-\d\d")),
    ("hour", 3_600, re.compile(r"\d{4}-\d\d-\d\dT\d\d:00")),
)
"""Periods of a report: their name, their seconds, and how their labels look."""


def unit(labels: Sequence[str]) -> str:
    """Return how long the periods of a report are: ``week``, ``day``, ``hour`` or ``month``, else ``period``."""
    if len(labels) > 1 and all(re.fullmatch(r"\d{4}-\d\d", label) for label in labels):
        return "month"
    times = [found.timestamp() if (found := moment(label)) else math.nan for label in labels]
    apart = [after - before for before, after in itertools.pairwise(times)]
    for name, seconds, shape in UNITS_OF_TIME:
        if apart and all(map(shape.fullmatch, labels)) and all(each % seconds == 0 for each in apart):
            return name
    return "period"


def among(label: str, labels: Sequence[str]) -> str:
    """Return the label of a period among others, with its year where their days span more than one."""
    first, last = moment(labels[0]), moment(labels[-1])
    dated = first and last and (last - first).days > 366 and _PERIOD.fullmatch(label)
    return f"{period(label)} {label[:4]}" if dated and re.match(r"\d{4}-\d\d-\d\d", label) else period(label)


def within(label: str, labels: Sequence[str]) -> str:
    """Return when something was, by one of the periods of a report."""
    before = {"week": "in the week of", "day": "on"}.get(unit(labels), "in")
    return f"{before} {period(label)}"


def period(label: str) -> str:
    """Return the label of a period as people write it: days and months in words, everything else as it is."""
    found = _PERIOD.fullmatch(label)
    if found is None or not 1 <= int(found[2]) <= 12:
        return label
    name = MONTHS[int(found[2]) - 1]
    if not found[3]:
        return f"{name} {found[1]}"
    return f"{int(found[3])} {name}" + (f" {found[4]}" if found[4] else "")


def short_id(version: str) -> str:
    """Return the end of an id."""
    return version[-SHORT_ID:]


def readable(value: Any) -> str:
    """Return any value of a record as people read it."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number(value)
    return exactly(value)


def exactly(value: Any) -> str:
    """Return any value of a record as its exact text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return (
        json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        if isinstance(value, list | tuple | Mapping)
        else str(value)
    )


def _known(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _decimal(value: float, digits: int) -> str:
    """Return a number with so many decimals, halves away from zero as JavaScript rounds them."""
    told = Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP, Context(prec=400))
    return f"{told:f}"


def _plain(value: float, digits: int) -> str:
    """Return a number with so many digits, as JavaScript writes it: no zeros at its end, exponents only far from 1."""
    rounded = float(f"{value:.{digits - 1}e}")
    size = abs(rounded)
    if size and (size < 1e-6 or size >= 1e21):
        mantissa, _, exponent = f"{rounded:.{digits - 1}e}".partition("e")
        mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        return f"{mantissa}e{int(exponent):+d}"
    if rounded.is_integer():
        return str(int(rounded))
    told = f"{rounded:.{max(0, digits - 1 - math.floor(math.log10(size)))}f}"
    return told.rstrip("0").rstrip(".") if "." in told else told


def _written(told: str) -> str:
    """Return a number with a real minus, and commas between thousands."""
    found = re.fullmatch(r"(-?)(\d+)(.*)", told)
    if found is None:
        return told
    sign, whole, rest = found.groups()
    return f"{'−' if sign else ''}{int(whole):,}{rest.replace('e-', 'e−')}"
