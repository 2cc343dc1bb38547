"""Drift of several features together: what no single feature shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mlops_magics.core.monitoring import tables
from mlops_magics.core.monitoring.columns import Column
from mlops_magics.core.monitoring.statistics.score import Score
from mlops_magics.errors import InvalidInput, MissingDependency

FloatArray = npt.NDArray[np.float64]
KEPT_VARIANCE = 0.65  # as NannyML's
FOLDS = 5
SEED = 13
AUC_FLOOR = 0.55  # as Evidently's for texts and embeddings
MOST_ROWS = 20_000  # a classifier that cannot tell so many apart will not tell more
RANDOM_FEATURES = 200


@dataclass(frozen=True, slots=True)
class Covariance:
    """Count, mean and scatter of encoded rows; those of two parts add up to the whole's.

    Attributes
    ----------
    scatter
        ``(n_features, n_features)`` sums of products of deviations from the mean.
    """

    n: int
    mean: FloatArray
    scatter: FloatArray

    def __add__(self, other: Covariance) -> Covariance:
        """Join two parts (Chan, Golub, LeVeque 1983)."""
        n = self.n + other.n
        apart = other.mean - self.mean
        scatter = self.scatter + other.scatter + np.outer(apart, apart) * (self.n * other.n / n)
        return Covariance(n, (self.n * self.mean + other.n * other.mean) / n, scatter)


def covariance(rows: FloatArray) -> Covariance:
    """Return the covariance of rows, ``(n_samples, n_features)``."""
    mean = rows.mean(axis=0)
    centred = rows - mean
    return Covariance(len(rows), mean, centred.T @ centred)


def reconstruction_error(
    reference: Covariance, current: Covariance, kept: float = KEPT_VARIANCE
) -> tuple[float, float]:
    """Return the mean squared error of rebuilding rows from the reference's principal components: of the reference, of
    the current.

    Computed from the covariances alone (the trace of the scatter around the reference's mean outside the kept
    components), so it is exact, mergeable, and needs no row.
    """
    scale = np.sqrt(np.diag(reference.scatter) / max(reference.n, 1))
    scale = np.where(scale > 0, scale, 1.0)
    values, vectors = np.linalg.eigh(reference.scatter / np.outer(scale, scale))
    order = np.argsort(values)[::-1]
    share = np.cumsum(values[order]) / max(values.sum(), 1e-300)
    lost = vectors[:, order[int(np.searchsorted(share, kept)) + 1 :]]
    errors = []
    for side in (reference, current):
        apart = (side.mean - reference.mean) / scale
        scatter = side.scatter / np.outer(scale, scale) / side.n + np.outer(apart, apart)
        errors.append(float(np.trace(lost.T @ scatter @ lost)))
    return errors[0], errors[1]


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


def mmd(reference: FloatArray, current: FloatArray) -> float:
    """Return the maximum mean discrepancy in a Gaussian kernel, in time linear in the rows.

    Random Fourier features (Rahimi and Recht 2007) of the kernel of Gretton et al. (2012), its width the median
    distance of a thousand pairs.
    """
    numbers = np.random.default_rng(SEED)
    pooled = np.vstack([reference, current])
    pairs = numbers.integers(0, len(pooled), (2, 1_000))
    width = float(np.median(np.linalg.norm(pooled[pairs[0]] - pooled[pairs[1]], axis=1))) or 1.0
    directions = numbers.normal(scale=1 / width, size=(pooled.shape[1], RANDOM_FEATURES))
    means = [
        np.concatenate([f(side @ directions).mean(axis=0) for f in (np.cos, np.sin)]) for side in (reference, current)
    ]
    return float(np.linalg.norm(means[0] - means[1]) / np.sqrt(RANDOM_FEATURES))


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
    """Compare two frames over all their common features at once.

    Returns
    -------
    dict
        ``reconstruction``: the current error over the reference's, its floor 1.25. ``domain``: the domain classifier's
        AUC.
    """
    before, after = encoded(reference, current)
    if not len(before) or not len(after):
        raise InvalidInput("Multivariate drift needs rows on both sides.")
    found = {}
    for method in methods:
        if method == "reconstruction":
            first, second = reconstruction_error(covariance(before), covariance(after))
            found[method] = Score(second / first if first > 0 else 1.0, float("nan"), 1.25)
        elif method == "domain":
            found[method] = domain_auc(before, after)
        else:
            raise InvalidInput(f"Unknown method {method!r}. Known: reconstruction, domain.")
    return found
