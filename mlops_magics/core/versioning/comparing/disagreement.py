"""The disagreement of two versions: the rows for which their predictions differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlops_magics.core import phrases, progress
from mlops_magics.core.versioning.describing.json_values import json_safe
from mlops_magics.core.versioning.describing.model_version import ModelVersion
from mlops_magics.core.versioning.describing.prototype import frame_of
from mlops_magics.core.versioning.formats import registry, round_trip
from mlops_magics.errors import DataMismatch, InvalidInput

MOST_ROWS = 20
"""The most rows that are kept as examples."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """The predictions of two versions for the same rows, compared.

    Attributes
    ----------
    rows, differing
        The number of rows, and of those whose predictions differ.
    largest
        The largest absolute difference. Infinite where one side's prediction is missing, or None for labels.
    examples
        Up to `MOST_ROWS` rows, the largest difference first: position, prediction of each side, the features.
    """

    rows: int
    differing: int
    largest: float | None
    examples: tuple[dict[str, Any], ...]

    def __str__(self) -> str:
        by = "" if self.largest is None or not self.differing else f", by {self.largest:.4g} at most"
        return phrases.of_all(self.differing, self.rows, "rows", "are answered differently") + by


def between(a: tuple[ModelVersion, Any], b: tuple[ModelVersion, Any], data: Any) -> Disagreement:
    """Predict the rows with both models, each from the columns of its own prototype.

    Raises
    ------
    DataMismatch
        When a version cannot predict these rows, or the two predict in different shapes.
    """
    import numpy as np

    answers = [_answers(version, model, data) for version, model in (a, b)]
    if answers[0].shape != answers[1].shape:
        raise DataMismatch(
            f"{a[0].ref} and {b[0].ref} answer in different shapes: {answers[0].shape} and {answers[1].shape}."
        )
    numeric = all(answer.dtype.kind in "biuf" for answer in answers)
    gaps = _gaps(*answers) if numeric else answers[0].astype(object) != answers[1].astype(object)
    by_row = np.asarray(gaps, dtype=float).reshape(len(answers[0]), -1).max(axis=1) if len(answers[0]) else np.zeros(0)
    order = [int(place) for place in np.argsort(-by_row, kind="stable")[:MOST_ROWS] if by_row[place] > 0]
    return Disagreement(
        rows=len(by_row),
        differing=int((by_row > 0).sum()),
        largest=float(by_row.max()) if numeric and len(by_row) else None,
        examples=tuple(
            {
                "row": place,
                "a": json_safe(answers[0][place]),
                "b": json_safe(answers[1][place]),
                "features": _row(data, place),
            }
            for place in order
        ),
    )


def _answers(version: ModelVersion, model: Any, data: Any) -> Any:
    import numpy as np

    progress.report(f"predicting the rows with {version.ref}")
    try:
        return np.asarray(registry.with_predict(model).predict(_columns_of(version, data)))
    except DataMismatch:
        raise
    except Exception as error:  # any error of the model's own library about the data
        reason = str(error).strip().partition("\n")[0]
        raise DataMismatch(f"{version.ref} cannot answer these rows: {type(error).__name__}: {reason}") from error


def _columns_of(version: ModelVersion, data: Any) -> Any:
    """Return the rows as the version was trained on them: its own columns, in its order."""
    if version.prototype is None or not hasattr(data, "columns"):
        return data
    try:
        frame = frame_of(data)
    except InvalidInput as error:
        raise DataMismatch(str(error)) from error
    missing = [name for name in version.prototype.names if name not in frame.columns]
    if missing:
        raise DataMismatch(
            f"{version.ref} wants {', '.join(missing[:8])}, which the data do not have. "
            f"They have: {', '.join(map(str, frame.columns[:8]))}."
        )
    chosen = frame[list(version.prototype.names)]
    chosen.columns = [column.training_label for column in version.prototype.columns]
    return chosen.to_numpy() if version.prototype.input_kind == "array" else chosen


def _gaps(a: Any, b: Any) -> Any:
    """Return absolute differences: 0 for two missing predictions, infinite for one."""
    import numpy as np

    a, b = a.astype(float), b.astype(float)
    with np.errstate(invalid="ignore"):
        gaps = np.where(a == b, 0.0, np.abs(a - b))
    return np.where(np.isnan(a) & np.isnan(b), 0.0, np.nan_to_num(gaps, nan=np.inf, posinf=np.inf))


def _row(data: Any, place: int) -> dict[str, Any]:
    rows = round_trip.head(data, place + 1)
    if hasattr(rows, "iloc"):
        return {str(name): json_safe(value) for name, value in rows.iloc[place].to_dict().items()}
    return {str(position): json_safe(value) for position, value in enumerate(rows[place])}
