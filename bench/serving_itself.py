"""Our endpoint beside itself: what the log costs, half load, two workers, a warm spare, and the limits.

    python bench/serving_itself.py [--seconds 3] [--parts log half workers spare limits]

Servers that are compared run at the same time and are loaded in turns: a machine whose speed changes treats both alike.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import serving_load as load
from serving_models import Subject, constant, subjects
from serving_servers import Server, ours

ROUNDS = 5


def in_turns(servers: list[Server], subject: Subject, seconds: int, connections: int = 64) -> list[dict[str, float]]:
    """Return, for each server, medians over rounds of rate, p50 and p99 in ms, and its CPU µs for a request."""
    measured: list[list[dict[str, float]]] = [[] for _ in servers]
    for turn in range(ROUNDS + 1):
        for place, server in enumerate(servers):
            used = server.cpu_seconds()
            found = load.rate(server, subject, connections=connections, seconds=seconds)
            found["cpu"] = 1e6 * (server.cpu_seconds() - used) / max(1.0, found["rate"] * seconds)
            if turn:  # the first round warms up
                measured[place].append(found)
    return [{name: statistics.median(one[name] for one in found) for name in found[0]} for found in measured]


def log(subject: Subject, folder: Path, seconds: int) -> None:
    """Compare the same server with and without its prediction log."""
    with ExitStack() as stack:
        servers = [
            stack.enter_context(ours(subject, folder / name, log=logged, name=name))
            for name, logged in (("log", True), ("no-log", False))
        ]
        logged, bare = in_turns(servers, subject, seconds)
    share = 1 - logged["rate"] / bare["rate"]
    print(f"| {subject.name}: rate with the log, req/s | {logged['rate']:,.0f} |")
    print(f"| {subject.name}: rate without, req/s | {bare['rate']:,.0f} |")
    print(f"| {subject.name}: the log's share of the rate | {share:.1%} |")
    print(f"| {subject.name}: CPU µs a request, with and without | {logged['cpu']:.1f} and {bare['cpu']:.1f} |")


def half(subject: Subject, folder: Path, seconds: int) -> None:
    """Find the peak, then ask at half of it: each connection pauses as long as that takes, a random while each time."""
    with ours(subject, folder / "half") as server:
        peak = load.rate(server, subject, connections=64, seconds=seconds)
        pause = round(1000 * 64 / (peak["rate"] / 2) - peak["p50"] / 2)
        found = load.rate(server, subject, connections=64, seconds=2 * seconds, pause=max(1, pause))
    print(f"| {subject.name}: asked at {found['rate'] / peak['rate']:.0%} of the peak, req/s | {found['rate']:,.0f} |")
    print(f"| {subject.name}: p50 and p99 there, ms | {found['p50']:.2f} and {found['p99']:.2f} |")
    print(f"| {subject.name}: p99 / p50 | {found['p99'] / found['p50']:.1f} |")


def workers(subject: Subject, folder: Path, seconds: int) -> None:
    """Compare two workers with one, where the model takes nearly all of the time and leaves the load its core."""
    with ExitStack() as stack:
        servers = [
            stack.enter_context(ours(subject, folder / f"workers-{count}", workers=count, exact=True))
            for count in (1, 2)
        ]
        one, two = in_turns(servers, subject, seconds, connections=16)
    print(f"| {subject.name}, one by one: one worker and two, req/s | {one['rate']:,.0f} and {two['rate']:,.0f} |")
    print(f"| {subject.name}: two workers / one | {two['rate'] / one['rate']:.2f} |")


def spare(subject: Subject, folder: Path, seconds: int) -> None:
    """Time from the command to the first answer, cold and with a spare that waits."""
    from mlops_magics.core.deploying.endpoints import warm_spare as waiting

    taken: dict[str, list[float]] = {"cold": [], "warm": []}
    for turn in range(2 * ROUNDS):
        kind = "warm" if turn % 2 else "cold"
        if kind == "warm":
            waiting.prepare()
            time.sleep(4.0)  # its imports
        with ours(subject, folder / f"spare-{turn}") as server:
            taken[kind].append(server.seconds)
    for kind, found in taken.items():
        print(f"| {subject.name}: command to first answer, {kind}, s | {statistics.median(found):.3f} |")


def limits(subject: Subject, folder: Path, seconds: int) -> None:
    """Measure what no server that asks row by row can pass, and this one around a model that takes no time."""
    print(f"| {subject.name}: predict(DataFrame) of 1 row in process, calls/s | {load.in_process(subject):,.0f} |")
    still = constant(subject)
    with ExitStack() as stack:
        real = stack.enter_context(ours(subject, folder / "real"))
        empty = stack.enter_context(ours(still, folder / "empty"))
        for connections in (1, 64):
            with_model, without = in_turns([real, empty], subject, seconds, connections)
            told = f"{with_model['rate']:,.0f} and {without['rate']:,.0f}"
            print(f"| {subject.name}, {connections} conn.: with the model, with a constant, req/s | {told} |")


PARTS: dict[str, tuple[Callable[[Subject, Path, int], None], tuple[str, ...]]] = {
    "log": (log, ("lin", "forest")),
    "half": (half, ("lin", "forest")),
    "workers": (workers, ("forest",)),
    "spare": (spare, ("lin", "forest")),
    "limits": (limits, ("lin", "forest")),
}
"""What is measured, and with which models."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=2, help="of each load")
    parser.add_argument("--parts", nargs="*", default=list(PARTS), choices=list(PARTS))
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        os.environ["MLOPS_MAGICS_STATE"] = str(folder / "state")
        known = {subject.name: subject for subject in subjects(folder)}
        print("| beside itself | |\n|---|---|")
        for part in chosen.parts:
            measured, names = PARTS[part]
            for name in names:
                measured(known[name], folder, chosen.seconds)


if __name__ == "__main__":
    main()
