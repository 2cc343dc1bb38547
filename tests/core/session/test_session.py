"""The session as a whole: its boards, the names it suggests, and what a sidebar watches of it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

from mlops_magics import Session
from mlops_magics.core.session.snapshot import Watched
from mlops_magics.errors import Ambiguous, NotFound
from mlops_magics.magics.verbs import VERBS

ROWS = pd.DataFrame({"x": [0.0, 1.0, 2.0], "z": [1.0, 0.0, 1.0]})
OTHER_NAMES = {"board": "use", "gc": "collect_garbage", "mlops": "suggestions", "pin_model": "pin"}
"""The methods of verbs that have another name in Python."""


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    """Return a session with two boards and a model on each."""
    opened = Session(tmp_path / "team")
    opened.pin(LinearRegression().fit(ROWS, [1.0, 2.0, 3.0]), "line", data=ROWS)
    opened.use(tmp_path / "mine", name="mine")
    opened.pin(LinearRegression().fit(ROWS, [1.0, 2.0, 4.0]), "curve", data=ROWS)
    return opened


def test_every_magic_is_a_method() -> None:
    """What can be typed in a notebook can be called in Python."""
    methods = {name for name, _ in inspect.getmembers(Session, inspect.isfunction)}

    assert {OTHER_NAMES.get(name, name) for name in VERBS} <= methods


def test_a_reference_finds_its_board(session: Session) -> None:
    """A label before the name is a board; without one the current board is meant."""
    assert session.version("curve").name == "curve"
    assert session.version("team:line").name == "line"
    with pytest.raises(NotFound, match="curve"):
        session.version("line")
    with pytest.raises(NotFound, match="mine"):
        session.version("nowhere:line")


def test_part_of_an_id_finds_its_model(session: Session) -> None:
    """A version without a name belongs to the model of the board that has it."""
    version = session.version("curve")

    assert session.version(f"@{version.version[-5:]}").ref == version.ref
    with pytest.raises(NotFound):
        session.version("@zzzzz")
    session.pin(LinearRegression().fit(ROWS, [0.0, 2.0, 4.0]), "circle", data=ROWS)
    with pytest.raises(Ambiguous, match=r"circle|curve"):
        session.version("@v1")


def test_names_are_suggested_from_what_exists(session: Session) -> None:
    """Models, versions by number and id, boards by label; an unknown board is not created."""
    names = session.suggestions()
    version = session.version("curve").version

    assert names.models() == ["curve"]
    assert names.references("cu") == ["curve"]
    assert {f"curve@{version}", "curve@v1"} <= set(names.references("curve@"))
    assert names.references("team:") == ["team:line"]
    assert names.aliases("curve") == ["champion", "challenger"]
    assert {"team", "mine"} <= set(names.boards())
    assert names.features("curve") == ["x", "z"]
    assert "skops" in names.formats()
    assert "psi" in names.statistics()
    assert "airflow" in names.exports()


def test_a_changed_thing_has_another_value_in_the_snapshot(session: Session) -> None:
    """Only what changed differs."""
    watched = Watched()
    before = watched.snapshot()
    session.promote("curve", to="champion")
    after = watched.snapshot()
    changed: list[Any] = [key for key in before if before[key] != after[key]]

    assert len(before) == 2
    assert len(changed) == 1
