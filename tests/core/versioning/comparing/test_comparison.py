"""What differs between two versions, fact by fact, and row by row where both are asked."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from IPython.lib.pretty import pretty
from sklearn.linear_model import LogisticRegression

from mlops_magics.core.monitoring import profile
from mlops_magics.core.versioning import Board, Facts, Lineage, Prototype, VersionDiff
from mlops_magics.core.versioning.comparing import comparison
from mlops_magics.errors import DataMismatch, NotFound
from tests.core.versioning.other_people import Constant

ROWS = pd.DataFrame({"x": [-2.0, -1.0, 1.0, 2.0], "z": [0.0, 1.0, 0.0, 1.0]})
TRUTH = [0, 0, 1, 1]


def _compare(board: Board, a: str, b: str, data: Any = None) -> VersionDiff:
    return comparison.compare(board.side(board.version(a)), board.side(board.version(b)), data)


@pytest.fixture
def diff(board: Board) -> VersionDiff:
    """Two versions that differ in everything that is compared."""
    for strength, columns, source in ((1.0, ["x", "z"], "C = 1\nfit()"), (0.001, ["x"], "C = 0.001\nfit()")):
        rows = ROWS[columns] * (2.0 if columns == ["x"] else 1.0)
        model = LogisticRegression(C=strength).fit(rows, TRUTH)
        board.publish(
            model, "line", Facts(prototype=Prototype.from_data(rows), example=rows, profile=profile(rows).to_bytes(),
            metrics={"accuracy": strength, "kept": 1.0}, tags=("eu",), description=f"C is {strength}",
            lineage=Lineage(source=source, packages={"numpy": "1.0", "scipy": str(strength)})),
        )  # fmt: skip
    older, newer = board.catalogue.versions("line")  # type: ignore[arg-type]
    return _compare(board, f"line@{older}", f"line@{newer}")


def test_every_kind_of_fact_is_compared(diff: VersionDiff) -> None:
    """Only what differs is listed, with both sides."""
    assert [(change.name, change.a, change.b) for change in diff.metrics] == [("accuracy", 1.0, 0.001)]
    assert [(change.name, change.a, change.b) for change in diff.parameters] == [("C", 1.0, 0.001)]
    assert [(change.name, change.b is None) for change in diff.features] == [("x", False), ("z", True)]
    assert [change.name for change in diff.packages] == ["scipy"]
    assert "description" in {change.name for change in diff.facts}
    assert {change.name for change in diff.profile} == {"x", "z"}
    assert "-4 to 4, mean 0" in next(change.b for change in diff.profile if change.name == "x")
    assert {"-C = 1", "+C = 0.001"} <= set(diff.code.splitlines())
    assert not diff.equal


def test_the_record_is_json_and_says_itself_in_one_line(diff: VersionDiff) -> None:
    """For the view, and for a terminal."""
    assert json.loads(json.dumps(diff.to_json(), allow_nan=False))["metrics"][0]["name"] == "accuracy"
    assert "1 metric, 1 parameter, 2 features, 2 distributions" in repr(diff)
    assert "\n" not in repr(diff)


def test_a_version_equals_itself(board: Board, diff: VersionDiff) -> None:
    """Nothing differs, and that is said."""
    same = _compare(board, diff.a, diff.a, data=ROWS)

    assert same.equal
    assert repr(same).endswith("nothing differs")
    assert repr(dataclasses.replace(same, code="-a")).endswith(": code differs")
    assert repr(dataclasses.replace(same, facts=("one",))).endswith(": 1 fact differs")
    assert same.predictions is not None
    assert same.predictions.differing == 0


def test_with_data_both_answer_and_the_rows_that_differ_are_shown(board: Board) -> None:
    """Opposite models disagree on every row; the rows that a reader sees are bounded."""
    for truth in (TRUTH, TRUTH[::-1]):
        board.publish(
            LogisticRegression().fit(ROWS, truth),
            "signs",
            Facts(prototype=Prototype.from_data(ROWS), lineage=Lineage()),
        )
    older, newer = board.catalogue.versions("signs")  # type: ignore[arg-type]
    many = pd.concat([ROWS] * 10, ignore_index=True)
    found = _compare(board, f"signs@{older}", f"signs@{newer}", data=many).predictions

    assert found is not None
    assert (found.rows, found.differing) == (40, 40)
    assert len(found.examples) == 20
    assert found.examples[0]["features"]["x"] == -2.0


def test_the_text_tells_each_change_and_the_first_rows(board: Board, diff: VersionDiff) -> None:
    """A terminal shows what a notebook shows: both sides, the difference, the rows."""
    told = str(_compare(board, diff.a, diff.b, data=ROWS * [2.0, 1.0]))

    assert pretty(_compare(board, diff.a, diff.b)) == str(diff)
    assert "metrics      accuracy: 1 → 0.001 (-0.999)" in told
    assert "parameters   C: 1 → 0.001" in told
    assert "-C = 1" in told
    assert "predictions  " in told
    board.publish(len, "line", Facts(format="joblib", lineage=Lineage(source="\x1b[2Jfit()", packages={"a\nb": "1"})))
    assert str(_compare(board, diff.a, "line")).replace("\n", "").isprintable()


def test_each_version_is_asked_for_its_own_columns(board: Board, diff: VersionDiff) -> None:
    """The newer one knows only x; what a version wants and the data do not have is named."""
    found = _compare(board, diff.a, diff.b, data=ROWS[["z", "x"]]).predictions

    assert found is not None
    assert found.rows == 4
    with pytest.raises(DataMismatch, match=r"wants z, which the data do not have\. They have: x\."):
        _compare(board, diff.a, diff.b, data=ROWS[["x"]])
    with pytest.raises(DataMismatch, match=r"cannot answer these rows: ValueError: could not convert"):
        _compare(board, diff.a, diff.b, data=ROWS.assign(x="word"))


@pytest.mark.parametrize(
    ("answers", "differing", "largest"),
    [(([1.0, math.nan], [1.0, math.nan]), 0, 0.0), (([1.0, math.nan], [1.0, 2.0]), 1, math.inf),
     (([True, False], [1, 1]), 1, 1.0), ((["a", "b"], ["a", "c"]), 1, None), ((["1"], [1]), 1, None)],
)  # fmt: skip
def test_missing_answers_and_labels_are_compared_as_a_person_would(
    board: Board, answers: tuple[Any, Any], differing: int, largest: float | None
) -> None:
    """Two missing answers agree, one does not; words and numbers never do."""
    for answer in answers:
        board.publish(Constant(np.array(answer)), "constant", Facts(format="joblib", lineage=Lineage()))
    older, newer = board.catalogue.versions("constant")  # type: ignore[arg-type]
    compared = _compare(board, f"constant@{older}", f"constant@{newer}", data=ROWS[: len(answers[0])])

    assert compared.predictions is not None
    assert (compared.predictions.differing, compared.predictions.largest) == (differing, largest)
    json.dumps(compared.to_json(), allow_nan=False)


def test_a_side_without_a_profile_is_a_note(board: Board, diff: VersionDiff) -> None:
    """Nothing is said to have changed where nothing can be compared."""
    board.publish(LogisticRegression().fit(ROWS, TRUTH), "plain", Facts(lineage=Lineage()))
    found = _compare(board, diff.a, "plain")

    assert found.profile == ()
    assert "has no reference profile" in found.notes[0]


def test_an_unknown_side_is_named(board: Board, diff: VersionDiff) -> None:
    """The known ones are listed."""
    with pytest.raises(NotFound, match="line"):
        _compare(board, diff.a, "lime")
