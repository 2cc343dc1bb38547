"""The loop without a hand on it: shifted traffic, a verdict, a policy, a run, a swap under load. `make unattended`."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from mlops_magics import Session
from tests.core.retraining.conftest import FIT, pin, recipe, rows
from tests.core.retraining.traffic import Traffic

RATE, CLIENTS = 200, 4
"""Requests a second, from so many clients."""
FEATURES = ["a", "b"]


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
        asked = shifted[FEATURES].to_dict("records")
        with Traffic(endpoint.url, endpoint.token, asked, rate=RATE, clients=CLIENTS) as traffic:
            time.sleep(8)
            endpoint.settle()
            assert session.monitor("penguins").drifted
            (done,) = session.run_policies("penguins")
            time.sleep(4)
            again = session.run_policies("penguins")
        models = {each: session.load(f"penguins@{each}") for each in session.versions("penguins")["version"]}
        served = Counter(version for _, _, _, version, _ in traffic.answers)
        print(f"{len(traffic.answers)} answers, by version {dict(served)}, faults {traffic.faults}, {done}")
        print(f"answers a second: {traffic.rates}")

        assert traffic.faults == []
        assert {status for _, _, status, _, _ in traffic.answers} == {200}
        frame = shifted[FEATURES]
        for version, model in models.items():
            expected = np.asarray(model.predict(frame)).astype(str)
            assert all(expected[row] == answer for _, row, _, which, answer in traffic.answers if which == version)
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
