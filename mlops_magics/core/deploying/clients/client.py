"""The HTTP client of an endpoint: keep-alive, Arrow for frames, and the server's message in every error."""

from __future__ import annotations

import http.client
import io
import json
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mlops_magics.core.deploying.contract.media import ARROW, JSON
from mlops_magics.errors import DataMismatch, EndpointError

if TYPE_CHECKING:
    import numpy.typing as npt

SECONDS = 120.0
ROWS_PER_REQUEST = 100_000


class Client:
    """Calls one endpoint; keeps one connection for each thread.

    Parameters
    ----------
    url
        The endpoint's address, with or without a path.
    token
        Its bearer token.
    """

    def __init__(self, url: str, token: str | None = None, *, seconds: float = SECONDS) -> None:
        parts = urlsplit(url)
        self._host, self._port, self._path = parts.hostname or "127.0.0.1", parts.port, parts.path.rstrip("/")
        self._encrypted = parts.scheme == "https"
        self._headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        self._seconds = seconds
        self._local = threading.local()

    def predict(self, data: Any, method: str = "predict", *, model: str | None = None) -> Any:
        """Send rows to one of the model's methods and return its values, one (or one row) for each row, in order.

        An array, or a DataFrame where the model gives several named outputs.

        Parameters
        ----------
        data
            A DataFrame (of any library that exports Arrow or converts to pandas), a Series or dict (one row), an array
            ``(n_samples, n_features)``, or a list of records.
        model
            The name of one of several models behind the endpoint.
        """
        path = f"/{method}" if model is None else f"/{model}/{method}"
        return concatenate_answers([self._send_part(part, path) for part in request_chunks(data)])

    def get(self, path: str) -> Any:
        """Return the JSON of a path."""
        return json.loads(self.send("GET", path)[0])

    def send(
        self, verb: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[bytes, Mapping[str, str]]:
        """Exchange one request; a kept connection that the server has closed meanwhile is opened again.

        Raises
        ------
        DataMismatch
            For a 422, with the server's problems.
        EndpointError
            For every other error, with the server's message and its status.
        """
        for last in (False, True):
            connection = self._connection()
            try:
                connection.request(verb, self._path + path, body, {**self._headers, **(headers or {})})
                reply = connection.getresponse()
                content = reply.read()
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError) as error:
                self.close()
                if last:
                    raise unreachable(error) from error
            except (OSError, http.client.HTTPException) as error:
                self.close()
                raise unreachable(error) from error
            else:
                if reply.status >= 400:
                    raise error_of(reply.status, content)
                return content, {name.lower(): value for name, value in reply.getheaders()}
        raise AssertionError("unreachable")

    def close(self) -> None:
        """Close this thread's connection."""
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None

    def _connection(self) -> http.client.HTTPConnection:
        connection: http.client.HTTPConnection | None = getattr(self._local, "connection", None)
        if connection is None:
            kind = http.client.HTTPSConnection if self._encrypted else http.client.HTTPConnection
            connection = self._local.connection = kind(self._host, self._port, timeout=self._seconds)
        return connection

    def _send_part(self, part: Any, path: str) -> Any:
        body, kind = encode_rows(part)
        content, headers = self.send("POST", path, body, {"Content-Type": kind, "Accept": f"{ARROW}, {JSON}"})
        return decode_values(content, headers.get("content-type", JSON))


def request_chunks(data: Any) -> list[Any]:
    """Cut many rows into requests of at most `ROWS_PER_REQUEST`."""
    data = _rows(data)
    if len(data) <= ROWS_PER_REQUEST:
        return [data]
    take = data.iloc if hasattr(data, "iloc") else data
    return [take[start : start + ROWS_PER_REQUEST] for start in range(0, len(data), ROWS_PER_REQUEST)]


def _rows(data: Any) -> Any:
    """Return a frame, an array of two axes, or a list."""
    if isinstance(data, Mapping):
        return [dict(data)]
    if hasattr(data, "to_frame") and hasattr(data, "index"):  # a pandas Series is one row
        return data.to_frame().T.infer_objects()
    if hasattr(data, "to_pandas"):  # polars, Arrow, ibis, narwhals
        return data.to_pandas()
    if hasattr(data, "toarray"):
        return data.toarray()
    return data


def encode_rows(rows: Any) -> tuple[bytes, str]:
    """Write rows as the quickest body that keeps their values: Arrow for frames, JSON for all else."""
    if hasattr(rows, "columns") and hasattr(rows, "iloc"):
        return _as_arrow(rows)
    import orjson

    plain = rows.tolist() if hasattr(rows, "tolist") else rows
    return orjson.dumps(plain, option=orjson.OPT_SERIALIZE_NUMPY, default=str), JSON


def _as_arrow(frame: Any) -> tuple[bytes, str]:
    import pyarrow as pa

    named = frame.rename(columns=str)
    try:
        table = pa.Table.from_pandas(named, preserve_index=False)
    except (
        pa.ArrowInvalid,
        pa.ArrowTypeError,
    ):  # a column of several kinds; the server's check says what is wrong with it
        return named.to_json(orient="records", date_format="iso").encode(), JSON
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema.remove_metadata()) as stream:
        stream.write_table(table)
    return sink.getvalue(), ARROW


def decode_values(content: bytes, content_type: str) -> Any:
    """Read the model's values from an answer: an array, or a frame where each row has several named values."""
    import numpy as np

    if content_type.startswith(ARROW):
        import pyarrow as pa

        with pa.ipc.open_stream(content) as stream:
            column = stream.read_all().column(0)
        if not pa.types.is_nested(column.type):
            return np.asarray(column.to_numpy())
        values = column.to_pylist()
    else:
        values = json.loads(content)["predict"]
    if values and all(isinstance(value, dict) for value in values):
        import pandas as pd

        return pd.DataFrame(values)
    return _array(values)


def _array(values: list[Any]) -> npt.NDArray[Any]:
    """Return values as an array; one of lists, where the rows' outputs are of different width."""
    import numpy as np

    try:
        return np.array(values)
    except ValueError:
        return np.fromiter(values, dtype=object, count=len(values))


def concatenate_answers(parts: list[Any]) -> Any:
    """Put the values of several requests below each other."""
    if len(parts) == 1:
        return parts[0]
    if hasattr(parts[0], "columns"):
        import pandas as pd

        return pd.concat(parts, ignore_index=True)
    import numpy as np

    return np.concatenate(parts)


def error_of(status: int, content: bytes) -> EndpointError | DataMismatch:
    """Return the error of an error response."""
    try:
        body = json.loads(content)
        message, detail = str(body["message"]), list(body.get("detail", []))
    except (ValueError, KeyError, TypeError):
        message, detail = f"The endpoint answered {status}.", []
    return DataMismatch(message, detail) if status == 422 else EndpointError(message, status)


def unreachable(error: Exception) -> EndpointError:
    """Return the error for an endpoint that does not answer at all."""
    return EndpointError(
        f"The endpoint does not answer ({type(error).__name__}: {error}). To see its state: `%endpoints`."
    )
