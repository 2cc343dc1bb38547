"""A new user, from an empty folder to a promoted version: with the mouse alone, and with the keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from .conftest import TOKEN, Lab, _served, open_notebook, wait_for_lab
from .test_faces import PICTURES

SIDEBAR = ".lm-TabBar-tab[title*='Models, versions and endpoints']"

OWN_MODEL = """import numpy as np, pandas as pd
from sklearn.tree import DecisionTreeClassifier
rows = pd.DataFrame({"mm": [0.0, 0.1, 2.0, 3.0, 0.2, 2.5]})
X, X_test, y, y_test = rows[:4], rows[4:], np.array([0, 0, 1, 1]), np.array([0, 1])
rain = DecisionTreeClassifier().fit(X, y)"""
OWN_PIN = "%pin_model rain rain --data X --truth y --test X_test y_test"

SIDEBAR_BYTES = 150_000
"""Scripts and styles of the sidebar and of all its tabs, as they are sent."""
SCRIPTS = """performance.getEntriesByType('resource')
    .filter(each => /mlops-magics.*[.]js/.test(each.name))
    .reduce((sum, each) => sum + each.encodedBodySize, 0)"""


@pytest.fixture(scope="module")
def empty_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A JupyterLab whose user has never opened a board."""
    yield from _served(tmp_path_factory.mktemp("empty"), "lab", "LabApp")


def test_the_mouse_alone_pins_promotes_and_takes_back(page: Any, empty_lab: Lab) -> None:
    """A notebook, the layers of the activity bar, *Run an example*, the version, its star, *Undo*, the history.

    *Insert the lines* names the model and the rows that the notebook has, so that metrics and form will be there.
    The sidebar and the views of all its tabs are less than 150 kB as they are sent.
    """
    empty_lab.write("rain.ipynb", [OWN_MODEL])
    open_notebook(page, empty_lab, "rain.ipynb")
    page.click(".jp-Notebook .jp-Cell")
    page.click("[data-command='notebook:run-cell-and-select-next']")
    page.locator(".jp-InputPrompt", has_text="[1]").wait_for()
    page.click(SIDEBAR)
    page.get_by_text("No model yet").wait_for()
    page.screenshot(path=PICTURES / "first-empty.png")
    page.get_by_role("button", name="Insert the lines").click()
    page.locator(".jp-Notebook .jp-Cell", has_text=OWN_PIN).wait_for()
    page.get_by_role("button", name="Run an example").click()
    page.wait_for_selector(".mlops-item-model", timeout=90_000)
    page.locator(".mlops-item-model").first.click()
    page.locator(".mlops-item-version").first.click()
    page.locator(".mlops-drawer").get_by_role("button", name="Promote to champion").click()
    page.wait_for_selector(".mlops-item-version .is-champion")
    page.get_by_text("is champion now").wait_for()
    page.screenshot(path=PICTURES / "first-promoted.png")
    page.get_by_role("button", name="Undo").click()
    page.wait_for_selector(".mlops-item-version .is-champion", state="detached")
    at_start = page.evaluate(SCRIPTS)
    page.locator(".mlops-drawer").get_by_role("button", name="Versions").click()
    page.locator(".mlops-tab:visible").get_by_text("1 version on").wait_for()

    assert page.foreign_requests == []
    assert 50_000 < at_start < 105_000
    assert at_start + 20_000 < page.evaluate(SCRIPTS) < SIDEBAR_BYTES


def test_the_keyboard_alone_pins_and_promotes(page: Any, empty_lab: Lab) -> None:
    """Palette, cells and tree from an empty folder to a champion; a verb of the help becomes a cell below it."""
    (empty_lab.folder / "keys").mkdir()
    page.goto(f"{empty_lab.url}/lab/tree/keys?reset&token={TOKEN}")
    wait_for_lab(page)
    page.wait_for_selector(SIDEBAR)
    command(page, "New Notebook")
    page.wait_for_selector(".jp-Dialog")  # which kernel
    page.keyboard.press("Enter")
    page.wait_for_selector(".jp-Dialog", state="detached")
    page.locator(".jp-Notebook .jp-Cell .cm-content").first.wait_for()
    page.wait_for_timeout(1000)
    page.keyboard.press("Enter")
    write_cell(page, "%load_ext mlops_magics\n%board keyboard")
    write_cell(page, "%%pin_model keys\nfrom sklearn.tree import DecisionTreeClassifier\n" + TRAINING)
    page.wait_for_selector(".mlops-view[aria-label=Version]", timeout=60_000)
    write_cell(page, "%mlops")
    help_of = page.locator(".mlops-view:not(.mlops-saved)[aria-label=Verbs]")
    help_of.get_by_label("Search verbs").focus()
    page.keyboard.type("the version before")
    page.keyboard.press("Tab")
    while not page.evaluate("document.activeElement.ariaLabel?.startsWith('Insert %') ?? false"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator(".jp-Notebook .jp-Cell", has_text="%rollback").last.wait_for()

    command(page, "Show models and endpoints")
    sidebar = page.locator("#mlops-magics-sidebar")
    sidebar.locator("[role=treeitem]").first.wait_for()
    for _ in range(12):
        chosen = sidebar.locator(".mlops-item[aria-selected=true]")
        if chosen.count() and "mlops-item-version" in str(chosen.get_attribute("class")):
            break
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(300)
        page.keyboard.press("ArrowDown")
    command(page, "Promote to champion")

    sidebar.locator(".mlops-item-version .is-champion").first.wait_for()
    page.locator(".jp-Notebook").focus()
    command(page, "Show models and endpoints")  # of a sidebar that is open already, to which the palette gives nothing
    page.wait_for_function("document.querySelector('#mlops-magics-sidebar').contains(document.activeElement)")


TRAINING = "model = DecisionTreeClassifier().fit([[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1])"


def write_cell(page: Any, source: str) -> None:
    """Type a cell and run it, which opens the next one."""
    page.keyboard.type(source)
    page.keyboard.press("Shift+Enter")
    page.wait_for_timeout(500)


def command(page: Any, label: str) -> None:
    """Run a command of the palette by its label."""
    palette = page.locator(".lm-CommandPalette-input:visible")
    for _ in range(20):  # a launcher that appears late takes the focus, and the palette closes
        if not palette.count():
            page.keyboard.press("Control+Shift+KeyC")
        page.wait_for_timeout(1000)
        if palette.count():
            break
    page.keyboard.type(label, delay=20)
    page.wait_for_selector(f".lm-CommandPalette-item:has-text('{label}')")
    page.keyboard.press("Enter")
