"""The asynchronous HTTP client of an endpoint, on the caller's event loop, without a thread."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import httptools

from mlops_magics.core import json_text
from mlops_magics.core.deploying.clients import request_files
from mlops_magics.core.deploying.clients.client import (
    LARGEST_ANSWER,
    SECONDS,
    concatenate_answers,
    decode_values,
    error_of,
    impostor,
    too_large,
    unreachable,
)
from mlops_magics.core.deploying.clients.request_rows import encode_rows, needs_names, request_chunks
from mlops_magics.core.deploying.contract import endpoint_proof
from mlops_magics.core.deploying.contract.media import ARROW, JSON
from mlops_magics.core.deploying.contract.methods import METHODS
from mlops_magics.core.http_answers import LARGEST_HEAD
from mlops_magics.errors import EndpointError

MOST_CONNECTIONS = 64
"""Of one client. Further requests wait for one of them."""
READ_BYTES = 1 << 18

Reply = tuple[bytes, dict[str, str]]


class AsyncClient:
    """Calls one endpoint. Each request has its own connection, which is kept alive within ``async with`` only.

    Parameters
    ----------
    url
        The endpoint's address, with or without a path.
    token
        Its bearer token.
    key
        As for `Client`.

    Examples
    --------
    ``async with endpoint.asynchronous as client: answers = await asyncio.gather(*map(client.predict, many))``
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
        self._host, self._path, self._encrypted = parts.hostname or "127.0.0.1", parts.path, parts.scheme == "https"
        self._port = parts.port or (443 if self._encrypted else 80)
        self._head = [f"Host: {parts.netloc}"] + ([] if token is None else [f"Authorization: Bearer {token}"])
        self._seconds, self._key = seconds, key
        # a semaphore belongs to one event loop, and a notebook may have several
        self._places: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()
        self._kept: list[_AsyncConnection] | None = None

    async def __aenter__(self) -> AsyncClient:
        self._kept = []
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        kept, self._kept = self._kept or [], None
        for connection in kept:
            await connection.close()

    async def predict_proba(self, data: Any, *, model: str | None = None) -> Any:
        """Return the probability of each class (see `Endpoint.predict_proba`)."""
        return await self.predict(data, "predict_proba", model=model)

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        """Return the call of another method of the model (see `Endpoint.__getattr__`)."""
        if name not in METHODS:
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}.")
        return functools.partial(self.predict, method=name)

    def __dir__(self) -> list[str]:
        """Return the names of all attributes, those of the model's methods included."""
        return sorted({*super().__dir__(), *METHODS})

    async def predict(self, data: Any, method: str = "predict", *, model: str | None = None) -> Any:
        """Send rows to one of the model's methods (see `Client.predict`)."""
        path = f"/{method}" if model is None else f"/{model}/{method}"
        values = []
        names = await self.names(model) if needs_names(data) else []
        columns = (await self.prototype(model))["properties"] if request_files.may_be_path(data) else None
        file = request_files.path_in(data, columns)
        parts = map(encode_rows, request_chunks(data, lambda: names)) if file is None else request_files.parts(file)
        for body, kind in parts:
            content, headers = await self.send("POST", path, body, {"Content-Type": kind, "Accept": f"{ARROW}, {JSON}"})
            values.append(decode_values(content, headers.get("content-type", JSON)))
        return concatenate_answers(values)

    async def names(self, model: str | None = None) -> list[str]:
        """Return the names of the columns that a model reads."""
        return list((await self.prototype(model))["required"])

    async def prototype(self, model: str | None = None) -> Any:
        """Return the JSON schema of one row."""
        return await self.get("/prototype" if model is None else f"/{model}/prototype")

    async def get(self, path: str) -> Any:
        """Return the JSON of a path.

        Raises
        ------
        EndpointError
        """
        try:
            return json_text.parse((await self.send("GET", path))[0])
        except ValueError as error:
            raise EndpointError(f"The endpoint answered {path} with text that is not JSON.") from error

    async def send(self, verb: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Reply:
        """Exchange one request (see `Client.send`)."""
        lines = [f"{verb} {self._path.rstrip('/')}{path} HTTP/1.1", *self._head, f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        request = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
        place = self._places.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(MOST_CONNECTIONS))
        try:
            # the time counts from when a place is free
            async with place, asyncio.timeout(self._seconds):
                status, content, found = await self._exchange(request)
        except (OSError, httptools.HttpParserError) as error:  # a timeout is one too
            raise unreachable(error) from error
        if not 200 <= status < 300:
            raise error_of(status, content)
        return content, found

    async def _exchange(self, request: bytes) -> tuple[int, bytes, dict[str, str]]:
        """Send on a kept connection, or on a new one where there is none, or the server has closed it."""
        if self._kept:
            try:
                return await self._send_on(self._kept.pop(), request)
            except ConnectionError:
                pass
        streams = await asyncio.open_connection(self._host, self._port, ssl=self._encrypted or None)
        connection = _AsyncConnection(*streams)
        try:
            await self._check(connection)
        except BaseException:
            await connection.close()
            raise
        return await self._send_on(connection, request)

    async def _check(self, connection: _AsyncConnection) -> None:
        """Let the endpoint prove which one it is, before the token or rows are sent (see `Client`)."""
        key = self._key()
        if not key:
            return
        challenge = endpoint_proof.new_challenge()
        lines = [f"GET {endpoint_proof.PATH} HTTP/1.1", self._head[0], f"{endpoint_proof.CHALLENGE}: {challenge}"]
        async with asyncio.timeout(endpoint_proof.SECONDS):
            answer = await connection.exchange("\r\n".join(lines).encode() + b"\r\n\r\n")
        _, _, headers, keep = answer
        if not endpoint_proof.is_valid(key, self._port, challenge, headers.get(endpoint_proof.PROOF, "")):
            raise impostor(f"{self._host}:{self._port}")
        if not keep:
            raise ConnectionResetError("the endpoint is being stopped")

    async def _send_on(self, connection: _AsyncConnection, request: bytes) -> tuple[int, bytes, dict[str, str]]:
        keep = False
        try:
            status, content, headers, keep = await connection.exchange(request)
        finally:
            if keep and self._kept is not None:
                self._kept.append(connection)
            else:
                await connection.close()
        return status, content, headers


class _AsyncConnection:
    """One connection, one exchange at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def exchange(self, request: bytes) -> tuple[int, bytes, dict[str, str], bool]:
        """Return status, content and headers of the answer, and whether the connection stays open."""
        self._whole, self._headers, self._content = False, dict[str, str](), list[bytes]()
        self._keep, self._size = False, 0
        self._parser = parser = httptools.HttpResponseParser(self)
        self._writer.write(request)
        while not self._whole:
            data = await self._reader.read(READ_BYTES)
            if not data:
                raise ConnectionResetError("the connection was closed before the answer")
            self._size += len(data)
            if self._size > (LARGEST_ANSWER if self._content else LARGEST_HEAD + READ_BYTES):
                raise too_large()
            parser.feed_data(data)
        del self._parser  # it and this connection refer to each other
        return parser.get_status_code(), b"".join(self._content), self._headers, self._keep

    async def close(self) -> None:
        """Close the connection, whatever state it is in."""
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except OSError:  # it was closed by the other side already
            return

    # Callbacks of the parser

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take one header."""
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, chunk: bytes) -> None:
        """Take a piece of the content."""
        self._content.append(chunk)

    def on_message_complete(self) -> None:
        """Note that the answer is whole. llhttp knows only here whether the connection stays open."""
        self._whole, self._keep = True, self._parser.should_keep_alive()
