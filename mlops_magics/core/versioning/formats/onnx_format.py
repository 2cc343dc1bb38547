"""ONNX graphs, evaluated by onnxruntime."""

from __future__ import annotations

from typing import Any, BinaryIO, ClassVar

import numpy as np

from mlops_magics.core.versioning.formats.handler import Handler, comes_from
from mlops_magics.errors import MissingDependency


class OnnxModel:
    """An ONNX graph with the methods of a fitted model.

    Parameters
    ----------
    graph
        The serialised ``ModelProto``.
    """

    def __init__(self, graph: bytes) -> None:
        self.graph = graph
        self._session: Any = None

    @property
    def session(self) -> Any:
        """The onnxruntime session, built on first use.

        Raises
        ------
        MissingDependency
        """
        if self._session is None:
            try:
                import onnxruntime
            except ImportError as error:
                raise MissingDependency(
                    "An ONNX model needs onnxruntime: `pip install 'mlops-magics[onnx]'`."
                ) from error
            self._session = onnxruntime.InferenceSession(self.graph, providers=["CPUExecutionProvider"])
        return self._session

    def predict(self, data: Any) -> Any:
        """Return the first output of the graph for rows ``(n_samples, n_features)``."""
        output = np.asarray(self.run(data)[0])
        # a regressor's graph returns a column
        return output.reshape(-1) if output.ndim == 2 and output.shape[1] == 1 else output

    def run(self, data: Any) -> list[Any]:
        """Return every output of the graph."""
        inputs = self.session.get_inputs()
        return list(self.session.run(None, _feed(inputs, data)))

    def SerializeToString(self) -> bytes:
        """Return the graph, as ``onnx.ModelProto`` does."""
        return self.graph


class OnnxFormat(Handler):
    """``onnx.ModelProto`` and our `OnnxModel`."""

    name: ClassVar[str] = "onnx"
    suffix: ClassVar[str] = ".onnx"
    # protobuf's first field, ir_version, as a varint
    magic: ClassVar[tuple[bytes, ...]] = (b"\x08",)
    runs_code: ClassVar[bool] = False
    checks_bytes: ClassVar[bool] = False
    threads: ClassVar[tuple[str, ...]] = ("onnxruntime",)

    def accepts(self, model: Any) -> bool:
        """Accept graphs."""
        return isinstance(model, OnnxModel) or comes_from(model, "onnx", "onnx_ml_pb2", "onnx.onnx_ml_pb2")

    def write(self, model: Any, stream: BinaryIO) -> None:
        """Write protobuf."""
        stream.write(model.SerializeToString())

    def read(self, stream: BinaryIO) -> Any:
        """Return the graph as a model. External files are not followed."""
        return OnnxModel(stream.read())


_DTYPES = {
    "tensor(float)": "float32",
    "tensor(double)": "float64",
    "tensor(int64)": "int64",
    "tensor(int32)": "int32",
    "tensor(bool)": "bool",
}


def _feed(inputs: list[Any], data: Any) -> dict[str, Any]:
    """Give the graph one matrix, or one column for each input by name."""
    if len(inputs) == 1:
        values = data.to_numpy() if hasattr(data, "to_numpy") else np.asarray(data)
        return {inputs[0].name: values.astype(_DTYPES.get(inputs[0].type, object))}
    return {
        # skl2onnx gives each column an input of the shape (n_samples, 1)
        each.name: np.asarray(data[each.name]).astype(_DTYPES.get(each.type, object)).reshape(-1, 1)
        for each in inputs
    }
