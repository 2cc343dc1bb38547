"""What runs behind an endpoint: ``python -m …deploying.server`` is a supervisor, ``… worker`` a worker."""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading


def main() -> int:
    """Run as the process that the arguments name."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(process)d %(message)s")
    if sys.argv[1:] == ["worker"]:
        from mlops_magics.core.deploying.server import worker

        worker.main()
        return 0
    line = sys.stdin.readline()
    return supervise(json.loads(line)) if line else 1


def supervise(given: dict[str, object]) -> int:
    """Supervise the endpoint that the first line of stdin describes."""
    from mlops_magics.core.deploying.plan import Plan
    from mlops_magics.core.deploying.server.crew import Crew
    from mlops_magics.core.deploying.server.listening import listen
    from mlops_magics.core.deploying.server.supervisor import Supervisor

    plan = Plan.from_json(given["plan"])  # type: ignore[arg-type]
    log = given.get("log")
    supervisor = Supervisor(plan, listen(plan.host, plan.port), str(log) if log else None, Crew())
    signal.signal(signal.SIGTERM, supervisor.request_stop)
    if given.get("foreground"):
        signal.signal(signal.SIGINT, supervisor.request_stop)
    if plan.temporary:
        threading.Thread(target=_stop_at_end, args=(supervisor,), daemon=True).start()
    return supervisor.run()


def _stop_at_end(supervisor: object) -> None:
    """Stop when stdin ends: whoever wanted the endpoint only for itself is gone."""
    sys.stdin.read()
    supervisor.request_stop()  # type: ignore[attr-defined]


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    os._exit(status)  # no thread that waits for a pipe may keep a stopped endpoint alive
