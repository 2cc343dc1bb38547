"""Features derived from times and texts: hour, weekday, gap and lag, length and vocabulary."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from mlops_magics.core.monitoring.reading import column_values
from mlops_magics.core.monitoring.reading.column_values import MISSING_CODE, Column, FloatArray

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DAY = 86_400.0
"""Seconds."""
DISTINCT_TEXT = 0.5
"""Share of distinct values from which strings of several words are text and not categories."""
WORDS_OF_TEXT = 3.0
"""Words of such a value on average."""
ROWS_OF_TEXT = 20
"""Distinct values from which a column can be recognised as text."""


@dataclass(frozen=True, slots=True)
class Part:
    """A feature derived from a time or a text, and the statistic that compares it.

    Attributes
    ----------
    definition
        One sentence for the reader of a report.
    kept_as
        The part whose distribution this one reads, where it has none of its own.
    in_order
        Whether it depends on the order of the rows, so that batches cannot be added up.
    """

    name: str
    statistic: str
    derive: Callable[[Column], Column]
    definition: str
    by_default: bool = False
    kept_as: str | None = None
    in_order: bool = False


def parts_of(kind: str) -> tuple[Part, ...]:
    """Return the features derived from one of this kind."""
    return {"datetime": OF_TIMES, "text": OF_TEXTS}.get(kind, ())


def stored_parts(kind: str) -> tuple[Part, ...]:
    """Return the derived features that have a distribution of their own."""
    return tuple(part for part in parts_of(kind) if not part.kept_as)


def with_text_recognised(column: Column) -> Column:
    """Return a column of strings as text where its values read like sentences."""
    if column.native != "string" or column.kind != "categorical" or len(column.labels) < ROWS_OF_TEXT:
        return column
    present = len(column) - column.missing()
    if not looks_like_text(column.labels) or len(column.labels) < DISTINCT_TEXT * present:
        return column
    if np.count_nonzero(column.counts()) < max(ROWS_OF_TEXT, DISTINCT_TEXT * present):  # of some rows, not all labels
        return column
    return replace(column, kind="text")


def looks_like_text(labels: tuple[str, ...]) -> bool:
    """Return whether the first thousand labels have several words each."""
    sample = labels[:1_000]
    return bool(sample) and sum(label.count(" ") + 1 for label in sample) / len(sample) >= WORDS_OF_TEXT


def wall_clock(seconds: FloatArray, zone: str) -> FloatArray:
    """Return seconds since 1970 as the clocks of a time zone show them. Times without a zone are local already."""
    if not zone or zone.upper() in ("UTC", "GMT", "Z", "ETC/UTC") or not len(seconds):
        return seconds
    import pandas as pd

    known = np.isfinite(seconds)
    moments = pd.to_datetime(np.where(known, seconds, 0.0), unit="s", utc=True).tz_convert(zone).tz_localize(None)
    local = moments.to_numpy().astype("datetime64[us]").astype(np.int64) / 1e6
    return np.where(known, local, np.nan)


def hour(column: Column) -> Column:
    """Return the hour of the day of each time, as a category, in its own time zone."""
    local = wall_clock(column.values, column.zone)
    return _cycled(column, np.floor(local % DAY / 3_600), tuple(f"{k:02d}" for k in range(24)))


def weekday(column: Column) -> Column:
    """Return the day of the week of each time in its own time zone. 1970 began on a Thursday."""
    return _cycled(column, (np.floor(wall_clock(column.values, column.zone) / DAY) + 3) % 7, WEEKDAYS)


def gap(column: Column) -> Column:
    """Return the seconds between neighbouring times, in order of time."""
    present = np.sort(column.values[np.isfinite(column.values)])
    return column_values.numeric(column.name, np.diff(present))


def lag(column: Column) -> Column:
    """Return the delay of each time in seconds, behind the newest of the rows before it, 0 in order."""
    present = column.values[np.isfinite(column.values)]
    return column_values.numeric(column.name, np.maximum.accumulate(present) - present if len(present) else present)


def length(column: Column) -> Column:
    """Return the number of words of each text."""
    words = np.array([*(len(label.split()) for label in column.labels), np.nan])
    return column_values.numeric(column.name, words[column.values])


def vocabulary(column: Column) -> Column:
    """Return one word per text, the same place in each (by the text's length), so that rows stay independent."""
    chosen = [_one_word(label) for label in column.labels]
    distinct = sorted(set(chosen))
    place = {word: code for code, word in enumerate(distinct)}
    lookup = np.array([*(place[word] for word in chosen), MISSING_CODE], dtype=np.int64)
    return column_values.coded(column.name, lookup[column.values], distinct, "string")


def _one_word(text: str) -> str:
    words = text.lower().split()
    return words[len(text) % len(words)] if words else ""


def _cycled(column: Column, place: FloatArray, labels: tuple[str, ...]) -> Column:
    codes = np.where(np.isfinite(place), place, MISSING_CODE).astype(np.int64)
    return Column(column.name, "categorical", "string", codes, labels)


OF_TIMES = (
    Part("hour", "tvd", hour, "total variation of the hours of the day", by_default=True),
    Part("weekday", "tvd", weekday, "total variation of the days of the week"),
    Part("gap", "ks", gap, "Kolmogorov-Smirnov D of the seconds between neighbouring times", in_order=True),
    Part(
        "lag",
        "ks",
        lag,
        "Kolmogorov-Smirnov D of the seconds that a time comes behind the newest before it",
        in_order=True,
    ),
)
OF_TEXTS = (
    Part("length", "ks", length, "Kolmogorov-Smirnov D of the number of words", by_default=True),
    Part("vocabulary", "tvd", vocabulary, "total variation of one word of each text", by_default=True),
    Part(
        "oov",
        "new_categories",
        vocabulary,
        "share of current texts whose word the reference never had",
        kept_as="vocabulary",
    ),
)
PARTS = {part.name: part for part in (*OF_TIMES, *OF_TEXTS)}
NAMES = tuple(PARTS)
