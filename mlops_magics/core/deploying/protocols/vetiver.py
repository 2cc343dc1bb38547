"""vetiver's protocol: rows in, ``{"predict": [...]}`` out, both also as CSV and Arrow, rows also as Parquet."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from mlops_magics.core.deploying.contract.http_messages import Request, Response, json_response
from mlops_magics.core.deploying.contract.media import ARROW, CSV, JSON
from mlops_magics.core.deploying.contract.value_columns import NOTE, to_arrow
from mlops_magics.core.deploying.protocols.protocol import Protocol
from mlops_magics.core.versioning.describing import cell_values

if TYPE_CHECKING:
    from mlops_magics.core.deploying.serving.loaded_model import LoadedModel
    from mlops_magics.core.deploying.serving.prediction_request import Render
    from mlops_magics.core.deploying.validation.layout import Part

KEY = "predict"
"""The key of the values in a response, for every method, as both vetiver clients expect."""


def read(request: Request, loaded: LoadedModel) -> tuple[Part, Render]:
    """Read a request of `/predict` and its siblings."""
    headers = request.headers
    accept = headers.get("accept", "")
    render: Render = _arrow if ARROW in accept else _csv if CSV in accept else _json
    kind = headers.get("content-type", "")
    if not kind and render is _json and headers.get("user-agent", "").startswith("python-requests/"):
        render = _for_vetiver(request.path)
    if not kind or kind == JSON:
        rows = loaded.quick_rows(request.body)
        if rows is not None:
            return rows, render
    return loaded.table(request.body, kind), render


def _json(loaded: LoadedModel, values: Any) -> Response:
    if len(values) == 1 and not isinstance(values, list) and values.dtype.kind in "fiu":
        return Response(b'{"predict":' + orjson.dumps(values.tolist()) + b"}")
    return json_response({KEY: values})


def _for_vetiver(path: str) -> Render:
    """Return how a frame that vetiver's client sent is answered: the key is the last part of the path.

    The client sends a frame as JSON without a content type. vetiver's own server names the values after the route.
    """
    key = path.rstrip("/").rpartition("/")[2] or KEY
    return lambda loaded, values: json_response({key: values})


def _arrow(loaded: LoadedModel, values: Any) -> Response:
    """Write an Arrow stream of one column, of lists where the model gives several values for a row."""
    import pyarrow as pa

    array, note = to_arrow(values)
    batch = pa.RecordBatch.from_pydict({KEY: array})
    if note:
        batch = batch.replace_schema_metadata({NOTE: json.dumps(note)})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as stream:
        stream.write_batch(batch)
    return Response(sink.getvalue().to_pybytes(), content_type=ARROW)


def _csv(loaded: LoadedModel, values: Any) -> Response:
    """Write CSV: one column for each named value or output, and nested values as JSON texts."""
    written = cell_values.write(values if isinstance(values, list) else np.asarray(values))
    rows = [
        row
        if isinstance(row, dict)
        else {f"{KEY}.{place}": value for place, value in enumerate(row)}
        if isinstance(row, list)
        else {KEY: row}
        for row in written
    ]
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([[_field(row.get(name)) for name in names] for row in rows])
    return Response(text.getvalue().encode(), content_type=f"{CSV}; charset=utf-8")


def _field(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, list | dict) else value


PROTOCOL = Protocol("vetiver", read)
