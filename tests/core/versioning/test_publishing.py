"""Publishing: what a version carries, and that nothing is half-published."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn.linear_model import LinearRegression

from mlops_magics.core.versioning import Board, Facts, ModelRef, Prototype, clock
from mlops_magics.core.versioning.describing import lineage
from mlops_magics.errors import InvalidInput, InvalidName, NotFound, SerializationError
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


def test_data_txt_is_plain_yaml_that_pins_reads(board: Board, model: Any) -> None:
    """The metadata file has pins' own keys, without a tag of Python in it."""
    version = board.publish(
        model, "penguins", Facts(format="joblib", metadata={"best": (1, 2), "rmse": np.float64(0.1)})
    )
    written = (Path(board.url) / "penguins" / version.version / "data.txt").read_text()
    document = yaml.safe_load(written)

    assert "!!" not in written
    assert document["type"] == "joblib"
    assert document["file"] == "penguins.joblib"
    assert document["user"]["user"] == {"best": [1, 2], "rmse": 0.1}
    assert set(document["user"]["vetiver_meta"]) == {"prototype", "required_pkgs", "python_version"}


def test_versions_pinned_within_one_second_keep_their_order(board: Board) -> None:
    """The newest version is the one that was committed last, however fast they follow each other."""
    versions = [
        board.publish(LinearRegression().fit([[0], [1]], [0, slope]), "line", Facts(format="joblib"))
        for slope in range(8)
    ]

    assert [version.created for version in versions] == sorted({version.created for version in versions})
    assert board.version("line").version == versions[-1].version
    assert list(board.versions("line")["version"]) == [version.version for version in reversed(versions)]


def test_identical_bytes_with_new_metadata_become_a_version(board: Board, model: Any) -> None:
    """Pinning the same model again is kept, visibly."""
    first = board.publish(model, "line", Facts(format="joblib", description="before"))
    second = board.publish(model, "line", Facts(format="joblib", description="after"))

    assert first.hash == second.hash
    assert list(board.versions("line")["description"]) == ["after", "before"]
    assert second.parent == first.version


@pytest.mark.parametrize("shift", [timedelta(hours=-1), timedelta(days=-400), timedelta(days=366 * 12)])
def test_a_clock_that_jumps_never_reorders_versions(
    board: Board, model: Any, monkeypatch: pytest.MonkeyPatch, shift: timedelta
) -> None:
    """Set back an hour, a year, or past 2038: the newest stays the last one, in UTC."""
    first = board.publish(model, "line", Facts(format="joblib"))
    real = clock.wall_ns
    monkeypatch.setattr(clock, "wall_ns", lambda: real() + int(shift.total_seconds()) * 1_000_000_000)
    second = board.publish(model, "line", Facts(format="joblib"))

    assert second.created > first.created
    assert second.created.tzinfo is UTC
    assert board.version("line").version == second.version


def test_another_time_zone_names_the_same_second(board: Board, model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A version is named in UTC wherever it is pinned."""
    monkeypatch.setenv("TZ", "America/Los_Angeles")
    version = board.publish(model, "line", Facts(format="joblib"))

    assert abs(version.created - datetime.now(UTC)) < timedelta(seconds=10)


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


@pytest.mark.parametrize(
    "facts",
    [
        {"metrics": {"r2": "good"}},
        {"metadata": {"model": object()}},
        {"tags": ["two words"]},
        {"tags": [""]},
        {"format": "jobblib"},
        {"files": {"../x": b""}},
        {"files": {"data.txt": b""}},
        {"files": {"line.joblib": b""}, "format": "joblib"},
        {"metadata": {"a": "\ud800"}},
    ],
)
def test_facts_that_cannot_be_stored_are_refused_before_anything_is_written(
    board: Board, model: Any, facts: Any
) -> None:
    """Each gets one clear line, and the board stays as it was."""
    with pytest.raises((InvalidInput, InvalidName)):
        board.publish(model, "line", Facts(**facts))

    assert board.names() == []


def test_names_that_differ_only_in_case_are_refused(board: Board, model: Any) -> None:
    """Two models that some file systems hold to be one cannot both exist."""
    board.publish(model, "line")
    with pytest.raises(InvalidName, match="only in case"):
        board.publish(model, "Line")


def test_unknown_names_are_answered_with_what_exists(board: Board, model: Any) -> None:
    """Models, versions and aliases: the nearest name first."""
    version = board.publish(model, "penguins")
    board.promote("penguins", "champion")

    with pytest.raises(NotFound, match="did you mean 'penguins'"):
        board.version("pengins")
    with pytest.raises(NotFound, match="did you mean 'champion'"):
        board.version("penguins@champoin")
    with pytest.raises(NotFound, match=version.version):
        board.version("penguins@20200101T000000Z-00000")
    assert board.version(ModelRef.parse("penguins@latest")).ref == version.ref


@pytest.mark.parametrize("same", [True, False])
def test_writers_side_by_side_each_get_a_complete_version(board: Board, same: bool) -> None:
    """Four processes pin one name, equal and different bytes: every success is one unique, whole, ordered version."""
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
