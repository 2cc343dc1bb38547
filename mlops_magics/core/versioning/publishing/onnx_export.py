"""The ONNX export of a version where its model converts, with the largest difference on the example rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mlops_magics.core import phrases, progress
from mlops_magics.core.versioning.describing.model_version import ModelVersion
from mlops_magics.core.versioning.describing.prototype import Prototype
from mlops_magics.core.versioning.formats.onnx_format import OnnxModel
from mlops_magics.errors import InvalidInput, MissingDependency, SerializationError


@dataclass(frozen=True, slots=True)
class OnnxCopy:
    """A graph that was written, and the distance of its predictions from the model's.

    Attributes
    ----------
    rows
        The number of example rows that were compared.
    largest
        The largest absolute difference of numbers. For labels, the share that differs.
    probabilities
        The largest absolute difference of probabilities, where the model gives them.
    """

    ref: str
    path: str
    rows: int
    largest: float
    probabilities: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the record for the wire."""
        return asdict(self)

    def __repr__(self) -> str:
        told = "" if self.probabilities is None else f", {self.probabilities:.3g} of its probabilities"
        rows = phrases.counted(self.rows, "row")
        return f"{self.ref} → {self.path}: largest difference {self.largest:.3g}{told} on {rows}"


def write(version: ModelVersion, load: Callable[[], Any], path: Path, data: Any = None) -> OnnxCopy:
    """Convert a version, compare on ``data`` (by default its stored example rows), and write the graph to ``path``.

    Parameters
    ----------
    load
        A function that returns the fitted model of the version.
    path
        A file that does not exist yet.
    data
        Rows of shape ``(n_samples, n_features)``.

    Raises
    ------
    InvalidInput
        When the version has no prototype, or the file cannot be created.
    MissingDependency
        Without skl2onnx.
    SerializationError
        When the model does not convert. Nothing is written then.
    """
    if version.prototype is None:
        raise InvalidInput(
            f"{version.ref} has no prototype, which the graph's inputs are made from. Pin it with `--data X`."
        )
    if path.exists():
        raise InvalidInput(f"{path} exists already. Name another file with `--output PATH`.")
    rows = _rows(version.prototype) if data is None else data
    model = load()
    progress.report("converting the model to a graph")
    graph = _converted(model, version)
    progress.report(f"comparing the graph's answers with the model's on {phrases.counted(len(rows), 'row')}")
    trained_on, copy = _as_trained(rows, version.prototype), OnnxModel(graph)
    expected = np.asarray(model.predict(trained_on))
    largest, likely = _largest(expected, copy.predict(rows)), _of_probabilities(model, trained_on, copy.run(rows))
    try:
        with path.open("xb") as file:
            file.write(graph)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written: {error.strerror}. Name another with `--output PATH`.") from error
    return OnnxCopy(version.ref, str(path), len(expected), largest, likely)


def _converted(model: Any, version: ModelVersion) -> bytes:
    try:
        import skl2onnx
    except ImportError as error:
        raise MissingDependency("The conversion needs skl2onnx", "mlops-magics[onnx]") from error
    assert version.prototype is not None
    try:
        options = {"zipmap": False} if hasattr(model, "predict_proba") else None
        graph = skl2onnx.to_onnx(model, initial_types=_inputs(version.prototype), options=options)
    except Exception as error:  # any error of the converter about the model
        reason = str(error).strip().partition("\n")[0]
        raise SerializationError(f"{version.ref} does not convert to ONNX: {type(error).__name__}: {reason}") from error
    return bytes(graph.SerializeToString())


def _inputs(prototype: Prototype) -> list[tuple[str, Any]]:
    """Name the graph's inputs: one matrix where every column is a number, else one input for each column."""
    from skl2onnx.common import data_types as types

    if all(column.kind in {"number", "integer"} for column in prototype.columns):
        return [("X", types.DoubleTensorType([None, len(prototype.columns)]))]
    kinds = {"number": types.DoubleTensorType, "integer": types.Int64TensorType, "boolean": types.BooleanTensorType}
    return [(column.name, kinds.get(column.kind, types.StringTensorType)([None, 1])) for column in prototype.columns]


def _rows(prototype: Prototype) -> Any:
    import pandas as pd

    frame = pd.DataFrame(list(prototype.examples) or [prototype.example_values()], columns=list(prototype.names))
    return frame.astype(prototype.empty_frame().dtypes.to_dict())


def _as_trained(rows: Any, prototype: Prototype) -> Any:
    return rows.to_numpy() if prototype.input_kind == "array" and hasattr(rows, "to_numpy") else rows


def _of_probabilities(model: Any, rows: Any, outputs: list[Any]) -> float | None:
    """Compare the graph's second output, where it corresponds to the model's ``predict_proba``."""
    if len(outputs) != 2 or not hasattr(model, "predict_proba"):
        return None
    expected = model.predict_proba(rows)
    return None if isinstance(expected, list) else _largest(np.asarray(expected), np.asarray(outputs[1]))


def _largest(expected: Any, found: Any) -> float:
    if expected.dtype.kind in "biuf" and found.dtype.kind in "biuf":
        return float(np.max(np.abs(expected.astype(float).reshape(-1) - found.astype(float).reshape(-1)), initial=0.0))
    return float(np.mean(expected.astype(str).reshape(-1) != found.astype(str).reshape(-1)))
