"""A storage that denies, or does not answer, is one line through every verb that reads or writes there."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sklearn.linear_model import LinearRegression

from mlops_magics import Session
from mlops_magics.core.remote_errors import remote_refusals
from mlops_magics.errors import BoardError, InvalidInput
from tests.core.deploying.conftest import numbers

DENIED = b"<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
VERBS: dict[str, Callable[[Session, Path], Any]] = {
    "input": lambda session, _: session.predict_batch("line", data="s3://no/in/*.parquet", to="out"),
    "log": lambda session, _: session.monitor("line", log="s3://no/log"),
    "log of a version": lambda session, _: session.monitor("line@v1", log="s3://no/log"),
    "compaction": lambda session, _: session.compact_log("s3://no/log", "line"),
    "rows": lambda session, _: session.monitor("line", data="s3://no/rows.parquet"),
    "text rows": lambda session, _: session.monitor("line", data="s3://no/rows.csv"),
    "site": lambda session, _: session.catalogue(to="s3://no/site"),
    "board": lambda session, _: session.copy("line", "s3://no/board"),
}


class Denying(http.server.BaseHTTPRequestHandler):
    """S3 with a policy against everything."""

    def answer(self) -> None:
        """Deny."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(403)
        self.send_header("Content-Length", str(len(DENIED)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(DENIED)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = answer

    def log_message(self, *words: object) -> None:
        """Write nothing."""


@pytest.fixture(scope="module")
def denying() -> Iterator[str]:
    """The address of a storage that denies."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Denying)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


@pytest.fixture(params=["denies", "does not answer"])
def storage(request: pytest.FixtureRequest, denying: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A storage that gives nothing, and the reason of the refusal."""
    import fsspec

    for name, value in {
        "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_ENDPOINT_URL": denying if request.param == "denies" else "http://127.0.0.1:9",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    yield "no permission" if request.param == "denies" else "Error"
    fsspec.get_filesystem_class("s3").clear_instance_cache()


def pinned(folder: Path) -> Session:
    """A board with a model and its reference profile."""
    session, rows = Session(board=folder / "board"), numbers()
    session.pin(LinearRegression().fit(rows, rows["x2"]), "line", data=rows, truth=rows["x2"])
    return session


def test_a_storage_that_gives_nothing_is_one_line(storage: str, tmp_path: Path) -> None:
    """The place is named, with the reason and what to check; no library's traceback, and no other error."""
    session = pinned(tmp_path)
    refusals = {}
    for name, verb in VERBS.items():
        with pytest.raises(BoardError, match="s3://no/") as refused:
            verb(session, tmp_path)
        refusals[name] = str(refused.value)

    assert {name: text for name, text in refusals.items() if "\n" in text or "Check the" not in text} == {}
    assert {name: text for name, text in refusals.items() if storage not in text} == {}


def test_an_output_that_is_denied_names_the_output(storage: str, tmp_path: Path) -> None:
    """Each part fails for the place that it could not write, and the result says so."""
    session = pinned(tmp_path)
    numbers().to_parquet(tmp_path / "rows.parquet")
    found = session.predict_batch("line", data=str(tmp_path / "rows.parquet"), to="s3://no/out")

    (failed,) = found.failed
    assert failed.message.startswith("The output s3://no/out/rows-")
    assert storage in failed.message


def test_faults_of_rows_and_of_the_program_are_not_the_storages() -> None:
    """Our own errors, and those that no network raises, pass as they are."""
    for fault in (InvalidInput("x"), ValueError("x"), FileNotFoundError("x"), KeyError("x")):
        with pytest.raises(type(fault)), remote_refusals("s3://no", "read"):
            raise fault
