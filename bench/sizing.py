"""How many replicas a load needs: a simulation of our server, from two measurements, checked against a third one.

    python bench/sizing.py [--rates 1000 10000] [--model linear|forest]

A replica answers what waits in one batch: a batch of k requests takes a + b·k seconds of its core. a and b solve the
CPU a request at 1 and at 64 connections of `serving.py`. The point near half of the peak of `serving_itself.py` was not
used, and is printed beside the simulation.
"""

from __future__ import annotations

import argparse

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
    rate: float, replicas: int, a: float, b: float, *, requests: int = 30_000, better_of_two: bool = True, seed: int = 0
) -> np.ndarray:
    """Return the seconds of each request: arrivals at random, a queue for each replica, batches of all that waits.

    Parameters
    ----------
    better_of_two
        Whether the balancer asks the shorter of two queues, else any.
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
        two = chance.integers(0, replicas, 2)
        shorter = min(two, key=lambda place: (len(queues[place]), ends[place])) if better_of_two else two[0]
        queues[int(shorter)].append(each)
    for place in range(replicas):
        serve(place, np.inf)
    return done - arrivals


def main() -> None:
    """Print the fit, the check, and a table of replicas."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rates", nargs="+", type=float, default=[1_000, 3_000, 10_000])
    parser.add_argument("--model", choices=MEASURED, nargs="+", default=list(MEASURED))
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
                print(
                    f"  {rate:8,.0f}/s, {replicas} replicas: p50 {p50:.2f}, p99 {p99:.2f} ms, one lost: p99 {lost} ms"
                )


if __name__ == "__main__":
    main()
