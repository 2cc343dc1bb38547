"""Multivariate drift: the rows of two frames as numbers, and the statistics that read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mlops_magics.core.monitoring.profiling.reference_profile import ReferenceProfile
from mlops_magics.core.monitoring.reading import column_values, tables
from mlops_magics.core.monitoring.reading.column_values import Column
from mlops_magics.core.monitoring.statistics import joint_statistics
from mlops_magics.core.monitoring.statistics.declarations import JOINT
from mlops_magics.core.monitoring.statistics.score import Score
from mlops_magics.errors import InvalidInput

FloatArray = npt.NDArray[np.float64]


def encode(reference: Any, current: Any) -> tuple[FloatArray, FloatArray]:
    """Return both frames as numbers: missing ones as the reference's mean, categories as their share in the reference.

    Raises
    ------
    InvalidInput
        The frames have no column in common, or one of another type.
    """
    before, after = tables.read(reference), tables.read(current)
    names = [name for name in before.names if name in after.names]
    if not names:
        raise InvalidInput("The two frames have no column in common.")
    columns = [_encoded(before.column(name), after.column(name)) for name in names]
    return np.column_stack([first for first, _ in columns]), np.column_stack([second for _, second in columns])


def _encoded(reference: Column, current: Column) -> tuple[FloatArray, FloatArray]:
    if reference.coded != current.coded:
        raise InvalidInput(
            f"{reference.name!r} is of another type in the current data. Compare the features one by one with drift(…)."
        )
    if reference.coded:
        share = dict(zip(reference.labels, reference.counts() / max(len(reference), 1)))
        return _shares_of(reference, share), _shares_of(current, share)
    before, now = reference.exact, column_values.above(current, reference.origin).exact
    finite = before[np.isfinite(before)]
    # the reference's mean on both sides: more missing values then do not look like a shift of the rest
    mean = float(finite.mean()) if len(finite) else 0.0
    return np.where(np.isfinite(before), before, mean), np.where(np.isfinite(now), now, mean)


def _shares_of(column: Column, share: dict[str, float]) -> FloatArray:
    known: FloatArray = np.array([*(share.get(label, 0.0) for label in column.labels), 0.0])
    # -1, the code of a missing value, reads the 0 at the end
    return np.asarray(known[column.values])


def multivariate_drift(
    reference: Any, current: Any, methods: Sequence[str] = ("reconstruction", "domain")
) -> dict[str, Score]:
    """Compare two frames, or two arrays of embeddings ``(n_samples, n_dimensions)``, over all common features at once.

    Parameters
    ----------
    reference
        A frame, or a `ReferenceProfile`: it holds the covariance of the numeric features, which is all that
        ``reconstruction`` needs.
    methods
        ``reconstruction``: the error of rebuilding current rows from the reference's principal components over the
        reference's own, floor 1.25. ``domain``: the domain classifier's AUC. ``centroid``: the cosine distance of the
        means. ``mmd``: the maximum mean discrepancy.

    Raises
    ------
    InvalidInput
    """
    unknown = [method for method in methods if method not in JOINT]
    if unknown:
        raise InvalidInput(f"Unknown method {unknown[0]!r}. Known: {', '.join(JOINT)}.")
    if isinstance(reference, ReferenceProfile):
        return {method: _from_profile(reference, current, method) for method in methods}
    before, after = encode(reference, current)
    if not len(before) or not len(after):
        raise InvalidInput("Multivariate drift needs rows on both sides.")
    return {method: JOINT[method].compute(before, after) for method in methods}


def _from_profile(reference: ReferenceProfile, current: Any, method: str) -> Score:
    """Rebuild the current rows, without those that lack a value, from the covariance of the profile."""
    if method != "reconstruction" or reference.covariance is None:
        raise InvalidInput(
            f"{method!r} needs the reference's rows, or a profile of at least two numeric features for "
            f"'reconstruction': pass the training frame."
        )
    table = tables.read(current)
    held = [
        table.column(name)
        for name in reference.covariance.names
        if name in table.names and table.column(name).kind == "numeric"
    ]
    rows = np.column_stack([column.values for column in held]) if held else np.empty((0, 0))
    rows = rows[np.isfinite(rows).all(axis=1)]
    if len(held) < 2 or not len(rows):
        raise InvalidInput("No current row has a value in two numeric features of the reference.")
    return joint_statistics.reconstruction(reference.covariance.of([column.name for column in held]), rows)
