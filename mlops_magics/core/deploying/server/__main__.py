"""What runs behind an endpoint: ``python -m …deploying.server`` is a supervisor, ``… worker`` a worker."""

from __future__ import annotations

import gc
import json
import logging
import os
import signal
import socket
import sys
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlops_magics.core.deploying.endpoints.plan import Plan
    from mlops_magics.core.deploying.server.processes.supervisor import Supervisor
    from mlops_magics.core.deploying.server.processes.worker_pool import Crew


def main() -> int:
    """Run as the process that the arguments name."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(process)d %(message)s")
    arguments = sys.argv[1:]
    if arguments[:1] == ["worker"]:
        gc.disable()  # until it serves: importing makes many objects and little garbage
        from mlops_magics.core.deploying.server.processes import worker

        worker.main(warm="warm" in arguments)
        return 0
    ready = warm_up() if arguments == ["spare"] else None
    line = sys.stdin.readline()
    if line:
        return supervise(json.loads(line), ready)
    if ready is not None:
        ready[1].dismiss()
    return 0


def warm_up() -> tuple[socket.socket, Crew]:
    """Bind any port on loopback, and start a worker that imports what models need and waits."""
    from mlops_magics.core.deploying.endpoints.listening import listen
    from mlops_magics.core.deploying.endpoints.warm_spare import HOST
    from mlops_magics.core.deploying.server.processes.worker_pool import Crew, hire

    listening = listen(HOST, 0)
    return listening, Crew(hire(0, listening, warm=True))


def supervise(given: dict[str, Any], ready: tuple[socket.socket, Crew] | None = None) -> int:
    """Supervise the endpoint that is described, on the socket and with the worker that are ready, or on new ones."""
    from mlops_magics.core.deploying.endpoints.plan import Plan

    plan = Plan.from_json(given["plan"])
    listening, crew = ready or _begun(plan)

    from mlops_magics.core.deploying.server.processes.supervisor import Supervisor

    supervisor = Supervisor(plan, listening, given.get("log"), crew)
    signal.signal(signal.SIGTERM, supervisor.request_stop)
    if given.get("foreground"):
        signal.signal(signal.SIGINT, supervisor.request_stop)
    if plan.temporary:
        threading.Thread(target=_stop_at_end, args=(supervisor,), daemon=True).start()
    return supervisor.run()


def _begun(plan: Plan) -> tuple[socket.socket, Crew]:
    """Bind the socket, and let the only worker start while this process is still importing."""
    from mlops_magics.core.deploying.endpoints.listening import listen
    from mlops_magics.core.deploying.server.processes.worker_pool import Crew, hire

    listening = listen(plan.host, plan.port)
    return listening, Crew(hire(0, listening) if plan.workers == 1 else None)


def _stop_at_end(supervisor: Supervisor) -> None:
    """Stop when stdin ends: whoever wanted the endpoint only for itself is gone."""
    sys.stdin.read()
    supervisor.request_stop()


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    os._exit(status)  # no thread that waits for a pipe may keep a stopped endpoint alive
