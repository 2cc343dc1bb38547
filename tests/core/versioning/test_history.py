"""Aliases, history, trash, and the log that holds them together."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mlops_magics.core.versioning import Board, Facts, open_board
from mlops_magics.errors import Ambiguous, Conflict, IntegrityError, InvalidInput, NotFound
from tests.core.versioning.other_people import PROCESSES, promote_many, read_many, start


@pytest.fixture
def pinned(board: Board) -> list[str]:
    """Three versions of one model, oldest first."""
    return [board.publish({"value": value}, "line", Facts(format="joblib")).version for value in range(3)]


def test_a_bare_name_means_the_champion_else_the_newest(board: Board, pinned: list[str]) -> None:
    """Promoting is what changes the meaning of a name."""
    assert board.version("line").version == pinned[2]
    board.promote(f"line@{pinned[0]}", to="champion")
    assert board.version("line").version == pinned[0]
    assert board.version("line@latest").version == pinned[2]
    assert board.version("line").aliases == ("champion",)


def test_rollback_is_one_move_and_undoes_itself(board: Board, pinned: list[str]) -> None:
    """A second rollback takes the first one back; the very first promotion can be taken back to nothing."""
    board.promote(f"line@{pinned[0]}", to="champion")
    board.promote(f"line@{pinned[1]}", to="champion")

    assert board.rollback("line").version == pinned[0]
    assert board.rollback("line").version == pinned[1]
    board.promote(f"line@{pinned[2]}", to="solo")
    assert board.rollback("line", alias="solo").version is None
    assert "solo" not in board.aliases("line")


def test_history_answers_which_version_was_champion_when_by_whom_and_why(board: Board, pinned: list[str]) -> None:
    """Every move stays, with its time, its author and its note; pins are part of the story."""
    board.promote(f"line@{pinned[0]}", to="champion", note="passed review")
    board.promote(f"line@{pinned[1]}", to="champion", note="better on Mondays")
    history = board.history("line")
    moves = history[history["event"] == "promote"]

    assert list(moves["note"]) == ["better on Mondays", "passed review"]
    assert list(moves["previous"]) == [pinned[0], None]
    assert moves["by"].notna().all()
    assert list(moves["version"]) == [pinned[1], pinned[0]]
    assert (moves["time"] <= datetime.now(UTC)).all()
    assert sorted(history[history["event"] == "pin"]["version"]) == pinned


def test_a_protected_alias_moves_only_with_force(board: Board, pinned: list[str]) -> None:
    """The refusal names the option that moves it."""
    board.promote(f"line@{pinned[0]}", to="champion")
    board.protect("line", "champion")
    with pytest.raises(InvalidInput, match="--force"):
        board.promote(f"line@{pinned[1]}", to="champion")
    assert board.promote(f"line@{pinned[1]}", to="champion", force=True).version == pinned[1]
    board.protect("line", "champion", protected=False)
    with pytest.raises(NotFound, match="lime"):
        board.protect("lime", "champion")
    assert board.promote(f"line@{pinned[2]}", to="champion").version == pinned[2]


def test_rollback_asks_which_alias_where_several_moved(board: Board, pinned: list[str]) -> None:
    """Guessing would be wrong; an alias that never moved cannot go back."""
    with pytest.raises(NotFound):
        board.rollback("line")
    board.promote("line", to="blue")
    board.promote("line", to="green")
    with pytest.raises(Ambiguous, match="blue, green"):
        board.rollback("line")


def test_two_promoters_at_once_never_lose_a_move(board: Board, pinned: list[str]) -> None:
    """Every success has a sequence number of its own, every loser is told the current value, and the chain is whole."""
    barrier, answers = PROCESSES.Barrier(2), PROCESSES.Queue()
    people = [start(promote_many, board.url, pinned, barrier, answers) for _ in range(2)]
    told = [answers.get(timeout=60) for _ in range(40)]
    for person in people:
        person.join()
    events = board.log.read()
    moves, lost = ([each for each in events if each.event == kind] for kind in ("promote", "conflict"))

    assert sorted(sequence for word, sequence in told if word == "moved") == [each.sequence for each in moves]
    assert [event.previous for event in moves[1:]] == [event.version for event in moves[:-1]]
    assert sorted(current for word, current in told if word == "conflict") == sorted(str(e.previous) for e in lost)
    assert len(events) == len(told) == len(board.history("line")) - len(pinned)


def test_two_threads_that_read_one_board_at_once_both_find_it_whole(board: Board, pinned: list[str]) -> None:
    """As a view's button and a running cell do: neither takes the other's half-read log for a damaged one."""
    for place in range(40):
        board.promote(f"line@{pinned[place % 2]}", to="champion")

    def look(other: Board, gate: threading.Barrier) -> str:
        gate.wait()
        return other.version("line@champion").version

    with ThreadPoolExecutor(2) as threads:
        for _ in range(30):
            cold, gate = open_board(board.url), threading.Barrier(2)
            found = [threads.submit(look, cold, gate) for _ in range(2)]
            assert [each.result() for each in found] == [pinned[1]] * 2


def test_a_promotion_that_came_second_is_in_the_history_and_moves_nothing(
    board: Board, pinned: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody moves the alias between our look and our write: a Conflict, told and recorded with its note."""
    board.promote(f"line@{pinned[0]}", to="champion")
    append = board.log.append

    def forestalled(compose: Any) -> Any:
        open_board(board.url).promote(f"line@{pinned[1]}", to="champion")
        return append(compose)

    monkeypatch.setattr(board.log, "append", forestalled)
    with pytest.raises(Conflict, match=f"it is {pinned[1]}"):
        board.promote(f"line@{pinned[2]}", to="champion", note="for the audit")
    monkeypatch.undo()

    history = board.history("line")
    newest = history[history["event"] != "pin"].iloc[0]  # pins of one second have versions that run ahead of the clock
    assert (newest["event"], newest["version"], newest["previous"]) == ("conflict", pinned[2], pinned[1])
    assert newest["note"] == "for the audit"
    assert board.version("line@champion").version == pinned[1]
    assert board.rollback("line").version == pinned[0]


@pytest.mark.parametrize("harm", ["edit", "cut", "reorder"])
def test_a_log_that_was_tampered_with_names_its_first_bad_entry(board: Board, pinned: list[str], harm: str) -> None:
    """Events are chained: editing, cutting or reordering shows, and `verify` says where."""
    for version in pinned:
        board.promote(f"line@{version}", to="champion")
    log = next(Path(board.url).glob("mlops-magics-log/*"))
    first, second = log / "00000001.json", log / "00000002.json"
    if harm == "edit":
        second.write_text(json.dumps({**json.loads(second.read_text()), "by": "somebody else"}))
    elif harm == "cut":
        first.write_bytes(second.read_bytes())
    else:
        kept = first.read_bytes()
        first.write_bytes(second.read_bytes())
        second.write_bytes(kept)

    findings = open_board(board.url).verify().findings
    assert [finding.kind for finding in findings] == ["log"]
    assert ("3" if harm == "edit" else "1") in findings[0].reason


def test_metadata_change_without_a_new_upload_and_the_history_keeps_them(board: Board, pinned: list[str]) -> None:
    """Description, tags, metrics and fields of a version move; its bytes and its folder do not."""
    before = sorted(Path(board.url, "line").rglob("*"))
    board.annotate(
        f"line@{pinned[2]}", description="kept", tags=["eu"], metrics={"accuracy": 0.95}, metadata={"owner": "me"}
    )
    found = board.version("line")

    assert (found.description, found.tags, found.metrics, found.metadata) == (
        "kept",
        ("eu",),
        {"accuracy": 0.95},
        {"owner": "me"},
    )
    assert sorted(Path(board.url, "line").rglob("*")) == before
    assert list(board.models("accuracy>0.9 tag:eu owner=me")["name"]) == ["line"]
    assert board.versions("line")["description"].iloc[0] == "kept"
    assert "annotate" in set(board.history("line")["event"])


def test_a_deleted_version_can_be_restored_and_an_aliased_one_not_deleted(board: Board, pinned: list[str]) -> None:
    """Delete is a move to the trash; what an alias names stays."""
    board.promote(f"line@{pinned[0]}", to="champion")
    with pytest.raises(InvalidInput, match="move the alias first"):
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
    """A reader gets a whole model or a clean NotFound."""
    answers = PROCESSES.Queue()
    reader = start(read_many, board.url, answers)
    assert answers.get(timeout=60) == "started"
    while reader.is_alive() and answers.empty():
        version = board.publish({"value": 9}, "line", Facts(format="joblib"))
        board.delete(version.ref)
    reader.join()

    assert answers.get(timeout=10) == "done"


def test_verify_names_strays_orphans_and_broken_versions_and_repairs(board: Board, pinned: list[str]) -> None:
    """Everything that has no business here is named; a repair moves it to the trash, and readers go on."""
    root = Path(board.url)
    (root / ".DS_Store").write_bytes(b"x")
    (root / "README").write_text("hello")
    (root / "line" / "Thumbs.db").write_bytes(b"x")
    (root / "line" / "20990101T000000Z-abcde").mkdir()
    (root / "line" / "20990101T000000Z-abcde" / "line.joblib").write_bytes(b"half")
    (root / "line" / pinned[0] / "line.joblib").write_bytes(b"damaged")
    assert board.load(f"line@{pinned[1]}") == {"value": 1}
    with pytest.raises(IntegrityError):
        board.load(f"line@{pinned[0]}")

    found = {(finding.kind, finding.place) for finding in board.verify().findings}
    assert found == {
        ("stray", ".DS_Store"), ("stray", "README"), ("stray", "line/Thumbs.db"),
        ("orphan", "line/20990101T000000Z-abcde"), ("broken", f"line/{pinned[0]}"),
    }  # fmt: skip
    assert board.verify(repair=True).sound
    assert board.verify().findings == ()
    assert list(board.versions("line")["version"]) == [pinned[2], pinned[1]]


def test_the_newest_whole_version_is_taken_where_another_writer_died(board: Board, pinned: list[str]) -> None:
    """A half-written newer version is skipped, loudly."""
    (Path(board.url) / "line" / "20990101T000000Z-abcde").mkdir()
    with pytest.warns(UserWarning, match="newer version"):
        assert board.version("line").version == pinned[2]


def test_the_index_is_derived_and_can_be_deleted(board: Board, pinned: list[str], state_folder: Path) -> None:
    """Without its index a board lists the same; a torn index is rebuilt."""
    before = board.versions("line")
    files = list(state_folder.glob("index/*/line.jsonl"))
    assert files
    files[0].write_bytes(b'["torn')
    again = open_board(board.url).versions("line")
    files[0].unlink()

    assert before.equals(again)
    assert before.equals(open_board(board.url).versions("line"))
