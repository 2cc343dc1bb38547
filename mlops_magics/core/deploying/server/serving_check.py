"""The check at pin time that endpoints will answer: training rows give the model's own answers in every format.

The formats are our client's Arrow, JSON in four forms, CSV, Parquet, MLflow's and the Open Inference Protocol.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from mlops_magics.core.deploying.clients.request_rows import encode_rows, request_chunks
from mlops_magics.core.deploying.contract.http_messages import Request, json_response
from mlops_magics.core.deploying.contract.media import CSV, JSON, PARQUET
from mlops_magics.core.deploying.contract.model_options import ServingOptions
from mlops_magics.core.deploying.protocols import mlflow, open_inference, vetiver
from mlops_magics.core.deploying.protocols.protocol import Protocol
from mlops_magics.core.deploying.serving.backends.backend import values_of
from mlops_magics.core.deploying.serving.backends.choice import alike
from mlops_magics.core.deploying.serving.loaded_model import LoadedModel
from mlops_magics.core.deploying.validation.layout import Table
from mlops_magics.core.versioning.describing import cell_values, column_kind
from mlops_magics.core.versioning.describing.prototype import frame_of
from mlops_magics.errors import MlopsError

if TYPE_CHECKING:
    import pandas as pd

    from mlops_magics.core.versioning import ModelVersion

ROWS = 3
ROWS_OF_FOREIGN = 50
"""Rows where some cells have types that a request cannot express: a difference in few answers must show."""
SCORES = ("predict_proba", "decision_function", "score_samples")
LONGEST_REASON = 300


def fault(version: ModelVersion, model: Any, data: Any) -> str:
    """Return why endpoints cannot answer with a model, empty where they can.

    Parameters
    ----------
    version
        A record with the model's prototype.
    data
        The training data, of which the first rows are sent.
    """
    foreign = _foreign(data)
    found = _fault(version, model, _head(data, ROWS if not foreign else ROWS_OF_FOREIGN))
    return f"{found.rstrip('.')}. {foreign}" if found and foreign else found


def _fault(version: ModelVersion, model: Any, rows: Any) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            loaded = LoadedModel(version, model, ServingOptions(exact=True), timed=False)
            expected = _expected(loaded, rows)
        except MlopsError as error:
            return str(error).removeprefix(f"Endpoints cannot answer with {version.ref}: ")
        except Exception:  # the model does not take its own training rows: there is nothing to compare with
            return ""
        return _first_fault(loaded, rows, expected)


def _expected(loaded: LoadedModel, rows: Any) -> dict[str, Any]:
    """Return the model's answers, and its scores, in which a difference shows that is too small to change a label."""
    first = loaded.methods[0]
    expected = {first: values_of(getattr(loaded.model, first)(rows))}
    scores = next((name for name in SCORES if name in loaded.methods), first)
    with contextlib.suppress(Exception):  # a model may have the method and not the means
        expected[scores] = values_of(getattr(loaded.model, scores)(rows))
    return expected


def _foreign(data: Any) -> str:
    """Return which column has cells that a request cannot express, and the line that changes them."""
    frame = frame_of(data)
    for place, name in enumerate(frame.columns):
        types = column_kind.foreign_types(frame.iloc[:, place])
        if types:
            change = f"Train on texts or numbers instead: `X[{name!r}] = X[{name!r}].map(str)`"
            return f"Column {name!r} has values of type {' and '.join(types)}, which no request can express. {change}"
    return ""


def _first_fault(loaded: LoadedModel, rows: Any, expected: Mapping[str, Any]) -> str:
    """Return the fault of a format with other answers, or of the first format where none is answered at all."""
    refusals: list[str] = []
    answered: list[Table] = []
    for form, request, protocol in _requests(rows, loaded.methods[0]):
        try:
            part, _ = protocol.read(request, loaded)
            table = loaded.check.table([part])
        except MlopsError as error:
            refusals.append(f"{form}: {error}")
            continue
        # the model was asked with this table already
        if any(same(table, other) for other in answered):
            continue
        try:
            found = {method: loaded.predict(method, table) for method in expected}
        except Exception as error:  # whatever the model raises for the input that it would be given
            refusals.append(f"{form}: the model fails on its own training rows ({type(error).__name__}: {error})")
            continue
        answers = found[loaded.methods[0]]
        if len(answers) != table.n_rows:
            return f"the model returns {len(answers)} values for {table.n_rows} rows"
        if not all(alike(_plain(expected[method]), _plain(found[method])) for method in expected):
            return f"sent as {form}, the training rows get other answers than in training"
        answered.append(table)
    return "" if answered else " ".join(refusals[0].split())[:LONGEST_REASON] if refusals else ""


def _plain(values: Any) -> Any:
    """Return values in which a list of rows compares like an array."""
    return values if isinstance(values, np.ndarray) else cell_values.write(values)


def same(one: Table, other: Table) -> bool:
    """Return whether two tables have the same values. Missing ones are equal."""
    return len(one.columns) == len(other.columns) and all(map(_same_column, one.columns, other.columns))


def _same_column(one: Any, other: Any) -> bool:
    if one.dtype != other.dtype or one.shape != other.shape:
        return False
    if one.dtype != object:
        # isnan, by which numpy compares then, takes floats and times only
        return bool(np.array_equal(one, other, equal_nan=one.dtype.kind in "fMm"))
    return all(
        (cell_values.is_missing(a) and cell_values.is_missing(b)) or cell_values.write(a) == cell_values.write(b)
        for a, b in zip(one.tolist(), other.tolist())
    )


def _head(data: Any, rows: int) -> Any:
    """Return the first rows of training data of any form."""
    if hasattr(data, "iloc"):
        return data.iloc[:rows]
    if isinstance(data, dict) and not hasattr(data, "toarray"):
        return {name: values[:rows] for name, values in data.items()}
    # polars' lazy frame computes only these rows
    if hasattr(data, "collect"):
        return data.head(rows).collect()
    return data.tocsr()[:rows].asformat(data.format) if hasattr(data, "toarray") else data[:rows]


def _requests(rows: Any, method: str) -> Iterator[tuple[str, Request, Protocol]]:
    """Yield the name of each format, the rows in it, and its protocol."""
    frame = frame_of(rows)
    path = f"/{method}"
    body, kind = encode_rows(request_chunks(rows, lambda: list(frame.columns))[0])
    yield "our client's rows", _request(path, body, kind), vetiver.PROTOCOL
    columns = {name: cell_values.write(frame[name].tolist()) for name in frame.columns}
    records = [dict(zip(columns, row)) for row in zip(*columns.values())]
    split = {"columns": list(columns), "data": [list(row) for row in zip(*columns.values())]}
    for form, value in (("JSON records", records), ("JSON columns", {"columns": columns}), ("JSON split", split)):
        yield form, _request(path, _json(value), JSON), vetiver.PROTOCOL
    for form, write, media in (("CSV", _csv, CSV), ("Parquet", _parquet, PARQUET)):
        written = write(frame)
        if written is not None:
            yield form, _request(path, written, media), vetiver.PROTOCOL
    for form, value in (("dataframe_records", records), ("dataframe_split", split), ("inputs", columns)):
        yield f"MLflow's {form}", _request("/invocations", _json({form: value}), JSON), mlflow.PROTOCOL
    inputs = [_tensor(name, values) for name, values in columns.items()]
    asked = {"inputs": inputs, "outputs": [{"name": method}]}
    yield "Open Inference", _request("/v2", _json(asked), JSON), open_inference.PROTOCOL


def _json(value: Any) -> bytes:
    return json_response(value).body


def _request(path: str, body: bytes, kind: str) -> Request:
    return Request("POST", path, "", {"content-type": kind}, body)


def _csv(frame: pd.DataFrame) -> bytes | None:
    written: bytes = frame.to_csv(index=False).encode()
    return written


def _parquet(frame: pd.DataFrame) -> bytes | None:
    """Write a frame as pandas does, or return ``None`` where it cannot."""
    sink = io.BytesIO()
    try:
        frame.to_parquet(sink, index=False)
    except Exception:  # pandas, pyarrow and numpy have several errors for columns that Parquet cannot hold
        return None
    return sink.getvalue()


def _tensor(name: str, values: list[Any]) -> dict[str, Any]:
    whole = np.array(values, dtype=object) if _is_even(values) else None
    shape = list(whole.shape) if whole is not None and whole.ndim > 1 else [len(values), 1]
    kind = {bool: "BOOL", int: "INT64", float: "FP64"}.get(type(_first(values)), "BYTES")
    return {"name": name, "shape": shape, "datatype": kind, "data": values}


def _is_even(values: list[Any]) -> bool:
    """Return whether nested lists have one length at each depth, so that they have a shape."""
    try:
        np.array(values, dtype=object)
    except ValueError:
        return False
    return True


def _first(values: Any) -> Any:
    while isinstance(values, list) and values:
        values = next((value for value in values if value is not None), None)
    return values
