"""Counters and times of a worker, for `/health`, `/metrics` and the live view."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import accumulate
from typing import Any

BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the latency histogram for Prometheus, seconds."""
FINE_BOUNDS = tuple(sorted({*BOUNDS, *(1e-4 * 1.07**step for step in range(190))}))
"""Upper bounds of the stored histogram, seconds: quantiles are exact to 7 percent, up to 38 s."""


class Metrics:
    """All counters since the worker started, changed by the event loop only."""

    def __init__(self) -> None:
        self.started = time.time()
        self.answers: Counter[tuple[str, int]] = Counter()
        """By version (empty where no model was called) and HTTP status."""
        self.rows: Counter[str] = Counter()
        self.batches = 0
        self.latencies: dict[str, list[int]] = {}
        """By version, responses in each of `FINE_BOUNDS`."""
        self.latency_sum = 0.0

    def answered(self, version: str, latencies_ms: list[float], rows: int) -> None:
        """Count a batch of responses of one version."""
        self.answers[version, 200] += len(latencies_ms)
        self.rows[version] += rows
        self.batches += 1
        # not setdefault, which would make the list of zeros for each batch
        latency = self.latencies.get(version) or self._first_latency(version)
        for milliseconds in latencies_ms:
            # bisect_left, because Prometheus' buckets include their upper bound
            latency[bisect_left(FINE_BOUNDS, milliseconds / 1000)] += 1
        self.latency_sum += sum(latencies_ms) / 1000

    def _first_latency(self, version: str) -> list[int]:
        return self.latencies.setdefault(version, [0] * (len(FINE_BOUNDS) + 1))

    @property
    def latency(self) -> list[int]:
        """Responses of all versions in each of `FINE_BOUNDS`."""
        parts = list(self.latencies.values())
        return [sum(counts) for counts in zip(*parts)] if parts else [0] * (len(FINE_BOUNDS) + 1)

    def refused(self, status: int, version: str = "") -> None:
        """Count an error response."""
        self.answers[version, status] += 1

    def counts(self) -> dict[str, float]:
        """Return the totals for `/health`."""
        statuses: Counter[int] = Counter()
        for (_, status), count in self.answers.items():
            statuses[status] += count
        return {**_requests_of(statuses), "rows": sum(self.rows.values()), "batches": self.batches}

    def of_versions(self) -> dict[str, dict[str, Any]]:
        """Return requests, errors, rows and latency of each version. A request that was refused has none mostly."""
        versions = dict.fromkeys([*self.latencies, *(version for version, _ in self.answers if version)])
        return {version: self._of_version(version) for version in versions}

    def _of_version(self, version: str) -> dict[str, Any]:
        statuses = {status: count for (each, status), count in self.answers.items() if each == version}
        return {
            **_requests_of(statuses),
            "rows": self.rows[version],
            "p50": self.quantile(0.5, version),
            "p95": self.quantile(0.95, version),
        }

    def quantile(self, share: float, version: str | None = None) -> float | None:
        """Return the upper bound, in milliseconds, of the latency of this share of the responses.

        Parameters
        ----------
        version
            By default the responses of all versions count.
        """
        latency = self.latency if version is None else self.latencies.get(version, [])
        total = sum(latency)
        if not total:
            return None
        place = next(place for place, count in enumerate(accumulate(latency)) if count >= share * total)
        return round(1000 * FINE_BOUNDS[min(place, len(FINE_BOUNDS) - 1)], 3)

    def buckets(self) -> dict[str, int]:
        """Return, for each of `BOUNDS` and ``+Inf``, how many responses took no longer."""
        below = [*accumulate(self.latency)]
        # each of BOUNDS is one of FINE_BOUNDS, so nothing is interpolated
        return {str(bound): below[bisect_left(FINE_BOUNDS, bound)] for bound in BOUNDS} | {"+Inf": below[-1]}

    def to_json(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        return {
            "started": self.started,
            "answers": [[*key, count] for key, count in self.answers.items()],
            "rows": dict(self.rows),
            "batches": self.batches,
            "latencies": self.latencies,
            "latency_sum": self.latency_sum,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Metrics:
        """Read what `to_json` wrote."""
        counted = cls()
        counted.answers.update({(version, status): count for version, status, count in values["answers"]})
        counted.rows.update(values["rows"])
        for name in ("started", "batches", "latencies", "latency_sum"):
            setattr(counted, name, values[name])
        return counted

    @classmethod
    def merge(cls, parts: Iterable[Metrics]) -> Metrics:
        """Add up the counters of several workers. The start is that of the oldest."""
        whole = cls()
        for part in parts:
            whole.started = min(whole.started, part.started)
            # Counter.update adds up, where that of a dict replaces
            whole.answers.update(part.answers)
            whole.rows.update(part.rows)
            whole.batches += part.batches
            for version, counts in part.latencies.items():
                known = whole._first_latency(version)
                known[:] = [one + other for one, other in zip(known, counts)]
            whole.latency_sum += part.latency_sum
        return whole


def _requests_of(statuses: Mapping[int, int]) -> dict[str, int]:
    """Return the requests behind some HTTP statuses, and their errors: refused (4xx), or failed here (5xx)."""
    refused = sum(count for status, count in statuses.items() if 400 <= status < 500)
    failed = sum(count for status, count in statuses.items() if status >= 500)
    return {"requests": sum(statuses.values()), "errors": refused + failed, "refused": refused, "failed": failed}
