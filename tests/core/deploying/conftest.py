"""Models on a real board, and endpoints in real processes; each test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops_magics.core import deploying
from mlops_magics.core.deploying import Endpoint
from mlops_magics.core.versioning import Board, Facts, ModelVersion, Prototype, open_board
from tests.core.deploying.models import Several, Sum, Totals

TOKEN = "a-token-of-the-tests"


@dataclass(frozen=True)
class Pinned:
    """A version on a board, with the model and rows that it was trained on."""

    board: Board
    version: ModelVersion
    model: Any
    rows: pd.DataFrame


@pytest.fixture
def board(tmp_path: Path) -> Board:
    """A new board in a folder of its own."""
    return open_board(tmp_path / "board")


def numbers(n_rows: int = 200) -> pd.DataFrame:
    """Four float columns."""
    return pd.DataFrame(np.random.default_rng(0).normal(size=(n_rows, 4)), columns=["x 0", "x-1", "x2", "x3"])


def mixed(n_rows: int = 200) -> pd.DataFrame:
    """A column of every kind; missing values in one number and one text."""
    choice = np.random.default_rng(1)
    income = choice.normal(30.0, 5.0, n_rows)
    income[::7] = np.nan
    city = pd.Series(choice.choice(["Bern", "Rome"], n_rows))
    city[::11] = None
    return pd.DataFrame(
        {
            "age": choice.integers(18, 90, n_rows),
            "income": income,
            "member": choice.random(n_rows) > 0.5,
            "size": pd.Categorical(choice.choice(["S", "M", "L"], n_rows), categories=["S", "M", "L"], ordered=True),
            "city": city,
            "since": pd.Timestamp("2024-01-01") + pd.to_timedelta(choice.integers(0, 700, n_rows), unit="D"),
        }
    )


def publish(board: Board, name: str, model: Any, rows: Any, **facts: Any) -> Pinned:
    """Put a model on a board with the prototype of its rows."""
    version = board.publish(
        model, name, Facts(prototype=Prototype.from_data(rows), example=rows[:5], format="joblib", **facts)
    )
    return Pinned(board, version, model, rows)


def publish_line(board: Board, factor: float = 1.0) -> Pinned:
    """A model that sums four numbers."""
    return publish(board, "line", Sum(factor), numbers())


def publish_forest(board: Board) -> Pinned:
    """A forest behind a ColumnTransformer on numbers and texts."""
    from sklearn.compose import ColumnTransformer
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    rows = numbers().assign(city=np.random.default_rng(2).choice(["Bern", "Rome", "Oslo"], 200))
    names = list(rows.columns[:4])
    prepare = ColumnTransformer(
        [("n", StandardScaler(), names), ("c", OneHotEncoder(handle_unknown="ignore"), ["city"])]
    )
    label = np.where(rows["x2"] + (rows["city"] == "Bern") > 0, "yes", "no")
    return publish(
        board, "forest", make_pipeline(prepare, RandomForestClassifier(20, random_state=0)).fit(rows, label), rows
    )


@pytest.fixture
def line(board: Board) -> Pinned:
    """A model that sums four numbers."""
    return publish_line(board)


@pytest.fixture
def forest(board: Board) -> Pinned:
    """A forest on numbers and texts."""
    return publish_forest(board)


@pytest.fixture
def totals(board: Board) -> Pinned:
    """A model on columns of every kind."""
    return publish(board, "totals", Totals(), mixed())


@dataclass(frozen=True)
class Lasting:
    """An endpoint that many tests ask: a line, a forest, a model on columns of every kind, one of several outputs."""

    endpoint: Endpoint
    line: Pinned
    forest: Pinned
    totals: Pinned
    several: Pinned
    state: Path


@contextmanager
def lasting_endpoint(folder: Path, **options: Any) -> Iterator[Lasting]:
    """Deploy four models behind one endpoint, with a state folder that no single test owns."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLOPS_MAGICS_STATE", str(folder / "state"))
        board = open_board(folder / "board")
        line, forest = publish_line(board), publish_forest(board)
        totals = publish(board, "totals", Totals(), mixed())
        several = publish(board, "several", Several(), numbers())
        also = [forest.version, totals.version, several.version]
        endpoint = deploying.deploy(board, line.version, token=TOKEN, also=also, **options)
    yield Lasting(endpoint, line, forest, totals, several, folder / "state")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLOPS_MAGICS_STATE", str(folder / "state"))
        endpoint.stop()


@pytest.fixture(scope="session")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lasting]:
    """One endpoint for the tests that only ask."""
    with lasting_endpoint(tmp_path_factory.mktemp("lasting")) as started:
        yield started


@pytest.fixture
def deploy() -> Iterator[Callable[..., Endpoint]]:
    """Deploy as often as wanted; everything is stopped after the test."""
    started: list[Endpoint] = []

    def start(pinned: Pinned, **options: Any) -> Endpoint:
        started.append(deploying.deploy(pinned.board, pinned.version, **{"token": TOKEN, **options}))
        return started[-1]

    yield start
    for endpoint in [*started, *deploying.running()]:
        endpoint.stop()
