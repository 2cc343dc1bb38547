"""The doors of an endpoint: each writes rows as its users do, with the libraries that they use, and names its route."""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import io
import json
import math
import struct
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from mlops_magics.core.deploying.contract.http_messages import Request
from mlops_magics.core.versioning.describing.prototype import frame_of

ARROW, PARQUET, CSV = "application/vnd.apache.arrow.stream", "application/vnd.apache.parquet", "text/csv"


class CannotWrite(Exception):
    """The user's own library does not write such rows in this format."""


def plain(value: Any) -> Any:
    """Write a cell as the page on types says, independently of the package."""
    if isinstance(value, list | tuple | np.ndarray | set | frozenset):
        return [plain(each) for each in value]
    if isinstance(value, float) and math.isinf(value):
        return str(value)
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode()
    if isinstance(value, pd.Interval | pd.Period | Decimal):
        return str(value)
    if isinstance(value, complex | np.complexfloating):
        return [value.real, value.imag]
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, pd.Timedelta):
        return value.isoformat()
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return value if isinstance(value, str | int | float | bool) else str(value)


def cells(frame: pd.DataFrame) -> dict[str, list[Any]]:
    """Return the columns of a frame as JSON values."""
    return {name: [plain(value) for value in frame[name].tolist()] for name in frame.columns}


def dumps(value: Any) -> bytes:
    """Write JSON."""
    return json.dumps(value, allow_nan=False).encode()


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as objects."""
    columns = cells(frame)
    return [dict(zip(columns, row)) for row in zip(*columns.values())]


def _json_records(frame: pd.DataFrame) -> tuple[bytes, dict[str, str]]:
    return dumps(records(frame)), {}


def _json_columns(frame: pd.DataFrame) -> tuple[bytes, dict[str, str]]:
    return dumps({"columns": cells(frame)}), {"content-type": "application/json"}


def _split(frame: pd.DataFrame) -> dict[str, Any]:
    columns = cells(frame)
    return {"columns": list(columns), "data": [list(row) for row in zip(*columns.values())]}


def _json_split(frame: pd.DataFrame) -> tuple[bytes, dict[str, str]]:
    return dumps(_split(frame)), {"content-type": "application/json"}


def _json_lists(frame: pd.DataFrame) -> tuple[bytes, dict[str, str]]:
    return dumps(_split(frame)["data"]), {}


def _json_lines(frame: pd.DataFrame) -> tuple[bytes, dict[str, str]]:
    return b"\n".join(map(dumps, records(frame))), {"content-type": "application/x-ndjson"}


def _json_gzip(frame: pd.DataFrame) -> tuple[bytes, dict[str, str]]:
    return gzip.compress(dumps(records(frame))), {"content-encoding": "gzip"}


def _pandas_json(frame: pd.DataFrame) -> tuple[bytes, dict[str, str]]:
    """Write what vetiver's client sends, with dates as ISO 8601."""
    try:
        written = frame.to_json(orient="records", date_format="iso", date_unit="ns", double_precision=15)
    except (OverflowError, ValueError, TypeError, UnicodeError) as error:
        raise CannotWrite(str(error)) from error
    if any(getattr(cell, "tzinfo", None) for name in frame for cell in frame[name] if frame[name].dtype == object):
        raise CannotWrite("pandas writes times in UTC, without their offsets")
    if _floats(json.loads(written)) != _floats(records(frame)):
        raise CannotWrite("pandas writes at most 15 digits")
    return written.encode(), {}


def _floats(rows: list[dict[str, Any]]) -> list[float]:
    return [value for row in rows for value in row.values() if isinstance(value, float)]


def _csv_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose bytes are base64, and whose lists are JSON, as the page on types says."""

    def field(value: Any) -> Any:
        nested = isinstance(value, list | tuple | dict | set | frozenset | np.ndarray)
        return json.dumps(plain(value)) if nested else plain(value) if isinstance(value, bytes | bytearray) else value

    objects = [name for name in frame.columns if frame[name].dtype == object or "[pyarrow]" in str(frame[name].dtype)]
    return frame.assign(**{name: pd.Series([field(each) for each in frame[name]], dtype=object) for name in objects})


def _csv(frame: pd.DataFrame) -> tuple[bytes, dict[str, str]]:
    return _csv_frame(frame).to_csv(index=False).encode(), {"content-type": CSV}


def _excel_csv(frame: pd.DataFrame) -> tuple[bytes, dict[str, str]]:
    """Write CSV as a European spreadsheet does: a mark, semicolons, decimal commas."""
    return _csv_frame(frame).to_csv(index=False, sep=";", decimal=",").encode("utf-8-sig"), {"content-type": CSV}


def _form_csv(frame: pd.DataFrame) -> tuple[bytes, dict[str, str]]:
    """Write what ``curl -F file=@rows.csv`` sends."""
    head = (
        b'--xyz\r\nContent-Disposition: form-data; name="file"; filename="rows.csv"\r\nContent-Type: text/csv\r\n\r\n'
    )
    body = head + _csv_frame(frame).to_csv(index=False).encode() + b"\r\n--xyz--\r\n"
    return body, {"content-type": "multipart/form-data; boundary=xyz"}


def _table(frame: pd.DataFrame) -> pa.Table:
    try:
        return pa.Table.from_pandas(frame, preserve_index=False)
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        raise CannotWrite(str(error)) from error


def _arrow(frame: pd.DataFrame) -> tuple[bytes, dict[str, str]]:
    table, sink = _table(frame), io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue(), {"content-type": ARROW}


def _parquet(frame: pd.DataFrame) -> tuple[bytes, dict[str, str]]:
    sink = io.BytesIO()
    try:
        frame.to_parquet(sink, index=False)
    except Exception as error:
        raise CannotWrite(str(error)) from error
    return sink.getvalue(), {"content-type": PARQUET}


def _mlflow_records(frame: pd.DataFrame) -> tuple[bytes, dict[str, str]]:
    return dumps({"dataframe_records": records(frame)}), {"content-type": "application/json"}


def _mlflow_split(frame: pd.DataFrame) -> tuple[bytes, dict[str, str]]:
    return dumps({"dataframe_split": _split(frame)}), {"content-type": "application/json"}


def _mlflow_inputs(frame: pd.DataFrame) -> tuple[bytes, dict[str, str]]:
    return dumps({"inputs": cells(frame)}), {"content-type": "application/json"}


def _tensors(frame: pd.DataFrame) -> Iterator[tuple[str, str, list[int], list[Any]]]:
    """Yield name, datatype, shape and values of each column."""
    for name, values in cells(frame).items():
        present = [value for value in np.array(values, dtype=object).ravel().tolist() if value is not None]
        kinds = {type(value) for value in present}
        if len(kinds) > 1 and any(issubclass(kind, bool | int | float) for kind in kinds):
            raise CannotWrite("a tensor has values of one type")
        datatype = {bool: "BOOL", int: "INT64", float: "FP64"}.get(kinds.pop() if len(kinds) == 1 else str, "BYTES")
        if datatype == "INT64" and max(present) >= 2**63:
            datatype = "UINT64"
        if datatype == "UINT64" and max(present) >= 2**64:
            raise CannotWrite("a tensor has integers of 64 bits")
        array = np.array(values, dtype=object)
        yield name, datatype, list(array.shape) if array.ndim > 1 else [len(values), 1], values


def _open_inference(frame: pd.DataFrame) -> tuple[bytes, dict[str, str]]:
    inputs = [
        {"name": name, "datatype": datatype, "shape": shape, "data": values}
        for name, datatype, shape, values in _tensors(frame)
    ]
    return dumps({"inputs": inputs}), {}


DTYPES = {"BOOL": "?", "INT64": "<i8", "UINT64": "<u8", "FP64": "<f8"}


def _open_inference_binary(frame: pd.DataFrame) -> tuple[bytes, dict[str, str]]:
    """Write what Triton's client sends: raw tensors behind the JSON; it has no missing values but NaN."""
    inputs, tail = [], b""
    for name, datatype, shape, values in _tensors(frame):
        flat = np.array(values, dtype=object).ravel().tolist()
        if datatype == "BYTES":
            if any(not isinstance(value, str) for value in flat):
                raise CannotWrite("BYTES are texts")
            raws = [value.encode() for value in flat]
            original = frame[name].tolist()
            raws = original if all(isinstance(value, bytes | bytearray) for value in original) else raws
            raw = b"".join(struct.pack("<I", len(text)) + text for text in raws)
        elif any(value is None for value in flat) and datatype != "FP64":
            raise CannotWrite("raw tensors have no missing values")
        else:
            raw = np.array([math.nan if value is None else value for value in flat], dtype=DTYPES[datatype]).tobytes()
        inputs.append(
            {"name": name, "datatype": datatype, "shape": shape, "parameters": {"binary_data_size": len(raw)}}
        )
        tail += raw
    head = dumps({"inputs": inputs})
    return head + tail, {"inference-header-content-length": str(len(head))}


Write = Callable[[pd.DataFrame], tuple[bytes, dict[str, str]]]
DOORS: dict[str, tuple[str, Write]] = {
    "JSON records": ("/predict", _json_records),
    "JSON columns": ("/predict", _json_columns),
    "JSON split": ("/predict", _json_split),
    "JSON lists": ("/predict", _json_lists),
    "JSON Lines": ("/predict", _json_lines),
    "JSON, gzip": ("/predict", _json_gzip),
    "pandas' to_json": ("/predict", _pandas_json),
    "CSV": ("/predict", _csv),
    "CSV of a spreadsheet": ("/predict", _excel_csv),
    "CSV in a form": ("/predict", _form_csv),
    "Arrow": ("/predict", _arrow),
    "Parquet": ("/predict", _parquet),
    "MLflow records": ("/invocations", _mlflow_records),
    "MLflow split": ("/invocations", _mlflow_split),
    "MLflow inputs": ("/invocations", _mlflow_inputs),
    "Open Inference": ("/v2/models/doors/infer", _open_inference),
    "Open Inference, binary": ("/v2/models/doors/infer", _open_inference_binary),
}
"""By name: the route, and how rows are written."""


def request(door: str, data: Any) -> Request:
    """Return training data of any form as a request of one door.

    Raises
    ------
    CannotWrite
    """
    path, write = DOORS[door]
    body, headers = write(frame_of(data))
    return Request("POST", path, "", headers, body)
