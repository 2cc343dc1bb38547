"""The tallies of all workers in Prometheus' text format."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from mlops_magics.core.deploying.server.counts.worker_tallies import Tally

MEDIA = "text/plain; version=0.0.4; charset=utf-8"
Sample = tuple[str, dict[str, object], float]
"""Suffix of the metric's name, labels in addition to endpoint and worker, value."""


def text(endpoint: str, tallies: Sequence[Tally]) -> str:
    """Return every metric with its samples, labelled by endpoint and worker."""
    lines = []
    for metric, kind, samples in METRICS:
        lines.append(f"# TYPE {metric} {kind}")
        # the text format wants all samples of a metric in one group after its TYPE line
        for tally in tallies:
            for suffix, labels, value in samples(tally):
                named = {"endpoint": endpoint, "worker": tally.worker, **labels}
                pairs = ",".join(f'{label}="{text}"' for label, text in named.items())
                lines.append(f"{metric}{suffix}{{{pairs}}} {value}")
    return "\n".join(lines) + "\n"


def _requests(tally: Tally) -> Iterator[Sample]:
    for (version, status), count in tally.metrics.answers.items():
        yield "", {"version": version, "status": status}, count


def _rows(tally: Tally) -> Iterator[Sample]:
    for version, count in tally.metrics.rows.items():
        yield "", {"version": version}, count


def _batches(tally: Tally) -> Iterator[Sample]:
    yield "", {}, tally.metrics.batches


def _seconds(tally: Tally) -> Iterator[Sample]:
    for bound, count in tally.metrics.buckets().items():
        yield "_bucket", {"le": bound}, count
    yield "_sum", {}, round(tally.metrics.latency_sum, 6)
    yield "_count", {}, sum(tally.metrics.latency)


def _logged(tally: Tally) -> Iterator[Sample]:
    for result in ("written", "dropped"):
        yield "", {"result": result}, tally.log.get(result, 0)


def _waiting(tally: Tally) -> Iterator[Sample]:
    yield "", {}, tally.waiting


def _uptime(tally: Tally) -> Iterator[Sample]:
    yield "", {}, round(time.time() - tally.metrics.started, 3)


METRICS: tuple[tuple[str, str, Callable[[Tally], Iterable[Sample]]], ...] = (
    ("mlops_requests_total", "counter", _requests),
    ("mlops_rows_total", "counter", _rows),
    ("mlops_batches_total", "counter", _batches),
    ("mlops_request_seconds", "histogram", _seconds),
    ("mlops_log_rows_total", "counter", _logged),
    ("mlops_waiting", "gauge", _waiting),
    ("mlops_uptime_seconds", "gauge", _uptime),
)
