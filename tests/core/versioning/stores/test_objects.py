"""Boards in object stores: interrupted uploads, lost credentials, tampered objects."""

from __future__ import annotations

import itertools
import math
import os
import shutil
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import s3fs
from botocore.retries.standard import ExponentialBackoff

from mlops_magics.core import state
from mlops_magics.core.versioning import Board, Facts, companions, open_board
from mlops_magics.core.versioning.names import ModelName
from mlops_magics.errors import BoardError, MlopsError
from tests.core.versioning import raw_objects
from tests.core.versioning.faulty_server import KINDS, Faults, faulty_server
from tests.core.versioning.other_people import PROCESSES, pin_values, start


def test_an_object_that_was_tampered_with_is_refused(bucket: str, model: Any) -> None:
    """There is no cache that could hide it, and none that could be poisoned."""
    from mlops_magics.errors import IntegrityError

    board = open_board(f"s3://{bucket}/board")
    version = board.publish(model, "line", Facts(format="joblib"))
    path = f"{bucket}/board/line/{version.version}/{version.file}"
    data = bytearray(board.store.fs.cat_file(path))  # type: ignore[attr-defined]
    data[100] ^= 1
    board.store.fs.pipe_file(path, bytes(data))  # type: ignore[attr-defined]

    with pytest.raises(IntegrityError):
        board.load(version)


def test_writers_side_by_side_on_s3_each_get_a_complete_version(bucket: str) -> None:
    """R1: Two processes, one name: as many whole versions as successes, each in a second of its own."""
    url = f"s3://{bucket}/board"
    open_board(url).publish({"first": True}, "shared", Facts(format="joblib"))
    answers = PROCESSES.Queue()
    writers = [start(pin_values, url, seed, 5, answers) for seed in range(2)]
    told = [answers.get(timeout=100) for _ in range(10)]
    for writer in writers:
        writer.join()
    board = open_board(url)

    assert sorted(told) == board.catalogue.versions("shared")[1:]  # type: ignore[arg-type]
    assert len({version[:16] for version in told}) == 10
    board.trust()
    assert board.verify().findings == ()


def test_what_is_still_being_uploaded_is_no_version(bucket: str) -> None:
    """Data without metadata is invisible to readers, and named by `verify`."""
    board = open_board(f"s3://{bucket}/board")
    whole = board.publish({"value": 1}, "line", Facts(format="joblib"))
    board.store.fs.pipe_file(f"{bucket}/board/line/20990101T000000Z-abcde/line.joblib", b"half")  # type: ignore[attr-defined]

    assert board.version("line").version == whole.version
    assert [(finding.kind, finding.place) for finding in board.verify().findings] == [
        ("orphan", "line/20990101T000000Z-abcde")
    ]


def test_T20_an_event_without_bytes_is_named(bucket: str) -> None:
    """T20: S3 refuses to read a range of it. `verify` goes on and names it, and a promotion is refused."""
    board = open_board(f"s3://{bucket}/board")
    board.promote(board.publish({"value": 1}, "line", Facts(format="joblib")).ref, "champion")
    [event] = board.store.fs.glob(f"{bucket}/board/mlops-magics-log/*/0*.json")  # type: ignore[attr-defined]
    board.store.fs.pipe_file(event, b"")  # type: ignore[attr-defined]
    board = open_board(board.url)

    assert {finding.kind for finding in board.verify().findings} == {"log"}
    with pytest.raises(MlopsError):
        board.promote("line@v1", "champion")


@pytest.fixture
def refuse_after(s3_server: str) -> Iterator[Callable[[float], None]]:
    """Let S3 accept the credentials for so many requests more, and refuse them from then on."""

    def refuse(requests: float) -> None:
        told = urllib.request.Request(
            f"{s3_server}/moto-api/reset-auth", data=str(requests).encode(), headers={"Content-Type": "text/plain"}
        )
        urllib.request.urlopen(told).close()

    yield refuse
    refuse(math.inf)


def test_credentials_lost_at_any_request_leave_the_state_before_in_one_line(
    bucket: str, refuse_after: Callable[[float], None]
) -> None:
    """For every request of a pin: the board is as before, the message names board and next step and no key."""
    url = f"s3://{bucket}/board"
    open_board(url).publish({"value": 1}, "line", Facts(format="joblib"))
    before = open_board(url).versions("line")["version"].tolist()
    for requests in itertools.count():
        board = open_board(url)
        board.store.fs.invalidate_cache()  # type: ignore[attr-defined]
        refuse_after(requests)
        try:
            board.publish({"value": 2}, "line", Facts(format="joblib"))
            break
        except BoardError as refused:
            message = str(refused)
        finally:
            refuse_after(math.inf)
        assert open_board(url).versions("line")["version"].tolist() == before
        assert url in message
        assert "then try again" in message
        assert "\n" not in message
        assert "testing" not in message

    assert requests > 2
    assert open_board(url).load("line") == {"value": 2}
    assert {finding.kind for finding in open_board(url).verify().findings} <= {"orphan"}


def test_a_store_out_of_reach_is_one_line(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody answers at the address: the message names the board and what to check."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    lost = open_board(f"s3://{bucket}/board")
    lost.store.fs.retries = 1  # type: ignore[attr-defined]
    with pytest.raises(BoardError, match="Check the network") as refused:
        lost.publish({"value": 2}, "line", Facts(format="joblib"))

    assert "\n" not in str(refused.value)


ACTIONS: dict[str, tuple[Callable[[Board], Any], Callable[[Board], Any]]] = {
    "pin": (lambda board: None, lambda board: _pin(board, 2)),
    "promote": (lambda board: None, lambda board: board.promote("line@latest", "champion")),
    "annotate": (lambda board: None, lambda board: board.annotate("line@latest", tags=["eu"])),
    "delete": (lambda board: _pin(board, 2), lambda board: board.delete("line@latest")),
    "restore": (
        lambda board: board.delete(_pin(board, 2).ref), lambda board: board.restore(board.store.trash()[0])
    ),
    "thresholds": (
        lambda board: None, lambda board: companions.update(board, "line", "thresholds", lambda before: b"1", "limits")
    ),
}  # fmt: skip

SOME = {("pin", "cut after"), ("promote", "503")}
"""What CI tries; a try is some two hundred requests."""


class _Copy:
    """The objects of a bucket and this user's state folder, which are put back: quicker than to pin again."""

    def __init__(self, bucket: str, folder: Path) -> None:
        self._bucket, self._folder = bucket, folder
        self._objects = raw_objects.read_all(bucket)
        shutil.copytree(state.directory(), folder)

    def restore(self) -> None:
        """Put everything back."""
        raw_objects.replace_all(self._bucket, self._objects)
        shutil.rmtree(state.directory())
        shutil.copytree(self._folder, state.directory(), dirs_exist_ok=True)


def _pin(board: Board, value: int) -> Any:
    return board.publish({"value": value}, "line", Facts(format="joblib"))


def _state(board: Board) -> tuple[Any, ...]:
    """Read a board as a new process would, every version loaded; names by time are left out.

    Each listing, and the log, is read once: the states of a thousand faults are most of the requests.
    """
    board = board.still()
    versions = board.catalogue.versions(ModelName("line"))
    values = [board.load(f"line@{version}")["value"] for version in versions]
    named = [versions.index(version) for version in board.aliases("line").values()]
    notes = sum(len(board.log.annotations("line", version)) for version in versions)
    return values, named, notes, companions.read(board, "line", "thresholds")


ALL = os.environ.get("MLOPS_MAGICS_FAULTS") == "all"
"""Whether every request fails in turn, as in `make faults`; else a few of two actions."""

FAULTY = [(action, kind) for action in ACTIONS for kind in KINDS if ALL or (action, kind) in SOME]


@pytest.mark.parametrize(("action", "kind"), FAULTY)
def test_R17_a_store_that_fails_at_any_request_leaves_the_state_before_or_after(
    bucket: str, action: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R17: answers of 503, and connections cut before, during or after the work, at request k for every k.

    One failure is tried again and goes unnoticed; one that lasts is one line, and the next write works.
    """
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "2")
    monkeypatch.setenv("AWS_RETRY_MODE", "standard")
    monkeypatch.setattr(ExponentialBackoff, "delay_amount", lambda self, context: 0.0)  # half a second for each try
    prepare, act = ACTIONS[action]
    faults = Faults()
    with faulty_server(faults) as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)

        s3fs.S3FileSystem.clear_instance_cache()

        def fresh() -> Board:
            board = open_board(f"s3://{bucket}/{action}")  # a new client for each would cost half a second
            board.store.fs.retries = 1  # type: ignore[attr-defined]
            board.store.fs.invalidate_cache()  # type: ignore[attr-defined]
            return board

        _pin(fresh(), 1)
        prepare(fresh())
        before, prepared = _state(fresh()), _Copy(bucket, tmp_path / "copy")
        board = fresh()
        faults.start()
        act(board)
        requests, after = faults.count, _state(fresh())
        for at, once in _chosen(requests):
            prepared.restore()
            board = fresh()
            faults.start(kind, at, once)
            refused = _refused(act, board)
            faults.start()
            found = _state(fresh())
            assert found in (before, after), (at, once)
            assert "\n" not in refused
            assert once or refused or found == after, "a store that is gone was reported as written"
            assert _pin(fresh(), 9).version
            assert _state(fresh())[0] == [*found[0], 9]


def _chosen(requests: int) -> list[tuple[int, bool]]:
    """Return the numbers of the requests that fail, each with whether only that one fails."""
    every = [(at, once) for at in range(1, requests + 1) for once in (True, False)]
    return every if ALL else [(requests // 2, True), (requests, False)]


def _refused(act: Callable[[Board], Any], board: Board) -> str:
    try:
        act(board)
    except MlopsError as refused:
        return str(refused)
    return ""
