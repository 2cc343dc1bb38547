"""Whether texts can be told apart by what is written in them."""

from __future__ import annotations

import numpy as np

from mlops_magics.core.monitoring.profiling import derived_features
from mlops_magics.core.monitoring.profiling.samples import CategorySample
from mlops_magics.core.monitoring.reading.column_values import IntArray
from mlops_magics.core.monitoring.statistics.score import Score
from mlops_magics.errors import MissingDependency

MOST_TEXTS = 5_000  # on each side; more take longer and say the same
HASHED = 2**14  # columns that the words and pairs of words are hashed into
FOLDS = 5
SEED = 13
AUC_FLOOR = 0.55  # as Evidently's


def domain(reference: CategorySample, current: CategorySample) -> Score | None:
    """Return how well a classifier tells current texts from reference texts: the pooled out-of-fold area under the ROC
    curve.

    Logistic regression on hashed words and pairs of words (Weinberger et al. 2009), five folds. The p-value is that of
    the Mann-Whitney statistic, which the AUC is. ``None`` for what are no texts, and where a side has fewer than folds,
    as in a profile, which keeps none.
    """
    if not derived_features.wordy(reference.labels):
        return None
    sides = [_texts(sample) for sample in (reference, current)]
    if min(len(side) for side in sides) < FOLDS:
        return None
    try:
        from sklearn.feature_extraction.text import HashingVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.model_selection import StratifiedKFold, cross_val_predict
    except ImportError as missing:
        raise MissingDependency(
            "The domain classifier needs scikit-learn. To fix it: `pip install scikit-learn`."
        ) from (missing)
    design = HashingVectorizer(ngram_range=(1, 2), n_features=HASHED).transform([*sides[0], *sides[1]])
    side = np.repeat([0, 1], [len(texts) for texts in sides])
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    model = LogisticRegression(class_weight="balanced")
    scores = cross_val_predict(model, design, side, cv=folds, method="decision_function")
    from scipy.stats import mannwhitneyu

    test = mannwhitneyu(scores[side == 1], scores[side == 0], alternative="greater")
    return Score(float(test.statistic) / (len(sides[0]) * len(sides[1])), float(test.pvalue), AUC_FLOOR)


def _texts(sample: CategorySample) -> list[str]:
    rows: IntArray = np.repeat(np.arange(len(sample.labels)), sample.counts)
    if len(rows) > MOST_TEXTS:
        rows = np.random.default_rng(SEED).choice(rows, MOST_TEXTS, replace=False)
    return [sample.labels[row] for row in rows]
