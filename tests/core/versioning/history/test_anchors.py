"""Anchors: a log that was cut, renamed, forged or replaced is named, and nothing is promoted until it is accepted."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from mlops_magics.core.versioning import Board, Facts, open_board
from mlops_magics.errors import IntegrityError, NotFound

Harm = Callable[[Path, list[str]], None]


def _log(board: Board) -> Path:
    return next(Path(board.url).glob("mlops-magics-log/*"))


def _cut_last(log: Path, versions: list[str]) -> None:
    (log / "00000003.json").unlink()


def _cut_all(log: Path, versions: list[str]) -> None:
    for path in log.glob("0*.json"):
        path.unlink()


def _cut_middle(log: Path, versions: list[str]) -> None:
    (log / "00000002.json").unlink()


def _edit_last(log: Path, versions: list[str]) -> None:
    path = log / "00000003.json"
    path.write_text(path.read_text().replace(versions[2], versions[0]))


@pytest.fixture
def promoted(board: Board) -> tuple[Board, list[str]]:
    """A board whose champion moved three times."""
    versions = [board.publish({"value": value}, "line", Facts(format="joblib")).version for value in range(3)]
    for version in versions:
        board.promote(f"line@{version}", to="champion")
    board.publish({"value": 3}, "line", Facts(format="joblib"))
    return board, versions


def test_T20_an_event_that_is_a_pipe_is_named_and_replaced_by_an_acceptance(
    promoted: tuple[Board, list[str]],
) -> None:
    """T20: no reader waits for bytes, and no alias is resolved past it."""
    board, versions = promoted
    (_log(board) / "00000003.json").unlink()
    os.mkfifo(_log(board) / "00000003.json")
    for seen in (board, open_board(board.url)):
        with pytest.raises(IntegrityError, match=r"is a pipe.*%verify --accept"):
            seen.version("line")

    assert [each.repaired for each in board.verify(accept=True).findings if each.kind == "log"] == ["accepted"]
    assert open_board(board.url).version("line").version == versions[1]


def test_T20_an_acceptance_of_another_user_does_not_silence_ones_own_alarm(
    board: Board, pinned: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T20: whoever saw the longer log is told, though the one who cut it has accepted it."""
    for version in pinned:
        board.promote(f"line@{version}", to="champion")
    mine = tmp_path / "mine"
    monkeypatch.setenv("MLOPS_MAGICS_STATE", str(mine))
    open_board(board.url).version("line")
    monkeypatch.setenv("MLOPS_MAGICS_STATE", str(tmp_path / "theirs"))
    _cut_last(_log(board), pinned)
    open_board(board.url).verify(accept=True)
    open_board(board.url).promote(f"line@{pinned[0]}", to="champion")
    monkeypatch.setenv("MLOPS_MAGICS_STATE", str(mine))

    with pytest.raises(IntegrityError, match="not the one that you saw"):
        open_board(board.url).version("line")


def test_T20_an_acceptance_is_in_the_history(board: Board, pinned: list[str]) -> None:
    """T20: who accepted what, and when, is an event of its own."""
    board.promote("line", to="champion")
    board.promote(f"line@{pinned[0]}", to="champion")
    path = _log(board) / "00000001.json"
    path.write_text(path.read_text().replace("promote", "protect"))
    board.verify(accept=True)

    accepted = [event for event in board.log.read() if event.event == "accept"]
    assert [(event.by is not None, list(event.details["events"])) for event in accepted] == [(True, ["2"])]


def test_R12_a_board_that_was_made_anew_at_the_same_place_is_another_board(board: Board) -> None:
    """R12: the folder is deleted, and a new one begins: nothing is wrong with it."""
    board.publish({"value": 1}, "line", Facts(format="joblib"))
    board.promote("line", to="champion")
    shutil.rmtree(board.url)
    fresh = open_board(board.url)
    fresh.publish({"value": 2}, "line", Facts(format="joblib"))
    fresh.promote("line", to="champion")

    assert fresh.verify().findings == ()
    assert board.version("line").version == fresh.version("line").version


def test_T20_a_session_that_is_open_notices_too(board: Board, pinned: list[str]) -> None:
    """T20: what was read before is compared with what is there before anything is built upon it."""
    for version in pinned:
        board.promote(f"line@{version}", to="champion")
    _cut_last(_log(board), pinned)

    with pytest.raises(IntegrityError, match="events were removed"):
        board.promote(f"line@{pinned[0]}", to="champion")
    assert len(list(_log(board).glob("0*.json"))) == 2


def test_a_champion_whose_version_is_gone_is_an_error_for_a_bare_name(board: Board, pinned: list[str]) -> None:
    """T4: the newest version does not answer in its place; a promotion ends it."""
    board.promote(f"line@{pinned[0]}", to="champion")
    shutil.rmtree(Path(board.url) / "line" / pinned[0])
    for act in (board.version, board.load):
        with pytest.raises(NotFound, match=rf"{pinned[0]}.*%promote line@VERSION champion"):
            act("line")

    assert board.version("line@latest").version == pinned[2]
    board.promote("line@latest", to="champion")
    assert board.version("line").version == pinned[2]


def test_R19_a_log_of_a_newer_layout_is_refused_with_a_clear_line(board: Board, pinned: list[str]) -> None:
    """R19: what this version does not understand it does not write to."""
    (_log(board) / "log.json").write_text(json.dumps({"board": "a" * 32, "layout": 2}))
    with pytest.raises(IntegrityError, match=r"newer mlops_magics \(layout 2\).*pip install -U"):
        open_board(board.url).promote("line", to="champion")


def _new_identity(log: Path) -> None:
    (log / "log.json").write_text(json.dumps({"board": "0" * 32, "layout": 1}))


@pytest.mark.parametrize("harm", [_cut_last, _cut_all, _edit_last])
def test_T20_a_new_identity_does_not_hide_what_was_cut(promoted: tuple[Board, list[str]], harm: Harm) -> None:
    """T20: beside the versions that a reader saw, another log is a replaced log, and not another board."""
    board, versions = promoted
    harm(_log(board), versions)
    _new_identity(_log(board))
    seen = open_board(board.url)

    assert [each.kind for each in seen.verify().findings] == ["log"]
    for act in (lambda: seen.version("line"), lambda: seen.promote(f"line@{versions[0]}", to="champion")):
        with pytest.raises(IntegrityError, match="%verify --accept"):
            act()
    seen.verify(accept=True)
    assert open_board(board.url).promote(f"line@{versions[0]}", to="champion").version == versions[0]


def test_T20_a_newcomer_sees_a_gap_before_an_alias_means_an_older_version(
    promoted: tuple[Board, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T20: who has no anchor still sees that events after the gap are there, also where only reading is allowed."""
    board, versions = promoted
    shutil.rmtree(Path(board.url) / "line" / board.versions("line")["version"].iloc[0])  # the one with an anchor
    _cut_middle(_log(board), versions)
    monkeypatch.setenv("MLOPS_MAGICS_STATE", str(tmp_path / "newcomer"))
    seen = open_board(board.url)
    monkeypatch.setattr(type(seen.store), "writable", False)

    with pytest.raises(IntegrityError, match=r"Event 2 .* is gone, and event 3 is there.*%verify --accept"):
        seen.version("line")
    seen.verify(accept=True)
    assert open_board(board.url).version("line").version == versions[0]


@pytest.mark.parametrize("data", [None, b"[]", b"[" * 100_000])
def test_T20_a_lost_identity_is_named_with_what_it_was(promoted: tuple[Board, list[str]], data: bytes | None) -> None:
    """T20: the file that says which board this is, gone or damaged, and the line that brings it back."""
    board, _ = promoted
    identity = board.store.board_id()
    path = _log(board) / "log.json"
    path.unlink() if data is None else path.write_bytes(data)
    seen = open_board(board.url)
    [finding] = seen.verify().findings
    assert f'Write it again: {{"board": "{identity}", "layout": 1}}.' in finding.reason
    path.write_text(f'{{"board": "{identity}", "layout": 1}}')
    assert open_board(board.url).verify().sound


def test_R12_a_number_far_after_the_last_event_is_a_stray(promoted: tuple[Board, list[str]]) -> None:
    """R12: it is not a gap of a hundred million events."""
    board, _ = promoted
    shutil.copy(_log(board) / "00000003.json", _log(board) / "99999999.json")
    seen = open_board(board.url)
    assert [(each.kind, each.place) for each in seen.verify().findings] == [("stray", "mlops-magics-log/99999999.json")]
    assert seen.version("line").version


@pytest.mark.parametrize("change", [{"by": "somebody else"}, {"details": [1]}, {"version": "20200101T000000Z-00000"}])
def test_T20_an_open_session_builds_upon_no_edited_event(
    promoted: tuple[Board, list[str]], change: dict[str, object]
) -> None:
    """T20: it has read the event before, and reads the log again before it adds to it."""
    board, versions = promoted
    assert board.version("line").version == versions[2]
    path = _log(board) / "00000001.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))

    with pytest.raises(IntegrityError, match="%verify --accept"):
        board.promote(f"line@{versions[0]}", to="champion")
    assert [each.kind for each in board.verify(accept=True).findings] == ["log"]
    assert board.promote(f"line@{versions[0]}", to="champion").version == versions[0]
