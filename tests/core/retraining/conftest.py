"""A board with a model that can be made again, and data whose truth changes its rule."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from mlops_magics import Session
from mlops_magics.core.retraining.recipe.recipe import DataName, Recipe

Rows = Callable[..., pd.DataFrame]
IMPORT = "from sklearn.linear_model import LogisticRegression"
FIT = "model = LogisticRegression(C=N).fit(X, y)"


def rows(count: int, *, shift: float = 0.0, seed: int = 0) -> pd.DataFrame:
    """Return rows whose truth depends on ``a``, and by ``shift`` on ``b``."""
    choice = np.random.default_rng(seed)
    frame = pd.DataFrame(choice.normal(size=(count, 2)), columns=["a", "b"])
    frame["island"] = np.where(choice.random(count) < 0.5, "Biscoe", "Dream")
    value = frame["a"] + shift * frame["b"] + choice.normal(scale=0.3, size=count)
    return frame.assign(species=np.where(value > 0, "gentoo", "adelie"))


def recipe(source: str = FIT, **changed: Any) -> Recipe:
    """Return the recipe of a cell that fits X and y."""
    data = (DataName("X", "features", "frame", ("a", "b")), DataName("y", "truth", "series", ("species",)))
    given = {"preamble": IMPORT, "parameters": {"N": "1.0"}, "data": data, "line": ("penguins",)}
    return Recipe(source=source, **{**given, **changed})


def pin(session: Session, made: Recipe | None = None, **options: Any) -> Any:
    """Pin the model that a recipe makes of the old rows."""
    old = rows(300)
    model = LogisticRegression().fit(old[["a", "b"]], old["species"])
    given = {"data": old[["a", "b"]], "truth": old["species"], "format": "skops", **options}
    return session.pin(model, "penguins", recipe=recipe() if made is None else made, **given)


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """A session on a board of its own."""
    return Session(tmp_path / "board")


@pytest.fixture
def pinned(session: Session) -> Any:
    """The first version of penguins."""
    return pin(session)


@pytest.fixture
def new() -> pd.DataFrame:
    """New rows whose truth depends on ``b`` too: the pinned model is wrong on a third of them."""
    return rows(1500, shift=2.0, seed=1)


@pytest.fixture
def same() -> pd.DataFrame:
    """New rows of the old rule."""
    return rows(1500, seed=2)
