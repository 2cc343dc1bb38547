"""The round-trip test: a model read back from its bytes must predict the same on the example rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from mlops_magics.core.versioning.formats import registry

PROOF_ROWS = 50
METHODS = ("predict", "predict_proba")
ROUNDING = 256
"""Machine epsilons of the largest value: a forest of 5,000 trees with `n_jobs` adds them in another order each time."""


def answers(model: Any, example: Any) -> dict[str, Any]:
    """Return the model's predictions for the example rows, by method. A method that fails is left out."""
    rows = head(example)
    if rows is None:
        return {}
    asked = {method: getattr(registry.with_predict(model), method, None) for method in METHODS}
    found = {method: _answer(call, rows) for method, call in asked.items() if callable(call)}
    return {method: answer for method, answer in found.items() if answer is not None}


def equal(before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Return whether two models predicted the same: floats to the rounding of a sum, the rest bit for bit.

    NaN equals NaN.
    """
    return before.keys() == after.keys() and all(_same(before[method], after[method]) for method in before)


def head(example: Any, rows: int = PROOF_ROWS) -> Any:
    """Return the first rows of a table, an array or a sequence, or None."""
    if example is None:
        return None
    if hasattr(example, "iloc"):
        return example.iloc[:rows]
    try:
        # the coordinate format cannot be sliced
        return example.tocsr()[:rows].asformat(example.format) if hasattr(example, "toarray") else example[:rows]
    except (TypeError, KeyError, IndexError):
        return None


def _answer(call: Any, rows: Any) -> Any:
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _plain(call(rows))
    except Exception:  # a model may need other input than its training data. It is not proven then
        return None


def _plain(answer: Any) -> Any:
    """Return predictions as arrays, in mappings and lists where they have several parts."""
    if isinstance(answer, Mapping):
        return {key: _plain(part) for key, part in answer.items()}
    if isinstance(answer, Iterator):
        return _plain(list(answer))
    if hasattr(answer, "toarray"):
        return answer.toarray()
    try:
        return np.asarray(answer.detach() if hasattr(answer, "detach") else answer)
    except ValueError:  # parts of several shapes
        return [_plain(part) for part in answer]


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, dict):
        return isinstance(b, dict) and a.keys() == b.keys() and all(_same(a[key], b[key]) for key in a)
    if isinstance(a, list):
        return isinstance(b, list) and len(a) == len(b) and all(map(_same, a, b))
    if not isinstance(b, np.ndarray) or a.shape != b.shape or (a.dtype.names or ()) != (b.dtype.names or ()):
        return False
    if a.dtype.names:
        return all(_same(a[name], b[name]) for name in a.dtype.names)
    if a.dtype == object and b.dtype == object:
        return all(map(_same_object, a.ravel().tolist(), b.ravel().tolist()))
    if a.dtype.kind in "fc" and a.dtype == b.dtype:
        # isnan, by which numpy compares then, refuses texts
        return bool(np.array_equal(a, b, equal_nan=True)) or _rounded_alike(a, b)
    return bool(np.array_equal(a, b, equal_nan=a.dtype.kind in "fc" and b.dtype.kind in "fc"))


def _rounded_alike(a: np.ndarray, b: np.ndarray) -> bool:
    """Return whether two arrays of floats differ by no more than sums of the same terms in another order."""
    finite = np.abs(a[np.isfinite(a)])
    margin = ROUNDING * np.finfo(a.dtype).eps * (finite.max() if finite.size else 0.0)
    return bool(np.allclose(a, b, rtol=0.0, atol=margin, equal_nan=True))


def _same_object(a: Any, b: Any) -> bool:
    """Return whether two objects are equal. Some (pandas' NA, arrays) do not compare to a boolean."""
    if a is b:
        return True
    if isinstance(a, Mapping | list | tuple | set) or hasattr(a, "__array__"):
        return type(a) is type(b) and (a == b if isinstance(a, set) else _same(_plain(a), _plain(b)))
    return bool(a == b or (a != a and b != b))
