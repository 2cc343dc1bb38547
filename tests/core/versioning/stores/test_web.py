"""Boards on the web are read by their manifest and never written."""

from __future__ import annotations

import contextlib
import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlops_magics.core.versioning import Board, Facts, open_board
from mlops_magics.errors import BoardError, NotFound, NotTrusted


@contextlib.contextmanager
def _served(folder: Path) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *arguments: Any) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_board_on_the_web_is_read_by_its_manifest_and_never_written(board: Board, model: Any) -> None:
    """Models, versions and aliases are read; trust is asked for; writing is one clear line."""
    version = board.publish(model, "line", Facts(format="joblib"))
    board.promote("line", "champion")
    manifest = f"line:\n- line/{version.version}/\nmlops-magics-log:\n- mlops-magics-log/20000101T000000Z-00000/\n"
    (Path(board.url) / "_pins.yaml").write_text(manifest)
    with _served(Path(board.url)) as url:
        web = open_board(url)
        assert web.names() == ["line"]
        assert web.version("line").aliases == ("champion",)
        with pytest.raises(NotTrusted):
            web.load("line")
        web.trust()
        assert web.load("line").coef_.tolist() == model.coef_.tolist()
        with pytest.raises(BoardError, match="read-only"):
            web.publish(model, "line")
        with pytest.raises(NotFound):
            web.version("nothing")
