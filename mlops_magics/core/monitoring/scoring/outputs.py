"""Several outputs per row, scored each by itself, and all of them together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mlops_magics.core.monitoring.reading import tables
from mlops_magics.core.monitoring.reading.column_values import Column
from mlops_magics.core.monitoring.reading.tables import Table
from mlops_magics.core.monitoring.scoring.metric import Metric
from mlops_magics.core.monitoring.scoring.metric_rows import MetricRows
from mlops_magics.core.monitoring.scoring.outcomes import Outcomes
from mlops_magics.core.monitoring.scoring.probabilities import column_named
from mlops_magics.errors import InvalidInput

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Outputs:
    """The outcomes of several outputs, by their names."""

    names: tuple[str, ...]
    parts: tuple[Outcomes, ...]

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """The rows in which every output has truth and prediction."""
        return np.asarray(np.all([part.known for part in self.parts], axis=0))

    def together(self, metric: Metric, rows: Rows) -> tuple[float, str]:
        """Return a metric over all outputs.

        The mean over the outputs, as scikit-learn's uniform average. The accuracy is the share of rows in which every
        output is right.
        """
        if metric.name in ("accuracy", "accuracy_score"):
            right = [part.truth[rows] == part.estimate[rows] for part in self.parts]
            return float(np.all(right, axis=0).mean()) if len(rows) else float("nan"), ""
        if self._of_labels and _average(metric.name):
            return self._of_multilabel(metric, rows), ""
        found = [metric(MetricRows.of(part, rows)) for part in self.parts]
        reasons = [f"{name}: {reason}" for name, (_, reason) in zip(self.names, found) if reason]
        return float(np.mean([score for score, _ in found])), "; ".join(reasons[:1])

    @property
    def _of_labels(self) -> bool:
        """Whether each output is the presence of a label."""
        return all(part.task == "binary" and part.predictions.positive is not None for part in self.parts)

    def _of_multilabel(self, metric: Metric, rows: Rows) -> float:
        import sklearn.metrics

        truth, guess = (
            np.column_stack([getattr(part, side)[rows] == part.predictions.positive for part in self.parts]).astype(int)
            for side in ("truth", "estimate")
        )
        name, average = metric.name.rsplit("_", 1)
        function = getattr(sklearn.metrics, f"{name}_score")
        return float(function(truth, guess, average=average, zero_division=0.0)) if len(rows) else float("nan")


def _average(name: str) -> bool:
    base, _, average = name.rpartition("_")
    return base in ("f1", "precision", "recall", "jaccard") and average in ("macro", "micro", "weighted", "samples")


def columns_of(table: Table, given: Any, role: str) -> dict[str, Column]:
    """Return the columns of one or several outputs, by name.

    Parameters
    ----------
    given
        A column's name, a list of names, values ``(n_samples,)`` or ``(n_samples, n_outputs)``, or a frame. A column
        whose cells are lists has one output for each place in them.
    """
    given = tables.name_of(table, given)
    if isinstance(given, list | tuple) and _are_names(table, given):
        return {name: column_named(table, name, role) for name in map(str, given)}
    if hasattr(given, "columns") and not isinstance(given, str):
        frame = tables.read(given)
        return {name: frame.column(name) for name in frame.names}
    values: Any = np.asarray(given) if isinstance(given, np.ndarray) or _is_nested(given) else np.empty(0)
    if values.ndim == 2 and values.shape[1] > 1:
        return {str(place): tables.column_of(f"{role}[{place}]", values[:, place]) for place in range(values.shape[1])}
    column = column_named(table, given, role)
    return _of_cells(table, given, role, column) or {role: column}


def _of_cells(table: Table, given: Any, role: str, column: Column) -> dict[str, Column] | None:
    """Return the outputs of a column of lists of one length, or ``None`` for any other column."""
    if not isinstance(given, str) or not column.labels or not column.labels[0].startswith(("[", "(")):
        return None
    cells = [None if cell is None or np.ndim(cell) != 1 else list(cell) for cell in tables.raw(table, given)]
    lengths = {len(cell) for cell in cells if cell is not None}
    if len(lengths) != 1 or min(lengths) < 2:
        return None
    [width] = lengths
    return {
        str(place): tables.column_of(f"{role}[{place}]", [None if cell is None else cell[place] for cell in cells])
        for place in range(width)
    }


def _are_names(table: Table, given: Sequence[Any]) -> bool:
    """Return whether a list names columns. Numbers do, where they are different and not one for each row."""
    if all(isinstance(each, str) for each in given):
        return bool(given) and all(each in table.names for each in given)
    several = len(given) != table.rows and len({str(each) for each in given}) == len(given)
    return several and all(str(tables.name_of(table, each)) in table.names for each in given)


def _is_nested(given: Any) -> bool:
    return isinstance(given, list) and bool(given) and isinstance(given[0], list | tuple | np.ndarray)


def paired(truths: dict[str, Column], estimates: dict[str, Column]) -> list[tuple[str, Column, Column]]:
    """Return truth and prediction of each output, by name where both have the same names, else by their order.

    Raises
    ------
    InvalidInput
        The numbers of outputs differ.
    """
    if len(truths) != len(estimates):
        raise InvalidInput(f"There are {len(truths)} outputs in the truth and {len(estimates)} in the predictions.")
    if set(truths) == set(estimates):
        return [(name, column, estimates[name]) for name, column in truths.items()]
    return [(name, column, guess) for (name, column), guess in zip(truths.items(), estimates.values())]


def named(metric: str, output: str) -> str:
    """Return the name of a metric of one output."""
    return f"{metric}[{output}]"


def check(names: Sequence[str], metrics: Sequence[Metric]) -> None:
    """Raise for a metric of probabilities, because those of several outputs are not read.

    Raises
    ------
    InvalidInput
    """
    for metric in metrics:
        if metric.needs_scores:
            raise InvalidInput(
                f"The metric {metric.name!r} needs probabilities, and those of several outputs "
                f"({', '.join(names[:3])}) are not read: score each output by itself."
            )
