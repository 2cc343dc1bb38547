"""The demo's journey in a real browser: pin, deploy, ask by the form, see the drift drawn, stop."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat

from .conftest import Lab, cell_outputs, open_notebook, run_all_cells, run_last, set_theme

DEMO = Path(__file__).parents[2] / "notebooks" / "01-pin-deploy-monitor.ipynb"
PICTURES = Path(__file__).parent / "screenshots"


def test_the_demo_runs_and_its_endpoint_answers_the_form(page: Any, lab: Lab) -> None:
    """Pinned, deployed, asked through the kernel, drift seen, stopped: all in the notebook, nothing from outside."""
    cells = [cell.source for cell in nbformat.read(DEMO, as_version=4).cells if cell.cell_type == "code"]
    name = lab.write("demo.ipynb", [cell for cell in cells if not cell.startswith("%stop")])
    open_notebook(page, lab, name)

    run_all_cells(page)

    outputs = [output for cell in cell_outputs(page) for output in cell]
    assert not [output for output in outputs if output["output_type"] == "error"]
    endpoint = page.get_by_role("region", name="Endpoint").last
    endpoint.scroll_into_view_if_needed()
    endpoint.get_by_role("button", name="Predict").click()
    endpoint.locator(".mlops-answer h4").wait_for(timeout=20_000)
    drift = page.get_by_role("region", name="Drift report", exact=True).first
    drift.scroll_into_view_if_needed()
    drift.get_by_role("button", name="temp", exact=True).first.wait_for(state="attached", timeout=20_000)
    _photograph(page)

    endpoint.scroll_into_view_if_needed()
    endpoint.get_by_role("button", name="Manage").click()
    page.get_by_role("menuitem", name="Stop…").click()
    page.get_by_role("button", name="Stop endpoint").click()
    endpoint.locator("[data-state=stopped]").first.wait_for(timeout=20_000)
    assert page.locator(".vega-embed").count() == 0, "a report has one drawing of itself"
    assert page.foreign_requests == []


def _photograph(page: Any) -> None:
    PICTURES.mkdir(exist_ok=True)
    page.evaluate("() => { window.jupyterapp.commands.execute('mlops-magics:open-sidebar'); }")
    page.click(".mlops-item-endpoint >> nth=0")
    page.evaluate("() => document.querySelectorAll('.Toastify__toast').forEach(each => each.remove())")
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        set_theme(page, theme)
        for place in ("Version history", "Endpoint", "Drift report"):
            page.get_by_role("region", name=place, exact=True).last.scroll_into_view_if_needed()
            page.wait_for_timeout(300)
            page.screenshot(path=PICTURES / f"{place.lower().replace(' ', '-')}-{theme.split()[-1].lower()}.png")


def test_an_endpoint_killed_from_outside_is_seen_within_two_seconds(page: Any, lab: Lab) -> None:
    """The view says so, `%endpoints` says so, and `%deploy` starts it again on the same port."""
    name = lab.write("killed.ipynb", KILLED)
    open_notebook(page, lab, name)
    run_all_cells(page)
    endpoint = page.get_by_role("region", name="Endpoint").first
    endpoint.locator("[data-state=running]").first.wait_for(timeout=60_000)

    run_last(page, "import os, signal; os.kill(endpoint.pid, signal.SIGKILL)")
    endpoint.locator("[data-state=died]").first.wait_for(timeout=2_000)

    run_last(page, "port = endpoint.port\nlisted = %endpoints\nassert list(listed['state']) == ['died'], listed")
    run_last(page, "endpoint = %deploy line")
    run_last(page, "print(endpoint.port == port, endpoint.state); endpoint.stop()")
    assert "True running" in json.dumps(cell_outputs(page)[-1])


KILLED = [
    "%load_ext mlops_magics\n%board killed",
    "%%pin_model line\nimport pandas as pd\nfrom sklearn.linear_model import LinearRegression\n"
    "X = pd.DataFrame({'x': [0.0, 1.0, 2.0]})\ny = pd.Series([0.0, 1.0, 2.0])\nmodel = LinearRegression().fit(X, y)",
    "endpoint = %deploy line\nendpoint",
]
