"""Publishing: what a version carries, and that nothing is half-published."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

from mlops_magics.core.versioning import Board, Facts, Prototype
from mlops_magics.core.versioning.describing import lineage
from mlops_magics.errors import InvalidName, SerializationError
from tests.core.versioning.other_people import PROCESSES, pin_many, start


def test_a_version_carries_what_was_said_about_it(board: Board, model: Any, rows: pd.DataFrame) -> None:
    """Record and disk agree on every fact."""
    published = board.publish(
        model,
        "penguins",
        Facts(
            prototype=Prototype.from_data(rows), example=rows, profile=b"{}", tags=("eu",), description="sums",
            metrics={"r2": np.float64(0.5)}, metadata={"team": "birds", "shape": (1, 2)},
            lineage=lineage.record(model, data=rows),
        ),
    )  # fmt: skip
    found = board.version("penguins")

    assert found.to_json() == published.to_json()
    assert found.metrics == {"r2": 0.5}
    assert found.metadata == {"team": "birds", "shape": [1, 2]}
    assert found.prototype is not None
    assert found.prototype.names == ("width", "length")
    assert found.parameters["fit_intercept"] is True
    assert found.lineage.packages["scikit-learn"]
    assert json.loads(json.dumps(found.to_json()))["ref"] == f"penguins@{found.version}"
    assert board.read_file(found, "profile.json") == b"{}"


def test_identical_bytes_with_new_metadata_become_a_version(board: Board, model: Any) -> None:
    """Pinning the same model again is kept, visibly."""
    first = board.publish(model, "line", Facts(format="joblib", description="before"))
    second = board.publish(model, "line", Facts(format="joblib", description="after"))

    assert first.hash == second.hash
    assert list(board.versions("line")["description"]) == ["after", "before"]
    assert second.parent == first.version


def test_an_interrupted_dump_leaves_nothing(board: Board) -> None:
    """Ctrl-C in the middle of writing: no version, and no staging."""

    class Interrupting:
        def __reduce__(self) -> Any:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        board.publish(Interrupting(), "line", Facts(format="joblib"))

    assert board.names() == []
    assert not list(Path(board.url).rglob("staging/*"))


def test_a_model_that_cannot_be_serialised_says_why(board: Board, tmp_path: Path) -> None:
    """One line names each format's reason; nothing is published."""

    class Holding:
        def __init__(self) -> None:
            self.log = (tmp_path / "log").open("w")

        def predict(self, data: Any) -> Any:
            return data

    held = Holding()
    with pytest.raises(SerializationError, match=r"Holding cannot be stored \(joblib: TypeError.*Take out"):
        board.publish(held, "held")
    held.log.close()

    assert board.names() == []


def test_names_that_differ_only_in_case_are_refused(board: Board, model: Any) -> None:
    """Two models that some file systems hold to be one cannot both exist."""
    board.publish(model, "line")
    with pytest.raises(InvalidName, match="only in case"):
        board.publish(model, "Line")


@pytest.mark.parametrize("same", [True, False])
def test_writers_side_by_side_each_get_a_complete_version(board: Board, same: bool) -> None:
    """R1: Four processes pin one name, equal and different bytes: each success is one unique, ordered version."""
    barrier, answers = PROCESSES.Barrier(4), PROCESSES.Queue()
    writers = [start(pin_many, board.url, seed, 10, same, barrier, answers) for seed in range(4)]
    told = [answers.get(timeout=60) for _ in range(40)]
    for writer in writers:
        writer.join()

    assert [writer.exitcode for writer in writers] == [0] * 4
    assert sorted(told) == board.catalogue.versions("shared")
    assert len({version[:16] for version in told}) == 40
    assert board.verify().findings == ()


def test_the_model_file_is_a_plain_joblib_dump(board: Board, model: Any) -> None:
    """What vetiver and pins load is the raw estimator."""
    version = board.publish(model, "line", Facts(format="joblib"))

    assert isinstance(joblib.load(Path(board.url) / "line" / version.version / version.file), LinearRegression)
