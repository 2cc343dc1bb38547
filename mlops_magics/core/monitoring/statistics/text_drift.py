"""Drift of texts, by a classifier that distinguishes current from reference texts by their words."""

from __future__ import annotations

import numpy as np

from mlops_magics.core.monitoring.profiling import derived_features
from mlops_magics.core.monitoring.profiling.samples import CategorySample
from mlops_magics.core.monitoring.reading.column_values import IntArray
from mlops_magics.core.monitoring.statistics import domain_classifier
from mlops_magics.core.monitoring.statistics.score import Score
from mlops_magics.errors import MissingDependency

MOST_TEXTS = 5_000
"""Texts on each side. More take longer and give the same result."""
HASHED = 2**14
"""Columns that the words and pairs of words are hashed into."""


def domain(reference: CategorySample, current: CategorySample) -> Score | None:
    """Return the AUC of a domain classifier on hashed words and pairs of words (Weinberger et al. 2009).

    ``None`` for categories, and where a side has fewer texts than folds, as in a profile, which keeps none.

    Raises
    ------
    MissingDependency
        scikit-learn is not installed.
    """
    if not derived_features.looks_like_text(reference.labels):
        return None
    sides = [_texts(sample) for sample in (reference, current)]
    if min(len(side) for side in sides) < domain_classifier.FOLDS:
        return None
    try:
        from sklearn.feature_extraction.text import HashingVectorizer
    except ImportError as missing:
        raise MissingDependency("The domain classifier needs scikit-learn", "scikit-learn") from missing
    design = HashingVectorizer(ngram_range=(1, 2), n_features=HASHED).transform([*sides[0], *sides[1]])
    return domain_classifier.auc("linear", design, (len(sides[0]), len(sides[1])))


def _texts(sample: CategorySample) -> list[str]:
    rows: IntArray = np.repeat(np.arange(len(sample.labels)), sample.counts)
    if len(rows) > MOST_TEXTS:
        rows = np.random.default_rng(domain_classifier.SEED).choice(rows, MOST_TEXTS, replace=False)
    return [sample.labels[row] for row in rows]
