"""The verbs of retraining: make the next version of a model, and list the runs."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

from mlops_magics.core.session.monitoring_verbs import MonitoringVerbs
from mlops_magics.core.versioning import ModelRef
from mlops_magics.core.versioning.names import CHAMPION
from mlops_magics.errors import NothingToDo

if TYPE_CHECKING:
    from mlops_magics.core.retraining.retraining import Retraining
    from mlops_magics.core.retraining.running.order import Order
    from mlops_magics.core.versioning import Board, ModelVersion


class RetrainingVerbs(MonitoringVerbs):
    """The part of a session that makes a model's next version from new data."""

    @functools.cached_property
    def _last_orders(self) -> dict[tuple[str, str], tuple[ModelVersion, Order]]:
        """The last order of each model, by board and name."""
        return {}

    def retrain(
        self,
        ref: str,
        *,
        data: Any = None,
        truth: Any = None,
        database: str | None = None,
        bind: Mapping[str, Any] | None = None,
        parameters: Mapping[str, Any] | None = None,
        notebook: str | None = None,
        promote_if: str | None = None,
        metric: str | None = None,
        min_gain: float = 0.0,
        margin: float | None = None,
        floors: Mapping[str, float] | None = None,
        level: float | None = None,
        hold_out: float | None = None,
        time: str | None = None,
        group: str | None = None,
        seed: int = 0,
        limit: str | float | None = None,
        approve: bool = False,
        shadow: int = 0,
        trigger: Mapping[str, Any] | None = None,
        wait: bool = True,
    ) -> Retraining:
        """Make the next version of a model from new data, and make it champion where it is better.

        Parameters
        ----------
        ref
            The model, or the version that is made again, by default its champion.
        data, truth
            New rows: a frame, a path, a URL, a query, or the prediction log by default, and their truth: a column, or
            values in the order of the rows.
        database
            The file that a query reads, of DuckDB or SQLite.
        bind, parameters
            Values for other data that the recipe reads, and changed parameters, by name.
        notebook
            A notebook with a cell tagged ``parameters``, to run in place of the recipe.
        promote_if
            ``better`` (by default), ``no-worse`` (after drift) or ``never``.
        metric, min_gain, margin, floors, level
            The metric that decides, the gain that is required, the loss that ``no-worse`` allows (0.02), the worst
            score that is accepted of each metric, and the level of the intervals (0.95).
        hold_out, time, group, seed
            The share (0.2) or number of rows that no run sees, the column whose last values they are, the column whose
            values stay together, or the seed of a choice at random.
        limit
            The time that the recipe may take: ``"2h"`` by default, ``"none"`` for any time.
        approve, shadow
            Let a person promote. Let the challenger answer so many rows unseen first.
        wait
            Return when the run has ended, else as soon as it has begun, in a process of its own (see `retrainings`).

        Raises
        ------
        InvalidInput, NotFound, DataMismatch, NotTrusted
            Nothing was begun.
        Held, NothingToDo
            Another run holds the model, or there is nothing to do.
        RetrainingFailed
            The recipe failed. Nothing was pinned.
        """
        from mlops_magics.core.retraining.champion_challenger.promotion_rule import (
            LEVEL,
            MARGIN,
            PromotionRule,
            RuleName,
        )
        from mlops_magics.core.retraining.new_rows.hold_out import SHARE, HoldOut
        from mlops_magics.core.retraining.running import background, run_steps
        from mlops_magics.core.retraining.running.order import LIMIT, Order, limit_of

        board, parent = self._champion(ref)
        reason = dict(trigger or {"kind": "manual", "reason": "by hand"})
        usual: RuleName = "no-worse" if reason.get("kind") in ("drift", "performance") else "better"
        allowed, width = MARGIN if margin is None else margin, LEVEL if level is None else level
        order = Order(
            data, truth, database, dict(bind or {}), dict(parameters or {}), notebook,
            HoldOut(SHARE if hold_out is None else hold_out, time, group, seed),
            PromotionRule(cast("RuleName", promote_if) or usual, metric, min_gain, allowed, floors=dict(floors or {}),
                          level=width),
            limit_of(LIMIT if limit is None else limit), approve, shadow, trigger=reason,
        )  # fmt: skip
        self._last_orders[board.url, parent.name] = parent, order
        return run_steps.retrain(board, parent, order) if wait else background.start(board, parent, order)

    def retrain_again(self, name: str) -> Retraining:
        """Begin the last retraining that this session ran of a model once more, in a process of its own.

        Raises
        ------
        NothingToDo
            This session has not retrained it.
        MlopsError
            As `retrain`.
        """
        from mlops_magics.core.retraining.running import background

        board, bare = self._model(name)
        found = self._last_orders.get((board.url, bare))
        if found is None:
            raise NothingToDo(
                f"This session has not retrained {bare}. Run the line again: `%retrain {bare} --data NEW`."
            )
        return background.start(board, *found)

    def can_retrain_again(self, name: str, board: str) -> bool:
        """Return whether `retrain_again` knows how."""
        return (board, name) in self._last_orders

    def cancel_retraining(self, name: str) -> Retraining:
        """End the run of a model on this machine. Nothing is promoted, and the model may be retrained again.

        Raises
        ------
        NothingToDo
            None runs.
        RetrainingFailed
            The run does not stop.
        """
        from mlops_magics.core.retraining.running import cancellation

        return cancellation.cancel(*self._model(name))

    @staticmethod
    def floors(words: Iterable[str]) -> dict[str, float]:
        """Read floors such as ``accuracy>=0.8``.

        Raises
        ------
        InvalidInput
        """
        from mlops_magics.core.retraining.champion_challenger.promotion_rule import floors_of

        return floors_of(words)

    def _model(self, name: str) -> tuple[Board, str]:
        """Return the board of a model and its bare name."""
        board, version = self._locate(name)
        return board, version.name

    def retrainings(self, name: str) -> list[Retraining]:
        """Return the runs of a model that this user started on this machine, newest first."""
        from mlops_magics.core.retraining.running import job

        ref = ModelRef.parse(name)
        return job.runs(self._board_named(ref.board).url, str(ref.name))

    def _champion(self, ref: str) -> tuple[Board, ModelVersion]:
        """Return the version that is made again: the champion for a bare name, where there is one."""
        board, version = self._locate(ref)
        parsed = ModelRef.parse(ref)
        if parsed.selector is None and CHAMPION in board.aliases(version.name):
            return board, board.version(f"{version.name}@{CHAMPION}")
        return board, version
