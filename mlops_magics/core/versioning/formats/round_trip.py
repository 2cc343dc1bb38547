"""The round-trip test: a model read back from its bytes must predict the same on the example rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlops_magics.core.versioning.formats import registry

PROOF_ROWS = 50
METHODS = ("predict", "predict_proba")


def answers(model: Any, example: Any) -> dict[str, Any]:
    """Return the model's predictions for the example rows, by method. A method that fails is left out."""
    rows = head(example)
    if rows is None:
        return {}
    asked = {method: getattr(registry.with_predict(model), method, None) for method in METHODS}
    found = {method: _answer(call, rows) for method, call in asked.items() if callable(call)}
    return {method: answer for method, answer in found.items() if answer is not None}


def equal(before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Return whether two models predicted the same, bit for bit. NaN equals NaN."""
    return before.keys() == after.keys() and all(_same(before[method], after[method]) for method in before)


def head(example: Any, rows: int = PROOF_ROWS) -> Any:
    """Return the first rows of a table, an array or a sequence, or None."""
    if example is None:
        return None
    if hasattr(example, "iloc"):
        return example.iloc[:rows]
    try:
        return example.tocsr()[:rows].asformat(example.format) if hasattr(example, "toarray") else example[:rows]
    except (TypeError, KeyError, IndexError):
        return None


def _answer(call: Any, rows: Any) -> Any:
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            answer = call(rows)
        return np.asarray(answer.detach() if hasattr(answer, "detach") else answer)
    except Exception:  # a model may need other input than its training data. It is not proven then
        return None


def _same(a: Any, b: Any) -> bool:
    if a.shape != b.shape:
        return False
    return bool(np.array_equal(a, b, equal_nan=a.dtype.kind in "fc" and b.dtype.kind in "fc"))
