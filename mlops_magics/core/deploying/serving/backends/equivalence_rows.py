"""The rows on which backends are proven: the prototype's examples, and variations at the edges of accepted values."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlops_magics.core.deploying.contract.http_error import HttpError
from mlops_magics.core.deploying.validation.check import Check
from mlops_magics.core.deploying.validation.layout import Table
from mlops_magics.errors import DataMismatch

UNSEEN_TEXT = "\u2400 unseen"
MIXED_ROWS = 32


def equivalence_table(check: Check) -> Table | None:
    """Return example rows, mixtures of them, and rows with extremes, missing values and unseen texts where accepted."""
    examples = [dict(row) for row in check.layout.prototype.examples]
    if not examples:
        return None
    rows = examples + _mixtures(examples) + _edges(examples[0], check.layout.columns)
    try:
        return check.records(rows)
    except (DataMismatch, HttpError):
        return _accepted(rows, check)


def _mixtures(examples: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Combine the columns of different examples, in an order that is the same every time."""
    choice = np.random.default_rng(0)
    return [{name: examples[choice.integers(len(examples))][name] for name in examples[0]} for _ in range(MIXED_ROWS)]


def _edges(example: dict[str, Any], columns: Any) -> list[dict[str, Any]]:
    """Return the example with the value of one column exchanged, rows that a model may refuse next to each other."""
    bounds = [(column, bound) for column in columns for bound in (column.minimum, column.maximum) if bound is not None]
    categories = [(column, value) for column in columns for value in column.categories or ()]
    missing = [(column, None) for column in columns if column.nullable]
    unseen = [(column, UNSEEN_TEXT) for column in columns if column.kind == "string"]
    return [{**example, column.name: value} for column, value in (*bounds, *categories, *missing, *unseen)]


def _accepted(rows: list[dict[str, Any]], check: Check) -> Table | None:
    """Keep the rows that pass the check, one by one."""
    tables = []
    for row in rows:
        try:
            tables.append(check.records([row]))
        except (DataMismatch, HttpError):
            continue
    return Table.concatenate(tables) if tables else None
