"""Ours and the peers as processes: how each is started in its standard way, and what its bodies look like."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from serving_models import Subject

HERE = Path(__file__).parent
TOKEN = "bench-token"


@dataclass
class Server:
    """One running server."""

    name: str
    port: int
    process: psutil.Process
    seconds: float
    """From the command to the first prediction."""
    path: str = "/predict"
    form: str = "records"
    content_type: str = "application/json"
    token: str = ""
    more: dict[str, str] = field(default_factory=dict)
    """Further forms that it reads, with their content types."""

    def cpu_seconds(self) -> float:
        """Return the processor time that its processes have used; unlike a rate it says the same on a busy machine."""
        processes = [self.process, *self.process.children(recursive=True)]
        return sum(sum(process.cpu_times()[:2]) for process in processes)

    def memory(self) -> float:
        """Return MiB at rest of its processes; what several share counts once (PSS) where the platform tells."""
        processes = [self.process, *self.process.children(recursive=True)]
        return sum(_own_memory(process) for process in processes) / 2**20


def _own_memory(process: psutil.Process) -> float:
    try:
        return float(process.memory_full_info().pss)
    except (AttributeError, psutil.Error):
        return float(process.memory_info().rss)


@contextmanager
def ours(
    subject: Subject, board: Path, *, log: bool = True, name: str = "mlops_magics", **options: object
) -> Iterator[Server]:
    """Our own endpoint, with its token, its check and its prediction log."""
    from mlops_magics.core import deploying
    from mlops_magics.core.versioning import Facts, Prototype, open_board

    opened = open_board(board)
    version = opened.publish(
        subject.model,
        subject.name,
        Facts(prototype=Prototype.from_data(subject.rows), example=subject.rows[:5]),
    )
    started = time.perf_counter()
    endpoint = deploying.deploy(opened, version, token=TOKEN, log=log, **options)  # type: ignore[arg-type]
    endpoint.predict(subject.rows[:1])
    more = {"columns": "application/json", "arrow": "application/vnd.apache.arrow.stream"}
    seconds = time.perf_counter() - started
    try:
        yield Server(
            f"{name} ({endpoint.fast_path.split(':')[0]})",
            endpoint.port,
            psutil.Process(endpoint.pid),
            seconds,
            token=TOKEN,
            more=more,
        )
    finally:
        endpoint.stop()


Command = Callable[[Path, Subject, int], tuple[list[str], dict[str, str]]]


def _vetiver(python: Path, subject: Subject, port: int) -> tuple[list[str], dict[str, str]]:
    app = "serving_apps.vetiver_app:api"
    return [str(python), "-m", "uvicorn", app, "--port", str(port), "--no-access-log", "--log-level", "warning"], {}


def _flask(python: Path, subject: Subject, port: int) -> tuple[list[str], dict[str, str]]:
    return [str(python), "-m", "gunicorn", "-w", "1", "-b", f"127.0.0.1:{port}", "serving_apps.flask_app:app"], {}


def _litserve(python: Path, subject: Subject, port: int) -> tuple[list[str], dict[str, str]]:
    return [str(python), "serving_apps/litserve_app.py", str(port)], {}


def _bentoml(python: Path, subject: Subject, port: int) -> tuple[list[str], dict[str, str]]:
    command = [
        str(python),
        "-m",
        "bentoml",
        "serve",
        "serving_apps.bentoml_app:Model",
        "--port",
        str(port),
        "--host",
        "127.0.0.1",
    ]
    return command, {"form": "named"}


def _mlflow(python: Path, subject: Subject, port: int) -> tuple[list[str], dict[str, str]]:
    folder = subject.folder / f"mlflow-{subject.name}"
    if not folder.exists():
        code = (
            "import joblib, mlflow, pandas, sys;"
            "model = joblib.load(sys.argv[1]); rows = pandas.read_json(sys.argv[2]);"
            "signature = mlflow.models.infer_signature(rows, model.predict(rows));"
            "mlflow.sklearn.save_model(model, sys.argv[3], signature=signature, serialization_format='cloudpickle')"
        )
        files = [
            str(subject.folder / f"{subject.name}.joblib"),
            str(subject.folder / f"{subject.name}.rows.json"),
            str(folder),
        ]
        subprocess.run([str(python), "-c", code, *files], check=True, capture_output=True)
    command = [
        str(python.parent / "mlflow"),
        "models",
        "serve",
        "-m",
        str(folder),
        "--env-manager",
        "local",
        "-p",
        str(port),
        "-w",
        "1",
    ]
    return command, {"form": "split", "path": "/invocations"}


PEERS: dict[str, Command] = {
    "vetiver": _vetiver,
    "flask": _flask,
    "litserve": _litserve,
    "bentoml": _bentoml,
    "mlflow": _mlflow,
}
"""Each with a virtual environment of its own: VENVS/NAME/bin/python."""


@contextmanager
def peer(name: str, subject: Subject, venvs: Path, port: int) -> Iterator[Server]:
    """A peer in its standard way, one process (LitServe with its batching on)."""
    python = venvs / name / "bin" / "python"
    command, differs = PEERS[name](python, subject, port)
    environment = {
        **os.environ,
        "BENCH_MODEL": str(subject.folder / f"{subject.name}.joblib"),
        "BENCH_ROWS": str(subject.folder / f"{subject.name}.rows.json"),
        "PATH": f"{python.parent}:{os.environ['PATH']}",
    }
    started = time.perf_counter()
    with (subject.folder / f"{name}.log").open("ab") as log:
        child = subprocess.Popen(command, cwd=HERE, env=environment, stdout=log, stderr=log)
    server = Server(name, port, psutil.Process(child.pid), 0.0, **differs)  # type: ignore[arg-type]
    try:
        await_answer(server, subject, child)
        server.seconds = time.perf_counter() - started
        yield server
    finally:
        if child.poll() is None:
            for process in [*server.process.children(recursive=True), server.process]:
                process.terminate()
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def await_answer(server: Server, subject: Subject, child: subprocess.Popen[bytes], seconds: float = 90.0) -> None:
    """Wait until a server answers one row; end with what it wrote where it does not."""
    body = subject.body(server.form, 1).read_bytes()
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if child.poll() is not None:
            break
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        try:
            headers = {"Content-Type": server.content_type, "Authorization": f"Bearer {server.token}"}
            connection.request("POST", server.path, body, headers)
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.02)
    told = (subject.folder / f"{server.name}.log").read_text(errors="replace")[-2000:]
    sys.exit(f"{server.name} did not answer:\n{told}")
