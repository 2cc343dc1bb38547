"""Our HTTP front beside uvicorn, granian and hypercorn, all in front of the same batcher.

    pip install --target FRONTS uvicorn granian hypercorn
    python bench/serving_fronts.py FRONTS [--seconds 2]

The servers run at the same time and are loaded in turns, as in `serving_itself.py`.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
from serving_itself import in_turns
from serving_models import Subject, subjects
from serving_servers import HERE, TOKEN, Server, await_answer, ours

FRONTS = ("uvicorn", "granian", "granian-asgi", "hypercorn")


@contextmanager
def front(kind: str, subject: Subject, board: Path, packages: Path) -> Iterator[Server]:
    """Our batcher in a process of its own, behind another HTTP server."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "serving_apps/front.py", kind, str(port), str(board), subject.name, TOKEN, "log"]
    environment = {**os.environ, "PYTHONPATH": f"{packages}:{HERE.parent}"}
    with (subject.folder / f"{kind}.log").open("ab") as log:
        child = subprocess.Popen(command, cwd=HERE, env=environment, stdout=log, stderr=log)
    server = Server(kind, port, psutil.Process(child.pid), 0.0, token=TOKEN)
    try:
        await_answer(server, subject, child)
        yield server
    finally:
        child.kill()
        child.wait()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("packages", type=Path)
    parser.add_argument("--seconds", type=int, default=2, help="of each load")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        os.environ["MLOPS_MAGICS_STATE"] = str(folder / "state")
        print("| model, connections | server | requests/s | p50 ms | p99 ms | CPU µs a request | MiB |")
        print("|---|---|---|---|---|---|---|")
        for subject in subjects(folder):
            with ExitStack() as stack:
                servers = [stack.enter_context(ours(subject, folder / "board", name="ours"))]
                servers += [
                    stack.enter_context(front(kind, subject, folder / "board", chosen.packages)) for kind in FRONTS
                ]
                for connections in (1, 64):
                    for server, found in zip(servers, in_turns(servers, subject, chosen.seconds, connections)):
                        figures = f"{found['rate']:,.0f} | {found['p50']:.2f} | {found['p99']:.2f} | {found['cpu']:.0f}"
                        said = f"{subject.name}, {connections} | {server.name} | {figures} | {server.memory():.0f}"
                        print(f"| {said} |", flush=True)


if __name__ == "__main__":
    main()
