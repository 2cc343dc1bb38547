"""vetiver's protocol: rows in, ``{"predict": [...]}`` out; rows also as CSV, Arrow and Parquet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from mlops_magics.core.deploying.contract.http_messages import Request, Response, json_response
from mlops_magics.core.deploying.contract.media import ARROW, JSON
from mlops_magics.core.deploying.protocols.protocol import Protocol

if TYPE_CHECKING:
    from mlops_magics.core.deploying.serving.loaded_model import LoadedModel
    from mlops_magics.core.deploying.serving.prediction_request import Render
    from mlops_magics.core.deploying.validation.layout import Part

KEY = "predict"
"""The key of the values in a response, for every method, as both vetiver clients expect."""


def read(request: Request, loaded: LoadedModel) -> tuple[Part, Render]:
    """Read a request of `/predict` and its siblings."""
    headers = request.headers
    render = _arrow if ARROW in headers.get("accept", "") else _json
    kind = headers.get("content-type", "")
    if not kind or kind == JSON:
        rows = loaded.quick_rows(request.body)
        if rows is not None:
            return rows, render
    return loaded.table(request.body, kind), render


def _json(loaded: LoadedModel, values: Any) -> Response:
    if len(values) == 1 and not isinstance(values, list) and values.dtype.kind in "fiu":
        return Response(b'{"predict":' + orjson.dumps(values.tolist()) + b"}")
    return json_response({KEY: values})


def _arrow(loaded: LoadedModel, values: Any) -> Response:
    """Write an Arrow stream of one column; lists where the model gives several values for a row."""
    import pyarrow as pa

    plain = values if not isinstance(values, list) and values.ndim == 1 and values.dtype != object else list(values)
    batch = pa.RecordBatch.from_pydict({KEY: pa.array(plain)})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as stream:
        stream.write_batch(batch)
    return Response(sink.getvalue().to_pybytes(), content_type=ARROW)


PROTOCOL = Protocol("vetiver", read)
