"""ONNX copies and their measured difference."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mlops_magics.core.versioning import Board, Facts, Prototype
from mlops_magics.core.versioning.publishing import onnx_export
from mlops_magics.errors import SerializationError

pytestmark = pytest.mark.filterwarnings("ignore")


def test_an_onnx_copy_reports_its_largest_difference(board: Board, rows: pd.DataFrame, tmp_path: Path) -> None:
    """The graph answers as the model does, and the copy says how closely."""
    pytest.importorskip("skl2onnx")
    pytest.importorskip("onnxruntime")
    fitted = make_pipeline(StandardScaler(), LogisticRegression()).fit(rows, rows["width"] > 0)
    version = board.publish(fitted, "line", Facts(prototype=Prototype.from_data(rows), example=rows))
    copy = onnx_export.write(version, lambda: board.load(version), tmp_path / "line.onnx", rows)

    assert copy.largest == 0.0
    assert copy.rows == len(rows)
    assert (tmp_path / "line.onnx").stat().st_size > 100


def test_what_does_not_convert_writes_nothing(board: Board, rows: pd.DataFrame, tmp_path: Path) -> None:
    """One line says why."""
    pytest.importorskip("skl2onnx")
    version = board.publish({"no": "model"}, "line", Facts(prototype=Prototype.from_data(rows), format="joblib"))
    with pytest.raises(SerializationError, match="does not convert"):
        onnx_export.write(version, lambda: board.load(version), tmp_path / "line.onnx")
    assert not (tmp_path / "line.onnx").exists()
