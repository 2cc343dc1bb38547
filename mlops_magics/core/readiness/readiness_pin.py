"""The pin of a team's readiness on a board: answers with who and when, and the assessments so far."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from mlops_magics.core import json_text
from mlops_magics.core.readiness.ml_test_score import POINTS, TESTS
from mlops_magics.core.versioning import companions
from mlops_magics.core.versioning.history.events import author
from mlops_magics.core.versioning.listing.companion_names import TEAM
from mlops_magics.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from mlops_magics.core.versioning import Board

COMPANION = "readiness"
MOST_KEPT = 200
"""Assessments that are kept."""
LONGEST_NOTE = 500
_IDS = tuple(test.id for test in TESTS)


def read(board: Board) -> tuple[dict[str, dict[str, Any]], list[dict[str, Any]]]:
    """Return the answers by test, and the assessments, newest first."""
    return _parsed(companions.read(board, TEAM, COMPANION))


def _parsed(data: bytes | None) -> tuple[dict[str, dict[str, Any]], list[dict[str, Any]]]:
    """Return the texts that others may have written, without those that are not an answer or an assessment."""
    try:
        found = json_text.parse(data or b"{}")
    except ValueError:
        found = {}
    found = found if isinstance(found, dict) else {}
    answers, history = found.get("answers"), found.get("history")
    return (
        {str(name): each for name, each in answers.items() if _is_answer(name, each)}
        if isinstance(answers, dict)
        else {},
        [each for each in history if _is_assessment(each)] if isinstance(history, list) else [],
    )


def _is_answer(name: str, each: Any) -> bool:
    return (
        name in _IDS
        and isinstance(each, dict)
        and each.get("answer") in POINTS
        and isinstance(each.get("by"), str)
        and isinstance(each.get("when"), str)
    )


def _is_assessment(each: Any) -> bool:
    return isinstance(each, dict) and isinstance(each.get("looked"), str) and isinstance(each.get("levels"), dict)


def answered(words: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return answers from words such as ``D5=yes`` or ``D5=partly:reviewed every year``, by the user of this process.

    Raises
    ------
    NotFound, InvalidInput
        For a test that does not exist or comes twice, an answer that is not yes, partly or no, or a long note.
    """
    found: dict[str, dict[str, Any]] = {}
    for word in map(str, words):
        name, equals, rest = word.partition("=")
        answer, _, note = rest.partition(":")
        if name not in _IDS:
            raise NotFound("test", name, list(_IDS))
        if not equals or answer not in POINTS:
            raise InvalidInput(f"{word!r} is not an answer. Write {name}=yes, {name}=partly or {name}=no.")
        if name in found or len(note) > LONGEST_NOTE:
            fault = "is answered twice" if name in found else f"has a note of more than {LONGEST_NOTE} characters"
            raise InvalidInput(f"{name} {fault}.")
        by, when = author(), dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        found[name] = {"answer": answer, "note": note.strip(), "by": by or "unknown", "when": when}
    return found


def keep(board: Board, answers: Mapping[str, Mapping[str, Any]], assessment: Mapping[str, Any]) -> None:
    """Add answers and an assessment. One of the same day with the same levels is replaced.

    Raises
    ------
    BoardError, Conflict
        The board cannot be written.
    """

    def change(before: bytes | None) -> bytes:
        known, history = _parsed(before)
        if history and _same(history[0], assessment):
            history = history[1:]
        kept = {"answers": {**known, **answers}, "history": [dict(assessment), *history][:MOST_KEPT]}
        return json.dumps(kept, indent=1).encode()

    companions.update(board, TEAM, COMPANION, change, "Answers to the questions of readiness, and the assessments")


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return str(one["looked"])[:10] == str(other["looked"])[:10] and one["levels"] == other["levels"]
