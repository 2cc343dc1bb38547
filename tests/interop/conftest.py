"""vetiver 0.2.6 and pins 0.9.2 in an environment of their own: they need older pandas and FastAPI than ours."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.core.deploying.peers import python_of

Peer = Callable[..., Any]


@pytest.fixture(scope="session")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    """Run a function of ``peer.py`` over there; what it returns comes back as JSON."""
    command = [str(python_of("vetiver")), str(Path(__file__).with_name("peer.py"))]
    environment = {**os.environ, "PINS_ALLOW_PICKLE_READ": "1", "PYTHONWARNINGS": "ignore"}
    environment.pop("MLOPS_MAGICS_STATE", None)  # of one test, and this process outlives it
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
        cwd=tmp_path_factory.mktemp("peer"),
    ) as process:  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None

        def call(function: str, *arguments: Any) -> Any:
            print(json.dumps([function, arguments]), file=process.stdin, flush=True)
            return json.loads(process.stdout.readline())

        yield call
        process.stdin.close()
