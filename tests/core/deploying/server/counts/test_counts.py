"""What an endpoint counts agrees with what its clients counted."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from mlops_magics.core.deploying import Endpoint
from mlops_magics.core.deploying.server.counts import prometheus
from mlops_magics.core.deploying.server.counts.counters import BOUNDS, Metrics
from mlops_magics.core.deploying.server.counts.worker_tallies import Tally
from mlops_magics.errors import DataMismatch
from tests.core.deploying.conftest import Pinned


def samples(text: str, name: str) -> dict[str, float]:
    """Return the values of one metric by their labels, in the order of the text."""
    lines = [line for line in text.splitlines() if line.startswith((name + "{", name + " "))]
    return {line[len(name) :].rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in lines}


@pytest.mark.parametrize("share", [0.5, 0.95, 0.99])
def test_quantiles_are_read_to_within_seven_percent(share: float) -> None:
    """The histogram is fine enough for a live view: never below the true quantile, at most 7 percent above it."""
    latencies = np.random.default_rng(0).lognormal(mean=1.0, sigma=1.0, size=5_000)
    counted = Metrics()
    counted.answered("v", latencies.tolist(), rows=5_000)

    read, true = counted.quantile(share), float(np.quantile(latencies, share, method="inverted_cdf"))
    assert read is not None
    assert true <= read * 1.0001
    assert read <= true * 1.071


def test_prometheus_gets_cumulative_buckets_at_its_usual_bounds() -> None:
    """A latency on a bound counts below it; the last bucket is everything."""
    counted = Metrics()
    counted.answered("v", [0.5, 1.0, 1.0001, 3.0, 20_000.0], rows=5)

    buckets = samples(prometheus.text("line", [Tally(1, counted)]), "mlops_request_seconds_bucket")
    assert len(buckets) == len(BOUNDS) + 1
    assert list(buckets.values()) == [1, 2, 3, 4, *[4] * (len(BOUNDS) - 4), 5]


def test_errors_are_refused_or_failed_by_one_definition() -> None:
    """As a whole and of each version: what the client has to mend, and what failed here, add up to the errors."""
    counted = Metrics()
    counted.answered("v", [1.0, 2.0], rows=2)
    for status, version in ((401, ""), (422, ""), (422, "v"), (500, "v"), (503, "w"), (504, "")):
        counted.refused(status, version)

    whole, parts = counted.counts(), counted.of_versions()
    assert [whole[name] for name in ("requests", "errors", "refused", "failed")] == [8, 6, 3, 3]
    assert [[parts[each][name] for name in ("requests", "errors", "refused", "failed")] for each in "vw"] == [
        [4, 2, 1, 1],
        [1, 1, 0, 1],
    ]


def test_the_counts_are_those_of_the_clients(line: Pinned, deploy: Callable[..., Endpoint]) -> None:
    """Requests, rows and errors, after answers of several sizes and a refusal."""
    endpoint = deploy(line)
    for size in (1, 2, 50):
        endpoint.predict(line.rows[:size])
    with pytest.raises(DataMismatch):
        endpoint.predict(line.rows[:1].drop(columns="x2"))

    text = endpoint.client.send("GET", "/metrics")[0].decode()
    by_status = samples(text, "mlops_requests_total")
    assert (
        sum(value for labels, value in by_status.items() if 'status="200"' in labels and line.version.version in labels)
        == 3
    )
    assert sum(value for labels, value in by_status.items() if 'status="422"' in labels) == 1
    assert sum(samples(text, "mlops_rows_total").values()) == 53
    assert sum(samples(text, "mlops_request_seconds_count").values()) == 3
