"""A Jupyter server with our extension, and a real board that a session has opened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pytest_jupyter.jupyter_server import *  # noqa: F403  a conftest below the top may not name plugins
from sklearn.linear_model import LinearRegression

from mlops_magics.core import known_boards
from mlops_magics.core.versioning import Board, Facts, Prototype, open_board


@pytest.fixture
def jp_server_config() -> dict[str, Any]:
    """Load our extension as an installation does, in a server that wants every route authenticated."""
    extensions = {"mlops_magics": True, "jupyter_server_terminals": False}
    return {"ServerApp": {"jpserver_extensions": extensions, "allow_unauthenticated_access": False}}


@pytest.fixture
def board(tmp_path: Path) -> Board:
    """A board with two versions of one model; a session has opened it."""
    opened = open_board(tmp_path / "models")
    for slope in (1.0, 2.0):
        data = pd.DataFrame({"x": [0.0, 1.0]})
        model = LinearRegression().fit(data, [0.0, slope])
        opened.publish(
            model,
            "line",
            Facts(prototype=Prototype.from_data(data), metrics={"slope": slope}, format="joblib", example=data),
        )
    known_boards.remember(opened.label, opened.url)
    return opened


@pytest.fixture
def key(board: Board) -> str:
    """The name of the board in addresses."""
    return known_boards.key_of(board.url)
