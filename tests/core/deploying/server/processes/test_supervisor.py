"""The process behind an endpoint is seen by its user, and never waited for without an end."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from mlops_magics.core import deploying, state
from mlops_magics.core.deploying import Endpoint
from mlops_magics.core.deploying.endpoints import paths, processes
from mlops_magics.core.versioning import open_board
from mlops_magics.errors import EndpointError
from tests.core.deploying.conftest import Pinned, publish_line

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no signals that suspend")


def wait_until(true: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.05)


def suspend(endpoint: Endpoint) -> None:
    os.kill(endpoint.pid, signal.SIGSTOP)
    wait_until(lambda: processes.is_suspended(endpoint.pid, endpoint.announced.pid_started))


def test_R16_a_suspended_supervisor_is_named_in_seconds_and_can_be_stopped(
    line: Pinned, deploy: Callable[..., Endpoint]
) -> None:
    """R16: its workers answer; a swap is refused with the line that lets it go on; a stop ends it and says so."""
    endpoint = deploy(line)
    pid, workers = endpoint.pid, psutil.Process(endpoint.pid).children(recursive=True)
    suspend(endpoint)
    began = time.monotonic()

    assert len(endpoint.predict(line.rows)) == len(line.rows)
    with pytest.raises(EndpointError, match=rf"suspended and cannot swap.*kill -CONT {pid}"):
        endpoint.swap(line.version)
    with pytest.warns(UserWarning, match="was suspended"):
        endpoint.stop()
    assert time.monotonic() - began < 10
    assert endpoint.state == "stopped"
    assert not psutil.wait_procs([psutil.Process(each.pid) for each in workers if each.is_running()], 5)[1]


def test_R16_a_removed_announcement_is_written_again_and_a_lost_home_ends_the_endpoint(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """R16: nothing runs that `%endpoints` cannot see."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("MLOPS_MAGICS_STATE", str(home / "state"))
    line = publish_line(open_board(tmp_path / "board"))
    endpoint = deploying.deploy(line.board, line.version)
    found = lambda: [each.pid for each in deploying.running("line")]  # noqa: E731

    paths.announcement_of(line.board.url, "line").unlink()
    wait_until(lambda: found() == [endpoint.pid])
    shutil.rmtree(home / "state")
    wait_until(lambda: found() == [endpoint.pid])
    assert len(endpoint.predict(line.rows)) == len(line.rows)
    assert state.directory().stat().st_mode & 0o077 == 0
    supervisor = psutil.Process(endpoint.pid)
    both = [supervisor, *supervisor.children(recursive=True)]
    shutil.rmtree(home)

    assert not psutil.wait_procs(both, 10)[1]
    assert not home.exists()
