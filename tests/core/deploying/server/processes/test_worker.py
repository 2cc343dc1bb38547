"""A worker without memory: the request that needs it is refused, and all others are answered."""

from __future__ import annotations

import json
import resource
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest

import mlops_magics as mm
from mlops_magics.errors import EndpointError

MIB = 1 << 20


class Greedy:
    """Takes as many MiB as the largest value says."""

    def predict(self, rows: pd.DataFrame) -> np.ndarray:
        """Return twice each value."""
        values = rows["x"].to_numpy()
        np.ones(int(values.max()) * MIB // 8)
        return 2 * values


def test_R16_a_worker_without_memory_refuses_what_needs_it_and_answers_the_rest(tmp_path: Path) -> None:
    """R16, T9: With a real limit a worker answers 503 where the model or a body has no room, and stays."""
    session = mm.Session(board=tmp_path / "board")
    session.pin(Greedy(), "greedy", data=pd.DataFrame({"x": [0.0, 1.0, 10.0]}))
    endpoint = session.deploy("greedy")
    try:
        [worker] = psutil.Process(endpoint.pid).children()
        _, hard = resource.prlimit(worker.pid, resource.RLIMIT_AS)
        body = json.dumps([{"x": row / 1e9} for row in range(900_000)]).encode()

        def leave(room: int) -> None:
            resource.prlimit(worker.pid, resource.RLIMIT_AS, (worker.memory_info().vms + room, hard))

        def refused(rows: bytes) -> int:
            with pytest.raises(EndpointError, match="does not have the memory") as error:
                endpoint.client.send("POST", "/predict", rows, {"Content-Type": "application/json"})
            return int(error.value.status or 0)

        leave(200 * MIB)
        assert refused(b'[{"x": 2000.0}]') == 503
        np.testing.assert_array_equal(endpoint.predict(pd.DataFrame({"x": [3.0, 10.0]})), [6.0, 20.0])
        leave(4 * MIB)
        assert refused(body) == 503
        leave(1000 * MIB)
        np.testing.assert_array_equal(endpoint.predict(pd.DataFrame({"x": [3.0]})), [6.0])
        assert [each.pid for each in psutil.Process(endpoint.pid).children()] == [worker.pid]
    finally:
        endpoint.stop()
