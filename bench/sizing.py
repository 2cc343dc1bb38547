"""How many replicas a load needs: a simulation of our server, from two measurements, checked against a third one.

    python bench/sizing.py [--rates 1000 10000] [--model linear|forest] [--log]

A replica answers what waits in one batch: a batch of k requests takes a + b·k seconds of its core. a and b solve the
CPU a request at 1 and at 64 connections of `serving.py`. The point near half of the peak of `serving_itself.py` was not
used, and is printed beside the simulation. A rolling restart takes one replica after the other from the balancer, with
and without one more that starts first. ``--log`` counts segments of two sizes here, checks the fit against a third one,
and says what a log of 1 TB takes.
"""

from __future__ import annotations

import argparse
import io
import time
from collections.abc import Sequence

import numpy as np

MEASURED = {
    "linear": {"one": 155e-6, "many": 23e-6, "half": (22_000.0, 0.49e-3, 1.88e-3)},
    "forest": {"one": 750e-6, "many": 35e-6, "half": (14_000.0, 1.26e-3, 5.59e-3)},
}
"""Seconds of CPU a request at 1 and 64 connections, and requests/s, p50 and p99 near half of the peak."""
BATCH = 63
"""Requests of a batch at 64 connections."""


def fitted(model: str) -> tuple[float, float]:
    """Return the seconds of a batch and of each request in it."""
    one, many = MEASURED[model]["one"], MEASURED[model]["many"]
    b = (many * BATCH - one) / (BATCH - 1)
    return one - b, b


def waits(
    rate: float,
    replicas: int,
    a: float,
    b: float,
    *,
    requests: int = 30_000,
    better_of_two: bool = True,
    seed: int = 0,
    away: Sequence[tuple[float, float]] = (),
) -> np.ndarray:
    """Return the seconds of each request: arrivals at random, a queue for each replica, batches of all that waits.

    Parameters
    ----------
    better_of_two
        Whether the balancer asks the shorter of two queues, else any.
    away
        Of each replica, the seconds from which and until which the balancer gives it nothing, as while it restarts.
    """
    chance = np.random.default_rng(seed)
    arrivals = np.cumsum(chance.exponential(1 / rate, requests))
    ends = np.zeros(replicas)
    queues: list[list[int]] = [[] for _ in range(replicas)]
    done = np.zeros(requests)

    def serve(place: int, until: float) -> None:
        while queues[place] and ends[place] <= until:
            begin = max(ends[place], arrivals[queues[place][0]])
            if begin > until:
                return
            batch = [each for each in queues[place] if arrivals[each] <= begin]
            ends[place] = begin + a + b * len(batch)
            done[batch] = ends[place]
            del queues[place][: len(batch)]

    for each, now in enumerate(arrivals):
        for place in range(replicas):
            serve(place, now)
        here = [place for place in range(replicas) if place >= len(away) or not away[place][0] <= now < away[place][1]]
        two = [here[place] for place in chance.integers(0, len(here), 2)]
        shorter = min(two, key=lambda place: (len(queues[place]), ends[place])) if better_of_two else two[0]
        queues[int(shorter)].append(each)
    for place in range(replicas):
        serve(place, np.inf)
    return done - arrivals


def restart(rate: float, replicas: int, a: float, b: float, *, surge: bool) -> float:
    """Return the p99 in seconds while replicas restart one after the other, each away for a fifth of a second.

    The queues settle within milliseconds, so that the p99 of a longer start is the same.

    Parameters
    ----------
    surge
        Whether a new replica starts before an old one is taken away, as ``maxSurge: 1`` and ``maxUnavailable: 0`` do.
    """
    step, more = 0.2, replicas + surge
    away = [(place * step, (place + 1) * step) for place in range(more)]
    found = waits(rate, more, a, b, requests=int(rate * step * more), away=away)
    return float(np.quantile(found, 0.99))


ROWS, COLUMNS = (20_000, 60_000, 40_000), 20
"""Rows of the segments that are counted: two for the fit, and the last one for the check."""


def counted(rows: int) -> tuple[float, int]:
    """Return the CPU seconds in which a segment is read and counted, and its bytes: the least of five times."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet

    from mlops_magics.core.log_columns import TIMESTAMP
    from mlops_magics.core.monitoring import profile
    from mlops_magics.core.monitoring.counting.day_counts import DayCounts

    chance = np.random.default_rng(rows)
    names = [f"x{place}" for place in range(COLUMNS)]
    like = profile(pd.DataFrame(chance.normal(size=(10_000, COLUMNS)), columns=names)).features
    frame = pd.DataFrame(chance.normal(size=(rows, COLUMNS)), columns=names)
    frame[TIMESTAMP] = pd.Timestamp("2026-11-29", tz="UTC") + pd.to_timedelta(np.arange(rows), unit="s") / 1000
    packed = io.BytesIO()
    pyarrow.parquet.write_table(pa.Table.from_pandas(frame), packed, compression="zstd")
    best = float("inf")
    for _ in range(5):
        begun = time.process_time()
        table = pyarrow.parquet.read_table(io.BytesIO(packed.getvalue())).to_pandas()
        DayCounts(like, {}, TIMESTAMP).add([table])
        best = min(best, time.process_time() - begun)
    return best, len(packed.getvalue())


def log() -> None:
    """Print what counting costs, and what a log of 1 TB takes."""
    (few, first), (many, second), (check, _) = map(counted, ROWS)
    each = (many - few) / (ROWS[1] - ROWS[0])
    once = few - each * ROWS[0]
    bytes_a_row = (second - first) / (ROWS[1] - ROWS[0])
    print(f"log: a segment takes {once * 1e3:.0f} ms + {each * 1e6:.2f} us a row of {bytes_a_row:.0f} bytes")
    print(f"  check at {ROWS[2]:,} rows: {(once + each * ROWS[2]) * 1e3:.0f} ms (measured {check * 1e3:.0f})")
    for rate in (1_000, 10_000):
        a_day = rate * 86_400
        spent = a_day * each + once * 4 * 1440
        packed, hours = a_day * bytes_a_row / 1e9, spent / 3600
        print(
            f"  {rate:,}/s, four replicas: {packed:.0f} GB and {hours:.1f} hours of a core a day; 1 TB is "
            f"{1000 / packed:.1f} days, {hours * 1000 / packed:.0f} hours of a core"
        )


def main() -> None:
    """Print the fit, the check, and a table of replicas."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rates", nargs="+", type=float, default=[1_000, 3_000, 10_000])
    parser.add_argument("--model", choices=MEASURED, nargs="+", default=list(MEASURED))
    parser.add_argument("--log", action="store_true")
    given = parser.parse_args()
    for model in given.model:
        a, b = fitted(model)
        rate, p50, p99 = MEASURED[model]["half"]
        found = np.quantile(waits(rate, 1, a, b), [0.5, 0.99])
        print(f"{model}: a batch takes {a * 1e6:.0f} us + {b * 1e6:.1f} us a request")
        print(
            f"  check at {rate:,.0f}/s: p50 {found[0] * 1e3:.2f} ms (measured {p50 * 1e3:.2f}), "
            f"p99 {found[1] * 1e3:.2f} ms (measured {p99 * 1e3:.2f})"
        )
        for rate in given.rates:
            for replicas in (1, 2, 3):
                p50, p99 = np.quantile(waits(rate, replicas, a, b), [0.5, 0.99]) * 1e3
                lost = f"{np.quantile(waits(rate, replicas - 1, a, b), 0.99) * 1e3:.2f}" if replicas > 1 else "-"
                rolling = f"{restart(rate, replicas, a, b, surge=True) * 1e3:.2f}"
                bare = f"{restart(rate, replicas, a, b, surge=False) * 1e3:.2f}" if replicas > 1 else "none answers"
                print(
                    f"  {rate:8,.0f}/s, {replicas} replicas: p50 {p50:.2f}, p99 {p99:.2f} ms, one lost: p99 {lost} ms, "
                    f"rolling restart: p99 {rolling} ms, without one more: {bare}"
                )
    if given.log:
        log()


if __name__ == "__main__":
    main()
