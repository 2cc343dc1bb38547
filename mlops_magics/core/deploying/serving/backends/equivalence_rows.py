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
    rows: list[dict[str, Any]] = []
    for column in columns:
        values = [bound for bound in (column.minimum, column.maximum) if bound is not None]
        values += list(column.categories or ())
        values += [None] if column.nullable else []
        values += [UNSEEN_TEXT] if column.kind == "string" else []
        rows += [{**example, column.name: value} for value in values]
    return rows


def _accepted(rows: list[dict[str, Any]], check: Check) -> Table | None:
    """Keep the rows that pass the check, one by one."""
    tables = []
    for row in rows:
        try:
            tables.append(check.records([row]))
        except (DataMismatch, HttpError):
            continue
    return Table.concatenate(tables) if tables else None
