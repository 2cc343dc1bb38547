"""The rows that monitoring reads for the conditions of a policy."""

from __future__ import annotations

from typing import Any

from mlops_magics.core.retraining.new_rows import row_source
from mlops_magics.core.retraining.policies.policy import Policy
from mlops_magics.core.retraining.running import stored_recipe
from mlops_magics.core.versioning import Board, ModelVersion


def of_policy(board: Board, version: ModelVersion, policy: Policy) -> dict[str, Any]:
    """Return ``data`` and, where it is among them, ``truth``, or nothing for the prediction log, which is the default.

    Raises
    ------
    InvalidInput, NotFound, MissingDependency
        The rows cannot be read.
    """
    if policy.data is None or policy.data == row_source.LOG:
        return {}
    frame = row_source.table(policy.data, version.prototype, policy.database)
    column = policy.truth
    if column is None and policy.notebook is None:
        column = stored_recipe.truth_column(stored_recipe.recipe_of(board, version))
    return {"data": frame, "truth": column} if column in frame.columns else {"data": frame}
