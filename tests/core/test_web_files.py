"""Files at web addresses: redirects lead nowhere inside, answers end, and no password is repeated."""

from __future__ import annotations

import gzip
import http.server
import shutil
import socket
import threading
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mlops_magics.core import web_files
from mlops_magics.core.deploying.batch import input_files
from mlops_magics.core.monitoring.reading import sources
from mlops_magics.core.retraining.new_rows import row_source
from mlops_magics.core.versioning.describing.model_version import ModelVersion
from mlops_magics.core.versioning.describing.prototype import Prototype
from mlops_magics.errors import MlopsError

ROWS = b"a,b\n1,x\n2,y\n"
PAGE = b"<!-- sign in -->\n<!DOCTYPE html><html><body>" + b"<p>a,b</p>\n" * 300
PASSWORD = "hunter2-Tr0ub4dor"
HOPS = web_files.MOST_REDIRECTS


class _Site(http.server.ThreadingHTTPServer):
    """A server that keeps what it was asked, and knows the port of another one."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.heard: list[dict[str, str]] = []
        self.other = 0


class _Answer(http.server.BaseHTTPRequestHandler):
    """Answers by the name of the file: a redirect, an answer without an end, or rows."""

    server: _Site

    def do_GET(self) -> None:
        kind = Path(self.path.partition("?")[0]).stem
        self.server.heard.append(dict(self.headers))
        where = {"file": "file:///etc/hostname", "metadata": "http://169.254.169.254/x.csv", "loop": self.path}
        where |= {"again": "/rows.csv", "other": f"http://127.0.0.1:{self.server.other}/rows.csv"}
        if kind in where:
            self.send_response(302)
            self.send_header("Location", where[kind])
            self.end_headers()
            return
        self.send_response(404 if kind == "none" else 200)
        rows = PAGE if kind == "page" else ROWS
        packed = zlib.compress(ROWS)[: -6 if kind == "packedcut" else None] if kind.startswith("packed") else rows
        packed = gzip.compress(ROWS) if self.path.endswith(".gz") else packed
        if kind.startswith(("packed", "garbled")):
            self.send_header("Content-Encoding", "deflate")
        if kind != "endless":
            self.send_header("Content-Length", str(len(packed) + (9 if kind == "cut" else 0)))
        self.end_headers()
        self.wfile.write(packed)
        try:
            while kind == "endless":
                self.wfile.write(ROWS * 10_000)
        except OSError:
            return

    def log_message(self, *arguments: Any) -> None:
        """Print nothing."""


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """The address with user and password, and the headers of what it was asked. Another server hears what leaks."""
    with _Site() as found, _Site() as other:
        found.other = other.server_port
        for each in (found, other):
            threading.Thread(target=each.serve_forever, daemon=True).start()
        yield f"http://me:{PASSWORD}@127.0.0.1:{found.server_port}", other.heard
        found.shutdown()
        other.shutdown()


def _monitored(url: str) -> pd.DataFrame:
    return pd.DataFrame(sources.read_path(url).to_pandas())


def _scored(url: str) -> pd.DataFrame:
    return pd.concat(
        [each.table.to_pandas() for part in input_files.parts_of(url) for each in input_files.chunks_of(part)]
    )


def _retrained(url: str) -> pd.DataFrame:
    prototype = Prototype.from_data(pd.DataFrame({"a": [1, 2]}))
    version = ModelVersion("line", "v", datetime.now(UTC), "", "", prototype=prototype)
    return row_source.read(url, truth="b", version=version).frame


READERS = [_monitored, _scored, _retrained]
REFUSED = {
    "file": "redirects to file:|answered 302", "metadata": "redirects to 169.254.169.254", "loop": "answered 302",
    "other": "redirects to 127.0.0.1, an address of this machine", "endless": "given up after",
    "cut": "ended after 12 of 21",
    "packedcut": "ended within its packed bytes", "garbled": "could not be read",
    "page": r"is a web page \(HTML or XML\), not a file of rows", "none": "No file", "silent": "refused|answer",
}  # fmt: skip


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("kind", ["rows", "again", "packed", "rows.csv?sig=abc&part=1", "rows.csv.gz"])
def test_rows_are_read_by_every_way(server: tuple[str, Any], read: Any, kind: str) -> None:
    """A redirect within the host, a packed body, and a signature behind the name."""
    url = f"{server[0]}/{kind}" + ("" if "." in kind else ".csv")
    assert [list(map(str, row)) for row in read(url).to_numpy()] == [["1", "x"], ["2", "y"]]


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("kind", REFUSED)
def test_T14_what_leads_elsewhere_or_never_ends_is_one_line_without_the_password(
    server: tuple[str, list[Any]], read: Any, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T14, T13: by `--data` of monitoring, of batch scoring and of retraining."""
    monkeypatch.setattr(web_files, "MOST_UNDECLARED", 5_000_000)
    url = server[0]
    if kind == "silent":
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            url = f"http://me:{PASSWORD}@127.0.0.1:{unused.getsockname()[1]}"
    server[1].clear()
    with pytest.raises(MlopsError, match=REFUSED[kind]) as refusal:
        read(f"{url}/{kind}.csv?sig={PASSWORD}")
    assert PASSWORD not in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert server[1] == []


def test_R06_a_file_that_does_not_fit_on_the_disk_is_given_up(
    server: tuple[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """R6: before the disk is full."""
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=web_files.SPARE - 1))
    with pytest.raises(MlopsError, match="the disk is full"), web_files.fetched(f"{server[0]}/rows.csv"):
        pass


def test_T14_a_redirect_from_https_to_http_is_not_followed() -> None:
    """T14: the connection would be open to everyone on the way."""
    request = web_files._request("https://example.org/x.csv")
    with pytest.raises(ValueError, match="which is not followed"):
        web_files._Redirects().redirect_request(request, None, 302, "", {}, "http://example.org/x.csv")
