"""Deleting, restoring and sweeping."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from mlops_magics.core.file_layer import FileLayer
from mlops_magics.core.versioning import Board, Facts
from mlops_magics.core.versioning.maintenance.trash import collect
from mlops_magics.core.versioning.stores.folder import FolderStore
from mlops_magics.errors import InvalidInput, MlopsError, NotFound
from tests.core.failing_files import Crash
from tests.core.versioning.other_people import PROCESSES, read_many, start


def test_a_sweep_that_died_half_way_is_finished_by_the_next(board: Board) -> None:
    """A sweep takes a version out of reach before it removes any of it: a killed one leaves nothing to restore."""
    first, second = (board.publish({"value": value}, "line", Facts(format="joblib")) for value in (1, 2))
    place = board.delete(f"line@{first.version}")
    assert f"`%restore line@{first.version}` takes it back" in repr(place)

    class Dying(FileLayer):
        def remove_tree(self, place: str) -> None:
            self.unlink(f"{place}/{first.version}/data.txt")
            raise Crash(place)

    with pytest.raises(Crash):
        collect(FolderStore(Path(board.url), Dying(board.url)), board.log, frozenset(), trash=timedelta(0))

    assert board.store.trash() == []
    with pytest.raises(NotFound):
        board.restore(place)
    assert len(board.collect_garbage().staging) == 1
    assert list(Path(board.url).glob("*/*/staging/*")) == []
    assert board.verify().findings == ()
    assert board.load(f"line@{second.version}") == {"value": 2}


def test_staging_of_a_dead_writer_is_swept_after_its_lease(board: Board) -> None:
    """What a killed pin left behind goes when its lease is over, not before."""
    board.publish({"value": 1}, "line", Facts(format="joblib"))
    abandoned = next(Path(board.url).glob("*/*/staging")) / "4711-dead"
    abandoned.mkdir()
    (abandoned / "half").write_bytes(b"x" * 100)

    assert board.collect_garbage().staging == ()
    assert collect(board.store, board.log, frozenset(), staging=timedelta(0)).staging == ("4711-dead",)
    assert not abandoned.exists()
    with pytest.raises(MlopsError):
        board.restore("4711-dead")


def test_a_deleted_version_can_be_restored_and_an_aliased_one_not_deleted(board: Board, pinned: list[str]) -> None:
    """Delete is a move to the trash; what an alias names stays."""
    board.promote(f"line@{pinned[0]}", to="champion")
    with pytest.raises(InvalidInput, match="Move the alias first"):
        board.delete(f"line@{pinned[0]}")
    place = board.delete(f"line@{pinned[1]}", note="wrong data")
    with pytest.raises(NotFound):
        board.version(f"line@{pinned[1]}")
    restored = board.restore(place)

    assert board.load(restored) == {"value": 1}
    assert list(board.history("line")["event"])[:2] != []


def test_sweeping_removes_old_trash_but_never_what_is_held(board: Board, pinned: list[str]) -> None:
    """What a running endpoint answers with survives even in the trash."""
    from mlops_magics.core.versioning.maintenance.trash import collect

    kept, gone = (board.delete(f"line@{version}") for version in pinned[:2])
    swept = collect(board.store, board.log, frozenset({f"line@{pinned[0]}"}), trash=timedelta(0))

    assert swept.trash == (gone,)
    assert swept.kept == (kept,)
    assert board.store.trash() == [kept]


def test_readers_never_see_half_a_version_while_versions_come_and_go(board: Board, pinned: list[str]) -> None:
    """R13: A reader gets a whole model or a clean NotFound."""
    answers = PROCESSES.Queue()
    reader = start(read_many, board.url, answers)
    assert answers.get(timeout=60) == "started"
    while reader.is_alive() and answers.empty():
        version = board.publish({"value": 9}, "line", Facts(format="joblib"))
        board.delete(version.ref)
    reader.join()

    assert answers.get(timeout=10) == "done"
