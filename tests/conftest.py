"""What every test gets: a state folder of its own, and proof that nothing it started is left behind."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

os.environ.setdefault("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")


@pytest.fixture(autouse=True)
def state_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep announcements, logs and trust of a test apart from the user's own."""
    folder = tmp_path_factory.mktemp("state")
    monkeypatch.setenv("MLOPS_MAGICS_STATE", str(folder))
    for name in [name for name in os.environ if name.startswith("MLOPS_MAGICS_") and name != "MLOPS_MAGICS_STATE"]:
        if name != "MLOPS_MAGICS_TEST_VENVS":
            monkeypatch.delenv(name)
    monkeypatch.setenv("MLOPS_MAGICS_WARM_SPARE", "0")  # a test that wants one says so; all others would only wait
    return folder


@pytest.fixture(autouse=True)
def _nothing_left_running(state_folder: Path) -> Iterator[None]:
    """Fail a test whose endpoint, spare or worker is still there after it, and end what it left."""
    yield
    left = [process for process in psutil.process_iter(["pid", "cmdline"]) if _belongs_to(process, state_folder)]
    for process in left:
        process.kill()
    assert not left, f"still running after the test: {[' '.join(process.info['cmdline'] or []) for process in left]}"


def _belongs_to(process: psutil.Process, state_folder: Path) -> bool:
    """Tell whether this is a process of ours that works in the test's state folder."""
    if not any("mlops_magics" in part for part in process.info["cmdline"] or []):
        return False
    try:
        return process.environ().get("MLOPS_MAGICS_STATE") == str(state_folder)
    except psutil.Error:
        return False
