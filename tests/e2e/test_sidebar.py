"""The sidebar in a real JupyterLab: it follows what happens on disk, and acts, while the kernel is busy."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from .conftest import TOKEN, Lab, cell_outputs, open_notebook, run_all_cells, set_theme, wait_for_lab
from .test_faces import AXE, faults

PIN = """
import numpy as np, pandas as pd
from sklearn.linear_model import LinearRegression
from mlops_magics import Session
session = Session(board="sidebar-board")
x = np.random.default_rng(0).normal(size=300)
data = pd.DataFrame({"x": x})
model = LinearRegression().fit(data, x)
print(session.pin(model, "NAME", data=data, format="joblib", metrics={"r2": 1.0}).version)
"""
DRIFT = """
import pandas as pd
from mlops_magics import Session
session = Session(board="sidebar-board")
print(session.monitor("line", data=pd.DataFrame({"x": [9.0] * 200})).drifted)
"""
RETRAINED = """
from mlops_magics import Session
from mlops_magics.core import retrainings
board = Session(board="sidebar-board").board
retrainings.remember(board.url, "line", error="no rows since Monday")
retrainings.remember(board.url, "late", version=board.version("late").version)
print("told")
"""
PROMOTE = """
from mlops_magics import Session
print(Session(board="sidebar-board").promote("line@VERSION", to="champion").version)
"""
KILL = """
import os, signal
from mlops_magics.core.deploying import running
os.kill(running()[0].pid, signal.SIGKILL)
print("killed")
"""
ALIASED = """
from mlops_magics import Session
session = Session(board="sidebar-board")
session.promote("turn@OLD", to="champion")
session.promote("turn@NEW", to="champion")
session.deploy("turn@champion")
print("deployed")
"""
ANSWERS = """
from mlops_magics import Session
session = Session(board="sidebar-board")
endpoint = session.endpoint("turn")
assert session.predict("turn", [[1.0]])[0] is not None
print(endpoint.version)
"""
STOP = """
from mlops_magics import Session
print(Session(board="sidebar-board").stop("turn").state)
"""
WITHOUT_US = """
import os, sys
kept = list(sys.path)
sys.path[:] = [place for place in kept if not os.path.isdir(os.path.join(place, "mlops_magics"))]
"""
CELLS = [
    """
import time
from pathlib import Path
import mlops_magics as mm
session = mm.Session("sidebar-board")
endpoint = session.deploy("line")
endpoint.predict([[1.0]])
""",
    """
while not Path("go").exists():
    time.sleep(0.1)
endpoint.stop()
champion = session.version("line@champion").version
session.load("line@champion")
""",
    "print('champion', champion)",
]


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


@pytest.fixture
def asked(page: Any) -> list[str]:
    """What the page asks of our server part."""
    found: list[str] = []
    page.on("request", lambda request: found.append(request.url) if "/mlops-magics/" in request.url else None)
    return found


def command(page: Any, name: str) -> None:
    """Run a command of JupyterLab's, as the palette does; what it asks for is answered elsewhere."""
    page.evaluate("name => { window.jupyterapp.commands.execute(`mlops-magics:${name}`); }", name)


def take(page: Any, row: str, label: str) -> None:
    """Choose a row, and press one of its buttons, or the line of its menu."""
    page.click(row)
    drawer = page.locator(".mlops-drawer")
    menu = drawer.get_by_role("button", name="More for")
    menu.wait_for()
    button = drawer.get_by_role("button", name=label, exact=True)
    if not button.count():
        menu.click()
        button = page.get_by_role("menuitem", name=label, exact=True)
    button.click()


def photograph(page: Any, folder: Path, what: str) -> None:
    """Look at it in both themes, with axe-core's eyes too."""
    page.add_script_tag(path=str(AXE))
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        set_theme(page, theme)
        for view in page.locator(".mlops-panel:visible, .mlops-tab:visible").all():
            assert faults(view) == [], f"{what}, {theme}"
        page.screenshot(path=str(folder / f"sidebar-{what}-{theme.split()[1].lower()}.png"))


def test_the_panel_follows_and_acts_while_a_cell_sleeps(page: Any, lab: Lab, old_version: str, tmp_path: Path) -> None:
    """Deploy in a cell, pin outside, promote, drift, retraining, kill: each is seen while the kernel is busy."""
    open_notebook(page, lab, lab.write("sidebar.ipynb", CELLS))
    command(page, "open-sidebar")
    page.wait_for_selector(".mlops-item-model >> text=line")
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
    page.wait_for_selector(".mlops-item-endpoint:has([data-state=running])", timeout=30_000)
    pinned = outside(lab, PIN.replace("NAME", "late")) and time.monotonic()
    page.wait_for_selector(".mlops-item-model >> text=late", timeout=2000)
    seen_after = time.monotonic() - pinned
    page.click(".mlops-item-model >> text=line")
    page.keyboard.press("ArrowRight")
    take(page, f".mlops-item-version:has([title*='{old_version}'])", "Promote to champion")
    page.wait_for_selector(".mlops-item-version .mlops-crown.is-champion", timeout=5000)
    outside(lab, DRIFT)
    page.wait_for_selector(".mlops-item-model .mlops-state[data-s=alert]", timeout=2000)
    outside(lab, RETRAINED)
    page.wait_for_selector(".Toastify__toast >> text=The retraining of line failed: no rows since Monday", timeout=2000)
    page.wait_for_selector(".Toastify__toast >> text=The retraining of late finished", timeout=2000)
    outside(lab, KILL)
    page.wait_for_selector(".mlops-item-endpoint:has([data-state=died])", timeout=2000)
    page.wait_for_selector(".Toastify__toast >> text=died", timeout=2000)
    photograph(page, tmp_path, "died")
    busy = page.evaluate("() => window.openedNotebook.sessionContext.session.kernel.status")
    (lab.folder / "go").touch()
    page.wait_for_function(
        "version => window.openedNotebook.content.widgets.at(-1).model.outputs.toJSON()[0]?.text?.includes(version)",
        arg=old_version,
        timeout=60_000,
    )

    assert busy == "busy"
    assert seen_after < 2
    assert page.foreign_requests == []


def test_the_views_open_as_tabs_and_code_goes_into_the_notebook(
    page: Any, lab: Lab, old_version: str, tmp_path: Path, asked: list[str]
) -> None:
    """Version history, journey and drift report by keyboard, context menu and button; an inserted cell runs, and a
    kernel that could not run it is told of."""
    outside(lab, DRIFT)
    open_notebook(page, lab, lab.write("tabs.ipynb", [WITHOUT_US]))
    run_all_cells(page)
    command(page, "open-sidebar")
    take(page, ".mlops-item-model >> text=line", "Insert code: load")
    page.wait_for_selector(".Toastify__toast >> text=lacks mlops_magics")
    page.evaluate("() => window.openedNotebook.content.widgets[0].model.sharedModel.setSource('sys.path[:] = kept')")
    run_all_cells(page)
    outputs = cell_outputs(page)
    page.focus(".mlops-tree")
    page.keyboard.press("Enter")
    page.wait_for_selector(".mlops-tab .mlops-verdict")
    page.click(".mlops-item-model >> text=line", button="right")
    page.click(".lm-Menu-item >> text=Versions")
    page.wait_for_selector(".mlops-tab .mlops-versions")
    photograph(page, tmp_path, "drift")
    take(page, ".mlops-item-model >> text=line", "Journey")
    page.wait_for_selector(".mlops-tab .mlops-lanes")
    photograph(page, tmp_path, "journey")
    page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
    asked.clear()
    outside(lab, PIN.replace("NAME", "unseen"))
    page.wait_for_timeout(4000)

    assert [output for cell in outputs for output in cell if output["output_type"] == "error"] == []
    assert [url for url in asked if url.partition("?")[0].endswith(("/boards", "/endpoints", "/models"))] == []
    assert page.foreign_requests == []


def test_tabs_come_back_after_a_reload(page: Any, lab: Lab, old_version: str) -> None:
    """Version history, journey and comparison stand where they stood, and follow the board as before."""
    newest = outside(lab, PIN.replace("NAME", "line"))
    page.goto(f"{lab.url}/lab?reset&token={TOKEN}")
    wait_for_lab(page)
    page.evaluate("() => { window.jupyterapp.commands.execute('mlops-magics:open-sidebar'); }")
    outside(lab, PROMOTE.replace("VERSION", old_version))
    take(page, ".mlops-item-model >> text=line", "Versions")
    take(page, ".mlops-item-model >> text=line", "Journey")
    page.focus(".mlops-tree")
    page.keyboard.press("ArrowRight")
    take(page, f".mlops-item-version:has([title*='{newest}'])", "Compare with champion")
    page.wait_for_selector(f".mlops-tab:visible [title*='{newest}']")
    page.wait_for_timeout(2000)  # JupyterLab saves its layout a second after it changed
    page.goto(f"{lab.url}/lab?token={TOKEN}")
    wait_for_lab(page)

    for title, part in (
        ("Versions: line", ".mlops-versions"),
        ("Journey: line", ".mlops-lanes"),
        ("Compare: line", ".mlops-sides"),
    ):
        page.click(f".lm-TabBar-tabLabel >> text=/^{title}$/")
        page.wait_for_selector(f".mlops-tab:visible {part}", timeout=10_000)
    page.click(".lm-TabBar-tabLabel >> text=/^Journey: line$/")
    promoted = page.locator(".mlops-tab:visible .mlops-events li", has_text="to champion")
    promoted.first.wait_for()
    before = promoted.count()
    outside(lab, PROMOTE.replace("VERSION", newest))
    promoted.nth(before).wait_for(timeout=5000)


def test_rolling_back_in_the_sidebar_takes_the_endpoint_along(page: Any, lab: Lab) -> None:
    """As `%rollback` does: what was taken back answers no more."""
    old, new = (outside(lab, PIN.replace("NAME", "turn")) for _ in range(2))
    outside(lab, ALIASED.replace("OLD", old).replace("NEW", new))
    before = outside(lab, ANSWERS)
    page.goto(f"{lab.url}/lab?reset&token={TOKEN}")
    wait_for_lab(page)
    command(page, "open-sidebar")
    take(page, ".mlops-item-model >> text=turn", "Roll back…")
    question = page.locator(".mlops-pop")
    question.get_by_text(f"champion goes back from v2 {new[-5:]} to v1 {old[-5:]}.").wait_for()
    question.get_by_role("button", name="Roll back", exact=True).click()
    page.wait_for_selector(f".mlops-item-endpoint:has([title*='{old}'])", timeout=10_000)
    after = outside(lab, ANSWERS)
    outside(lab, STOP)

    assert (before, after) == (new, old)
