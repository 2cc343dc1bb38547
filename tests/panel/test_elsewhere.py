"""The panel in another environment than the endpoint's, as Jupyter's server often is."""

from __future__ import annotations

import dataclasses
import os
import site
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

from mlops_magics.core import known_boards
from mlops_magics.core.deploying import Endpoint, deploy, running
from mlops_magics.core.versioning import Board, Facts, Prototype, open_board
from mlops_magics.errors import EndpointError

WITHOUT_SKLEARN = """
import importlib.abc, sys
class Lacking(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "sklearn":
            raise ModuleNotFoundError("No module named 'sklearn'", name="sklearn")
sys.meta_path.insert(0, Lacking())
"""
ACT = """
import sys
from mlops_magics.core import known_boards
from mlops_magics.panel import verbs
from mlops_magics.panel.board_pool import BoardPool
verb, more = sys.argv[1], dict(each.split("=") for each in sys.argv[2:])
fields = {"board": known_boards.known()[0].key, "name": "line", **more}
print(verbs.call(BoardPool(), verb, fields).endpoint.state)
"""


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another environment's interpreter: it finds what this one has, but no scikit-learn."""
    folder = tmp_path_factory.mktemp("elsewhere")
    venv.create(folder, symlinks=True)
    [packages] = folder.glob("lib/python*/site-packages")
    places = [*site.getsitepackages(), str(Path(__file__).parents[2])]
    lines = [f"import site; site.addsitedir({place!r})" for place in places]
    (packages / "lacking.py").write_text(WITHOUT_SKLEARN)
    (packages / "elsewhere.pth").write_text("\n".join([*lines, "import lacking", ""]))
    return folder / "bin" / "python"


@pytest.fixture
def endpoint(tmp_path: Path) -> Iterator[Endpoint]:
    """A model of scikit-learn's that answers, with its board known to the panel."""
    board = open_board(tmp_path / "models")
    known_boards.remember(board.label, board.url)
    version = pinned(board, 2.0)
    started = deploy(board, board.version(version))
    yield started
    for each in running("line"):
        each.stop()


def pinned(board: Board, slope: float) -> str:
    data = pd.DataFrame({"x": [0.0, 1.0]})
    model = LinearRegression().fit(data, [0.0, slope])
    return board.publish(model, "line", Facts(prototype=Prototype.from_data(data), format="joblib", example=data)).ref


def acted(python: Path, *words: str) -> str:
    """Let the panel of another environment act; return the endpoint's state."""
    command = [str(python), "-c", ACT, *words]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ).stdout.strip()


def test_the_other_environment_cannot_run_the_model(elsewhere: Path) -> None:
    """What the next tests show would be nothing if it could."""
    told = subprocess.run([str(elsewhere), "-c", "import mlops_magics, sklearn"], capture_output=True, text=True)

    assert "No module named 'sklearn'" in told.stderr


def test_restart_and_swap_happen_in_the_environment_of_the_endpoint(endpoint: Endpoint, elsewhere: Path) -> None:
    """A server without scikit-learn starts a model of scikit-learn's again, and swaps it."""
    pid = endpoint.pid
    state = acted(elsewhere, "restart")
    [again] = running("line")
    first = again.predict([[1.0]])[0]
    newest = pinned(open_board(endpoint.board), 3.0).partition("@")[2]
    acted(elsewhere, "swap", f"version={newest}")

    assert (state, again.pid != pid, again.announced.python) == ("running", True, sys.executable)
    assert [first, again.predict([[1.0]])[0]] == [pytest.approx(2.0), pytest.approx(3.0)]


def test_an_environment_that_is_gone_is_named_and_nothing_is_stopped(endpoint: Endpoint) -> None:
    """Who restarts an endpoint whose environment was removed is told which, and what to do."""
    dataclasses.replace(endpoint.announced, python="/gone/bin/python").write()

    with pytest.raises(EndpointError, match=r"/gone/bin/python.*%deploy line"):
        running("line")[0].restart()
    assert endpoint.predict([[1.0]])[0] == pytest.approx(2.0)
