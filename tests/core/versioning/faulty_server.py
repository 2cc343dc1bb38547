"""moto's S3 behind a server that fails: from one request on, or once, by an answer or by silence."""

from __future__ import annotations

import http.server
import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.test import run_wsgi_app

KINDS = ("503", "cut before", "cut after", "half an answer")


@dataclass
class Faults:
    """Which request fails, and how.

    Attributes
    ----------
    kind
        ``503``, ``cut before`` the server saw the request, ``cut after`` it was done, or ``half an answer``.
    at
        The number of the first request that fails; None for none.
    once
        Whether only that one fails.
    """

    kind: str = ""
    at: int | None = None
    once: bool = False
    count: int = 0

    def due(self) -> bool:
        """Count a request, and return whether it fails."""
        self.count += 1
        return self.at is not None and (self.count == self.at if self.once else self.count >= self.at)

    def start(self, kind: str = "", at: int | None = None, once: bool = False) -> None:
        """Count from now on, and fail like this."""
        self.kind, self.at, self.once, self.count = kind, at, once, 0


@contextmanager
def faulty_server(faults: Faults) -> Iterator[str]:
    """Give the address of a server with the objects of every moto server of this process."""
    moto: Any = DomainDispatcherApplication(create_backend_app)

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # heads and bodies are sent apart, and the client would wait 40 ms between them

        def handle_request(self) -> None:
            body = self._body()
            due = faults.due()
            if due and faults.kind == "cut before":
                self.close_connection = True
                self.connection.close()
                return
            if due and faults.kind == "503":
                self._answer(503, [("Content-Type", "application/xml")], b"<Error><Code>SlowDown</Code></Error>")
                return
            parts, status, headers = run_wsgi_app(moto, self._environment(body), buffered=True)
            data = b"".join(parts)
            if due and faults.kind == "cut after":
                self.close_connection = True
                self.connection.close()
                return
            kept = [each for each in headers if each[0].lower() not in {"transfer-encoding", "connection"}]
            self._answer(int(status.split()[0]), kept, data, half=due)

        def _environment(self, body: bytes) -> dict[str, Any]:
            """Return the request as moto reads it."""
            asked = urlsplit(self.path)
            headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in self.headers.items()}
            return {
                **headers, "REQUEST_METHOD": self.command, "SCRIPT_NAME": "", "QUERY_STRING": asked.query,
                "PATH_INFO": unquote(asked.path, "latin-1"), "RAW_URI": self.path, "REQUEST_URI": self.path,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""), "CONTENT_LENGTH": str(len(body)),
                "SERVER_NAME": "127.0.0.1", "SERVER_PORT": str(web.server_port), "SERVER_PROTOCOL": "HTTP/1.1",
                "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(body), "wsgi.errors": io.StringIO(),
                "wsgi.version": (1, 0), "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False,
            }  # fmt: skip

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
                body = b""
                while size := int(self.rfile.readline().split(b";")[0], 16):
                    body += self.rfile.read(size)
                    self.rfile.readline()
                while self.rfile.readline().strip():
                    pass
                return body
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))

        def _answer(self, status: int, headers: list[tuple[str, str]], data: bytes, half: bool = False) -> None:
            length = next((value for name, value in headers if name.lower() == "content-length"), str(len(data)))
            self.send_response_only(status)
            for name, value in headers:
                if name.lower() != "content-length":
                    self.send_header(name, value)
            self.send_header("Content-Length", length if self.command == "HEAD" else str(len(data)))
            self.end_headers()
            if half:
                self.wfile.write(data[: len(data) // 2])
                self.close_connection = True
                self.connection.close()
            elif self.command != "HEAD":
                self.wfile.write(data)

        do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = handle_request

        def log_message(self, format: str, *arguments: Any) -> None:
            return

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except (OSError, ValueError):  # the client is gone, or its connection was cut
                self.close_connection = True

        def finish(self) -> None:
            try:
                super().finish()
            except (OSError, ValueError):
                return

    web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    web.daemon_threads = True
    threading.Thread(target=web.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{web.server_port}"
    finally:
        web.shutdown()
        web.server_close()
