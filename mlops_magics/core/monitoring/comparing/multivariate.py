"""Drift of several features together: what no single feature shows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mlops_magics.core.monitoring.profiling import covariance
from mlops_magics.core.monitoring.profiling.covariance import Covariance
from mlops_magics.core.monitoring.profiling.profiler import ReferenceProfile
from mlops_magics.core.monitoring.reading import tables
from mlops_magics.core.monitoring.reading.column_values import Column
from mlops_magics.core.monitoring.statistics.score import Score
from mlops_magics.errors import InvalidInput, MissingDependency

FloatArray = npt.NDArray[np.float64]
KEPT_VARIANCE = 0.65  # as NannyML's
FOLDS = 5
SEED = 13
AUC_FLOOR = 0.55  # as Evidently's for texts and embeddings
MOST_ROWS = 20_000  # a classifier that cannot tell so many apart will not tell more
RANDOM_FEATURES = 200
ERROR_FLOOR = 1.25  # current error of reconstruction over the reference's
ROWS_PER_FEATURE = 10
CENTROID_FLOOR = 0.02  # cosine distance of the means
MMD_FLOOR = 0.1
BLOCK = 10_000  # rows that are projected at a time
NAMES = ("reconstruction", "domain", "centroid", "mmd")


def principal(reference: Covariance, kept: float = KEPT_VARIANCE) -> tuple[FloatArray, FloatArray]:
    """Return the scale of each feature, and the principal directions that are not kept, ``(n_features, n_lost)``."""
    scale = np.sqrt(np.diag(reference.scatter) / max(reference.n, 1))
    scale = np.where(scale > 0, scale, 1.0)
    values, vectors = np.linalg.eigh(reference.scatter / np.outer(scale, scale))
    order = np.argsort(values)[::-1]
    share = np.cumsum(values[order]) / max(values.sum(), 1e-300)
    return scale, vectors[:, order[int(np.searchsorted(share, kept)) + 1 :]]


def reconstruction_error(
    reference: Covariance, current: Covariance, kept: float = KEPT_VARIANCE
) -> tuple[float, float]:
    """Return the mean squared error of rebuilding rows from the reference's principal components: of the reference, of
    the current.

    Computed from the covariances alone (the trace of the scatter around the reference's mean outside the kept
    components), so it is exact, mergeable, and needs no row.
    """
    scale, lost = principal(reference, kept)
    errors = []
    for side in (reference, current):
        apart = (side.mean - reference.mean) / scale
        scatter = side.scatter / np.outer(scale, scale) / max(side.n, 1) + np.outer(apart, apart)
        errors.append(float(np.trace(lost.T @ scatter @ lost)))
    return errors[0], errors[1]


def reconstruction(reference: Covariance, current: FloatArray) -> Score:
    """Return the current rows' mean squared error of reconstruction over the reference's.

    The p-value is that of the difference of the means, with the variance of the current rows' errors for both sides;
    NaN below ten reference rows per feature, where the reference fits itself too well.
    """
    before, now = reconstruction_error(reference, covariance.of_rows(current))
    if not before > 0 or len(current) < 2:
        return Score(1.0 if not now > before else math.inf, math.nan, ERROR_FLOOR)
    scale, lost = principal(reference)
    errors = np.square(((current - reference.mean) / scale) @ lost).sum(axis=1)
    spread = math.sqrt(float(errors.var(ddof=1)) * (1 / len(current) + 1 / reference.n))
    enough = reference.n >= ROWS_PER_FEATURE * len(reference.mean) and spread > 0
    return Score(now / before, _two_sided((now - before) / spread) if enough else math.nan, ERROR_FLOOR)


def _two_sided(z: float) -> float:
    from scipy.special import ndtr

    return float(2 * ndtr(-abs(z)))


def domain_auc(reference: FloatArray, current: FloatArray) -> Score:
    """Return how well a classifier tells current rows from reference rows: the pooled out-of-fold area under the ROC
    curve.

    Gradient boosting, five folds (Lopez-Paz and Oquab 2017). The p-value is that of the Mann-Whitney statistic, which
    the AUC is.
    """
    try:
        from sklearn.ensemble import HistGradientBoostingClassifier
        from sklearn.model_selection import StratifiedKFold, cross_val_predict
    except ImportError as missing:
        raise MissingDependency(
            "The domain classifier needs scikit-learn. To fix it: `pip install scikit-learn`."
        ) from missing
    chosen = np.random.default_rng(SEED)
    parts = [
        side if len(side) <= MOST_ROWS else side[chosen.choice(len(side), MOST_ROWS, replace=False)]
        for side in (reference, current)
    ]
    if min(len(part) for part in parts) < FOLDS:
        raise InvalidInput(f"The domain classifier needs at least {FOLDS} rows on each side.")
    design, side = np.vstack(parts), np.repeat([0, 1], [len(part) for part in parts])
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    model = HistGradientBoostingClassifier(random_state=SEED, max_iter=50, early_stopping=False)
    scores = cross_val_predict(model, design, side, cv=folds, method="predict_proba")[:, 1]
    from scipy.stats import mannwhitneyu

    test = mannwhitneyu(scores[side == 1], scores[side == 0], alternative="greater")
    return Score(float(test.statistic) / (len(parts[0]) * len(parts[1])), float(test.pvalue), AUC_FLOOR)


def centroid_distance(reference: FloatArray, current: FloatArray) -> float:
    """Return the cosine distance of the mean embeddings, 0 to 2; ``(n_samples, n_dimensions)`` each."""
    first, second = reference.mean(axis=0), current.mean(axis=0)
    length = float(np.linalg.norm(first) * np.linalg.norm(second))
    return 1.0 - float(first @ second) / length if length > 0 else 0.0


def centroid(reference: FloatArray, current: FloatArray) -> Score:
    """Return the cosine distance of the mean embeddings; the p-value is that of the difference of the means."""
    apart = means_differ(covariance.of_rows(reference), covariance.of_rows(current))
    return Score(centroid_distance(reference, current), apart, CENTROID_FLOOR)


def mmd(reference: FloatArray, current: FloatArray) -> Score:
    """Return the maximum mean discrepancy in a Gaussian kernel, in time linear in the rows.

    Random Fourier features (Rahimi and Recht 2007) of the kernel of Gretton et al. (2012), its width the median
    distance of a thousand pairs. The p-value is that of the difference of the features' means.
    """
    numbers = np.random.default_rng(SEED)
    pairs = numbers.integers(0, len(reference) + len(current), (2, 1_000))
    first, second = (_rows_of_both(reference, current, rows) for rows in pairs)
    width = float(np.median(np.linalg.norm(first - second, axis=1))) or 1.0
    directions = numbers.normal(scale=1 / width, size=(reference.shape[1], RANDOM_FEATURES))
    before, now = (_fourier(side, directions) for side in (reference, current))
    return Score(float(np.linalg.norm(before.mean - now.mean)), means_differ(before, now), MMD_FLOOR)


def _rows_of_both(reference: FloatArray, current: FloatArray, rows: npt.NDArray[np.int64]) -> FloatArray:
    inside = rows < len(reference)
    chosen = reference[np.where(inside, rows, 0)]
    chosen[~inside] = current[rows[~inside] - len(reference)]
    return chosen


def _fourier(side: FloatArray, directions: FloatArray) -> Covariance:
    """Return the moments of rows in a space where the Gaussian kernel is an inner product, block by block."""
    parts = []
    for start in range(0, len(side), BLOCK):
        angles = side[start : start + BLOCK] @ directions
        parts.append(covariance.of_rows(np.hstack([np.cos(angles), np.sin(angles)]) / math.sqrt(RANDOM_FEATURES)))
    return sum(parts[1:], start=parts[0])


def means_differ(first: Covariance, second: Covariance) -> float:
    """Return the p-value of |difference of means|², which is a weighted sum of χ² when nothing differs.

    Its first two moments follow from the pooled covariance; a scaled χ² has the same (Satterthwaite 1946).
    """
    n, m = first.n, second.n
    if n + m < 4:
        return math.nan
    distance = float(np.sum((first.mean - second.mean) ** 2))
    spread = (first.scatter + second.scatter) / (n + m - 2) * (1 / n + 1 / m)
    mean, variance = float(np.trace(spread)), 2 * float(np.sum(spread * spread))
    if not mean > 0:
        return 0.0 if distance > 0 else 1.0
    from scipy.special import gammaincc

    return float(gammaincc(mean**2 / variance, distance * mean / variance))


def encoded(reference: Any, current: Any) -> tuple[FloatArray, FloatArray]:
    """Return both frames as numbers: missing ones as the reference's mean, categories as their share in the
    reference."""
    before, after = tables.read(reference), tables.read(current)
    names = [name for name in before.names if name in after.names]
    if not names:
        raise InvalidInput("The two frames have no column in common.")
    columns = [_encoded(before.column(name), after.column(name)) for name in names]
    return np.column_stack([first for first, _ in columns]), np.column_stack([second for _, second in columns])


def _encoded(reference: Column, current: Column) -> tuple[FloatArray, FloatArray]:
    if reference.coded != current.coded:
        raise InvalidInput(
            f"{reference.name!r} is of another type in the current data; compare the features one by one with drift(…)."
        )
    if reference.coded:
        share = dict(zip(reference.labels, reference.counts() / max(len(reference), 1)))
        return _looked_up(reference, share), _looked_up(current, share)
    finite = reference.values[np.isfinite(reference.values)]
    mean = float(finite.mean()) if len(finite) else 0.0
    return np.where(np.isfinite(reference.values), reference.values, mean), np.where(
        np.isfinite(current.values), current.values, mean
    )


def _looked_up(column: Column, share: dict[str, float]) -> FloatArray:
    known: FloatArray = np.array([*(share.get(label, 0.0) for label in column.labels), 0.0])
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
    """
    unknown = [method for method in methods if method not in NAMES]
    if unknown:
        raise InvalidInput(f"Unknown method {unknown[0]!r}. Known: {', '.join(NAMES)}.")
    if isinstance(reference, ReferenceProfile):
        return {method: _from_profile(reference, current, method) for method in methods}
    before, after = encoded(reference, current)
    if not len(before) or not len(after):
        raise InvalidInput("Multivariate drift needs rows on both sides.")
    compute = {"domain": domain_auc, "centroid": centroid, "mmd": mmd}
    return {
        method: reconstruction(covariance.of_rows(before), after)
        if method == "reconstruction"
        else compute[method](before, after)
        for method in methods
    }


def _from_profile(reference: ReferenceProfile, current: Any, method: str) -> Score:
    """Rebuild the current rows, without those that lack a value, from what the profile knows."""
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
    return reconstruction(reference.covariance.of([column.name for column in held]), rows)
