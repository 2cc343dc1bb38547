"""Statistics of all features together, for drift that no single feature shows."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mlops_magics.core.monitoring.profiling import covariance
from mlops_magics.core.monitoring.profiling.covariance import Covariance
from mlops_magics.core.monitoring.statistics import domain_classifier
from mlops_magics.core.monitoring.statistics.declaration import Declaration
from mlops_magics.core.monitoring.statistics.score import Score
from mlops_magics.errors import InvalidInput

FloatArray = npt.NDArray[np.float64]
KEPT_VARIANCE = 0.65
"""Share of the variance that the kept components hold, as NannyML's."""
SEED = 13
"""The choice of rows is arbitrary, but the same for the same data."""
MOST_ROWS = 20_000
"""Rows on each side that the classifier reads. More give the same result."""
RANDOM_FEATURES = 200
ERROR_FLOOR = 1.25
"""Current error of reconstruction over that of the reference."""
ROWS_PER_FEATURE = 10
"""Reference rows per feature below which the components fit the reference itself."""
CENTROID_FLOOR = 0.02
"""Cosine distance of the means."""
MMD_FLOOR = 0.1
BLOCK = 10_000
"""Rows that are projected at a time."""


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

    The p-value is that of the difference of the means, with the variance of the current rows' errors for both sides,
    or NaN below ten reference rows per feature, where the reference fits itself too well.
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
    """Return the AUC of gradient boosting that distinguishes current rows from reference rows.

    Raises
    ------
    InvalidInput
        A side has fewer rows than folds.
    """
    chosen = np.random.default_rng(SEED)
    parts = [
        side if len(side) <= MOST_ROWS else side[chosen.choice(len(side), MOST_ROWS, replace=False)]
        for side in (reference, current)
    ]
    if min(len(part) for part in parts) < domain_classifier.FOLDS:
        raise InvalidInput(f"The domain classifier needs at least {domain_classifier.FOLDS} rows on each side.")
    return domain_classifier.auc("boosting", np.vstack(parts), (len(parts[0]), len(parts[1])))


def centroid_distance(reference: FloatArray, current: FloatArray) -> float:
    """Return the cosine distance of the mean embeddings, 0 to 2, of ``(n_samples, n_dimensions)`` each."""
    first, second = reference.mean(axis=0), current.mean(axis=0)
    length = float(np.linalg.norm(first) * np.linalg.norm(second))
    return 1.0 - float(first @ second) / length if length > 0 else 0.0


def centroid(reference: FloatArray, current: FloatArray) -> Score:
    """Return the cosine distance of the mean embeddings. The p-value is that of the difference of the means."""
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

    Its first two moments follow from the pooled covariance. A scaled χ² has the same (Satterthwaite 1946).
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


@dataclass(frozen=True, slots=True, kw_only=True)
class JointStatistic(Declaration):
    """A comparison of all features at once.

    Attributes
    ----------
    compute
        The score of two arrays ``(n_samples, n_features)``.
    """

    compute: Callable[[FloatArray, FloatArray], Score]


def _reconstruction_of_rows(reference: FloatArray, current: FloatArray) -> Score:
    return reconstruction(covariance.of_rows(reference), current)


JOINT_STATISTICS = (
    JointStatistic(
        name="reconstruction",
        definition="error of rebuilding rows from the reference's principal components, over that of the reference",
        floor=ERROR_FLOOR,
        floor_source="a quarter more error than the reference has itself",
        compute=_reconstruction_of_rows,
    ),
    JointStatistic(
        name="domain",
        definition="AUC of a classifier that distinguishes current rows from reference rows",
        floor=domain_classifier.AUC_FLOOR,
        floor_source="as Evidently's for texts and embeddings",
        compute=domain_auc,
    ),
    JointStatistic(
        name="centroid",
        definition="cosine distance of the means",
        floor=CENTROID_FLOOR,
        floor_source="means an angle of about 11 degrees apart",
        compute=centroid,
    ),
    JointStatistic(
        name="mmd",
        definition="maximum mean discrepancy of random Fourier features, linear in the rows",
        floor=MMD_FLOOR,
        floor_source="about the score of a shift of a quarter σ in one of two normal features",
        compute=mmd,
    ),
)
