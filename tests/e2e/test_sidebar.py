"""The sidebar in a real JupyterLab: it follows what happens on disk, and acts, while the kernel is busy."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Lab, open_notebook, set_theme

PIN = """
import pandas as pd
from sklearn.linear_model import LinearRegression
from mlops_magics.core import known_boards
from mlops_magics.core.versioning import Prototype, open_board
board = open_board("sidebar-board")
known_boards.remember(board.label, board.url)
data = pd.DataFrame({"x": [0.0, 1.0]})
model = LinearRegression().fit(data, [0.0, 1.0])
print(board.publish(model, "NAME", prototype=Prototype.from_data(data), example=data, format="joblib").version)
"""
DEPLOY = """
import time
from mlops_magics.core.deploying import deploy
from mlops_magics.core.versioning import open_board
board = open_board("sidebar-board")
endpoint = deploy(board, board.version("line"))
print("pid", endpoint.pid)
time.sleep(25)
print("champion", board.version("line@champion").version)
endpoint.stop()
"""


def outside(lab: Lab, source: str) -> str:
    """Run Python beside the server, as another shell of the same user; return its last line."""
    done = subprocess.run(
        [sys.executable, "-c", source], cwd=lab.folder, env=lab.environment, capture_output=True, text=True, check=True
    )
    return done.stdout.split()[-1]


@pytest.fixture
def old_version(lab: Lab) -> str:
    """The first version of `line` on a board that a session has opened."""
    return outside(lab, PIN.replace("NAME", "line"))


def _open_sidebar(page: Any) -> None:
    page.evaluate("async () => { await window.jupyterapp.commands.execute('mlops-magics:open-sidebar'); }")
    page.wait_for_selector(".mlops-sidebar-model >> text=line")


def _photograph(page: Any, folder: Path) -> None:
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        set_theme(page, theme)
        page.screenshot(path=str(folder / f"sidebar-{theme.split()[1].lower()}.png"))


def test_the_panel_follows_and_acts_while_a_cell_sleeps(page: Any, lab: Lab, old_version: str, tmp_path: Path) -> None:
    """Pin outside, deploy in a cell, kill, promote: each is seen at once, with the kernel busy all the time."""
    open_notebook(page, lab, lab.write("sidebar.ipynb", [DEPLOY]))
    _open_sidebar(page)
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
    page.wait_for_selector(".mlops-sidebar-endpoint[data-state=running]", timeout=30_000)
    outside_pin = subprocess.Popen(
        [sys.executable, "-c", PIN.replace("NAME", "late")], cwd=lab.folder, env=lab.environment, stdout=subprocess.PIPE
    )
    outside_pin.communicate()
    pinned = time.monotonic()
    page.wait_for_selector(".mlops-sidebar-model >> text=late", timeout=2000)
    seen_after = time.monotonic() - pinned
    page.click(".mlops-sidebar-model >> text=line")
    page.click(f"button[aria-label='Promote {old_version} to champion']")
    page.click(".jp-Dialog button.jp-mod-accept")
    page.wait_for_selector(".mlops-sidebar-version .mlops-sidebar-badge >> text=champion", timeout=5000)
    _photograph(page, tmp_path)
    _kill_endpoint(lab)
    page.wait_for_selector(".mlops-sidebar-endpoint[data-state=died]", timeout=3000)
    page.wait_for_selector(f".jp-OutputArea-output >> text=champion {old_version}", timeout=40_000)

    assert seen_after < 2
    assert page.foreign_requests == []


def _kill_endpoint(lab: Lab) -> None:
    outside(
        lab,
        "import os, signal; from mlops_magics.core.deploying import running; "
        "os.kill(running()[0].pid, signal.SIGKILL); print('killed')",
    )
