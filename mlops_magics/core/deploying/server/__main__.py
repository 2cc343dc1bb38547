"""The processes of an endpoint: ``python -m …deploying.server`` is a supervisor, ``… worker`` a worker."""

from __future__ import annotations

import gc
import json
import logging
import os
import socket
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlops_magics.core.deploying.server.processes.worker_pool import WorkerPool


def main() -> int:
    """Run as the process that the arguments name."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(process)d %(message)s")
    arguments = sys.argv[1:]
    if arguments[:1] == ["worker"]:
        gc.disable()  # until it serves: imports make many objects and little garbage
        from mlops_magics.core.deploying.server.processes import worker_main

        worker_main.main(warm="warm" in arguments)
        return 0
    ready = warm_up() if arguments == ["spare"] else None
    line = sys.stdin.readline()
    if not line:
        if ready is not None:
            ready[1].discard_spare()
        return 0
    from mlops_magics.core.deploying.endpoints.plan import Plan
    from mlops_magics.core.deploying.server.foreground import supervise

    given = json.loads(line)
    return supervise(Plan.from_json(given["plan"]), given.get("log"), ready=ready)


def warm_up() -> tuple[socket.socket, WorkerPool]:
    """Bind any port on loopback, and start a worker that imports the models' libraries and waits."""
    from mlops_magics.core.deploying.endpoints.listening import listen
    from mlops_magics.core.deploying.endpoints.warm_spare import HOST
    from mlops_magics.core.deploying.server.processes.worker_pool import WorkerPool, spawn_worker

    listening = listen(HOST, 0)
    return listening, WorkerPool(spawn_worker(0, listening, warm=True))


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    os._exit(status)  # a thread that waits for a pipe must not keep a stopped endpoint alive
