"""A soak: mixed traffic with swaps, rollbacks, killed workers, feedback and monitoring, for as long as asked.

``python -m tests.soak SECONDS`` prints a table; a wrong answer, an unexplained failure, a lost row or growth ends it
with an error. ``make soak`` runs ten minutes. ``python -m tests.soak --swaps 1000`` kills no worker and ends after so
many swaps and rollbacks, one after another (``make swaps``).
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
from sklearn.linear_model import LinearRegression

import mlops_magics as mm
from mlops_magics.core.deploying import Endpoint
from mlops_magics.core.deploying.prediction_log import log_reader
from mlops_magics.core.deploying.prediction_log.feedback import feedback
from mlops_magics.errors import EndpointError, MlopsError

CLIENTS, WORKERS = 4, 2
KILL_SECONDS = 20.0
"""Between two workers that are killed."""
PAUSE_SECONDS = 0.01
MONITOR_SECONDS = 5.0
"""Between two reports on the log."""
SWAP_SECONDS = 0.5
"""Between two swaps."""
GROWTH_MIB = 80
"""That the supervisor and the worker that lives longest may take more at the end than after the first quarter."""


class Soak:
    """Counts what a run saw.

    Parameters
    ----------
    endpoint
        Serves a model of one column ``x``, whose versions answer ``factor * x``.
    factors
        By version.
    temporary
        The folder of the endpoint's temporary files.
    swaps
        Swaps and rollbacks after which the run ends, without a pause between them and without a killed worker; 0 for a
        run that ends by its time.
    """

    def __init__(
        self, session: mm.Session, endpoint: Endpoint, factors: dict[str, float], temporary: Path, swaps: int = 0
    ) -> None:
        self.session, self.endpoint, self.factors, self.temporary = session, endpoint, factors, temporary
        self.swaps = swaps
        names = ("answers", "wrong", "failed", "swaps", "kills", "feedback", "reports", "failed reports")
        self.counts = dict.fromkeys(names, 0)
        self.acknowledged: set[str] = set()
        self._lock, self._end = threading.Lock(), 0.0

    def run(self, seconds: float) -> dict[str, Any]:
        """Run for a time, or until the swaps are done, and return the table."""
        while len(self._workers()) < WORKERS:
            time.sleep(0.1)
        began = time.monotonic()
        self._end = began + seconds
        threads = [threading.Thread(target=self._ask, args=(seed,)) for seed in range(CLIENTS)]
        others = (self._swap, self._monitor) if self.swaps else (self._swap, self._kill, self._monitor)
        threads += [threading.Thread(target=each) for each in others]
        for thread in threads:
            thread.start()
        while self.counts["swaps"] < self.swaps / 4 if self.swaps else time.monotonic() < began + seconds / 4:
            time.sleep(0.05)
        early = self._usage()
        for thread in threads:
            thread.join()
        self.endpoint.settle(seconds=10)
        late, logged = self._usage(), self._logged()
        return {
            **self.counts,
            "lost rows": len(self.acknowledged - logged),
            "MiB": (early[0], late[0]),
            "handles": (early[1], late[1]),
            "temporary files": (early[2], late[2]),
        }

    def _ask(self, seed: int) -> None:
        random = np.random.default_rng(seed)
        client = Endpoint(self.endpoint.announced)
        while time.monotonic() < self._end:
            values = random.normal(size=int(random.choice([1, 1, 1, 50])))
            body = pd.DataFrame({"x": values}).to_json(orient="records").encode()
            try:
                content, headers = client.client.send("POST", "/predict", body, {"Content-Type": "application/json"})
            except EndpointError:
                self._count("failed")
                continue
            found = np.array(json.loads(content)["predict"])
            right = np.allclose(found, self.factors[headers["x-model-version"]] * values, rtol=1e-6, atol=1e-9)
            self._count("answers" if right else "wrong")
            if time.monotonic() < self._end - 2:  # the last moment may be lost with a killed worker
                with self._lock:
                    self.acknowledged.add(headers["x-request-id"])
            if random.random() < 0.01:
                feedback(client.name, values.tolist(), request_id=headers["x-request-id"], board=client.board)
                self._count("feedback")
            time.sleep(PAUSE_SECONDS)

    def _swap(self) -> None:
        versions = list(self.factors)
        while time.monotonic() < self._end:
            time.sleep(0 if self.swaps else SWAP_SECONDS)
            try:
                if self.counts["swaps"] % 3 == 2:
                    self.endpoint.rollback()
                else:
                    self.endpoint.swap(versions[self.counts["swaps"] % len(versions)])
            except EndpointError:  # a worker was killed in this moment
                continue
            self._count("swaps")
            if self.counts["swaps"] == self.swaps:
                self._end = time.monotonic()

    def _kill(self) -> None:
        """Kill the younger worker now and then: the other one lives as long as the run, so that its growth is seen."""
        while time.monotonic() + KILL_SECONDS < self._end:
            time.sleep(KILL_SECONDS)
            workers = self._workers()
            if len(workers) == WORKERS:
                workers[-1].kill()
                self._count("kills")

    def _monitor(self) -> None:
        """Report on the log from time to time, as a person does beside the traffic."""
        while time.monotonic() + MONITOR_SECONDS < self._end:
            time.sleep(MONITOR_SECONDS)
            try:
                self.session.monitor(self.endpoint.name)
            except MlopsError:
                self._count("failed reports")
            else:
                self._count("reports")

    def _count(self, what: str) -> None:
        with self._lock:
            self.counts[what] += 1

    def _workers(self) -> list[psutil.Process]:
        """Return the workers, the oldest first."""
        return sorted(psutil.Process(self.endpoint.pid).children(recursive=True), key=psutil.Process.create_time)

    def _usage(self) -> tuple[int, int, int]:
        """Return MiB and handles of the supervisor and the oldest worker, and the number of temporary files."""
        processes = [psutil.Process(self.endpoint.pid), self._workers()[0]]
        memory = sum(each.memory_info().rss for each in processes) >> 20
        return memory, sum(each.num_fds() for each in processes), len(list(self.temporary.rglob("*")))

    def _logged(self) -> set[str]:
        return set(log_reader.read(self.endpoint.name, board=self.endpoint.board)["mlops.request_id"])


def soak(folder: Path, seconds: float, swaps: int = 0) -> dict[str, Any]:
    """Deploy two versions on two workers, run, and return the table. ``TMPDIR`` is for the endpoint's files alone."""
    session = mm.Session(str(folder / "board"))
    rows = pd.DataFrame({"x": np.random.default_rng(0).normal(size=500)})
    factors = {}
    for factor in (1.0, 3.0):
        model = LinearRegression(fit_intercept=False).fit(rows, factor * rows["x"])
        factors[session.pin(model, "line", data=rows).version] = factor
    endpoint = session.deploy("line@v1", workers=WORKERS)
    try:
        return Soak(session, endpoint, factors, Path(os.environ["TMPDIR"]), swaps).run(seconds)
    finally:
        endpoint.stop()


def faults(table: dict[str, Any]) -> list[str]:
    """Return what a table says that must not be."""
    (early, late), (few, many) = table["MiB"], table["handles"]
    allowed = CLIENTS * (table["kills"] + 1)  # the requests in a worker that is killed
    return [
        text
        for text, wrong in {
            "wrong answers": table["wrong"],
            "no answers": not table["answers"],
            "failures that no killed worker explains": table["failed"] > allowed,
            "memory grows": late > early + GROWTH_MIB,
            "handles grow": many > few + 50,
            "temporary files stay": len(set(table["temporary files"])) > 1,
            "no reports, or failed ones": table["failed reports"] or not table["reports"],
            "acknowledged rows are lost": table["lost rows"] > 200 * table["kills"],
        }.items()
        if wrong
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", type=float, nargs="?", default=3600.0)
    parser.add_argument("--swaps", type=int, default=0)
    words = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        os.environ["MLOPS_MAGICS_STATE"], os.environ["TMPDIR"] = f"{name}/state", f"{name}/tmp"
        Path(name, "tmp").mkdir()
        found = soak(Path(name), words.seconds, words.swaps)
    print(*(f"{fact:12} {value}" for fact, value in found.items()), sep="\n")
    sys.exit("; ".join(faults(found)) or 0)
