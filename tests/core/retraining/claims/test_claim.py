"""Claims: one run at a time, on a folder and in a bucket, and a run that was taken over can move nothing."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import uuid
from pathlib import Path
from typing import Any

import pytest
import s3fs

from mlops_magics.core.retraining.claims import claim as claims
from mlops_magics.core.retraining.claims import liveness
from mlops_magics.core.retraining.claims.claim import Request
from mlops_magics.core.versioning import Board, Facts, open_board
from mlops_magics.core.versioning.history.events import Event
from mlops_magics.errors import BoardError, Held, NothingToDo

REQUEST = Request("line", "20260101T000000Z-00000", reason="by hand")


@pytest.fixture(params=["folder", "bucket"])
def board(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Board:
    """A board in a folder, and one in a bucket of a real server."""
    if request.param == "folder":
        return open_board(tmp_path / "board")
    url = request.getfixturevalue("bucket_server")
    for name, value in (
        ("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test"), ("AWS_ENDPOINT_URL", url),
        ("AWS_DEFAULT_REGION", "us-east-1"),
    ):  # fmt: skip
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    bucket = f"b{uuid.uuid4().hex[:10]}"
    s3fs.S3FileSystem(endpoint_url=url).mkdir(bucket)
    return open_board(f"s3://{bucket}/board")


@pytest.fixture
def version(board: Board) -> str:
    """The only version of the model."""
    return board.publish({"a": 1}, "line", Facts(format="joblib")).version


def test_of_many_that_ask_at_once_one_gets_the_model(board: Board, version: str) -> None:
    """R22: The others hear who holds it."""
    taken: list[Any] = []
    refused: list[Held] = []

    def ask() -> None:
        try:
            taken.append(claims.take(open_board(board.url), REQUEST))
        except Held as held:
            refused.append(held)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert len(taken) == 1
    assert len(refused) == 5
    assert f"@{socket.gethostname()}, pid {os.getpid()}" in refused[0].holder


def test_a_claim_is_given_back_and_history_tells_it(board: Board, version: str) -> None:
    """The end names the outcome; the next run gets a higher number."""
    first = claims.take(board, REQUEST)
    claims.give_back(board, first, "kept", version, "not better")
    second = claims.take(board, REQUEST)

    assert second.run != first.run
    assert second.sequence > first.sequence
    assert list(board.history("line")["event"])[:3] == ["retrain_claim", "retrain_end", "retrain_claim"]


def test_a_run_whose_board_refused_its_end_holds_nothing(board: Board, version: str) -> None:
    """Its process lives on, so this machine keeps a note of the end until the board has the event."""
    refused = claims.take(board, REQUEST)
    liveness.note_end(board, refused.run)
    second = claims.take(board, REQUEST)

    assert second.run != refused.run
    claims.give_back(board, second, "kept", version, "not better")
    assert claims.take(board, REQUEST).sequence > second.sequence


def test_a_board_that_is_gone_is_not_made_anew_by_the_end_of_a_run(tmp_path: Path) -> None:
    """The folder was moved: nothing is written where it was."""
    board = open_board(tmp_path / "board")
    version = board.publish({"a": 1}, "line", Facts(format="joblib")).version
    taken = claims.take(board, REQUEST)
    (tmp_path / "board").rename(tmp_path / "elsewhere")
    with pytest.raises(BoardError, match=r"moved or removed while line was retrained.*Bring the board back"):
        claims.give_back(board, taken, "kept", version, "not better")

    assert not (tmp_path / "board").exists()


def test_a_run_that_was_taken_over_can_move_no_alias(board: Board, version: str) -> None:
    """Its number is lower: the promotion is refused in the moment of the move, however late it comes."""
    paused = claims.take(board, REQUEST)
    board.log.append(lambda events: Event.retrain_claim("line", version, {"run": "another", "host": "elsewhere"}))
    with pytest.raises(Held, match=r"was taken over by .*@elsewhere.*nothing was promoted"):
        board.promote(f"line@{version}", to="champion", fence=paused.fence)

    assert board.aliases("line") == {}


def test_a_claim_of_a_dead_process_is_free_at_once(tmp_path: Path) -> None:
    """On the same host, by its pid and the time of its start."""
    board = open_board(tmp_path / "board")
    version = board.publish({"a": 1}, "line", Facts(format="joblib")).version
    code = (
        "import sys; from mlops_magics.core.versioning import open_board\n"
        "from mlops_magics.core.retraining.claims.claim import Request, take\n"
        "print(take(open_board(sys.argv[1]), Request('line', sys.argv[2])).run)"
    )
    dead = subprocess.run(
        [sys.executable, "-c", code, board.url, version], capture_output=True, text=True, check=True
    ).stdout.strip()

    assert claims.take(board, REQUEST, resumable="not that one").run != dead
    claims.give_back(board, claims.Claim("x", 0, REQUEST), "cancelled", None, "")


def test_a_dead_run_is_continued_under_its_own_id(tmp_path: Path) -> None:
    """With a new number: what its old process still does is fenced off."""
    board = open_board(tmp_path / "board")
    version = board.publish({"a": 1}, "line", Facts(format="joblib")).version
    board.log.append(
        lambda events: Event.retrain_claim(
            "line", version, {"run": "dead", "host": socket.gethostname(), "pid": 2**22, "started": 1.0}
        )
    )
    again = claims.take(board, REQUEST, resumable="dead")

    assert (again.run, again.resumed) == ("dead", True)


def test_a_claim_of_another_host_is_dead_when_its_sign_of_life_stands_still(
    board: Board, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By this host's own clock, which nobody can set back; the first look only remembers."""
    now = [1000.0]
    monkeypatch.setattr(liveness.time, "monotonic", lambda: now[0])
    event = board.log.append(lambda events: Event.retrain_claim("line", version, {"run": "far", "host": "elsewhere"}))
    board.store.beat("far", b"1")
    assert liveness.is_alive(board, event)
    now[0] += liveness.LEASE_SECONDS - 1
    assert liveness.is_alive(board, event)
    board.store.beat("far", b"2")
    now[0] += 2
    assert liveness.is_alive(board, event), "it changed"
    now[0] += liveness.LEASE_SECONDS + 1
    assert not liveness.is_alive(board, event)
    board.store.beat("far", None)
    assert board.store.last_beat("far") is None


def test_a_slot_is_used_once(board: Board, version: str) -> None:
    """A due time makes one run, however many see it; a cancelled run has not used it."""
    due = Request("line", version, policy="weekly", slot="2026-11-23T04:00:00Z")
    cancelled = claims.take(board, due)
    claims.give_back(board, cancelled, "cancelled", None, "")
    used = claims.take(board, due)
    claims.give_back(board, used, "kept", None, "")
    with pytest.raises(NothingToDo, match="was retrained for 2026-11-23T04:00:00Z already"):
        claims.take(board, due)

    other = Request("line", version, policy="daily", slot=due.slot)
    assert claims.take(board, other).run


def test_an_event_whose_reply_was_lost_is_recognised(board: Board, version: str) -> None:
    """A put that is sent again meets its own object, and a link over NFS its own file: that is no other writer."""
    sequence = len(board.log.read()) + 1
    data = b'{"sequence":1}'

    assert board.store.append_event(sequence, data)
    assert board.store.append_event(sequence, data)
    assert not board.store.append_event(sequence, data + b" ")


def test_R12_the_holder_of_a_claim_is_one_line_whatever_its_writer_wrote(board: Board, version: str) -> None:
    """R12: An event of another writer names its host: text of any length and with line breaks."""
    taken = claims.take(board, Request("line", version))
    hostile = {"run": "x" * 5000, "host": "a\nb" * 1000, "pid": 1, "started": 0.0}
    board.log.append(lambda events: Event.retrain_claim("line", version, hostile, None))
    with pytest.raises(Held) as refused:
        taken.fence(board.log.read())

    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 500
