"""The methods of a model that are called through endpoints: each has a route, and a call in every client."""

from __future__ import annotations

METHODS = (
    "predict",
    "predict_proba",
    "predict_log_proba",
    "decision_function",
    "transform",
    "score_samples",
    "kneighbors",
)
"""All take rows, and return one value or one list of values for each row."""
