"""Boards elsewhere: object stores, pins board objects, boards on the web, and copying between them."""

from __future__ import annotations

import contextlib
import functools
import http.server
import itertools
import math
import threading
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pins
import pytest

from mlops_magics.core.versioning import Board, Facts, open_board
from mlops_magics.errors import BoardError, InvalidInput, NotFound, NotTrusted
from tests.core.versioning.other_people import PROCESSES, pin_values, start

BUCKETS = {"s3": "bucket", "abfs": "container", "gs": "google_bucket"}


@pytest.fixture(params=["folder", "memory", *BUCKETS, "connect", "pins folder", "pins s3"])
def anywhere(request: pytest.FixtureRequest, tmp_path: Path) -> Board:
    """A new board of each kind."""
    if request.param == "folder":
        return open_board(tmp_path / "board")
    if request.param == "memory":
        return open_board(f"memory://{uuid.uuid4().hex}/board")
    if request.param == "connect":
        return open_board(request.getfixturevalue("connect").url)
    if request.param in BUCKETS:
        return open_board(f"{request.param}://{request.getfixturevalue(BUCKETS[request.param])}/team/board")
    if request.param == "pins s3":
        return open_board(pins.board_s3(f"{request.getfixturevalue('bucket')}/board"))
    (tmp_path / "board").mkdir()
    return open_board(pins.board_folder(str(tmp_path / "board")))


def test_every_kind_of_board_does_everything(anywhere: Board, model: Any) -> None:
    """Pin, list, promote, roll back, annotate, delete, restore, verify, load: the same words everywhere."""
    first = anywhere.publish(model, "line", Facts(format="joblib", profile=b"{}", metrics={"r2": 0.5}))
    second = anywhere.publish(model, "line", Facts(format="skops"))

    assert second.created > first.created
    assert list(anywhere.versions("line")["version"]) == [second.version, first.version]
    assert anywhere.promote(first.ref, "champion").version == first.version
    anywhere.promote(second.ref, "champion")
    assert anywhere.rollback("line").version == first.version
    assert anywhere.version("line").version == first.version
    assert anywhere.annotate(first.ref, tags=["eu"]).tags == ("eu",)
    assert list(anywhere.models("tag:eu")["name"]) == []
    assert anywhere.read_file(first, "profile.json") == b"{}"
    place = anywhere.delete(second.ref)
    with pytest.raises(NotFound):
        anywhere.version(second.ref)
    assert anywhere.restore(place).version == second.version
    assert anywhere.load(second).coef_.tolist() == model.coef_.tolist()
    assert anywhere.verify().findings == ()
    assert anywhere.collect_garbage().freed == 0
    assert open_board(anywhere.url if "pins" not in anywhere.label else anywhere).names() == ["line"]


@pytest.mark.parametrize("scheme", BUCKETS)
def test_two_writers_cannot_create_one_object(request: pytest.FixtureRequest, scheme: str) -> None:
    """The store decides between two: an event's number is given once, and the first one's bytes stay."""
    store = open_board(f"{scheme}://{request.getfixturevalue(BUCKETS[scheme])}/board").store

    assert store.append_event(1, b"first")
    assert not store.append_event(1, b"second")
    assert list(store.events(0)) == [b"first"]


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
    """Two processes, one name: as many whole versions as successes, each in a second of its own."""
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


def test_copying_keeps_hash_and_lineage(board: Board, model: Any) -> None:
    """From board to board byte for byte; the copy tells where it came from."""
    version = board.publish(model, "line", Facts(profile=b"{}", metrics={"r2": 0.5}, tags=("eu",)))
    target = open_board(f"memory://{uuid.uuid4().hex}")
    copied = board.copy(version, target, name="shared-line")

    assert copied.hash == version.hash
    assert (copied.metrics, copied.tags, copied.lineage) == (version.metrics, version.tags, version.lineage)
    assert target.version("shared-line").stamps["copied_from"] == f"{board.url}:{version.ref}"
    assert target.read_file(copied, "profile.json") == b"{}"
    assert target.load("shared-line").coef_.tolist() == model.coef_.tolist()


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


@pytest.mark.parametrize(
    "place", ["", "ftp2://x/y", "simplecache::http://169.254.169.254/x", "http://example.org/board", 7, b"x"]
)
def test_what_is_no_board_is_refused(place: Any) -> None:
    """Unknown schemes, chained URLs, plain http to elsewhere: one clear line, and no request."""
    with pytest.raises(InvalidInput) as refused:
        open_board(place)
    assert "\n" not in str(refused.value)


def test_credentials_in_a_url_are_not_kept() -> None:
    """The board's URL, which ends up in records, holds none."""
    board = open_board("memory://user:secret@place/board?token=abc")

    assert "secret" not in board.url
    assert "abc" not in board.url


def test_a_board_that_does_not_exist_is_not_created_by_looking(tmp_path: Path) -> None:
    """Opening and listing write nothing; with create=False it must be there."""
    assert open_board(tmp_path / "board").models().empty
    assert not (tmp_path / "board").exists()
    with pytest.raises(NotFound):
        open_board(tmp_path / "board", create=False)
