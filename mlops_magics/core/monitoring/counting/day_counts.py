"""Counts of whole days at the points of a reference: written as JSON, read again, and added up to longer periods."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from mlops_magics.core import json_text
from mlops_magics.core.monitoring.counting.label_columns import spelled_as
from mlops_magics.core.monitoring.counting.streamed_periods import ByTime
from mlops_magics.core.monitoring.counting.tallies import Numbers, ObservedCounts, Tally
from mlops_magics.core.monitoring.profiling import profile_json
from mlops_magics.core.monitoring.profiling.feature_profile import FeatureProfile, Features
from mlops_magics.core.monitoring.profiling.samples import CategorySample, Moments, NumericSample
from mlops_magics.core.monitoring.reading import features, periods, row_times, tables
from mlops_magics.core.monitoring.reading.column_values import Column
from mlops_magics.core.monitoring.reading.time_notes import TimeFacts
from mlops_magics.errors import InvalidInput

FORMAT = "mlops-magics-days/1"
UNITS = ("day", "week", "month", "quarter", "year")
"""Periods that are made of days."""
MOST_BYTES = 256 << 20
"""Of the counts of a day, unpacked: a thousand features take some megabytes."""
HOUR = 3_600_000_000
"""Microseconds. Of each hour the first and the last time are kept: they show whether the last period is complete."""


class DayCounts:
    """The counts of each day, feature by feature.

    Parameters
    ----------
    like
        The reference's features.
    roles
        Role → its column, and its reference: ``{"prediction": ("mlops.prediction", …)}``.
    timestamp
        The column with the times.

    Attributes
    ----------
    rows
        Day, in microseconds since 1970 → its rows.
    timeless
        Rows without a time.
    """

    def __init__(self, like: Features, roles: Mapping[str, tuple[str, FeatureProfile]], timestamp: str) -> None:
        self._like, self._roles, self._timestamp = like, roles, timestamp
        self._tallies: dict[str, Tally] = {}
        self._role_tallies: dict[str, Tally] = {}
        self._extra: list[str] = []
        self._moments: set[int] = set()
        self.rows: dict[int, int] = {}
        self.timeless = 0

    def add(self, batches: Iterable[Any]) -> None:
        """Count rows as they pass by: frames or Arrow tables."""
        windows = ByTime(self._timestamp, "day")
        for batch in batches:
            table = tables.read(batch)
            cut = windows.cut(table)
            for name in features.feature_names(table):
                if name in self._like:
                    self._tally(name).add(table.column(name), cut)
                elif name not in self._extra:
                    self._extra.append(name)
            for role, (name, reference) in self._roles.items():
                if name in table.names:
                    self._role_tally(role).add(spelled_as(reference, table.column(name)), cut)
            self._see(row_times.moments_of(tables.raw(table, self._timestamp), self._timestamp).wall)
        for key, rows in windows.rows.items():
            self.rows[key] = self.rows.get(key, 0) + rows
        self.timeless += windows.missing

    def _see(self, wall: Any) -> None:
        """Remember the first and the last time of each hour."""
        known = np.unique(wall[~np.isnat(wall)].astype("datetime64[us]").astype(np.int64))
        if len(known):
            hours = known // HOUR
            last = np.append(hours[1:] != hours[:-1], True)
            first = np.append(True, hours[1:] != hours[:-1])
            self._moments.update(known[first | last].tolist())

    def _tally(self, name: str) -> Tally:
        return self._tallies.setdefault(name, Tally(self._like[name]))

    def _role_tally(self, name: str) -> Tally:
        return self._role_tallies.setdefault(name, Tally(self._roles[name][1]))

    def to_bytes(self) -> bytes:
        """Write as packed JSON, in equal bytes for equal counts."""
        written = [
            {
                "day": day,
                "rows": rows,
                "features": [_written(tally.profile([day])) for tally in self._tallies.values()],
                "roles": {name: _written(tally.profile([day])) for name, tally in self._role_tallies.items()},
            }
            for day, rows in sorted(self.rows.items())
        ]
        moments = sorted(self._moments)
        whole = {"format": FORMAT, "days": written, "moments": moments, "extra": self._extra, "timeless": self.timeless}
        # no time in gzip's header, which would make equal counts differ
        return gzip.compress(json.dumps(whole, separators=(",", ":"), allow_nan=False).encode(), mtime=0)

    def merge(self, content: bytes) -> None:
        """Add what `to_bytes` wrote, at the points of the same reference.

        Raises
        ------
        ValueError
            For bytes that are something else.
        """
        # first elsewhere: nothing is added of bytes that break off
        DayCounts(self._like, self._roles, self._timestamp)._put_all(content)
        self._put_all(content)

    def _put_all(self, content: bytes) -> None:
        try:
            document = json_text.parse(_unpacked(content))
            if document["format"] != FORMAT:
                raise ValueError(document["format"])
            for each in document["days"]:
                day = int(each["day"])
                self.rows[day] = self.rows.get(day, 0) + int(each["rows"])
                for entry in each["features"]:
                    _put(self._tally(entry["name"]), day, entry)
                for name, entry in each["roles"].items():
                    _put(self._role_tally(name), day, entry)
            self._moments.update(map(int, document["moments"]))
            self._extra += [name for name in document["extra"] if name not in self._extra]
            self.timeless += int(document["timeless"])
        except (LookupError, TypeError, AttributeError, AssertionError, OverflowError, zlib.error) as fault:
            raise ValueError(f"{type(fault).__name__}: {fault}") from fault

    def observed(self, by: str | None) -> tuple[ObservedCounts, ObservedCounts]:
        """Return features and answers by periods that are made of days, or in one.

        Raises
        ------
        InvalidInput
            For a period that is not made of days, and where no row has a time.
        """
        found, facts = self._periods(by)
        return ObservedCounts(self._tallies, found, self._extra, facts), ObservedCounts(self._role_tallies, found)

    def _periods(self, by: str | None) -> tuple[list[tuple[periods.Period, list[int]]], TimeFacts]:
        total = sum(self.rows.values())
        if by is None:
            return [(period, sorted(self.rows)) for period in periods.whole(total)], TimeFacts()
        if by not in UNITS:
            raise InvalidInput(f"This log is counted day by day, so its periods are {', '.join(UNITS)}, not {by!r}.")
        if not self.rows:
            raise InvalidInput(features.NO_TIMES.format(rows=self.timeless, name=self._timestamp))
        windows = ByTime(self._timestamp, by)
        windows.see(np.array(sorted(self._moments), dtype="datetime64[us]"))
        days = np.array(sorted(self.rows), dtype="datetime64[us]")
        belonging: dict[int, list[int]] = {}
        for day, start in zip(sorted(self.rows), periods.starts(days, by).astype(np.int64).tolist()):
            belonging.setdefault(start, []).append(day)
            windows.count(start, self.rows[day])
        found = windows.found()
        return [
            (period, [day for key in keys for day in belonging.get(key, [])]) for period, keys in found
        ], windows.facts()


def _unpacked(content: bytes) -> bytes:
    """Return gzip's content.

    Raises
    ------
    ValueError
        It is incomplete, or larger than `MOST_BYTES`.
    """
    # 16 more than the largest window: with gzip's header
    reader = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    # bounded, because a small file may unpack to a thousand times its size
    found = reader.decompress(content, MOST_BYTES)
    if not reader.eof:
        raise ValueError("the counts are incomplete or too large")
    return found


def _written(profile: FeatureProfile) -> dict[str, Any]:
    """Return a feature's counts. Its points are those of the reference."""
    return _without_points(profile_json.of_feature(profile))


def _without_points(entry: dict[str, Any]) -> dict[str, Any]:
    parts = {name: _without_points(part) for name, part in entry.get("parts", {}).items()}
    return {name: value for name, value in entry.items() if name not in ("edges", "parts")} | {"parts": parts}


def _put(tally: Tally, day: int, entry: Mapping[str, Any]) -> None:
    """Add the counts of a day."""
    numeric, reference = "labels" not in entry, tally.reference.sample
    if entry["native"] != tally.reference.native or numeric == isinstance(reference, CategorySample):
        tally.nothing(day, int(entry["missing"]))
        nothing = np.empty(0, dtype=np.int64)
        tally.other(day, Column(entry["name"], entry["kind"], entry["native"], nothing), int(entry["other"]))
        return
    if isinstance(tally.counts, Numbers):
        assert isinstance(reference, NumericSample)
        n, *others = (float("nan") if value is None else value for value in entry["moments"])
        counts = np.zeros(len(tally.counts.points) + 1, dtype=np.int64)
        counts[: len(entry["counts"])] = entry["counts"]
        tally.counts.put(day, counts, Moments(int(n), *others), int(entry["missing"]), int(entry["infinite"]))
    else:
        found = dict(zip(entry["labels"], entry["counts"], strict=True))
        tally.counts.put(day, found, int(entry["missing"]), int(entry["other"]))
    for name, part in entry["parts"].items():
        _put(tally.parts[name], day, part)
