"""The loop without a hand on it: shifted traffic, a verdict, a policy, a run, a swap under load. `make unattended`."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
import pytest

from mlops_magics import Session
from mlops_magics.core.deploying.endpoints.endpoint import Endpoint
from tests.core.retraining.conftest import FIT, pin, recipe, rows

RATE, THREADS = 200, 4
"""Requests a second, from so many clients."""
FEATURES = ["a", "b"]


class Traffic:
    """Clients that ask an endpoint for rows of a frame, and keep every answer with its version."""

    def __init__(self, endpoint: Endpoint, frame: pd.DataFrame) -> None:
        self._place = urlsplit(endpoint.url)
        self._token = endpoint.announced.token
        self._bodies = [json.dumps([row]) for row in frame[FEATURES].to_dict("records")]
        self._end = threading.Event()
        self.answers: list[tuple[int, int, str, str]] = []
        self.faults: list[str] = []
        self._clients = [threading.Thread(target=self._ask, args=(k,), daemon=True) for k in range(THREADS)]

    def __enter__(self) -> Traffic:
        for each in self._clients:
            each.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._end.set()
        for each in self._clients:
            each.join()

    def _ask(self, first: int) -> None:
        connection = http.client.HTTPConnection(str(self._place.hostname), self._place.port, timeout=30)
        headers = {"content-type": "application/json", "authorization": f"Bearer {self._token}"}
        place, due = first, time.monotonic()
        while not self._end.is_set():
            row = place % len(self._bodies)
            try:
                connection.request("POST", "/predict", self._bodies[row], headers)
                reply = connection.getresponse()
                found = json.loads(reply.read())
                answer = found["predict"][0] if isinstance(found, dict) else found[0]
                self.answers.append((row, reply.status, str(reply.headers["x-model-version"]), str(answer)))
            except (OSError, http.client.HTTPException, ValueError, LookupError) as fault:
                self.faults.append(repr(fault))
                connection.close()
            place += THREADS
            due += THREADS / RATE
            time.sleep(max(0.0, due - time.monotonic()))


@pytest.mark.parametrize("wins", [True, False], ids=["the challenger wins", "the challenger loses"])
def test_the_next_version_comes_without_a_person(wins: bool, tmp_path: Path) -> None:
    """No request fails or is mixed, the alias moves where the challenger is better, and history has every step."""
    session = Session(tmp_path / "board")
    made = FIT if wins else "import numpy as np\nmodel = LogisticRegression(C=N).fit(X, np.random.permutation(y))"
    pin(session, recipe(made), alias="champion")
    old = session.version("penguins")
    endpoint = session.deploy("penguins@champion", log=True)
    shifted = rows(1500, shift=2.0, seed=1).assign(a=lambda frame: frame["a"] + 1.0, b=lambda frame: frame["b"] + 2.0)
    new = tmp_path / "new.parquet"
    shifted.to_parquet(new)
    session.policy("penguins", when=["drift"], data=str(new), truth="species", promote_if="better", cooldown="1h")
    try:
        with Traffic(endpoint, shifted) as traffic:
            time.sleep(8)
            endpoint.settle()
            assert session.monitor("penguins").drifted
            (done,) = session.run_policies("penguins")
            time.sleep(4)
            again = session.run_policies("penguins")
        models = {each: session.load(f"penguins@{each}") for each in session.versions("penguins")["version"]}
        served = Counter(version for _, _, version, _ in traffic.answers)
        print(f"{len(traffic.answers)} answers, by version {dict(served)}, faults {traffic.faults}, {done}")

        assert traffic.faults == []
        assert {status for _, status, _, _ in traffic.answers} == {200}
        frame = shifted[FEATURES]
        for version, model in models.items():
            expected = np.asarray(model.predict(frame)).astype(str)
            assert all(expected[row] == answer for row, _, which, answer in traffic.answers if which == version)
        champion = session.board.aliases("penguins")["champion"]
        assert (champion != old.version) == wins
        assert (len(served) == 2) == wins
        assert [run.outcome for run in again] == ["not due"]
        if wins:
            assert not session.monitor("penguins", data=frame).drifted
        events = list(session.history("penguins")["event"])
        assert {"retrain_claim", "retrain_end"} <= set(events)
    finally:
        endpoint.stop()
