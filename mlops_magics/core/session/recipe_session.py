"""The session of a process that runs a recipe: it pins the model that the run is for, and changes nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlops_magics.core.recipe_guard import guard_methods, own_pin, skip
from mlops_magics.core.retraining.claims.claim import gone
from mlops_magics.core.retraining.running.recipe_mode import RecipeMode
from mlops_magics.core.session.documents_verbs import DocumentsVerbs
from mlops_magics.core.versioning import ModelRef, open_board
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


@guard_methods(reads=READING)
class RecipeSession(DocumentsVerbs):
    """A session on the board of the run, for any board that the recipe opens."""

    def __init__(self, board: Any = None, *, config: Any = None) -> None:
        mode = RecipeMode.current()
        assert mode is not None
        self._mode = mode
        super().__init__(mode.board, config=config)
        if board is not None:
            self.use(board)

    def use(self, board: Any, *, name: str | None = None, trust: bool = False, check: bool = False) -> Board:
        """Return the board of the run. Others are opened for reading only by references."""
        if open_board(self._boards.get(board, board) if isinstance(board, str) else board).url != self._mode.board:
            skip(f"a change of the board to {board}")
        return super().use(self._mode.board)

    def pin(self, model: Any, name: str, **facts: Any) -> ModelVersion:
        """Pin the model that the run is for, once and without an alias. Any other pin does nothing."""
        if str(ModelRef.parse(name).name) != self._mode.name or self._mode.pinned:
            return skip(f"the pin of {name}")  # type: ignore[no-any-return]
        self._mode.job.report("trained")
        self._check_board()
        with own_pin():
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
