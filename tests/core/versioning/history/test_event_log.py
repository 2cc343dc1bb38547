"""The event log: concurrent writers and readers, tampering."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mlops_magics.core.versioning import Board, open_board
from tests.core.versioning.other_people import PROCESSES, promote_many, start


def test_two_promoters_at_once_never_lose_a_move(board: Board, pinned: list[str]) -> None:
    """R14: Every success has a number of its own, every loser is told the current value, and the chain is whole."""
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
