"""Checks of a fitted estimator's arrays against each other, for each class whose compiled code reads without bounds.

A check runs after the attributes were decoded and before any method of the estimator is called.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mlops_magics.core.versioning.formats.file_checks import path_of, require
from mlops_magics.core.versioning.formats.nodes import array_checks, ensemble_checks

MOST_JOBS = 1024
"""Threads that an estimator may start."""
_NAMES_OF_JOBS = ("n_jobs", "n_threads", "_n_threads", "nthread", "num_threads", "thread_count")

CHECKS: dict[str, Callable[[Any], None]] = {
    "sklearn.cluster._agglomerative.FeatureAgglomeration": array_checks.merged_features,
    "sklearn.cluster._kmeans._BaseKMeans": array_checks.cluster_centers,
    "sklearn.ensemble._forest.BaseForest": ensemble_checks.forest,
    "sklearn.ensemble._gb.BaseGradientBoosting": ensemble_checks.gradient_boosting,
    "sklearn.ensemble._hist_gradient_boosting.gradient_boosting.BaseHistGradientBoosting": (
        ensemble_checks.hist_gradient_boosting
    ),
    "sklearn.ensemble._iforest.IsolationForest": ensemble_checks.isolation_forest,
    "sklearn.ensemble._voting.VotingClassifier": ensemble_checks.vote,
    "sklearn.feature_extraction._dict_vectorizer.DictVectorizer": array_checks.vocabulary,
    "sklearn.feature_extraction.text.CountVectorizer": array_checks.vocabulary,
    "sklearn.neighbors._base.NeighborsBase": array_checks.neighbours,
    "sklearn.preprocessing._encoders.OneHotEncoder": array_checks.one_hot_encoder,
    "sklearn.svm._base.BaseLibSVM": array_checks.support_vectors,
    "sklearn.tree._classes.BaseDecisionTree": ensemble_checks.decision_tree,
    "lightgbm.sklearn.LGBMModel": ensemble_checks.lightgbm_wrapper,
}
"""Class → check. A subclass is checked too."""


def check(value: Any) -> None:
    """Run the checks of a value's class and of its ancestors.

    Raises
    ------
    SerializationError
        Where one does not hold.
    """
    state = vars(value)
    for name in _NAMES_OF_JOBS:
        jobs = state.get(name)
        require(jobs is None or (isinstance(jobs, int) and abs(jobs) <= MOST_JOBS), f"{name} is {jobs!r:.40}")
    for kind in type(value).__mro__:
        one = CHECKS.get(path_of(kind))
        if one is not None:
            one(value)
