"""The workers of one endpoint, as their supervisor keeps them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from mlops_magics.core.deploying.server.processes.worker_pool import WorkerHandle, WorkerPool
from mlops_magics.errors import EndpointError


def test_a_worker_that_has_ended_is_not_waited_for() -> None:
    """Also one that ended before the command came, and is not yet replaced."""
    child = subprocess.Popen([sys.executable, "-c", ""], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    pool, worker = WorkerPool(), WorkerHandle(1, child)
    pool._read_events(worker)

    with pytest.raises(EndpointError, match="No worker is ready"):
        pool.command([worker], {"do": "prepare"})


def test_a_pool_that_stops_takes_no_command() -> None:
    """A worker that finishes its last request would take it, and end with it."""
    pool = WorkerPool()
    pool._counts = ""
    pool.stop(0.0)

    with pytest.raises(EndpointError, match="is stopping"):
        pool.command([], {"do": "prepare"})
