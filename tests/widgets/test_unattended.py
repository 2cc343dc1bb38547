"""A notebook that runs without a front end (nbclient; papermill and nbconvert run it the same way), and its exports."""

from __future__ import annotations

import os
from typing import Any

import nbconvert
import nbformat
import pytest
from nbclient import NotebookClient

CELLS = [
    "%load_ext mlops_magics\nimport numpy as np, pandas as pd\nfrom sklearn.linear_model import LogisticRegression\n"
    "X = pd.DataFrame({'size': np.random.default_rng(0).normal(size=300)})\n"
    "y = pd.Series(np.where(X['size'] > 0, 'large', 'small'))",
    "%%pin_model line --test X y\nmodel = LogisticRegression().fit(X, y)",
    "%versions line",
    "%monitor line --data X+2",
]
FACTS = ("accuracy", "1 version on", "The only feature changed enough to matter", "Versions of line")


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The notebook as nbclient leaves it, with its default of storing the state of widgets."""
    folder = tmp_path_factory.mktemp("unattended")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS])
    environment = {name: value for name, value in os.environ.items() if name != "JPY_SESSION_NAME"}
    client = NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(folder)}})
    client.execute(env={**environment, "MLOPS_MAGICS_STATE": str(folder / "state")})
    return notebook


def test_it_holds_no_widget_that_its_readers_would_have_to_fetch(executed: Any) -> None:
    """T17: Only HTML and text: what nbviewer and GitHub show as it is; a report has one drawing of itself."""
    kinds = {kind for cell in executed.cells for output in cell.outputs for kind in output.get("data", {})}

    assert kinds == {"text/html", "text/plain"}
    assert not executed.metadata.get("widgets", {}).get("application/vnd.jupyter.widget-state+json", {}).get("state")


@pytest.mark.parametrize("form", ["HTMLExporter", "MarkdownExporter"])
def test_its_exports_say_the_same(executed: Any, form: str) -> None:
    """Sentences and tables as HTML, and in the Markdown that GitHub shows of a notebook."""
    exported, _ = getattr(nbconvert, form)().from_notebook_node(executed)

    assert [fact for fact in FACTS if fact not in exported] == []
