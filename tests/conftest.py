"""What every test gets: a state folder of its own, and proof that nothing it started is left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from hypothesis import HealthCheck, settings

EXAMPLES = int(os.environ.get("EXAMPLES", "10000"))
settings.register_profile("fuzz", max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

os.environ.setdefault("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell lets what it runs in the background ignore it


@pytest.fixture(autouse=True)
def _main_module_stays() -> Iterator[None]:
    """Fail a test that leaves another module in the place of ``__main__``: a later test could start no process."""
    main = sys.modules["__main__"]
    yield
    left, sys.modules["__main__"] = sys.modules["__main__"], main
    assert left is main, f"the test left {left!r} in the place of __main__"


@pytest.fixture(scope="session")
def _state_folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of all state folders: pytest numbers a new one by reading the names of all before it."""
    return tmp_path_factory.mktemp("states")


@pytest.fixture(autouse=True)
def state_folder(_main_module_stays: None, _state_folders: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep announcements, logs and trust of a test apart from the user's own."""
    folder = Path(tempfile.mkdtemp(dir=_state_folders))
    monkeypatch.setenv("MLOPS_MAGICS_STATE", str(folder))
    for name in [name for name in os.environ if name.startswith("MLOPS_MAGICS_") and name != "MLOPS_MAGICS_STATE"]:
        if name != "MLOPS_MAGICS_TEST_VENVS":
            monkeypatch.delenv(name)
    monkeypatch.setenv("MLOPS_MAGICS_WARM_SPARE", "0")  # a test that wants one says so; all others would only wait
    return folder


@pytest.fixture(scope="session")
def bare_shell() -> InteractiveShell:
    """The one shell of the process, without the extension; the main module stays pytest's own between tests.

    IPython puts its user module in the place of ``__main__`` when the shell is made. A fixture that lends that place
    to the shell (`monkeypatch.setitem`) asks for this one first, or it would put the user module back.
    """
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    main = sys.modules["__main__"]
    shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    sys.modules["__main__"] = main
    return shell


@pytest.fixture(autouse=True)
def _nothing_left_running(state_folder: Path) -> Iterator[None]:
    """Fail a test whose endpoint, spare or worker is still there after it, and end what it left."""
    before = frozenset(psutil.pids())
    yield
    left = {pid: command for pid in psutil.pids() if pid not in before and (command := _of_ours(pid, state_folder))}
    for pid in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            psutil.Process(pid).kill()
    assert not left, f"still running after the test: {list(left.values())}"


def _of_ours(pid: int, state_folder: Path) -> str:
    """Return the command of a process of ours that works in the test's state folder, empty for any other."""
    try:
        process = psutil.Process(pid)
        command = " ".join(process.cmdline())
        ours = "mlops_magics" in command and process.environ().get("MLOPS_MAGICS_STATE") == str(state_folder)
    except psutil.Error:
        return ""
    return command if ours else ""


@pytest.fixture(scope="session")
def bucket_server() -> Iterator[str]:
    """moto's server, which enforces If-None-Match as S3 does."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()
