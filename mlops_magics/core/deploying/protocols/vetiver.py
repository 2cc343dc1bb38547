"""vetiver's protocol: rows in, ``{"predict": [...]}`` out; also as CSV, Arrow and Parquet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from mlops_magics.core.deploying.contract.http_messages import Answer, Request, json_answer
from mlops_magics.core.deploying.parsing.bodies import ARROW, JSON

if TYPE_CHECKING:
    from mlops_magics.core.deploying.serving.loaded_model import Serving
    from mlops_magics.core.deploying.serving.prediction_request import Part, Question, Render

KEY = "predict"
"""Under which every method answers, as both vetiver clients expect."""


def read(request: Request, serving: Serving) -> tuple[Part, Render]:
    """Read a request of `/predict` and its siblings."""
    headers = request.headers
    render = _arrow if ARROW in headers.get("accept", "") else _json
    kind = headers.get("content-type", "")
    if not kind or kind == JSON:
        rows = serving.quick_rows(request.body)
        if rows is not None:
            return rows, render
    return serving.table(request.body, kind), render


def _json(question: Question, values: Any) -> Answer:
    if len(values) == 1 and not isinstance(values, list) and values.dtype.kind in "fiu":
        return Answer(b'{"predict":' + orjson.dumps(values.tolist()) + b"}")
    return json_answer({KEY: values})


def _arrow(question: Question, values: Any) -> Answer:
    """Write an Arrow stream of one column; lists where the model gives several values for a row."""
    import pyarrow as pa

    plain = values if not isinstance(values, list) and values.ndim == 1 and values.dtype != object else list(values)
    batch = pa.RecordBatch.from_pydict({KEY: pa.array(plain)})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as stream:
        stream.write_batch(batch)
    return Answer(sink.getvalue().to_pybytes(), content_type=ARROW)
