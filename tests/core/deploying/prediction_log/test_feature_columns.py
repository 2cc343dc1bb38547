"""A column of every kind comes back from a log as it was asked, with the dtype of training."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from mlops_magics.core.deploying.prediction_log import feature_columns
from mlops_magics.core.deploying.prediction_log.log_encoder import Entry, LogEncoder
from mlops_magics.core.deploying.prediction_log.loop_scheduler import run_now
from mlops_magics.core.deploying.validation.check import Check
from mlops_magics.core.deploying.validation.layout import Layout
from mlops_magics.core.versioning import Prototype
from tests.doors.columns import COLUMNS
from tests.doors.forms import fingerprints


def batch(rows: pd.DataFrame, answers: Any, encoder: LogEncoder | None = None) -> tuple[pa.RecordBatch, LogEncoder]:
    """Return a batch of a log with one entry, and its encoder."""
    check = Check(Layout(Prototype.from_data(rows)))
    encoder = encoder if encoder is not None else LogEncoder(check.layout, "v1", {}, None)
    columns = {name: list(rows[name]) for name in rows}
    entry = Entry(time.time(), "a", [len(answers)], np.array([1.5]), check.columns(columns), answers, "predict")
    return run_now(encoder.batch([entry])), encoder


@pytest.mark.parametrize("kind", COLUMNS)
def test_a_column_comes_back_as_it_was_asked(kind: str) -> None:
    """What a model could see of a value is what the log has of it; so it is where all values are missing."""
    rows = pd.DataFrame({"tried": COLUMNS[kind]()})
    written, encoder = batch(rows, np.zeros(len(rows)))

    (noted,) = encoder._dtypes()
    stored = pa.chunked_array([written["tried"]])
    found = feature_columns.restored(stored, noted)
    nothing = feature_columns.restored(stored.slice(0, 0), noted)

    assert fingerprints(found.rename("tried").to_frame()) == fingerprints(rows)
    assert nothing.dtype == rows["tried"].dtype


def test_images_are_lists_in_a_log() -> None:
    """A row of an array with several axes is a list of lists, and an array when it is read."""
    images = np.arange(36, dtype="uint8").reshape(3, 3, 4)
    check = Check(Layout(Prototype.from_data(images)))
    (name,) = check.layout.names
    encoder = LogEncoder(check.layout, "v1", {}, None)
    entry = Entry(time.time(), "a", [3], np.array([1.5]), check.columns({name: images}), np.zeros(3), "predict")
    written = run_now(encoder.batch([entry]))

    found = feature_columns.restored(pa.chunked_array([written[name]]), encoder._dtypes()[0])

    np.testing.assert_array_equal(np.stack(list(found)), images)


ANSWERS = {
    "complex": (np.array([1 + 2j, 0j]), np.array([1j, 2j])),
    "dicts, then other keys": (np.array([{"a": 1}, {"a": 2}]), np.array([{"b": "x"}, {"a": "y"}])),
    "numbers, then texts": (np.array([1, 2], dtype=object), np.array(["a", "b"], dtype=object)),
    "periods": (np.array([pd.Period("2024-01")] * 2), np.array([pd.Period("2024-02")] * 2)),
    "uneven lists": (np.array([[1], [1, 2]], dtype=object), np.array([[], ["a"]], dtype=object)),
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_answers_of_any_kind_are_logged(kind: str) -> None:
    """No answer costs the log a row; of several types they become texts, so that a log keeps one type."""
    rows = pd.DataFrame({"x": [1.0, 2.0]})
    encoder = None
    types = []
    for values in (*ANSWERS[kind], ANSWERS[kind][0]):
        written, encoder = batch(rows, values, encoder)
        types.append(written["mlops.prediction"].type)

    assert types[1] == types[2]
