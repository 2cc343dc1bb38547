"""The number of rows with truth that came since a model was retrained."""

from __future__ import annotations

from mlops_magics.core.retraining.new_rows import row_source
from mlops_magics.core.retraining.policies.policy import Policy
from mlops_magics.core.retraining.running import stored_recipe
from mlops_magics.core.versioning import Board, ModelVersion
from mlops_magics.errors import InvalidInput

LOOKED_AT = 20
"""Newest versions among which the last retraining is searched."""


def new_rows(board: Board, version: ModelVersion, policy: Policy) -> int:
    """Return the number of new rows: those of a source that grows, beyond those that the last run read.

    A source with fewer rows than then was replaced: all of its rows are new.
    """
    column = None if policy.notebook else stored_recipe.truth_column(stored_recipe.recipe_of(board, version))
    try:
        found = row_source.read(policy.data, policy.truth, version, column=column, database=policy.database)
        rows = len(found.frame)
    except InvalidInput:  # nothing is there yet
        return 0
    before = _rows_before(board, version.name, policy.name)
    return rows - before if rows >= before else rows


def _rows_before(board: Board, name: str, policy: str) -> int:
    """Return the number of rows that the last run of a policy read, or 0 where it never ran."""
    for each in list(board.versions(name)["version"])[:LOOKED_AT]:
        facts = board.version(f"{name}@{each}").lineage.retraining or {}
        if dict(facts.get("trigger") or {}).get("policy") == policy:
            return int(facts.get("rows", 0))
    return 0
