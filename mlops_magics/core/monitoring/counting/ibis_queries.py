"""Counts by a query engine through Ibis. DuckDB, Spark, BigQuery, … run the same expression and give the same integers.

One scan counts all features in all periods: each value is given the number of its bin, and the row is unfolded into one
row per feature, which the engine groups. The bin is found in two steps, because an expression with a branch for each of
a thousand edges takes an engine longer to compile than to run: the block of edges by a few comparisons, and within it
by comparing with the edges of that block, which a join with a small table brings.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mlops_magics.core.monitoring.counting.tallies import Categories, Numbers, Tally
from mlops_magics.core.monitoring.profiling import derived_features
from mlops_magics.core.monitoring.profiling.feature_profile import Features
from mlops_magics.core.monitoring.profiling.samples import CategorySample, Moments
from mlops_magics.core.monitoring.reading.column_values import FloatArray
from mlops_magics.errors import DataMismatch, MissingDependency

MISSING, INFINITE = -1, -2  # in place of a bin
UNNAMED = "\x00other"
SECONDS_OF_TEXT = len("2024-01-01 00:00:00.")
COARSER = {"hour": "h", "day": "D", "week": "W", "month": "M", "quarter": "Q", "year": "Y"}
FINER = {"hour": "s", "day": "m", "week": "m", "month": "h", "quarter": "h", "year": "h"}
GROUPS = ["feature", "period", "bin", "label"]


def counts(table: Any, tallies: Mapping[str, Tally], periods: tuple[str, str] | None = None) -> Any:
    """Return the Ibis expression of all counts.

    Its columns: ``feature`` (a place among `targets`), ``period`` (year, month, day and hour as one number), ``bin``
    (or ``label``, of a category), ``rows``, and of numbers ``total``, ``squares``, ``low`` and ``high`` of the
    values less the reference's mean.

    Parameters
    ----------
    periods
        The column with the times, and the unit of the calendar.

    Raises
    ------
    DataMismatch
    """
    import ibis

    absent = [name for name in tallies if name not in table.columns]
    if absent:
        raise DataMismatch(f"The table has no column {absent[0]!r} that the reference has.")
    found = targets(tallies)
    values = {f"v{k}": _value(table[name], tally, part) for k, (name, part, tally) in enumerate(found)}
    period = (
        _stamp(table[periods[0]].truncate(COARSER[periods[1]]), periods[1]) if periods else ibis.literal(0, "int64")
    )
    plain = table.select(period=period, **values)
    points = {
        f"v{k}": each.points for k, (_, _, tally) in enumerate(found) if isinstance(each := tally.counts, Numbers)
    }
    binned = _binned(plain, points)
    cells = ibis.array([_cell(binned, k, tally) for k, (_, _, tally) in enumerate(found)])
    unfolded = binned.select(binned.period, cell=cells.unnest())
    flat = unfolded.select("period", **{name: unfolded.cell[name] for name in ("feature", "bin", "label", "value")})
    return flat.group_by(GROUPS).agg(
        rows=flat.count(),
        total=flat.value.sum(),
        squares=(flat.value * flat.value).sum(),
        low=flat.value.min(),
        high=flat.value.max(),
    )


def targets(tallies: Mapping[str, Tally]) -> list[tuple[str, str, Tally]]:
    """Return the targets of the counts: each feature, and the parts of times and texts that an engine can compute."""
    found = []
    for name, tally in tallies.items():
        found.append((name, "", tally))
        found += [(name, part, tally.parts[part]) for part in ("hour", "weekday", "length") if part in tally.parts]
    return found


def _value(column: Any, tally: Tally, part: str) -> Any:
    """Return a number, or a category as text."""
    import ibis

    kind, native = tally.reference.kind, tally.reference.native
    if part == "hour":
        return ((_seconds(column) / 3_600).floor().cast("int64") % 24).cast("string").lpad(2, "0")
    if part == "weekday":
        # 1970-01-01 was a Thursday, and weeks begin on Monday
        day = ((_seconds(column) / derived_features.DAY).floor().cast("int64") + 3) % 7
        return ibis.cases(
            *((day == k, name) for k, name in enumerate(derived_features.WEEKDAYS)), else_=ibis.null("string")
        )
    if part == "length":  # every word to one letter, and the text between the words away
        return column.re_replace(r"\S+", "w").re_replace(r"\s+", "").length().cast("float64")
    if kind == "text":
        return ibis.ifelse(column.isnull(), ibis.null("string"), UNNAMED)
    if isinstance(tally.counts, Numbers):
        return _seconds(column) if kind == "datetime" else number_above(column, tally.reference.origin)
    value = _whole(column)
    if native == "boolean":  # engines spell them differently
        value = ibis.cases((column.isnull(), ibis.null("string")), (column, "True"), else_="False")
    sample = tally.reference.sample
    if isinstance(sample, CategorySample) and sample.other:
        value = ibis.ifelse(value.isnull() | value.isin(sample.labels), value, UNNAMED)
    return value


def number_above(column: Any, origin: int) -> Any:
    """Return a number less an origin as a float, exact for integers that floats do not hold."""
    if not origin:
        return column.cast("float64")
    return column.cast("decimal(38, 0)").__sub__(origin).cast("float64")


def _whole(column: Any) -> Any:
    """Return a category as text: whole numbers without the point that floats have."""
    import ibis

    if not column.type().is_floating():
        return column.cast("string")
    return ibis.cases(
        (column.isnull() | column.isnan(), ibis.null("string")),
        (column == column.floor(), column.cast("int64").cast("string")),
        else_=column.cast("string"),
    )


def _seconds(column: Any) -> Any:
    """Return seconds since 1970 to the microsecond, also before: engines round them towards zero or to the nearest."""
    moment = column.cast("timestamp") if column.type().is_date() else column
    if column.get_backend().name == "pyspark":  # which have no microseconds in Ibis
        within = (moment.cast("string").substr(SECONDS_OF_TEXT) + "000000").substr(0, 6).cast("int64")
    else:
        within = moment.microsecond()
    return (moment.truncate("s").epoch_seconds() * 1_000_000 + within).cast("float64") / 1e6


def is_infinite(number: Any) -> Any:
    """Return whether a number is infinite. Ibis's own function for that is never true on Spark."""
    return number.abs() > sys.float_info.max


def _binned(plain: Any, points: Mapping[str, FloatArray]) -> Any:
    """Add the bin of each number: the number of points below it."""
    import ibis
    import pyarrow as pa

    blocks = {name: _blocks(each) for name, each in points.items()}
    found = plain.mutate(
        **{f"{name}_block": _step(plain[name], [float(x) for x in each[:-1, -1]]) for name, each in blocks.items()}
    )
    for name, each in blocks.items():
        small = {f"{name}_{j}": each[:, j].copy() for j in range(each.shape[1])}
        joined = ibis.memtable(pa.table({f"{name}_at": np.arange(len(each), dtype=np.int64), **small}))
        found = found.join(joined, [found[f"{name}_block"] == joined[f"{name}_at"]], how="inner")
    bins = {}
    for name, each in blocks.items():
        number, width = found[name], each.shape[1]
        place = found[f"{name}_block"] * width + _step(number, [found[f"{name}_{j}"] for j in range(width)])
        lacking = number.isnull() | number.isnan()
        bins[f"{name}_bin"] = ibis.cases((lacking, MISSING), (is_infinite(number), INFINITE), else_=place).cast("int64")
    return found.select("period", *[name for name in plain.columns if name != "period"], **bins)


def _blocks(points: FloatArray) -> FloatArray:
    """Return the points in rows of equal length, the last one filled up with infinity."""
    width = math.ceil(math.sqrt(len(points) + 1))
    rows = -(-(len(points) + 1) // width)
    filled = np.full(rows * width, np.inf)
    filled[: len(points)] = points
    return filled.reshape(rows, width)


def _step(number: Any, edges: Sequence[Any]) -> Any:
    """Return the number of ascending edges below a number, by halving, or the last one for NaN."""
    import ibis

    def between(low: int, high: int) -> Any:
        if low == high:
            return ibis.literal(low, "int64")
        middle = (low + high) // 2
        return ibis.ifelse(number <= edges[middle], between(low, middle), between(middle + 1, high))

    return between(0, len(edges))


def _cell(binned: Any, k: int, tally: Tally) -> Any:
    """Return the values of one feature in a row."""
    import ibis

    feature, value = ibis.literal(k, "int64"), binned[f"v{k}"]
    if not isinstance(tally.counts, Numbers):
        label = value.cast("string")
        place = ibis.ifelse(value.isnull(), MISSING, 0).cast("int64")
        return ibis.struct({"feature": feature, "bin": place, "label": label, "value": ibis.null("float64")})
    place = binned[f"v{k}_bin"]
    kept = ibis.ifelse(place >= 0, value - _centre(tally), ibis.null("float64"))
    return ibis.struct({"feature": feature, "bin": place, "label": ibis.null("string"), "value": kept})


def _centre(tally: Tally) -> float:
    """Return the reference's mean, because squares of values far from zero would lose their digits."""
    moments = tally.reference.sample.moments  # type: ignore[union-attr]
    return float(moments.mean) if math.isfinite(moments.mean) else 0.0


def _stamp(start: Any, unit: str) -> Any:
    """Return the start of a period, as the engine's clock shows it, as one number."""
    hour = start.hour() if unit == "hour" else 0
    return start.year().cast("int64") * 1_000_000 + start.month() * 10_000 + start.day() * 100 + hour


def moments(table: Any, name: str, unit: str) -> Any:
    """Return the distinct times, finely enough to decide whether the last period is complete."""
    part = FINER[unit]
    start = table.filter(table[name].notnull())[name].truncate(part)
    stamp = (_stamp(start, "hour") * 100 + start.minute()) * 100 + (start.second() if part == "s" else 0)
    found = table.filter(table[name].notnull()).select(stamp=stamp.cast("int64")).distinct().execute()["stamp"]
    return np.array([_moment(value // 10_000) + _within(value) for value in found.tolist()], dtype="datetime64[us]")


def _within(value: int) -> np.timedelta64:
    return np.timedelta64((value // 100 % 100 * 60 + value % 100) * 1_000_000, "us")


def _moment(stamp: int) -> np.datetime64:
    year, month, day, hour = stamp // 1_000_000, stamp // 10_000 % 100, stamp // 100 % 100, stamp % 100
    return np.datetime64(f"{year:04d}-{month:02d}-{day:02d}T{hour:02d}", "us")


def tallied(
    table: Any, like: Features, periods: tuple[str, str] | None = None
) -> tuple[dict[str, Tally], dict[int, int]]:
    """Run the expression, and return the counts and the rows of each period by its key.

    Raises
    ------
    MissingDependency
    """
    try:
        import ibis  # noqa: F401
    except ImportError as missing:
        raise MissingDependency("Counting inside a database needs Ibis", "mlops-magics[engines]") from missing
    tallies = {name: Tally(each) for name, each in like.items() if name in table.columns}
    known = table.filter(table[periods[0]].notnull()) if periods else table
    counted = counts(known, tallies, periods).execute()
    rows: dict[int, int] = {}
    for k, (_, _, tally) in enumerate(targets(tallies)):
        part = counted[counted["feature"] == k]
        for stamp, group in part.groupby("period", sort=False):
            key = 0 if periods is None else int(_moment(int(stamp)).astype(np.int64))
            _put(tally, key, group)
            rows[key] = int(group["rows"].sum())
    return tallies, rows


def _put(tally: Tally, key: int, group: Any) -> None:
    """Add the counts of one feature in one period."""
    bins, rows = group["bin"].to_numpy(dtype=np.int64), group["rows"].to_numpy(dtype=np.int64)
    missing, infinite = (int(rows[bins == code].sum()) for code in (MISSING, INFINITE))
    held = bins >= 0
    if isinstance(tally.counts, Categories):
        named = dict(zip(group["label"][held].astype(str), rows[held].tolist()))
        # the rest is taken out of the names before `put` reads them
        tally.counts.put(key, named, missing, named.pop(UNNAMED, 0))
        return
    counts = np.zeros(len(tally.counts.points) + 1, dtype=np.int64)
    counts[bins[held]] = rows[held]
    tally.counts.put(key, counts, _moments(group[held], int(rows[held].sum()), _centre(tally)), missing, infinite)


def _moments(group: Any, n: int, centre: float) -> Moments:
    """Return moments from sums of values less a centre."""
    if not n:
        return Moments(0, float("nan"), 0.0, float("nan"), float("nan"))
    low, high = float(group["low"].min()) + centre, float(group["high"].max()) + centre
    # one value, whose squares would be rounding errors alone
    if low == high:
        return Moments(n, low, 0.0, low, high)
    apart = float(group["total"].sum()) / n
    # a difference of large sums, which rounding may put below 0
    squares = float(group["squares"].sum()) - n * apart * apart
    return Moments(n, centre + apart, max(squares, 0.0), low, high)
