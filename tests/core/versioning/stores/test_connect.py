"""A board on Posit Connect, through the pins package, against a server that speaks its API."""

from __future__ import annotations

import threading
from typing import Any

import pins
import pytest

from mlops_magics.core.versioning import Facts, open_board
from mlops_magics.core.versioning.names import ModelName
from mlops_magics.errors import BoardError, IntegrityError, InvalidInput, NotFound
from tests.core.versioning.connect_server import KEY, Connect


@pytest.fixture
def theirs(connect: Connect) -> Any:
    """The board as the pins package opens it."""
    server = connect.url.replace("connect+http", "http")
    return pins.board_connect(server_url=server, api_key=KEY, allow_pickle_read=True)


def test_pins_reads_what_we_write_and_we_read_what_pins_writes(theirs: Any, model: Any) -> None:
    """Both ways on one server: the pins board object is the board, and the log looks like a pin."""
    ours = open_board(theirs)
    theirs.pin_write({"a": 1}, "ada/written", type="json")
    theirs.pin_write(model, "ada/line", type="joblib")
    first = ours.version("line")
    second = ours.publish(model, "line", Facts(format="joblib", metrics={"r2": 0.5}))
    ours.promote(second.ref, "champion")

    assert ours.names() == ["line", "written"]
    assert second.parent == first.version
    ours.trust()
    assert ours.load(first).coef_.tolist() == model.coef_.tolist()
    assert theirs.pin_read("ada/line").coef_.tolist() == model.coef_.tolist()
    assert theirs.pin_meta("ada/line").user["mlops_magics"]
    assert len(theirs.pin_versions("ada/line")) == 2
    assert sorted(theirs.pin_list()) == ["ada/line", "ada/mlops-magics-log", "ada/written"]
    assert theirs.pin_read("ada/mlops-magics-log")["layout"] == 1


def test_readers_without_a_version_get_the_newest_after_deleting_and_restoring(theirs: Any) -> None:
    """The server does not delete its current bundle: another one becomes current first, and the newest stays so."""
    ours = open_board(theirs)
    versions = [ours.publish({"value": value}, "line", Facts(format="joblib")) for value in (1, 2, 3)]

    place = ours.delete(versions[2].ref)
    assert theirs.pin_read("ada/line") == {"value": 2}
    oldest = ours.delete(versions[0].ref)
    ours.restore(oldest)
    assert theirs.pin_read("ada/line") == {"value": 2}
    ours.restore(place)
    assert theirs.pin_read("ada/line") == {"value": 3}
    assert list(ours.versions("line")["version"]) == [each.version for each in reversed(versions)]
    assert "ada/mlops-magics-trash" not in theirs.pin_list()


def test_writers_in_one_second_get_a_second_each(connect: Connect) -> None:
    """R1, R2: The later of two bundles moves on to the next second; no version is lost or named twice."""
    barrier = threading.Barrier(4)
    failed: list[BaseException] = []

    def pin() -> None:
        board = open_board(connect.url)
        barrier.wait()
        try:
            board.publish({"value": 1}, "line", Facts(format="joblib"))
        except BaseException as error:
            failed.append(error)

    open_board(connect.url).publish({"value": 0}, "line", Facts(format="joblib"))
    writers = [threading.Thread(target=pin) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert failed == []
    board = open_board(connect.url)
    found = board.catalogue.versions(ModelName("line"))
    assert len(found) == 5
    assert len({version[:16] for version in found}) == 5
    assert board.verify().findings == ()


def test_two_people_promote_at_once_and_both_moves_are_told(connect: Connect) -> None:
    """R14: The lower bundle number has the event; who was later is told after it."""
    one, other = open_board(connect.url), open_board(connect.url)
    first, second = (one.publish({"value": value}, "line", Facts(format="joblib")) for value in (1, 2))
    one.promote(first.ref, "champion")
    moved: list[str] = []

    def meanwhile(bundle: str) -> None:
        connect.before_deploy = lambda bundle: None
        moved.append(other.promote(second.ref, "challenger").version or "")

    connect.before_deploy = meanwhile
    one.promote(second.ref, "champion", note="better")

    fresh = open_board(connect.url)
    assert moved == [second.version]
    assert fresh.aliases("line") == {"champion": second.version, "challenger": second.version}
    assert [(event.sequence, event.alias) for event in fresh.log.read()[1:]] == [(2, "champion"), (3, "challenger")]


def test_bytes_that_were_changed_on_the_server_are_refused(connect: Connect, model: Any) -> None:
    """The hash is checked before anything is read."""
    board = open_board(connect.url)
    version = board.publish(model, "line", Facts(format="joblib"))
    for files in connect.bundles.values():
        if version.file in files:
            files[version.file] = files[version.file][:-1] + b"x"

    with pytest.raises(IntegrityError):
        board.load(version)
    assert [finding.kind for finding in board.verify().findings] == ["broken"]


def test_a_key_that_is_not_known_is_one_line_without_the_key(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line says what to look at."""
    monkeypatch.setenv("CONNECT_API_KEY", "wrong-secret")

    with pytest.raises(BoardError, match="credentials") as refused:
        open_board(connect.url).names()
    assert "wrong-secret" not in str(refused.value)


def test_a_key_in_the_url_is_refused() -> None:
    """It would lie in the list of boards."""
    with pytest.raises(InvalidInput, match="CONNECT_API_KEY"):
        open_board("connect://secret@server")


def test_what_is_not_there_is_said(connect: Connect) -> None:
    """An empty server has no board yet; a model that is missing is named."""
    with pytest.raises(NotFound):
        open_board(connect.url, create=False)
    board = open_board(connect.url)
    board.publish({"value": 1}, "line", Facts(format="joblib"))
    with pytest.raises(NotFound, match="lines"):
        board.version("lines")
    with pytest.raises(NotFound):
        board.restore("20261123T133731Z-line-20261123T133731Z-050cc-a1b2c3")
