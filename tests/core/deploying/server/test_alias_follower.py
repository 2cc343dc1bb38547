"""Replicas that follow an alias: promote, roll back, a broken version, a board out of reach; and no failed request."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from werkzeug.test import Client

from mlops_magics import Session
from mlops_magics.core.deploying.endpoints.listening import listen
from mlops_magics.core.deploying.server import alias_follower
from mlops_magics.core.deploying.server.alias_follower import AliasFollower
from mlops_magics.core.versioning import Board, Facts, open_board
from mlops_magics.errors import BoardError, IntegrityError, InvalidInput
from tests.core.deploying.conftest import Pinned, publish_line
from tests.core.deploying.models import Sum

SECONDS = "0.2"


@pytest.fixture
def replicas(board: Board, tmp_path: Path) -> Iterator[list[str]]:
    """Two processes with state folders of their own that follow the champion, as two containers do."""
    first = publish_line(board).version
    board.promote(first.ref, to="champion")
    started, urls = [], []
    for number in range(2):
        listening = listen("127.0.0.1", 0)
        port = listening.getsockname()[1]
        listening.close()
        command = [sys.executable, "-m", "mlops_magics.cli", "serve", "line@champion", "--board", board.url]
        command += ["--no-token", "--no-log", "--trust-board", "--follow", SECONDS, "--port", str(port)]
        variables = {**os.environ, "MLOPS_MAGICS_STATE": str(tmp_path / f"state-{number}")}
        started.append(subprocess.Popen(command, env=variables, stderr=subprocess.DEVNULL))
        urls.append(f"http://127.0.0.1:{port}")
    try:
        for url in urls:
            _until(lambda url=url: requests.get(f"{url}/ping", timeout=5).ok, 100)
        yield urls
    finally:
        for child in started:
            child.send_signal(signal.SIGTERM)
        statuses = [child.wait(60) for child in started]
    assert statuses == [0, 0]


def _until(met: Callable[[], Any], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            if met():
                return
        except requests.RequestException:
            pass
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def test_replicas_move_with_the_alias_and_no_request_fails(replicas: list[str], board: Board) -> None:
    """Promote, roll back, and a version whose bytes were changed: two replicas under load."""
    first = board.version("line@champion").version
    rows = {"x 0": 1.0, "x-1": 1.0, "x2": 1.0, "x3": 1.0}
    stop, failed = threading.Event(), []
    answered: dict[str, set[tuple[str, float]]] = {url: set() for url in replicas}
    counts = dict.fromkeys(replicas, 0)

    def load(url: str) -> None:
        with requests.Session() as client:
            while not stop.is_set():
                reply = client.post(f"{url}/predict", json=[rows], timeout=30)
                if reply.status_code != 200:
                    failed.append(reply.text)
                answered[url].add((reply.headers["X-Model-Version"], reply.json()["predict"][0]))
                counts[url] += 1

    threads = [threading.Thread(target=load, args=(url,)) for url in replicas]
    for thread in threads:
        thread.start()

    def all_answer(version: str) -> bool:
        return all(
            requests.post(f"{url}/predict", json=[rows], timeout=30).headers["X-Model-Version"] == version
            for url in replicas
        )

    try:
        second = publish_line(board, 2.0).version
        board.promote(second.ref, to="champion")
        _until(lambda: all_answer(second.version))
        board.rollback("line")
        _until(lambda: all_answer(first))
        broken = publish_line(board, 3.0).version
        board.promote(broken.ref, to="champion")
        (file,) = Path(board.url.removeprefix("file://")).rglob(f"*{broken.version}/{broken.file}")
        _damage(file)
        time.sleep(1.5)
        bare = board.publish(Sum(4.0), "line", Facts(format="joblib"))
        board.promote(bare.ref, to="champion")  # without a prototype no request can be checked
        time.sleep(1.5)
        assert all_answer(first) or all_answer(broken.version)  # the one that answered, or the one that was still whole
        board.promote(second.ref, to="champion")
        _until(lambda: all_answer(second.version))
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not failed
    assert min(counts.values()) > 20
    for seen in answered.values():
        assert (
            {(first, 4.0), (second.version, 8.0)}
            <= seen
            <= {(first, 4.0), (second.version, 8.0), (broken.version, 12.0)}
        )


def _damage(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    draft = file.with_suffix(".draft")
    draft.write_bytes(content)
    file.chmod(0o644)
    shutil.move(draft, file)


def test_an_application_follows_by_the_same_loop(board: Board, tmp_path: Path) -> None:
    """Inside another server; a version that fails is refused by name, and one that is always the same is no alias."""
    pinned = publish_line(board)
    board.promote(pinned.version.ref, to="champion")
    session = Session(board=board.url)
    application = session.application("line@champion", follow=3600)
    client = Client(application)
    follower = application.follower
    assert follower is not None
    rows = pinned.rows.head(1).to_dict("records")

    def answered() -> float:
        return float(client.post("/predict", json=rows).json["predict"][0])

    before = answered()
    assert follower.look() is False
    second = publish_line(board, 2.0).version
    board.promote(second.ref, to="champion")
    assert follower.look() is True
    assert answered() == pytest.approx(2 * before)
    bare = board.publish(Sum(4.0), "line", Facts(format="joblib"))
    board.promote(bare.ref, to="champion")
    assert follower.look() is False
    assert follower.refused is not None
    assert follower.refused.version == bare.version
    assert answered() == pytest.approx(2 * before)
    follower.stop()
    for ref, more in (("line@v1", {}), (second.ref, {}), ("line@champion", {"sha256": second.hash})):
        with pytest.raises(InvalidInput):
            session.application(ref, follow=10, **more)
    board.rollback("line")
    for seconds in (0, -1, float("inf"), float("nan")):
        with pytest.raises(InvalidInput, match="follow takes seconds"):
            session.application("line@champion", follow=seconds)


def test_a_refused_version_is_tried_again_later_and_an_unreachable_board_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The delay doubles; another version is tried at once."""
    now, wanted, fails, moved = [0.0], ["b"], {"b"}, []
    monkeypatch.setattr(alias_follower.time, "monotonic", lambda: now[0])

    def move(version: str) -> None:
        moved.append(version)
        if version in fails:
            raise IntegrityError("not the bytes")

    def read() -> str:
        if not wanted[0]:
            raise BoardError("out of reach")
        return wanted[0]

    follower = AliasFollower(read, lambda: "a", move, 1.0)
    for time_, expected in ((0, 1), (1, 1), (59, 1), (61, 2), (100, 2), (180, 2), (182, 3)):
        now[0] = time_
        assert follower.look() is False
        assert len(moved) == expected
    wanted[0] = ""
    assert follower.look() is False
    wanted[0] = "c"
    assert follower.look() is True
    assert (moved[-1], follower.refused) == ("c", None)


def test_serve_refuses_to_follow_what_never_moves(board: Board) -> None:
    """A version, and a hash."""
    pinned: Pinned = publish_line(board)
    session = Session(board=open_board(board.url.removeprefix("file://")).url)
    with pytest.raises(InvalidInput, match="is always the same version"):
        session.serve(pinned.version.ref, follow=10.0)
    with pytest.raises(InvalidInput, match="A hash is that of one version"):
        session.serve("line", follow=10.0, sha256=pinned.version.hash)
