"""Faults at every file operation of every write: the board is as before or as after, and can be written again.

SQLite's method: count the operations of an action, then let each of them fail in turn. CI takes every third one, and
`make faults` takes all.
"""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import os
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mlops_magics.core import state
from mlops_magics.core.file_layer import FileLayer
from mlops_magics.core.versioning import Board, Facts, companions, open_board
from mlops_magics.core.versioning.history.events import Event
from mlops_magics.core.versioning.maintenance.trash import collect
from mlops_magics.core.versioning.names import ModelName
from mlops_magics.core.versioning.stores.folder import FolderStore
from mlops_magics.errors import MlopsError, NotFound
from tests.core.failing_files import Crash, FailingFiles, Plan, QuickFiles
from tests.core.simulated_disk import RecordingFiles, Step, power_cut

LINE = ModelName("line")
EVERY = 1 if os.environ.get("MLOPS_MAGICS_FAULTS") == "all" else 3
"""One in so many operations fails."""


@dataclass(frozen=True)
class Action:
    """Something that is done to a board, after it was prepared."""

    prepare: Callable[[Board], Any]
    act: Callable[[Board], Any]


def _pin(board: Board, value: int = 1, **files: bytes) -> Any:
    return board.publish({"value": value}, "line", Facts(format="joblib", files=files))


def _first(board: Board) -> str:
    return f"line@{board.catalogue.versions(LINE)[0]}"


def _two(board: Board) -> None:
    _pin(board, 1)
    _pin(board, 2)


def _deleted(board: Board) -> None:
    _two(board)
    board.delete(_first(board))


def _promoted(board: Board) -> None:
    _two(board)
    board.promote(_first(board), "champion")
    board.promote("line@latest", "champion")


def _protected(board: Board) -> None:
    _promoted(board)
    board.protect("line", "champion")


def _littered(board: Board) -> None:
    _two(board)
    (Path(board.url) / "line" / "Thumbs.db").write_bytes(b"x")


def _cut(board: Board) -> None:
    _promoted(board)
    (next(Path(board.url).glob("mlops-magics-log/*")) / "00000002.json").unlink()


def _thresholds(board: Board) -> None:
    companions.update(board, "line", "thresholds", lambda before: (before or b"") + b"1", "limits")


ACTIONS = {
    "first pin": Action(lambda board: None, lambda board: _pin(board, a=b"x")),
    "next pin": Action(_pin, lambda board: _pin(board, 2)),
    "promote": Action(_pin, lambda board: board.promote("line", "champion")),
    "roll back": Action(_promoted, lambda board: board.rollback("line")),
    "annotate": Action(_pin, lambda board: board.annotate("line", tags=["eu"])),
    "protect": Action(_promoted, lambda board: board.protect("line", "champion")),
    "delete": Action(_two, lambda board: board.delete(_first(board))),
    "restore": Action(_deleted, lambda board: board.restore(board.store.trash()[0])),
    "sweep": Action(_deleted, lambda board: collect(board.store, board.log, frozenset(), trash=timedelta(0))),
    "repair": Action(_littered, lambda board: board.verify(repair=True)),
    "accept": Action(_cut, lambda board: board.verify(accept=True)),
    "thresholds": Action(_pin, _thresholds),
}


def _logged(event: Event) -> Action:
    return Action(_pin, lambda board: board.log.append(lambda events: event))


def _kept(what: str) -> Action:
    return Action(_pin, lambda board: companions.update(board, "line", what, lambda before: b"1", what))


ANY_VERSION = "20261123T133731Z-050cc"

IN_THE_SAME_WAY = {
    "metrics": Action(_pin, lambda board: board.annotate("line", metrics={"rmse": 0.5})),
    "sign": _logged(Event.sign("line", ANY_VERSION, {"a": 1})),
    "claim": _logged(Event.retrain_claim("line", ANY_VERSION, {})),
    "end protection": Action(_protected, lambda board: board.protect("line", "champion", protected=False)),
    "copy": Action(_two, lambda board: board.copy(_first(board), board, name="line")),
    "set a policy": _kept("policies"),
    "add a verdict": _kept("verdicts"),
    "keep metrics": _kept("metrics"),
}
"""What is written as a pin, an event or a companion is. `make faults` tries them too."""
ACTIONS |= IN_THE_SAME_WAY if EVERY == 1 else {}


def _board(place: Path, files: FileLayer | None = None) -> Board:
    return Board(FolderStore(place, files or QuickFiles(place)), "board")


def _state(place: Path) -> tuple[Any, ...]:
    """Read a board as a new process would: each version loaded, aliases, notes, limits; names by time are left out."""
    board = _board(place)
    board.trust()
    versions = board.catalogue.versions(LINE) if LINE in board.names() else []
    values = [board.load(f"line@{version}")["value"] for version in versions]
    named = [versions.index(version) for version in board.aliases("line").values()]
    notes = sum(len(board.log.annotations("line", version)) for version in versions)
    kinds = [event.event for event in board.log.of("line") if event.event in {"sign", "retrain_claim"}]
    limits = [companions.read(board, "line", each) for each in companions.TYPES] if versions else []
    return values, named, notes, sorted(board.log.protected("line")), kinds, limits


@pytest.fixture(params=ACTIONS)
def prepared(request: pytest.FixtureRequest, tmp_path: Path, state_folder: Path) -> tuple[Action, Path]:
    """A board before an action, with the state folder of its reader beside it."""
    action: Action = ACTIONS[request.param]
    template = tmp_path / "before"
    template.mkdir()
    action.prepare(_board(template / "board"))
    shutil.copytree(state_folder, template / "state")
    return action, template


def _places(template: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> Path:
    """Copy the template, and let the state folder be the copy's."""
    place = template.parent / name
    shutil.copytree(template, place)
    monkeypatch.setenv("MLOPS_MAGICS_STATE", str(place / "state"))
    return place


def _after(action: Action, template: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Plan, tuple[Any, ...]]:
    """Do the action without a fault; return its operations and the state behind it."""
    plan, place = Plan(), _places(template, monkeypatch, "after") / "board"
    with monkeypatch.context() as patch:
        patch.setattr(state, "FileLayer", lambda root: FailingFiles(root, plan))
        action.act(_board(place, FailingFiles(place, plan)))
    return plan, _state(place)


def _can_be_written(place: Path, found: tuple[Any, ...]) -> None:
    board = _board(place)
    with contextlib.suppress(MlopsError):  # an accepted log stays to be accepted where the acceptance was lost
        board.verify(accept=True)
    _pin(board, 9)
    assert _state(place)[0] == [*found[0], 9]
    board.promote("line@latest", "other")
    assert [each for each in board.verify().findings if each.kind not in {"stray", "orphan"}] == []


def _attempt(action: Action, board: Board) -> str:
    """Act; return what was refused, or nothing where it went well or the process ended."""
    try:
        action.act(board)
    except Crash:
        return ""
    except MlopsError as refused:
        return str(refused)
    return ""


def _moved(step: Step, source: Path, target: Path) -> tuple[str, ...]:
    return tuple(path.replace(str(source), str(target)) for path in step.paths)


def _numbers(count: int) -> list[int]:
    return sorted({*range(1, count + 1, EVERY), count})


@pytest.mark.parametrize("error", [None, errno.EIO, errno.ENOSPC])
def test_R04_a_fault_at_any_file_operation_leaves_the_state_before_or_after(
    prepared: tuple[Action, Path], error: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R4, R5, R6, R7: killed or failing at operation k, for every k, an action happened whole or not at all.

    A failure is one line of ours; the next write works, and nothing but strays in the staging is left.
    """
    action, template = prepared
    plan, after = _after(action, template, monkeypatch)
    before = _state(_places(template, monkeypatch, "untouched") / "board")
    assert plan.count >= 3

    for at in _numbers(plan.count):
        place = _places(template, monkeypatch, f"at{at}") / "board"
        failing = Plan(at, OSError(error, os.strerror(error)) if error else None)
        with monkeypatch.context() as patch:
            patch.setattr(state, "FileLayer", lambda root, failing=failing: FailingFiles(root, failing))
            said = _attempt(action, _board(place, FailingFiles(place, failing)))
        assert "\n" not in said, plan.done[at - 1]
        found = _state(place)
        assert found in (before, after), (at, plan.done[at - 1])
        _can_be_written(place, found)


def test_R04_what_was_not_synced_may_be_lost_in_any_order(
    prepared: tuple[Action, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """R4: a power cut after operation k drops any of the changes that were not synced; the state is before or after."""
    action, template = prepared
    _, after = _after(action, template, monkeypatch)
    before = _state(_places(template, monkeypatch, "untouched") / "board")
    steps: list[Step] = []
    recorded = _places(template, monkeypatch, "recorded")
    action.act(_board(recorded / "board", RecordingFiles(recorded / "board", steps)))
    moved = [dataclasses.replace(step, paths=_moved(step, recorded, template)) for step in steps]

    lucks: list[random.Random | None] = [None, *(random.Random(seed) for seed in range(3 if EVERY > 1 else 20))]
    for at in _numbers(len(steps)):
        for number, luck in enumerate(lucks):
            place = template.parent / f"cut{at}-{number}"
            power_cut(moved[:at], template, place, luck)
            monkeypatch.setenv("MLOPS_MAGICS_STATE", str(place / "state"))
            found = _state(place / "board")
            assert found in (before, after), (at, [step.name for step in steps[:at]])
            assert at < len(steps) or found == after, "the action was reported as done, and is lost"
            _can_be_written(place / "board", found)


def test_R07_an_error_of_the_disk_is_never_reported_as_success(tmp_path: Path) -> None:
    """R7: when fsync fails, the pin fails, with one line and no version."""

    class Lying(FileLayer):
        def sync(self, stream: Any) -> None:
            raise OSError(errno.EIO, "Input/output error")

    board = _board(tmp_path / "board", Lying(tmp_path / "board"))
    with pytest.raises(MlopsError, match="could not be written: Input/output error"):
        _pin(board)

    assert board.names() == []
    with pytest.raises(NotFound):
        open_board(tmp_path / "board").version("line")
