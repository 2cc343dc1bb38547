"""Every view in JupyterLab and Notebook 7, light and dark: rendered, sound by axe-core's rules, used by keyboard."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .conftest import Lab, cell_outputs, open_notebook, run_all_cells, set_theme

AXE = Path(__file__).parents[2] / "js" / "node_modules" / "axe-core" / "axe.min.js"
PICTURES = Path(__file__).parent / "screenshots"
VIEWS = ("Models", "Version history", "Comparison", "Endpoint", "Drift")
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


@pytest.fixture(params=["lab", "notebook7"])
def app(request: pytest.FixtureRequest) -> Lab:
    """Each of the two front ends."""
    started: Lab = request.getfixturevalue(request.param)
    return started


@pytest.fixture
def opened(page: Any, app: Lab) -> Any:
    """A page on a notebook that shows every view; its endpoint is stopped at the end."""
    open_notebook(page, app, app.write("faces.ipynb", CELLS))
    run_all_cells(page)
    errors = [each for cell in cell_outputs(page) for each in cell if each["output_type"] == "error"]
    assert not errors
    yield page
    stop(page)


def stop(page: Any) -> None:
    """Stop the endpoint that the notebook shows."""
    endpoint = page.get_by_role("region", name="Endpoint", exact=True).last
    endpoint.get_by_role("button", name="Stop").click()
    endpoint.get_by_role("button", name="Yes, stop").click()
    endpoint.get_by_text("stopped", exact=False).first.wait_for(timeout=20_000)


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


def test_the_keyboard_alone_promotes_and_predicts(opened: Any) -> None:
    """Tab reaches every control of a view, Enter presses it, and what happened is said."""
    history = opened.get_by_role("region", name="Version history", exact=True).last
    press(opened, history, "Promote")
    press(opened, history, "Yes, promote")
    history.get_by_text("champion is now", exact=False).wait_for(timeout=20_000)

    endpoint = opened.get_by_role("region", name="Endpoint", exact=True).last
    press(opened, endpoint, "Predict")
    endpoint.get_by_text("Prediction:").wait_for(timeout=20_000)


def test_hostile_names_and_labels_run_nothing_and_break_no_layout(page: Any, lab: Lab) -> None:
    """Forty strings as columns, categories, labels, descriptions and tags: text in every view, inside its frame."""
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
    stop(page)


def press(page: Any, view: Any, name: str) -> None:
    """Walk into a view with Tab until the control of this name has the focus, and press Enter."""
    first = view.locator("input, select, button, [tabindex='0']").first
    first.scroll_into_view_if_needed()
    first.focus()
    for _ in range(40):
        if page.evaluate("document.activeElement.textContent") == name:
            page.keyboard.press("Enter")
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {name}")
