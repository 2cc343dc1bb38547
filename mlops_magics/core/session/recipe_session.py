"""The session of a process that runs a recipe: it pins the model that the run is for, and changes nothing else."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlops_magics.core.retraining.running.recipe_mode import RecipeMode
from mlops_magics.core.session.policy_verbs import PolicyVerbs
from mlops_magics.core.versioning import ModelRef

if TYPE_CHECKING:
    from mlops_magics.core.versioning import Board, Facts, ModelVersion

CHANGING = (
    "promote", "rollback", "protect", "annotate", "copy", "delete", "restore", "collect_garbage",
    "deploy", "serve", "stop", "swap", "restart", "monitor", "retrain", "policy", "run_policies", "export",
)  # fmt: skip
"""The verbs that a recipe may contain and a retraining must not act on."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """The result of a verb that does nothing in a retraining."""

    verb: str

    def __repr__(self) -> str:
        return f"In a retraining, {self.verb} does nothing."


class RecipeSession(PolicyVerbs):
    """A session on the board of the run, for any board that the recipe opens."""

    def __init__(self, board: Any = None, *, config: Any = None) -> None:
        mode = RecipeMode.current()
        assert mode is not None
        self._mode = mode
        super().__init__(mode.board, config=config)

    def use(self, board: Any, *, name: str | None = None, trust: bool = False) -> Board:
        """Return the board of the run. Others are opened for reading only by references."""
        opened = super().use(self._mode.board)
        if str(board) != self._mode.board:
            print(Skipped("a change of the board"))
        return opened

    def pin(self, model: Any, name: str, **facts: Any) -> ModelVersion:
        """Pin the model that the run is for, once and without an alias. Any other pin does nothing."""
        if str(ModelRef.parse(name).name) != self._mode.name or self._mode.pinned:
            print(Skipped(f"the pin of {name}"))
            return None  # type: ignore[return-value]
        self._mode.job.report("trained")
        version = super().pin(model, self._mode.name, **{**facts, "alias": None})
        self._mode.job.report("pinned", version=version.version)
        return version

    def _publish(self, board: Board, model: Any, name: str, facts: Facts, alias: str | None) -> ModelVersion:
        return super()._publish(board, model, name, self._mode.marked(facts), None)


def _skip(verb: str) -> Callable[..., Skipped]:
    @functools.wraps(getattr(PolicyVerbs, verb))
    def skip(self: RecipeSession, *given: Any, **options: Any) -> Skipped:
        skipped = Skipped(verb)
        print(skipped)
        return skipped

    return skip


for _verb in CHANGING:
    if hasattr(PolicyVerbs, _verb):
        setattr(RecipeSession, _verb, _skip(_verb))
