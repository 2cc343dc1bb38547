"""The HTTP client of an endpoint: keep-alive, Arrow for frames, and the server's message in every error."""

from __future__ import annotations

import http.client
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mlops_magics.core import http_answers, json_text
from mlops_magics.core.deploying.clients import request_files
from mlops_magics.core.deploying.clients.request_rows import encode_rows, request_chunks
from mlops_magics.core.deploying.contract import arrow_size, endpoint_proof
from mlops_magics.core.deploying.contract.media import ARROW, JSON
from mlops_magics.core.deploying.contract.value_columns import NOTE, from_arrow
from mlops_magics.errors import DataMismatch, EndpointError, Interrupted

if TYPE_CHECKING:
    import numpy.typing as npt

SECONDS = 120.0
"""Seconds for an answer, see `http_answers`."""

LONGEST_MESSAGE = 2_000
"""Characters of an endpoint's message."""

LARGEST_ANSWER = 1 << 30
"""Bytes of an answer, also unpacked: fifty million numbers as JSON."""


class ModelClient(ABC):
    """Sends rows to a model's methods, and reads its values. Subclasses define how a request is exchanged."""

    @abstractmethod
    def send(
        self, verb: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[bytes, Mapping[str, str]]:
        """Exchange one request, and return the response's body and its headers, whose names are in lower case.

        Parameters
        ----------
        verb, path
            The HTTP method, and the path below the endpoint's address.
        body, headers
            The content, and headers besides those of the client.

        Raises
        ------
        DataMismatch
            For a 422, with the server's problems.
        EndpointError
            For every other error, with the server's message and its status.
        """

    def predict(self, data: Any, method: str = "predict", *, model: str | None = None) -> Any:
        """Send rows to one of the model's methods and return its values, one (or one row) for each row, in order.

        An array, or a DataFrame where the model gives several named outputs.

        Parameters
        ----------
        data
            A DataFrame (of any library that exports Arrow or converts to pandas), a query's result, a Series (one
            row where its index is the model's columns, else one value for each row), a dict (one row, or columns), an
            array ``(n_samples, …)``, a sparse matrix, a list of records, rows or single values, or the path of a file
            of rows, which is sent as it is.
        model
            The name of one of several models behind the endpoint.
        """
        path = f"/{method}" if model is None else f"/{model}/{method}"
        file = self.path_in(data, model)
        if file is not None:
            return concatenate_answers([self._send_body(*part, path) for part in request_files.parts(file)])
        chunks = request_chunks(data, lambda: self.names(model))
        return concatenate_answers([self._send_part(part, path) for part in chunks])

    def path_in(self, data: Any, model: str | None = None) -> Path | None:
        """Return the file of rows that data name, or ``None``. For a model of texts a text is a value."""
        columns = self.prototype(model)["properties"] if request_files.may_be_path(data) else None
        return request_files.path_in(data, columns)

    def names(self, model: str | None = None) -> list[str]:
        """Return the names of the columns that a model reads."""
        return list(self.prototype(model)["required"])

    def prototype(self, model: str | None = None) -> Any:
        """Return the JSON schema of one row."""
        return self.get("/prototype" if model is None else f"/{model}/prototype")

    def get(self, path: str) -> Any:
        """Return the JSON of a path.

        Raises
        ------
        EndpointError
        """
        try:
            return json_text.parse(self.send("GET", path)[0])
        except ValueError as error:
            raise EndpointError(f"The endpoint answered {path} with text that is not JSON.") from error

    def _send_part(self, part: Any, path: str) -> Any:
        return self._send_body(*encode_rows(part), path)

    def _send_body(self, body: bytes, kind: str, path: str) -> Any:
        content, headers = self.send("POST", path, body, {"Content-Type": kind, "Accept": f"{ARROW}, {JSON}"})
        return decode_values(content, headers.get("content-type", JSON))


class Client(ModelClient):
    """Calls one endpoint, and keeps one connection for each thread.

    Parameters
    ----------
    url
        The endpoint's address, with or without a path.
    token
        Its bearer token.
    key
        Returns the key by which the endpoint proves on each new connection which one it is (see `endpoint_proof`).
        Without it (for endpoints that have no announcement here) no proof is requested.
    """

    def __init__(
        self,
        url: str,
        token: str | None = None,
        *,
        seconds: float = SECONDS,
        key: Callable[[], str] = str,
    ) -> None:
        parts = urlsplit(url)
        self._host, self._port, self._path = parts.hostname or "127.0.0.1", parts.port, parts.path.rstrip("/")
        self._encrypted = parts.scheme == "https"
        self._headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        self._seconds, self._key = seconds, key
        self._local = threading.local()

    def send(
        self, verb: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[bytes, Mapping[str, str]]:
        """Exchange one request. A connection that the server has closed meanwhile is opened again.

        Parameters
        ----------
        verb, path
            The HTTP method, and the path below the endpoint's address.
        body, headers
            The content, and headers besides those of the client.

        Raises
        ------
        Interrupted
            The user interrupted it.
        """
        for last in (False, True):
            try:
                connection = self._connection()
                connection.allow(self._seconds)
                connection.request(verb, self._path + path, body, {**self._headers, **(headers or {})})
                reply = connection.getresponse()
                content = http_answers.read(reply, LARGEST_ANSWER)
            except KeyboardInterrupt:
                self.close()  # the rest of this answer must not be taken for the next one
                raise Interrupted("The answer was not waited for. The endpoint goes on.") from None
            # a prediction changes nothing, so it may be sent again
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError) as error:
                self.close()
                if last:
                    raise unreachable(error) from error
            except (OSError, http.client.HTTPException) as error:
                self.close()
                raise unreachable(error) from error
            else:
                if content is None:
                    self.close()
                    raise too_large()
                if not 200 <= reply.status < 300:
                    raise error_of(reply.status, content)
                return content, {name.lower(): value for name, value in reply.getheaders()}
        raise AssertionError("unreachable")

    def close(self) -> None:
        """Close this thread's connection."""
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None

    def _connection(self) -> http_answers.Connection:
        connection: http_answers.Connection | None = getattr(self._local, "connection", None)
        if connection is None or connection.sock is None:
            kind = http_answers.EncryptedConnection if self._encrypted else http_answers.Connection
            connection = self._local.connection = kind(self._host, self._port, timeout=self._seconds)
            connection.connect()
            connection.auto_open = 0  # a connection is opened again here only, with a new proof
            self._check(connection)
        return connection

    def _check(self, connection: http_answers.Connection) -> None:
        """Let the endpoint prove which one it is, before the token or rows are sent.

        Raises
        ------
        EndpointError
            When another process answers.
        """
        key = self._key()
        if not key:
            return
        challenge = endpoint_proof.new_challenge()
        connection.allow(min(self._seconds, endpoint_proof.SECONDS))
        connection.request("GET", endpoint_proof.PATH, headers={endpoint_proof.CHALLENGE: challenge})
        reply = connection.getresponse()
        reply.read(endpoint_proof.LONGEST_ANSWER)
        proof = reply.getheader(endpoint_proof.PROOF, "")
        if not reply.isclosed() or not endpoint_proof.is_valid(key, connection.port, challenge, proof):
            self.close()
            raise impostor(f"{self._host}:{connection.port}")
        if connection.sock is None:
            raise http.client.RemoteDisconnected("the endpoint is being stopped")


def decode_values(content: bytes, content_type: str) -> Any:
    """Return the model's values from a response: an array, or a frame where each row has several named values.

    Raises
    ------
    EndpointError
        For a response that is not an endpoint's.
    """
    try:
        return _decode(content, content_type)
    except (EndpointError, KeyboardInterrupt):
        raise
    except Exception as error:  # of Arrow, JSON or numpy, for bytes of a server that may be any program
        raise EndpointError("The server answered with something that is not the values of a model.") from error


def _decode(content: bytes, content_type: str) -> Any:
    if content_type.startswith(ARROW):
        import pyarrow as pa

        if arrow_size.unpacked_bytes(content) > LARGEST_ANSWER:
            raise too_large()
        with pa.ipc.open_stream(content) as stream:
            table = stream.read_all()
        values = from_arrow(table.column(0), json_text.parse((table.schema.metadata or {}).get(NOTE, b"{}")))
        if not isinstance(values, list):
            return values
    else:
        values = json_text.parse(content)["predict"]
    if values and all(isinstance(value, dict) for value in values):
        import pandas as pd

        return pd.DataFrame(values)
    return _array(values)


def _array(values: list[Any]) -> npt.NDArray[Any]:
    """Return values as an array, one of lists where the rows' outputs are of different width."""
    import numpy as np

    try:
        array = np.array(values)
    except ValueError:
        return np.fromiter(values, dtype=object, count=len(values))
    # numpy turns numbers next to texts into texts
    mixed = array.dtype.kind == "U" and {type(value) for value in np.array(values, dtype=object).ravel()} != {str}
    return np.array(values, dtype=object) if mixed else array


def concatenate_answers(parts: list[Any]) -> Any:
    """Concatenate the values of several requests."""
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
        body = json_text.parse(content)
        message, detail = (
            "".join(each if each.isprintable() else " " for each in str(body["message"])[:LONGEST_MESSAGE]),
            list(body.get("detail", [])),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        redirect = ", a redirect, which is not followed. Give the address of its target" if 300 <= status < 400 else ""
        message, detail = f"The endpoint answered {status}{redirect}.", []
    return DataMismatch(message, detail) if status == 422 else EndpointError(message, status)


def too_large() -> EndpointError:
    """Return the error for an answer that takes too much memory."""
    return EndpointError(f"The answer has more than {LARGEST_ANSWER:,} bytes. Send fewer rows at a time.")


def impostor(address: str) -> EndpointError:
    """Return the error for a process that answers in place of the endpoint."""
    return EndpointError(
        f"At {address} another process answers. Neither the token nor rows were sent to it. The endpoint has died: "
        "`%deploy` starts it again on a free port."
    )


def unreachable(error: Exception) -> EndpointError:
    """Return the error for an endpoint that does not answer at all."""
    return EndpointError(
        f"The endpoint does not answer ({http_answers.reason(error)}). "
        "If it died, `endpoint.restart()` starts it again on the same port. `%endpoints` shows its state."
    )
