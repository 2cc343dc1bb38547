"""Crashes at every file operation of every write."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mlops_magics.core.versioning import Board, Facts, open_board
from mlops_magics.core.versioning.maintenance.trash import collect
from mlops_magics.core.versioning.names import ModelName
from mlops_magics.core.versioning.stores.file_operations import FileOperations
from mlops_magics.core.versioning.stores.folder import FolderStore

LINE = ModelName("line")


class Crash(BaseException):
    """The process is gone: nothing behind this line happens, cleaning up included."""


class Failing(FileOperations):
    """Real file operations, until the one with a given number crashes, and every one after it."""

    def __init__(self, crash_at: int | None = None) -> None:
        self.count = 0
        self.crash_at = crash_at

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name.startswith("_") or not callable(found):
            return found
        self.count += 1
        if self.crash_at is not None and self.count >= self.crash_at:
            raise Crash(name)
        return found


def _board(place: Path, operations: FileOperations) -> Board:
    return Board(FolderStore(place, operations), "board")


def _state(place: Path) -> tuple[int, list[int], int]:
    """Read a board as a stranger would, every version loaded: versions, where aliases point, notes (stamps differ)."""
    board = open_board(place)
    board.trust()
    versions = board.catalogue.versions(LINE) if LINE in board.names() else []
    for version in versions:
        assert hasattr(board.load(f"line@{version}"), "predict")
    named = [versions.index(version) for version in board.aliases("line").values()]
    return len(versions), named, sum(len(board.log.annotations("line", version)) for version in versions)


ACTIONS: dict[str, Any] = {
    "first pin": (
        lambda board, model: None,
        lambda board, model: board.publish(model, "line", Facts(format="joblib", files={"a.txt": b"x"})),
    ),
    "next pin": (
        lambda board, model: board.publish(model, "line", Facts(format="joblib")),
        lambda board, model: board.publish(model, "line", Facts(format="joblib", profile=b"{}")),
    ),
    "promote": (
        lambda board, model: board.publish(model, "line", Facts(format="joblib")),
        lambda board, model: board.promote("line", "champion"),
    ),
    "delete": (
        lambda board, model: [board.publish(model, "line", Facts(format="joblib")) for _ in range(2)],
        lambda board, model: board.delete(f"line@{board.catalogue.versions(LINE)[0]}"),
    ),
    "roll back": (
        lambda board, model: [
            board.publish(model, "line", Facts(format="joblib")), board.promote("line", "champion"),
            board.publish(model, "line", Facts(format="joblib")), board.promote("line@latest", "champion"),
        ],
        lambda board, model: board.rollback("line"),
    ),
    "annotate": (
        lambda board, model: board.publish(model, "line", Facts(format="joblib")),
        lambda board, model: board.annotate("line", tags=["eu"]),
    ),
    "restore": (
        lambda board, model: [
            *(board.publish(model, "line", Facts(format="joblib")) for _ in range(2)),
            board.delete(f"line@{board.catalogue.versions(LINE)[0]}"),
        ],
        lambda board, model: board.restore(board.store.trash()[0]),
    ),
    "sweep": (
        lambda board, model: [
            *(board.publish(model, "line", Facts(format="joblib")) for _ in range(2)),
            board.delete(f"line@{board.catalogue.versions(LINE)[0]}"),
        ],
        lambda board, model: collect(board.store, board.log, frozenset(), trash=timedelta(0)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("action", ACTIONS)
def test_a_crash_at_any_file_operation_leaves_the_state_before_or_after(
    tmp_path: Path, model: Any, action: str
) -> None:
    """SQLite's method: fail at operation k, for every k; the board is as before or after, and can be written again."""
    prepare, act = ACTIONS[action]
    counting = Failing()
    reference = _board(tmp_path / "reference", FileOperations())
    prepare(reference, model)
    reference = _board(tmp_path / "reference", counting)
    act(reference, model)
    assert counting.count >= 3  # lock, rename, remove: the fewest, those of a sweep
    after = _state(tmp_path / "reference")

    for crash_at in range(1, counting.count + 1):
        place = tmp_path / f"at{crash_at}"
        prepare(_board(place, FileOperations()), model)
        before = _state(place)
        with contextlib.suppress(Crash):
            act(_board(place, Failing(crash_at)), model)
        found = _state(place)
        assert found in (before, after)
        again = open_board(place)
        again.publish(model, "line", Facts(format="joblib"))
        assert len(again.catalogue.versions(LINE)) == found[0] + 1
        assert [finding for finding in again.verify().findings if finding.kind != "stray"] == []
