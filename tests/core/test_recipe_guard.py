"""The guard of a process that runs a recipe, over sessions, boards and endpoints."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_magics.core import recipe_guard
from mlops_magics.core.deploying.endpoints import control_channel, endpoint, launch
from mlops_magics.core.deploying.endpoints.endpoint import Endpoint
from mlops_magics.core.recipe_guard import RETRAINING_VARIABLE
from mlops_magics.core.session.recipe_session import READING, RecipeSession
from mlops_magics.core.versioning import board, open_board
from mlops_magics.core.versioning.board import Board
from mlops_magics.errors import InvalidInput

GUARDED = {
    "session": (RecipeSession, READING, {"promote", "deploy", "sign", "thresholds", "trust", "stop_at", "readiness"}),
    "board": (Board, board.READS, {"promote", "rollback", "publish", "delete", "restore", "copy", "annotate", "trust"}),
    "endpoint": (Endpoint, endpoint.READS, {"swap", "rollback", "restart", "stop", "canary", "shadow", "withdraw"}),
}


@pytest.mark.parametrize("kind", GUARDED)
def test_a_method_that_is_not_declared_as_reading_does_nothing_in_a_recipe(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new method is skipped until it is declared, so none can be forgotten; what a result would do is skipped too."""
    monkeypatch.setenv(RETRAINING_VARIABLE, "a run")
    made, reads, known = GUARDED[kind]
    public = {name for name in dir(made) if not name.startswith("_")}
    skipped = {name for name in public - reads if callable(getattr(made, name))}
    assert public >= reads
    assert skipped >= known
    for verb in sorted(skipped):
        result = getattr(made, verb)(None)
        assert repr(result) == f"In a retraining, {verb} does nothing."
        assert repr(result.swap("v2").url) == f"In a retraining, {verb}.swap.url does nothing."


@pytest.mark.parametrize("action", [launch.deploy, launch.challenge, launch.follow])
def test_a_function_of_deployment_does_nothing_in_a_recipe(action: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """It returns before it looks at what it is given."""
    monkeypatch.setenv(RETRAINING_VARIABLE, "a run")

    assert "does nothing" in repr(action(None, None))  # type: ignore[operator]


def test_what_every_action_calls_in_the_end_refuses_in_a_recipe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An action that was forgotten above changes nothing either, and the pin of the run itself may write."""
    opened = open_board(tmp_path / "board")
    monkeypatch.setenv(RETRAINING_VARIABLE, "a run")
    actions = {
        "history": lambda: opened.log.append(lambda events: events[0]),
        "a write to a board": opened.writing,
        "swap of an endpoint": lambda: control_channel.send_command(1, "00", {"do": "swap"}),
    }
    for word, action in actions.items():
        with pytest.raises(InvalidInput, match=word):
            action()
    with recipe_guard.own_pin():
        opened.writing()
    with pytest.raises(InvalidInput, match="a write to a board"):
        opened.writing()
