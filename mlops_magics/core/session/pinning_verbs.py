"""The verbs that store a fitted model: pin, and the checks before a training."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlops_magics.core import progress
from mlops_magics.core.session.trust_verbs import TrustVerbs
from mlops_magics.core.versioning import AliasName, ModelRef
from mlops_magics.errors import BoardError, InvalidInput

if TYPE_CHECKING:
    from mlops_magics.core.retraining.recipe.cell_recipe import CellFacts, Prepared
    from mlops_magics.core.retraining.recipe.recipe import Recipe
    from mlops_magics.core.retraining.running.history_check import Check
    from mlops_magics.core.versioning import Board, Facts, Lineage, ModelVersion


class PinningVerbs(TrustVerbs):
    """The part of a session that stores models."""

    def pin(
        self,
        model: Any,
        name: str,
        *,
        data: Any = None,
        truth: Any = None,
        test: tuple[Any, Any] | None = None,
        segments: Iterable[str] = (),
        timestamp: Any = None,
        metrics: Mapping[str, float] | None = None,
        description: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        tags: Iterable[str] = (),
        format: str | None = None,
        source: str | None = None,
        notebook: str | None = None,
        training_seconds: float | None = None,
        alias: str | None = None,
        positive: Any = None,
        recipe: Recipe | Callable[..., Any] | None = None,
    ) -> ModelVersion:
        """Store a fitted model as the next immutable version of ``name``.

        Parameters
        ----------
        model
            A fitted estimator, booster, network, or any object with ``predict``.
        data, truth
            The training data, ``(n_samples, n_features)`` and ``(n_samples,)``, or a frame and the name of its
            target column: they give the prototype and the reference profile. No row is stored but a few examples.
        test
            ``(X_test, y_test)``: the metrics are computed on it. ``metrics`` are added and win. Columns of a frame are
            taken by name, and those that the training data do not have are left out. It also teaches how performance
            can be estimated before the truth is known. Without ``data`` it gives the prototype and the reference
            profile too.
        segments
            Columns by whose values drift can be split later (``monitor(…, segment=…)``).
        timestamp
            The times of the training rows ``(n_samples,)``, or their column, which the model need not read. Drift can
            then be compared by weekday and hour (``monitor(…, seasonal="week")``).
        format
            ``auto``, ``skops``, ``joblib`` (as vetiver reads) or a native format of the model's library.
        source, notebook, training_seconds
            Lineage: the code that trained it (secrets are redacted), where it ran, how long it took.
        alias
            An alias that names the new version from now on.
        positive
            The positive class of two, by default the one that its word marks (``fraud`` against ``ok``), the larger
            number, or the second of the model's classes.
        recipe
            The way to make the model again: a function of ``(X, y)``, or of the rows, that returns a fitted model.
            `%%pin_model` finds it in the cell.

        Raises
        ------
        InvalidName, InvalidInput, SerializationError, BoardError
            Nothing is published in any of these cases.
        """
        from mlops_magics.core.answers import Answers
        from mlops_magics.core.evaluation import evaluate
        from mlops_magics.core.session.pinned_facts import describe
        from mlops_magics.core.versioning import Facts
        from mlops_magics.core.versioning.describing.measured_score import MeasuredScore
        from mlops_magics.core.versioning.publishing.facts import checked_metrics

        board, pinned = self._target(name, alias)
        made = self._recipe(recipe, data, truth, board, pinned) if self.settings.store_source else None
        data, truth = _separate(data, truth)
        data, timestamp = _without_times(model, data, timestamp)
        progress.report("learning the columns")
        held_out = (Answers.of(model, _in_order_of(data, test[0]), "test rows"), test[1]) if test is not None else None
        described = describe(model, pinned, (data, truth), held_out, tuple(segments), positive, timestamp)
        scores = evaluate(*held_out, described.task) if held_out is not None else []
        lineage = self._lineage(model, data, truth, source, notebook, training_seconds)
        facts = Facts(
            prototype=described.prototype,
            example=described.rows,
            profile=described.profile,
            metrics={each.metric: each.score for each in scores}
            | ({} if metrics is None else checked_metrics(metrics)),
            measured={each.metric: MeasuredScore.of(each.score, each.lower, each.upper, each.n) for each in scores},
            metadata={} if metadata is None else metadata,
            tags=(tags,) if isinstance(tags, str) else tuple(tags),
            description=description,
            format=format or self.settings.format,
            lineage=dataclasses.replace(lineage, recipe=None if made is None else made.sentence),
            files=_retraining_files(made, data),
        )
        return self._publish(board, model, pinned, facts, alias)

    def _publish(self, board: Board, model: Any, name: str, facts: Facts, alias: str | None) -> ModelVersion:
        version = board.publish(model, name, facts)
        if alias is not None:
            board.promote(version.ref, to=alias)
        return version

    def _recipe(self, given: Any, data: Any, truth: Any, board: Board, name: str) -> Recipe | None:
        """Return the recipe of a pin, whose earlier cells are checked in a fresh process before they are believed."""
        if given is None:
            return None
        from mlops_magics.core.retraining.recipe.function_recipe import recipe_of
        from mlops_magics.core.retraining.running import history_check

        recipe = recipe_of(given, data, truth) if callable(given) else given
        return history_check.checked(recipe, board.url, name, self._check_of_history())

    def _check_of_history(self) -> Check | None:
        """Return the check of the earlier cells of a recipe, or None for a run of them in a fresh process."""
        return None

    def prepare_recipe(self, facts: CellFacts) -> Prepared | None:
        """Return the needs of a cell for another run, before it runs, or None where no recipe is wanted or possible."""
        from mlops_magics.core.retraining.recipe import cell_recipe, notebook_recipe

        if not self.settings.store_source:
            return None
        prepared = cell_recipe.prepare(facts)
        whole = notebook_recipe.of_pinned(facts.notebook, facts.source)
        return prepared if whole is None or prepared is None else dataclasses.replace(prepared, notebook=whole)

    def check_pin(self, name: str, *, alias: str | None = None) -> None:
        """Raise the error that `pin` would raise for the name, the alias or the board: before a training, not after it.

        Raises
        ------
        InvalidName, InvalidInput, NotFound, BoardError
        """
        board, _ = self._target(name, alias)
        if not board.writable:
            raise BoardError(
                f"The board {board.label} cannot be written. To fix it: `%board PATH_OR_URL` chooses another one."
            )

    def _target(self, name: str, alias: str | None) -> tuple[Board, str]:
        """Return the board and the name of a new version."""
        ref = ModelRef.parse(name)
        if ref.selector is not None:
            raise InvalidInput(
                f"A new version gets its own name. To fix it: `%pin_model {ref.name}` with `--alias {ref.selector}`."
            )
        if alias is not None:
            AliasName(alias)
        return self._board_named(ref.board), str(ref.name)

    def _lineage(
        self, model: Any, data: Any, truth: Any, source: str | None, notebook: str | None, seconds: float | None
    ) -> Lineage:
        from mlops_magics.core.versioning.describing import lineage

        return lineage.record(
            model,
            data=data,
            truth=truth,
            source=source if self.settings.store_source else None,
            notebook=notebook,
            training_seconds=seconds,
        )


def _retraining_files(recipe: Recipe | None, data: Any) -> dict[str, bytes]:
    """Return the side files that a retraining reads: the recipe, and a sketch of the training rows."""
    from mlops_magics.core.retraining.recipe import notebook_recipe, row_sketch
    from mlops_magics.core.retraining.recipe import recipe as recipes

    files = {} if recipe is None else {recipes.FILE: recipe.to_bytes()}
    if recipe is not None and recipe.kind == "notebook" and recipe.notebook is not None:
        files[notebook_recipe.COPY] = notebook_recipe.copy_of(Path(recipe.notebook).read_bytes())
    return files if data is None else {**files, row_sketch.FILE: row_sketch.sketch(data)}


def _in_order_of(data: Any, rows: Any) -> Any:
    """Return held-out rows with the columns of the training data alone, in their order.

    A model that takes columns by their place would be measured on others. Rows that lack a column stay as they are.
    """
    if not all(hasattr(each, "columns") and hasattr(each, "head") for each in (data, rows)):  # not both are frames
        return rows
    trained, held = list(data.columns), list(rows.columns)
    if held == trained or not set(trained) <= set(held) or len(set(held)) < len(held):
        return rows
    return rows[trained]


def _separate(data: Any, truth: Any) -> tuple[Any, Any]:
    """Take the target out of a frame where it is given as the name of a column."""
    if isinstance(truth, str) and hasattr(data, "columns"):
        return _without(data, truth), data[truth]
    return data, truth


def _without_times(model: Any, data: Any, timestamp: Any) -> tuple[Any, Any]:
    """Take the times out of a frame where they are given as the name of a column that the model does not read."""
    read = getattr(model, "feature_names_in_", None)
    if not isinstance(timestamp, str) or read is None or timestamp in read or not hasattr(data, "columns"):
        return data, timestamp
    names = getattr(data, "column_names", None) or list(data.columns)
    return (_without(data, timestamp), data[timestamp]) if timestamp in names else (data, timestamp)


def _without(frame: Any, name: str) -> Any:
    """Return a frame of pandas, polars or Arrow without a column."""
    is_pandas = type(frame).__module__.partition(".")[0] == "pandas"
    return frame.drop(columns=[name]) if is_pandas else frame.drop([name])
