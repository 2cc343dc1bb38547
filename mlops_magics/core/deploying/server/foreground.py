"""A supervisor in the current process: in a container or a terminal, and behind every endpoint."""

from __future__ import annotations

import signal
import socket
import sys
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from mlops_magics.core.deploying.endpoints.listening import listen
from mlops_magics.core.deploying.endpoints.plan import Plan
from mlops_magics.core.deploying.server import container
from mlops_magics.core.deploying.server.processes.worker_pool import WorkerPool, spawn_worker
from mlops_magics.core.recipe_guard import guarded

if TYPE_CHECKING:
    from mlops_magics.core.deploying.server.processes.supervisor import Supervisor
    from mlops_magics.core.versioning import Board, ModelVersion


@guarded
def serve(
    board: Board, version: ModelVersion, *, also: Iterable[ModelVersion] = (), port: int = 0, **options: Any
) -> int:
    """Serve in the foreground until SIGTERM or Ctrl-C, as a container does, and return the exit status.

    Parameters
    ----------
    board
        Where the versions are. A version names it by its URL.
    version
        The version that answers on routes without a name.
    also, options
        As for `launch.deploy`.
    port
        0 for any free one.
    """
    from mlops_magics.core.deploying.endpoints.planning import check_servable, plan_of

    versions = [version, *also]
    for each in versions:
        check_servable(each)
    plan = plan_of(versions, port=port, **options)
    container.limit_threads(plan.workers)
    return supervise(plan, None, foreground=True)


def supervise(
    plan: Plan, log: str | None, *, foreground: bool = False, ready: tuple[socket.socket, WorkerPool] | None = None
) -> int:
    """Supervise an endpoint until it is stopped, and return the exit status.

    Parameters
    ----------
    log
        The log file to announce.
    foreground
        Whether Ctrl-C stops the endpoint.
    ready
        A socket and a pool with a warm worker, made here where there are none.
    """
    listening, pool = ready or _started(plan)

    # imported while the worker is starting
    from mlops_magics.core.deploying.server.processes.supervisor import Supervisor

    supervisor = Supervisor(plan, listening, log, pool)
    signal.signal(signal.SIGTERM, supervisor.request_stop)
    if foreground:
        signal.signal(signal.SIGINT, supervisor.request_stop)
    if plan.temporary:
        threading.Thread(target=_stop_at_end, args=(supervisor,), daemon=True).start()
    return supervisor.run()


def _started(plan: Plan) -> tuple[socket.socket, WorkerPool]:
    """Bind the socket. A single worker starts while this process is still importing."""
    listening = listen(plan.host, plan.port)
    return listening, WorkerPool(spawn_worker(0, listening) if plan.workers == 1 else None)


def _stop_at_end(supervisor: Supervisor) -> None:
    """Stop when stdin ends: the process that started a temporary endpoint has ended."""
    sys.stdin.read()
    supervisor.request_stop()
