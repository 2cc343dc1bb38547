"""The Open Inference Protocol v2: named tensors as JSON, or as raw bytes behind the JSON (the binary extension)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import orjson

from mlops_magics.core.deploying import bodies
from mlops_magics.core.deploying.check import Check
from mlops_magics.core.deploying.exchange import Answer, Request, json_answer
from mlops_magics.core.deploying.layout import Table
from mlops_magics.core.deploying.refusal import malformed, too_large

if TYPE_CHECKING:
    from mlops_magics.core.deploying.layout import Layout
    from mlops_magics.core.deploying.question import Part, Question, Render
    from mlops_magics.core.deploying.serving import Serving

DTYPES = {
    "BOOL": "?", "UINT8": "u1", "UINT16": "<u2", "UINT32": "<u4", "UINT64": "<u8",
    "INT8": "i1", "INT16": "<i2", "INT32": "<i4", "INT64": "<i8", "FP16": "<f2", "FP32": "<f4", "FP64": "<f8",
}  # fmt: skip
DATATYPES = {"number": "FP64", "integer": "INT64", "boolean": "BOOL"}
HEADER_LENGTH = "inference-header-content-length"
OUTPUT = "predict"


def read(request: Request, serving: Serving) -> tuple[Part, Render]:
    """Read an inference request; its tensors are columns by name, or one tensor of whole rows."""
    head, tail = _split_body(request)
    asked = bodies.json_value(head, serving.limits)
    if not isinstance(asked, dict) or not isinstance(asked.get("inputs"), list) or not asked["inputs"]:
        raise malformed("Expected a JSON object with a list of `inputs`.")
    tensors = _tensors(asked["inputs"], tail, serving.limits.rows)
    return _table(tensors, serving.check), _Writer(asked)


def _split_body(request: Request) -> tuple[bytes, memoryview]:
    """Part the JSON from the raw tensors behind it."""
    text = request.header(HEADER_LENGTH)
    if not text:
        return request.body, memoryview(b"")
    if not text.isdecimal() or int(text) > len(request.body):
        raise malformed("Inference-Header-Content-Length is not the length of the JSON in this body.")
    return request.body[: int(text)], memoryview(request.body)[int(text) :]


def _tensors(inputs: list[Any], tail: memoryview, most_rows: int) -> dict[str, Any]:
    tensors: dict[str, Any] = {}
    for given in inputs:
        name, shape, datatype = _declared(given)
        size = _parameter(given, "binary_data_size")
        if size is not None:
            raw, tail = tail[:size], tail[size:]
            values = _from_raw(raw, datatype, shape)
        else:
            values = _from_json(given.get("data"), datatype, shape)
        if len(values) > most_rows:
            raise too_large(f"{len(values):,} rows in one request; at most {most_rows:,} are taken.")
        if name in tensors:
            raise malformed(f"Input {name[:40]!r} is given twice.")
        tensors[name] = values
    return tensors


def _declared(given: Any) -> tuple[str, list[int], str]:
    """Return name, shape and datatype of one input."""
    match given:
        case {"name": str(name), "shape": list(shape), "datatype": str(datatype)} if shape and all(
            type(size) is int and size >= 0 for size in shape
        ):
            if datatype != "BYTES" and datatype not in DTYPES:
                raise malformed(
                    f"Datatype {datatype[:20]!r} of {name[:40]!r} is not known. Known: BYTES, {', '.join(DTYPES)}."
                )
            return name, shape, datatype
    raise malformed("Expected each input with a name, a shape and a datatype.")


def _parameter(given: dict[str, Any], name: str) -> Any:
    parameters = given.get("parameters")
    value = parameters.get(name) if isinstance(parameters, dict) else None
    if name == "binary_data_size" and value is not None and (type(value) is not int or value < 0):
        raise malformed("binary_data_size is a number of bytes.")
    return value


def _from_raw(raw: memoryview, datatype: str, shape: list[int]) -> npt.NDArray[Any]:
    wanted = int(np.prod(shape, dtype=object))
    if datatype == "BYTES":
        values = np.array(_strings(raw, wanted), dtype=object)
    else:
        dtype = np.dtype(DTYPES[datatype])
        if len(raw) != wanted * dtype.itemsize:
            raise malformed(
                f"Expected {wanted * dtype.itemsize} bytes of {datatype} for shape {shape}, got {len(raw)}."
            )
        values = np.frombuffer(raw, dtype)
    return values.reshape(shape)


def _strings(raw: memoryview, wanted: int) -> list[str]:
    """Read strings that stand behind their length, four bytes each, little-endian."""
    found: list[str] = []
    place = 0
    try:
        while place < len(raw) and len(found) < wanted:
            (length,) = struct.unpack_from("<I", raw, place)
            if place + 4 + length > len(raw):
                raise malformed("A BYTES tensor ends within a string.")
            found.append(str(raw[place + 4 : place + 4 + length], "utf-8"))
            place += 4 + length
    except (struct.error, UnicodeDecodeError):
        raise malformed("A BYTES tensor holds no UTF-8 strings behind their lengths.") from None
    if len(found) != wanted or place != len(raw):
        raise malformed(f"Expected {wanted} strings in a BYTES tensor.")
    return found


def _from_json(data: Any, datatype: str, shape: list[int]) -> Any:
    """Read flat or nested data; what the values are is for the check to say."""
    if not isinstance(data, list):
        raise malformed("Expected each input with `data`, or with binary_data_size.")
    try:
        values = np.array(data, dtype=object).reshape(shape)
    except ValueError:
        raise malformed(f"The data of an input do not have its shape {shape}.") from None
    if datatype.startswith("FP") and all(type(value) in {int, float} for value in values.flat):
        return values.astype("float64")
    return values


def _table(tensors: dict[str, Any], check: Check) -> Table:
    """Check tensors that are columns; one tensor of two axes that no column is named after is whole rows."""
    only = next(iter(tensors.values()))
    if len(tensors) == 1 and only.ndim == 2 and not check.layout.known & tensors.keys():
        columns = dict(zip(check.layout.names, only.T)) if only.shape[1] == len(check.layout.names) else {}
        return check.columns(columns) if columns else check.lists(only.tolist())
    return check.columns({name: _column(name, values) for name, values in tensors.items()})


def _column(name: str, values: Any) -> Any:
    if values.ndim > 2 or (values.ndim == 2 and values.shape[1] != 1):
        raise malformed(f"Input {name[:40]!r} is one column: its shape is [n] or [n, 1].")
    flat = values.reshape(-1)
    return flat.tolist() if flat.dtype == object else flat


class _Writer:
    """Writes the answer that one request asked for: its id, its outputs, in JSON or binary."""

    def __init__(self, asked: dict[str, Any]) -> None:
        self._id = asked.get("id")
        outputs = asked.get("outputs")
        first = outputs[0] if isinstance(outputs, list) and outputs and isinstance(outputs[0], dict) else {}
        self._name = first.get("name") if isinstance(first.get("name"), str) else OUTPUT
        chosen = _parameter(first, "binary_data")
        self._binary = bool(_parameter(asked, "binary_data_output") if chosen is None else chosen)

    def __call__(self, question: Question, values: Any) -> Answer:
        version = question.serving.version
        told: dict[str, Any] = {"model_name": version.name, "model_version": version.version}
        if self._id is not None:
            told["id"] = self._id
        array = (
            values
            if isinstance(values, np.ndarray)
            else np.array([orjson.dumps(value).decode() for value in values], dtype=object)
        )
        datatype = datatype_of(array)
        output: dict[str, Any] = {"name": self._name, "shape": list(array.shape), "datatype": datatype}
        if not self._binary:
            return json_answer({**told, "outputs": [{**output, "data": array.reshape(-1).tolist()}]})
        raw = _raw(array, datatype)
        head = orjson.dumps({**told, "outputs": [{**output, "parameters": {"binary_data_size": len(raw)}}]})
        length = [("Inference-Header-Content-Length", str(len(head)))]
        return Answer(head + raw, content_type="application/octet-stream", headers=length)


def datatype_of(values: npt.NDArray[Any]) -> str:
    """Return the protocol's word for an array's dtype; everything that is no number travels as strings."""
    wanted = values.dtype.newbyteorder("<")
    return next((name for name, dtype in DTYPES.items() if np.dtype(dtype) == wanted), "BYTES")


def _raw(values: npt.NDArray[Any], datatype: str) -> bytes:
    if datatype != "BYTES":
        return values.astype(DTYPES[datatype], copy=False).tobytes()
    texts = [str(value).encode() for value in values.reshape(-1)]
    return b"".join(struct.pack("<I", len(text)) + text for text in texts)


def model_metadata(serving: Serving) -> dict[str, Any]:
    """Return what ``GET /v2/models/NAME`` tells."""
    return {
        "name": serving.version.name,
        "versions": [serving.version.version],
        "platform": str(serving.version.format),
        "inputs": _inputs_of(serving.layout),
        "outputs": [{"name": OUTPUT, "datatype": _output_datatype(serving), "shape": [-1]}],
    }


def _inputs_of(layout: Layout) -> list[dict[str, Any]]:
    return [
        {"name": column.name, "datatype": DATATYPES.get(column.kind, "BYTES"), "shape": [-1, 1]}
        for column in layout.columns
    ]


def _output_datatype(serving: Serving) -> str:
    classes = serving.classes
    return "FP64" if classes is None else datatype_of(np.asarray(classes))


def dressed(told: dict[str, Any]) -> dict[str, Any]:
    """Add the word that the protocol's clients look for."""
    return {"error": told["message"], **told}
