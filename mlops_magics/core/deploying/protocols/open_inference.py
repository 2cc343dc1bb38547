"""The Open Inference Protocol v2: columns as named tensors, outputs by name, in JSON or with the binary extension."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import orjson

from mlops_magics.core.deploying.contract.http_error import malformed
from mlops_magics.core.deploying.contract.http_messages import Request, Response, json_response
from mlops_magics.core.deploying.contract.methods import METHODS
from mlops_magics.core.deploying.parsing import content
from mlops_magics.core.deploying.parsing.arrow_values import NESTED_KINDS
from mlops_magics.core.deploying.parsing.json_forms import json_value
from mlops_magics.core.deploying.protocols import tensors
from mlops_magics.core.deploying.protocols.protocol import Protocol
from mlops_magics.core.versioning.describing import cell_values

if TYPE_CHECKING:
    from mlops_magics.core.deploying.serving.loaded_model import LoadedModel
    from mlops_magics.core.deploying.serving.prediction_request import Render
    from mlops_magics.core.deploying.validation.check import Check
    from mlops_magics.core.deploying.validation.layout import Layout, Part, Table

DATATYPES = {"number": "FP64", "integer": "INT64", "boolean": "BOOL", "tensor": "FP64"}
HEADER_LENGTH = "inference-header-content-length"
NULL = "null"
"""JSON's missing value."""
OUTPUT = "predict"
"""The method of a request that names no output. The name of another method selects that one."""


def read(request: Request, loaded: LoadedModel) -> tuple[Part, Render]:
    """Read an inference request, whose tensors are columns by name, or one tensor of whole rows."""
    content.check_is_json(request.header("content-type"))
    head, tail = _split_body(request)
    asked = json_value(head, loaded.limits)
    if not isinstance(asked, dict) or not isinstance(asked.get("inputs"), list) or not asked["inputs"]:
        raise malformed("Expected a JSON object with a list of `inputs`.")
    given = tensors.read(asked["inputs"], tail, loaded.limits)
    return _table(given, loaded.check), Writer(asked, loaded)


def _split_body(request: Request) -> tuple[bytes, memoryview]:
    """Part the JSON from the raw tensors behind it."""
    text = request.header(HEADER_LENGTH)
    if not text:
        return request.body, memoryview(b"")
    if not text.isdecimal() or int(text) > len(request.body):
        raise malformed("Inference-Header-Content-Length is not the length of the JSON in this body.")
    return request.body[: int(text)], memoryview(request.body)[int(text) :]


def _table(given: dict[str, Any], check: Check) -> Table:
    """Check tensors that are columns. One tensor of two axes that no column is named after is whole rows."""
    kinds = dict(zip(check.layout.names, check.layout.kinds))
    only = next(iter(given.values()))
    if len(given) == 1 and not check.layout.known & given.keys():
        if check.layout.form.is_single:
            return check.columns({name: _column(name, values, check.layout.kinds[0]) for name, values in given.items()})
        if only.ndim == 2:
            columns = dict(zip(check.layout.names, only.T)) if only.shape[1] == len(check.layout.names) else {}
            # rows of another width are refused as such, because no name shows which column is missing
            return check.columns(columns) if columns else check.lists(only.tolist())
    return check.columns({name: _column(name, values, kinds.get(name, "")) for name, values in given.items()})


def _column(name: str, values: Any, kind: str) -> Any:
    if kind == "tensor":
        return values
    if kind in NESTED_KINDS and values.ndim > 1 and values.shape[1:] != (1,):
        return values.tolist() if values.dtype != object else np.frompyfunc(tensors.text_of, 1, 1)(values).tolist()
    if values.ndim > 2 or (values.ndim == 2 and values.shape[1] != 1):
        raise malformed(f"Input {name[:40]!r} is one column: its shape is [n] or [n, 1].")
    flat = values.reshape(-1)
    if flat.dtype != object:
        return flat
    return flat.tolist() if kind == "bytes" else [tensors.text_of(value) for value in flat.tolist()]


class Writer:
    """Writes the answer that one request wants: its id, its outputs, in JSON or binary.

    Attributes
    ----------
    method
        The model's method that the name of an output means.
    """

    def __init__(self, asked: dict[str, Any], loaded: LoadedModel) -> None:
        self._id = asked.get("id")
        if self._id is not None and not isinstance(self._id, str):
            raise malformed("Expected `id` as a text.")
        wanted = asked.get("outputs")
        self._wanted = _wanted_outputs(wanted)
        self._binary = bool(tensors.parameter(asked, "binary_data_output"))
        self.method = _method_of([str(given.get("name")) for given in self._wanted], loaded)

    def __call__(self, loaded: LoadedModel, values: Any) -> Response:
        version = loaded.version
        told: dict[str, Any] = {"model_name": version.name, "model_version": version.version}
        if self._id is not None:
            told["id"] = self._id
        outputs, tail = [], b""
        for name, array, binary in self._chosen(_as_declared(loaded, self.method, values)):
            datatype = tensors.datatype_of(array)
            output: dict[str, Any] = {"name": name, "shape": list(array.shape), "datatype": datatype}
            if binary:
                raw = tensors.raw_of(array, datatype)
                outputs.append({**output, "parameters": {"binary_data_size": len(raw)}})
                tail += raw
            else:
                outputs.append({**output, "data": array.reshape(-1).tolist()})
        answer = json_response({**told, "outputs": outputs})
        if not any("parameters" in output for output in outputs):
            return answer
        length = [("Inference-Header-Content-Length", str(len(answer.body)))]
        return Response(answer.body + tail, content_type="application/octet-stream", headers=length)

    def _chosen(self, found: dict[str, npt.NDArray[Any]]) -> list[tuple[str, npt.NDArray[Any], bool]]:
        """Return name, values and form of every output that is wanted: all, where the request names none."""
        if not self._wanted:
            return [(name, values, self._binary) for name, values in found.items()]
        chosen = []
        for given in self._wanted:
            name, binary = str(given.get("name", self.method)), tensors.parameter(given, "binary_data")
            named = found if name == self.method else {name: found[name]} if name in found else {}
            if not named:
                raise malformed(f"No output {name[:40]!r}. Known: {', '.join(found)}.")
            form = self._binary if binary is None else bool(binary)
            chosen += [(each, values, form) for each, values in named.items()]
        return chosen


def _wanted_outputs(wanted: Any) -> list[dict[str, Any]]:
    """Return the outputs that a request names, none for all.

    Raises
    ------
    HttpError
        When they are not a list of objects with a name.
    """
    if wanted is None:
        return []
    if not isinstance(wanted, list) or not all(
        isinstance(given, dict) and isinstance(given.get("name"), str) for given in wanted
    ):
        raise malformed("Expected `outputs` as a list of objects, each with a `name`.")
    names = [given["name"] for given in wanted]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise malformed(f"Output {twice[:40]!r} is requested twice.")
    return wanted


def _method_of(names: list[str], loaded: LoadedModel) -> str:
    """Return the method that the wanted outputs belong to: ``predict_proba``, or ``transform`` of ``transform.sum``."""
    asked = list(dict.fromkeys(method for name in names if (method := name.partition(".")[0]) in METHODS))
    if len(asked) > 1:
        raise malformed(f"Request {' and '.join(asked)} separately: each is a call of the model.")
    method = asked[0] if asked else OUTPUT if OUTPUT in loaded.methods else loaded.methods[0]
    if method not in loaded.methods:
        raise malformed(f"{loaded.version.name} has no {method}. Known: {', '.join(loaded.methods)}.")
    return method


def _as_declared(loaded: LoadedModel, method: str, values: Any) -> dict[str, npt.NDArray[Any]]:
    """Return the outputs with the datatypes of the metadata, also where the objects of this answer are of one kind."""
    found = _outputs_of(method, values)
    if isinstance(values, np.ndarray) and values.dtype != object:
        return found
    declared = {each["name"]: each["datatype"] for each in _described(loaded, method)}
    for name, array in found.items():
        datatype = declared.get(name)
        if datatype == "FP64" and array.dtype == object and set(array.flat) == {NULL}:
            found[name] = np.full(array.shape, np.nan)
        elif datatype == "FP64" and array.dtype.kind in "iu":
            found[name] = array.astype("float64")
        elif datatype == tensors.TEXTS and array.dtype != object:
            found[name] = np.array([orjson.dumps(value).decode() for value in array.tolist()], dtype=object)
    return found


def _outputs_of(method: str, values: Any) -> dict[str, npt.NDArray[Any]]:
    """Return the model's values as arrays by name: the method's, or one for each name that its records have."""
    if isinstance(values, np.ndarray):
        return {method: values if values.dtype.kind in "biufU" else _typed(values)}
    if values and all(isinstance(value, dict) for value in values):
        start = "" if method == OUTPUT else f"{method}."
        return {f"{start}{name}": _array([value.get(name) for value in values]) for name in values[0]}
    plain = (value if isinstance(value, bool | int | float | str) else cell_values.write(value) for value in values)
    return {method: _array(list(plain))}


def _typed(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return an array of objects as the kind that they all are, and moments as ISO texts."""
    flat = values.reshape(-1)
    if flat.dtype.kind in "mM":
        import pandas as pd

        moments = [None if moment is pd.NaT else moment.isoformat() for moment in pd.Series(flat)]
        return np.array(moments, dtype=object).reshape(values.shape)
    return _array(cell_values.write(flat)).reshape(values.shape)


def _array(values: list[Any]) -> npt.NDArray[Any]:
    """Return values of one kind as an array of that kind, and all else as JSON texts."""
    kinds = {type(value) for value in values}
    if kinds in ({int}, {float}, {bool}, {str}):
        return np.array(values, dtype=object if isinstance(values[0], str) else None)
    if kinds <= {int, float, type(None)} and kinds != {type(None)} and values:
        return np.array(values, dtype="float64")  # a missing number is null in the answer
    return np.array([orjson.dumps(value, default=str).decode() for value in values], dtype=object)


def model_metadata(loaded: LoadedModel, versions: list[str]) -> dict[str, Any]:
    """Return the answer of ``GET /v2/models/NAME``. ``versions`` are those that can be called below it."""
    return {
        "name": loaded.version.name,
        "versions": versions,
        "platform": str(loaded.version.format),
        "inputs": _inputs_of(loaded.layout),
        "outputs": [output for method in loaded.methods for output in _described(loaded, method)],
    }


def _inputs_of(layout: Layout) -> list[dict[str, Any]]:
    return [
        {
            "name": column.name,
            "datatype": DATATYPES.get(column.kind, tensors.TEXTS),
            "shape": [-1, *(column.shape or (1,))],
        }
        for column in layout.columns
    ]


def _described(loaded: LoadedModel, method: str) -> list[dict[str, Any]]:
    """Return the names and contents of a method's outputs, as the model answers its example rows."""
    values = loaded.sample(method)
    if values is None:
        return [{"name": method, "datatype": "FP64", "shape": [-1]}]
    return [
        {"name": name, "datatype": tensors.datatype_of(array), "shape": [-1, *array.shape[1:]]}
        for name, array in _outputs_of(method, values).items()
    ]


def error_fields(error: dict[str, Any]) -> dict[str, Any]:
    """Add ``error``, which the protocol's clients read."""
    return {"error": error["message"], **error}


PROTOCOL = Protocol("Open Inference", read, error_fields)
