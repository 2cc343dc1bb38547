"""Every view in JupyterLab and Notebook 7, light and dark: axe-core's rules, the keyboard alone, saved, exported.

One notebook is run in each front end; the tests look at it in order, the last one closes its kernel.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import Lab, cell_outputs, fresh_page, open_notebook, run_all_cells, run_last, set_theme

AXE = Path(__file__).parents[2] / "js" / "node_modules" / "axe-core" / "axe.min.js"
PICTURES = Path(__file__).parent / "screenshots"
VIEWS = ("Models", "Version history", "Comparison", "Endpoint", "Drift report")
CELLS = [
    "%load_ext mlops_magics\n%board faces",
    "import numpy as np, pandas as pd\nfrom sklearn.linear_model import LogisticRegression\n"
    "rng = np.random.default_rng(0)\n"
    "X = pd.DataFrame({'size': rng.normal(size=400), 'kind': rng.integers(0, 3, 400)})\n"
    "y = pd.Series(np.where(X['size'] > 0, 'large', 'small'))\n"
    "seen = X.assign(size=X['size'] + 2, when=pd.date_range('2026-01-01', periods=400, freq='h'))",
    "%%pin_model line --test X y --alias first\nmodel = LogisticRegression().fit(X, y)",
    "%%pin_model line --test X y --alias second\nmodel = LogisticRegression(C=0.01).fit(X, y)",
    "%models",
    "%versions line",
    "%compare line@first line@second",
    "endpoint = %deploy line\nendpoint",
    "report = %monitor line --data seen --truth y --by day --timestamp when\nreport",
]
FACTS = {
    4: "1 model on",
    5: "2 versions on",
    6: "Two versions compared",
    7: "Use it from code",
    8: "changed enough to matter",
}
"""What the saved output of each of these cells says."""
HOSTILE = Path(__file__).parents[2] / "js" / "tests" / "hostile.ts"
HARMED = [
    "%load_ext mlops_magics\n%board harmed",
    "import json, numpy as np, pandas as pd\nfrom sklearn.dummy import DummyClassifier\n"
    "harm = json.load(open('hostile.json'))\n"
    "rng = np.random.default_rng(0)\n"
    "X = pd.DataFrame({text: rng.normal(size=200) for text in harm})\n"
    "X['kind'] = pd.Categorical(rng.choice(harm, 200), categories=harm)\n"
    "y = pd.Series(np.resize(harm, 200))",
    "for strength in (0, 1):\n"
    "    model = DummyClassifier(strategy='constant', constant=harm[strength]).fit(X, y)\n"
    "    version = %pin_model harmed model --data X --truth y --test X y --metadata {'note':harm[0]} --format joblib",
    "%models",
    "%versions harmed",
    "%compare harmed harmed",
    "endpoint = %deploy harmed\nendpoint",
    "%monitor harmed --data X",
]


@pytest.fixture(params=["lab", "notebook7"], scope="module")
def app(request: pytest.FixtureRequest) -> Lab:
    """Each of the two front ends."""
    started: Lab = request.getfixturevalue(request.param)
    return started


@pytest.fixture(scope="module")
def opened(browser: Any, app: Lab) -> Iterator[Any]:
    """A page on a notebook that shows every view; its endpoint is stopped at the end."""
    with fresh_page(browser) as page:
        open_notebook(page, app, app.write("faces.ipynb", CELLS))
        page.evaluate("window.openedNotebook.sessionContext.session.kernel.commsOverSubshells = 'disabled'")
        run_all_cells(page)
        errors = [each for cell in cell_outputs(page) for each in cell if each["output_type"] == "error"]
        assert not errors
        yield page
        stop(app, "line")


def stop(app: Lab, name: str) -> None:
    """Stop the endpoint of a notebook, as from a shell."""
    command = [sys.executable, "-m", "mlops_magics.cli", "stop", name]
    subprocess.run(command, env=app.environment, cwd=app.folder, check=True)


def test_every_view_is_shown_and_has_no_serious_fault(opened: Any, app: Lab) -> None:
    """In both themes; nothing is asked from outside."""
    opened.add_script_tag(path=str(AXE))
    PICTURES.mkdir(exist_ok=True)
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        set_theme(opened, theme)
        for name in VIEWS:
            view = opened.get_by_role("region", name=name, exact=True).last
            view.wait_for(timeout=20_000)
            view.scroll_into_view_if_needed()
            opened.wait_for_timeout(200)
            view.screenshot(path=PICTURES / f"{app.app}-{name.lower().replace(' ', '-')}-{theme[11:].lower()}.png")
            assert faults(view) == [], f"{name}, {theme}"
    assert opened.foreign_requests == []


def faults(view: Any) -> list[str]:
    """Return what axe-core finds serious or critical in a view."""
    found = view.evaluate("element => axe.run(element, {resultTypes: ['violations']})")
    assert len(found["passes"]) > 5, "the rules were not applied"
    return [
        f"{each['id']}: {each['nodes'][0]['html'][:200]} {each['nodes'][0]['failureSummary'][:300]}"
        for each in found["violations"]
        if each["impact"] in {"serious", "critical"}
    ]


def test_the_keyboard_alone_promotes_takes_back_and_predicts(opened: Any) -> None:
    """Tab reaches every control of a view, Enter presses it, and what happened is said."""
    history = opened.get_by_role("region", name="Version history", exact=True).last
    press(opened, history, "More for v1")
    assert opened.evaluate("document.activeElement.textContent") == "Promote to champion", "the menu holds the focus"
    opened.keyboard.press("Enter")
    history.get_by_text("line v1 is champion now", exact=False).wait_for(timeout=20_000)
    press(opened, history, "Undo")
    history.get_by_text("champion of line names no version now", exact=False).wait_for(timeout=20_000)

    endpoint = opened.get_by_role("region", name="Endpoint", exact=True).last
    press(opened, endpoint, "Predict")
    endpoint.locator(".mlops-answer h4").wait_for(timeout=20_000)
    endpoint.get_by_role("region", name="Recent requests").get_by_role("row").nth(1).wait_for(timeout=20_000)


def test_a_row_of_the_models_opens_its_versions_and_its_report_below(opened: Any) -> None:
    """The history below the list promotes, and the list shows it; the report takes the history's place.

    Arrows and letters walk through the menu; a notebook in command mode would delete the cell at "d d".
    """
    models = opened.get_by_role("region", name="Models", exact=True).last
    cell = opened.locator(".jp-Cell", has=models)
    press(opened, models, "line")
    history = cell.get_by_role("region", name="Version history", exact=True)
    press(opened, history, "Promote v1 to champion")
    models.locator(".mlops-crown + .mlops-ver").get_by_text("v1", exact=True).wait_for(timeout=20_000)
    press(opened, history, "Undo")
    models.get_by_text("no champion yet").wait_for(timeout=20_000)
    press(opened, models, "More for line")
    opened.keyboard.press("ArrowUp")
    opened.keyboard.press("d")
    opened.keyboard.press("d")
    opened.keyboard.press("Enter")

    cell.get_by_role("region", name="Drift report", exact=True).wait_for(timeout=20_000)
    assert history.count() == 0


def test_what_is_chosen_in_the_drift_view_is_readable_in_python(opened: Any) -> None:
    """`report.view.selected` is the feature that was clicked, in the periods that were cut out."""
    drift = opened.get_by_role("region", name="Drift report", exact=True).last
    drift.scroll_into_view_if_needed()
    drift.get_by_label("Last period").select_option(index=1)
    drift.get_by_role("button", name="kind", exact=True).click()

    run_last(opened, "print(report.view.selected)")

    assert "'feature': 'kind', 'periods': ['2026-01-01', '2026-01-02']" in json.dumps(cell_outputs(opened)[-1])


def test_a_view_asked_while_a_cell_runs_says_that_it_waits(opened: Any) -> None:
    """Without subshells the kernel is waited for, which is said; the answer comes when the cell has ended."""
    endpoint = ask_while_a_cell_runs(opened, "first")

    waiting = endpoint.get_by_text("Waiting for the kernel", exact=False)
    waiting.wait_for(timeout=8_000)
    box = waiting.bounding_box()

    assert box is not None
    assert box["y"] + box["height"] < opened.viewport_size["height"], "it is said where it is seen"
    endpoint.locator(".mlops-answer h4").wait_for(timeout=20_000)
    assert endpoint.get_by_text("Waiting for the kernel", exact=False).count() == 0


def test_a_view_asked_while_a_cell_runs_answers_through_a_subshell(opened: Any) -> None:
    """JupyterLab 4.5 and ipykernel 7 ask beside the cell; the answer comes during it, at the latest when it ends."""
    opened.evaluate("window.openedNotebook.sessionContext.session.kernel.commsOverSubshells = 'perCommTarget'")

    endpoint = ask_while_a_cell_runs(opened, "second")

    endpoint.locator(".mlops-answer h4").wait_for(timeout=20_000)
    assert endpoint.get_by_text("Waiting for the kernel", exact=False).count() == 0


def ask_while_a_cell_runs(page: Any, word: str) -> Any:
    """Ask the endpoint's view while a cell runs for eight seconds, which has printed the word; return the view."""
    endpoint = page.get_by_role("region", name="Endpoint", exact=True).last
    run_last(page, f"import time; print('{word}', 'sleep'); time.sleep(8)", wait=False)
    page.get_by_text(f"{word} sleep", exact=True).wait_for(timeout=8_000)
    endpoint.scroll_into_view_if_needed()
    endpoint.get_by_role("button", name="Predict").click()
    return endpoint


def test_without_its_kernel_the_notebook_says_the_same(opened: Any, app: Lab) -> None:
    """Saved, its kernel ended, opened again: the facts of every view are there, and how they become live."""
    opened.evaluate("async () => { await window.openedNotebook.context.save(); }")
    opened.evaluate("async () => { await window.openedNotebook.sessionContext.shutdown(); }")
    open_notebook(opened, app, "faces.ipynb")
    for cell, fact in FACTS.items():
        opened.evaluate("cell => window.openedNotebook.content.scrollToItem(cell, 'start')", cell)
        saved = opened.locator(".mlops-saved-view").filter(has_text=fact)
        saved.get_by_text("Run the cell again to make it live.").wait_for(timeout=30_000)
        opened.screenshot(path=PICTURES / f"{app.app}-saved-{cell}.png")
    assert opened.get_by_text("Error displaying widget").filter(visible=True).count() == 0


def test_an_exported_notebook_says_the_same(opened: Any, app: Lab, browser: Any) -> None:
    """nbconvert's HTML, and the PDF that a browser prints of it: the same facts, nothing of ours from outside."""
    import nbconvert

    opened.evaluate("async () => { await window.openedNotebook.context.save(); }")
    exporter = nbconvert.HTMLExporter(require_js_url="", mathjax_url="", jquery_url="", widget_renderer_url="")
    exported = app.folder / "faces.html"
    exported.write_text(exporter.from_filename(str(app.folder / "faces.ipynb"))[0], encoding="utf-8")
    with fresh_page(browser) as page:
        page.goto(exported.as_uri())
        for fact in FACTS.values():
            assert page.get_by_text(fact, exact=False).count(), fact
        page.screenshot(path=PICTURES / f"{app.app}-exported.png", full_page=True)
        printed = page.pdf(path=PICTURES / f"{app.app}-exported.pdf")
    assert printed.startswith(b"%PDF")
    assert page.foreign_requests == []


def test_hostile_names_and_labels_run_nothing_and_break_no_layout(page: Any, lab: Lab) -> None:
    """T6: Forty strings as columns, categories, labels, descriptions and tags: text in every view, inside its frame."""
    strings = page.evaluate("() => [" + HOSTILE.read_text(encoding="utf-8").split("= [", 1)[1].rsplit("]", 1)[0] + "]")
    assert len(strings) == 40
    (lab.folder / "hostile.json").write_text(json.dumps(strings))
    open_notebook(page, lab, lab.write("hostile.ipynb", HARMED))
    run_all_cells(page)
    errors = [each for cell in cell_outputs(page) for each in cell if each["output_type"] == "error"]
    assert not errors

    for name in VIEWS:
        view = page.get_by_role("region", name=name, exact=True).last
        view.scroll_into_view_if_needed()
        page.wait_for_timeout(200)
        view.screenshot(path=PICTURES / f"hostile-{name.lower().replace(' ', '-')}.png")
        inside, frame = view.evaluate("element => [element.scrollWidth, element.clientWidth]")
        assert inside <= frame + 1, f"{name} is wider than its frame"
    assert page.evaluate("window.__pwned") is None
    assert page.foreign_requests == []
    stop(lab, "harmed")


NAMES = "[document.activeElement.textContent, document.activeElement.ariaLabel]"


def press(page: Any, view: Any, name: str) -> None:
    """Walk into a view with Tab until the control of this name has the focus, and press Enter."""
    first = view.locator("input, select, button, [tabindex='0']").first
    first.scroll_into_view_if_needed()
    first.focus()
    for _ in range(60):
        if name in page.evaluate(NAMES):
            page.keyboard.press("Enter")
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {name}")
