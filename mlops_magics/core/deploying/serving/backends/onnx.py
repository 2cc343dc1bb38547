"""ONNX Runtime instead of the model's own library: the quickest way for one row, in single precision."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mlops_magics.core.deploying.validation.layout import Layout, Table
from mlops_magics.errors import MissingDependency

INPUT = "rows"
OUTPUTS = {"predict": 0, "predict_proba": 1}


class OnnxBackend:
    """Calls a converted model. Every column is an input of its own where the columns are of several kinds."""

    name = "onnx"

    def __init__(self, session: Any, layout: Layout, output: int) -> None:
        self._session = session
        self._names = [given.name for given in session.get_inputs()]  # the converter spells them its own way
        self._output = session.get_outputs()[output].name
        self._texts = [column.kind in {"string", "category"} for column in layout.columns]

    def __call__(self, table: Table) -> Any:
        (values,) = self._session.run([self._output], self._inputs(table))
        return values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values

    def _inputs(self, table: Table) -> dict[str, npt.NDArray[Any]]:
        if not any(self._texts):
            return {INPUT: table.array().astype(np.float32)}
        return {
            name: values.reshape(-1, 1) if text else values.astype(np.float32).reshape(-1, 1)
            for name, values, text in zip(self._names, table.columns, self._texts)
        }


def onnx_backend(model: Any, method: str, layout: Layout) -> OnnxBackend:
    """Convert a scikit-learn model and return its backend.

    Raises
    ------
    MissingDependency
        When onnxruntime or skl2onnx is not installed.
    """
    try:
        import onnxruntime
        from skl2onnx import to_onnx
        from skl2onnx.common.data_types import FloatTensorType, StringTensorType
    except ImportError:
        raise MissingDependency("`--engine onnx` needs ONNX", "mlops-magics[onnx]") from None
    if any(column.kind in {"string", "category"} for column in layout.columns):
        kinds = [
            StringTensorType if column.kind in {"string", "category"} else FloatTensorType for column in layout.columns
        ]
        types = [(name, kind([None, 1])) for name, kind in zip(layout.names, kinds)]
    else:
        types = [(INPUT, FloatTensorType([None, len(layout.names)]))]
    # without zipmap: else the probabilities are a list of dictionaries
    options = {id(model): {"zipmap": False}} if hasattr(model, "classes_") else None
    converted = to_onnx(model, initial_types=types, options=options)
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(converted.SerializeToString(), settings, providers=["CPUExecutionProvider"])
    return OnnxBackend(session, layout, OUTPUTS.get(method, 0))
