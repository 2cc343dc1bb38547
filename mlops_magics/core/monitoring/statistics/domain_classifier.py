"""The domain classifier, which distinguishes current rows from reference rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlops_magics.core.monitoring.statistics.score import Score
from mlops_magics.errors import MissingDependency

FOLDS = 5
SEED = 13
"""The choice of folds is arbitrary, but the same for the same data."""
AUC_FLOOR = 0.55
"""As Evidently's for texts and embeddings."""


def auc(model: str, design: Any, sizes: tuple[int, int]) -> Score:
    """Return the pooled out-of-fold area under the ROC curve (Lopez-Paz and Oquab 2017).

    The p-value is that of the Mann-Whitney statistic, which the AUC is.

    Parameters
    ----------
    model
        ``boosting`` for numbers, ``linear`` for hashed words.
    design
        ``(n_samples, n_columns)``, the rows of the reference first.
    sizes
        The number of reference and of current rows.

    Raises
    ------
    MissingDependency
        scikit-learn is not installed.
    """
    try:
        from sklearn.model_selection import StratifiedKFold, cross_val_predict
    except ImportError as missing:
        raise MissingDependency("The domain classifier needs scikit-learn", "scikit-learn") from missing
    from scipy.stats import mannwhitneyu

    side = np.repeat([0, 1], sizes)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    estimator, method = _estimator(model)
    scores = cross_val_predict(estimator, design, side, cv=folds, method=method)
    scores = scores[:, 1] if scores.ndim > 1 else scores
    test = mannwhitneyu(scores[side == 1], scores[side == 0], alternative="greater")
    return Score(float(test.statistic) / (sizes[0] * sizes[1]), float(test.pvalue), AUC_FLOOR)


def _estimator(model: str) -> tuple[Any, str]:
    if model == "linear":
        from sklearn.linear_model import LogisticRegression

        return LogisticRegression(class_weight="balanced"), "decision_function"
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(random_state=SEED, max_iter=50, early_stopping=False), "predict_proba"
