"""The session of a process that runs a recipe: it pins the model that the run is for, and changes nothing else."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlops_magics.core.retraining.claims.claim import gone
from mlops_magics.core.retraining.running.recipe_mode import RecipeMode
from mlops_magics.core.session.documents_verbs import DocumentsVerbs
from mlops_magics.core.versioning import ModelRef
from mlops_magics.errors import NotFound

if TYPE_CHECKING:
    from mlops_magics.core.retraining.recipe.recipe import Recipe
    from mlops_magics.core.retraining.running.history_check import Check
    from mlops_magics.core.versioning import Board, Facts, ModelVersion

READING = frozenset(
    {"use", "pin", "check_pin", "prepare_recipe", "board", "boards", "board_of", "version", "versions", "models",
     "load", "usable", "remote", "history", "aliases", "alias_targets", "numbers", "compare", "labelled", "known_board",
     "known_boards", "visiting", "find_state", "suggestions", "endpoint", "endpoints", "endpoints_running",
     "deployments", "answer", "predict", "predict_batch", "requests", "traffic", "metrics", "verdicts", "last_report",
     "last_verdicts", "policies", "retrainings", "floors", "application", "warm_up", "close"}
)  # fmt: skip
"""The verbs that a recipe may really call. A retraining does not act on any other one, a new one included."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """The result of a verb that does nothing in a retraining."""

    verb: str

    def __repr__(self) -> str:
        return f"In a retraining, {self.verb} does nothing."


class RecipeSession(DocumentsVerbs):
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
        self._check_board()
        version = super().pin(model, self._mode.name, **{**facts, "alias": None})
        self._mode.job.report("pinned", version=version.version)
        return version

    def _check_board(self) -> None:
        """Raise where the version that is made again is not there: the board was moved or removed."""
        try:
            self.board.version(f"{self._mode.name}@{self._mode.parent}")
        except NotFound:
            raise gone(self._mode.board, self._mode.name) from None

    def _check_of_history(self) -> Check:
        """Return a check without another process: this one ran the earlier cells and compared their values."""
        wanted = self._mode.job.order().get("values", {})

        def check(recipe: Recipe, board: str, name: str) -> str:
            found = recipe.history.values if recipe.history is not None else {}
            differs = [each for each, text in found.items() if wanted.get(each) != text]
            return f"{differs[0]} is not what it was when the version was pinned" if differs else ""

        return check

    def _publish(self, board: Board, model: Any, name: str, facts: Facts, alias: str | None) -> ModelVersion:
        return super()._publish(board, model, name, self._mode.marked(facts), None)


def _skip(verb: str) -> Callable[..., Skipped]:
    @functools.wraps(getattr(DocumentsVerbs, verb))
    def skip(self: RecipeSession, *given: Any, **options: Any) -> Skipped:
        skipped = Skipped(verb)
        print(skipped)
        return skipped

    return skip


for _verb in sorted(name for name in dir(DocumentsVerbs) if not name.startswith("_")):
    if _verb not in READING:
        setattr(RecipeSession, _verb, _skip(_verb))
