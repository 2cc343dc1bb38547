"""The times of rows: datetimes of any library and zone, dates, or text."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mlops_magics.errors import InvalidInput

UNITS = {"ns": 1e17, "us": 1e14, "ms": 1e11}
"""Units of times as numbers, and the least number that is a time in it: as seconds it would be 3,000 years and more."""
READABLE = 0.5
"""Share of the values of a column of times that can be read as times. Of fewer, the column does not hold times."""
EXAMPLES = 3
"""Values that a note shows."""
LONGEST_EXAMPLE = 40
"""Characters of such a value."""
_OFFSET = re.compile(r"(?:(Z)|([+-]\d\d):?(\d\d)?)\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Moments:
    """Local wall-clock times, NaT for missing.

    Attributes
    ----------
    wall
        ``(n_samples,)``.
    zone
        The time zone of their offsets.
    offsets
        The offsets, or zones, of the values where they have several, ``""`` for none. The times are in UTC then, or in
        the zone that was asked for.
    unread
        The number of values that cannot be read as times.
    examples
        Some of those values.
    """

    wall: npt.NDArray[np.datetime64]
    zone: str | None = None
    offsets: tuple[str, ...] = ()
    unread: int = 0
    examples: tuple[str, ...] = ()


def moments_of(values: Any, name: str, zone: str | None = None) -> Moments:
    """Read times from a Series or sequence: datetimes of any zone, dates, or ISO strings.

    Mixed time zones are converted to UTC. One zone is kept. A value that is not a time is missing, where most values
    are times.

    Parameters
    ----------
    values
        ``(n_samples,)``.
    name
        The column, for messages.
    zone
        A zone to which times with an offset are converted.

    Raises
    ------
    InvalidInput
        The values are not times.
    """
    import pandas as pd

    given = series = _plain(values if isinstance(values, pd.Series) else pd.Series(values))
    offsets: tuple[str, ...] = ()
    if not pd.api.types.is_datetime64_any_dtype(series.dtype):
        series, offsets = _parsed(series, name)
    held = getattr(series.dtype, "tz", None)
    if zone is not None and held is not None and str(held) != zone:
        series, offsets = series.dt.tz_convert(zone), offsets or tuple(sorted({_short(str(held)), _short(zone)}))
        held = series.dtype.tz
    local = series.dt.tz_localize(None) if held is not None else series
    unread = _unread(given[(series.isna() & given.notna()).to_numpy()]) if given is not series else []
    shown = tuple(dict.fromkeys(text[:LONGEST_EXAMPLE] for text in unread))[:EXAMPLES]
    wall = local.to_numpy().astype("datetime64[us]")
    return Moments(wall, str(held) if held is not None else None, offsets, len(unread), shown)


def _short(zone: str) -> str:
    """Return the offset of a zone that has one, such as ``UTC+01:00``, or its name."""
    return "+00:00" if zone == "UTC" else zone.removeprefix("UTC")


def _unread(values: Any) -> list[str]:
    """Return the texts of values that are neither times nor words for a missing one."""
    texts = [str(value) for value in values]
    return [text for text in texts if text.strip().casefold() not in ("", "nat", "nan", "none", "null")]


def _plain(series: Any) -> Any:
    """Return times that another library holds, or that are periods, as pandas' own."""
    import pandas as pd

    if isinstance(series.dtype, pd.ArrowDtype):
        import pyarrow as pa

        return pa.table({"times": pa.array(series, from_pandas=True)}).column("times").to_pandas()
    if isinstance(series.dtype, pd.PeriodDtype):
        return series.dt.to_timestamp()
    return series.astype(series.cat.categories.dtype) if isinstance(series.dtype, pd.CategoricalDtype) else series


def _unit(numbers: Any) -> str:
    """Return the unit in which numbers are probably times since 1970: those of this century."""
    largest = max((abs(float(number)) for number in numbers.dropna()), default=0.0)
    return next((unit for unit, least in UNITS.items() if largest >= least), "s")


def _parsed(series: Any, name: str) -> tuple[Any, tuple[str, ...]]:
    """Return the times, and their offsets if they have several."""
    import pandas as pd

    numbers = ("integer", "floating", "mixed-integer-float", "decimal", "complex", "boolean")
    if pd.api.types.is_numeric_dtype(series.dtype) or pd.api.types.infer_dtype(series, skipna=True) in numbers:
        raise InvalidInput(
            f"The times in {name!r} are numbers. Convert them, for example with pandas.to_datetime({name}, "
            f"unit={_unit(series)!r})."
        )
    zones = {getattr(value, "tzinfo", None) for value in series.dropna() if isinstance(value, dt.datetime)}
    # without a format pandas takes that of the first text, and refuses others
    how = "ISO8601" if _of_strings(series) else None
    fault: Exception | None = None
    for errors in ("raise", "coerce"):
        for utc in (True,) if len(zones) > 1 else (False, True):
            try:
                found = pd.to_datetime(series, utc=utc, format=how, errors=errors)
            except (ValueError, TypeError) as refusal:
                fault = fault or refusal
                continue
            if errors == "coerce" and found.notna().sum() < READABLE * series.notna().sum():
                continue
            return found, _offsets(series[found.notna()]) if utc else ()
    raise InvalidInput(f"{name!r} cannot be read as times; ISO dates such as 2024-01-31 can.") from fault


def _of_strings(series: Any) -> bool:
    return any(isinstance(value, str) for value in series.dropna().head(1))


def _offsets(values: Iterable[Any]) -> tuple[str, ...]:
    """Return the different offsets of times, in order."""
    found = set()
    for value in values:
        text = value if isinstance(value, str) else str(value.isoformat() if hasattr(value, "isoformat") else value)
        match = _OFFSET.search(text) if len(text) > len("2024-01-01") else None
        found.add("" if match is None else "+00:00" if match[1] else f"{match[2]}:{match[3] or '00'}")
    return tuple(sorted(found)) if len(found) > 1 else ()
