"""The types that a file may contain besides nodes: numbers, arrays, estimators and losses of scikit-learn."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from mlops_magics.core.versioning.formats.file_checks import path_of, require

_MODULES_OF_LOSSES = ("sklearn._loss.loss", "sklearn._loss.link")
# a compiled class may name its module without the package
_MODULES_OF_COMPILED_LOSSES = ("_loss", "sklearn._loss._loss", "sklearn.linear_model._sgd_fast", "_sgd_fast")
_BUILT_WHILE_LOADING = ("scipy.interpolate._interpolate.interp1d",)
"""skops does not trust them, so that a file cannot name one: isotonic regression makes it of its own thresholds."""
_BUILT_IN = (bool, int, float, str, list, tuple, set, dict)
_WORDS_OF_MT19937 = 624
_WORDS_OF_PHILOX = 4


def is_estimator(kind: type) -> bool:
    """Return whether a class is an estimator or a loss of scikit-learn's, whose attributes are decoded one by one."""
    from sklearn.base import BaseEstimator

    if not kind.__module__.startswith("sklearn."):
        return False
    return issubclass(kind, BaseEstimator) or kind.__module__ in _MODULES_OF_LOSSES


def is_object_array(value: Any) -> bool:
    """Return whether a value is an array of Python objects, with or without a mask."""
    import numpy as np

    return type(value) in (np.ndarray, np.ma.MaskedArray) and value.dtype == object


def places(value: Any) -> Iterator[tuple[int, ...]]:
    """Return the index of each element of an array, in the order of ``ravel``."""
    return itertools.product(*(range(length) for length in value.shape))


def is_harmless(value: Any) -> bool:
    """Return whether a value holds numbers only, or is one of numpy's functions or types.

    Raises
    ------
    SerializationError
        For a random state that would read outside its own array.
    """
    import numpy as np

    if isinstance(value, np.random.RandomState | np.random.Generator):
        _check_random_state(value)
        return True
    if isinstance(value, type):
        return issubclass(value, np.generic) or value in _BUILT_IN
    if isinstance(value, np.ma.MaskedArray | np.generic) or type(value) is np.ndarray:
        return not value.dtype.hasobject
    kind = type(value)
    known = kind.__module__ in _MODULES_OF_COMPILED_LOSSES or path_of(kind) in _BUILT_WHILE_LOADING
    return known or isinstance(value, np.ufunc | np.dtype)


def check_names(kind: type, names: Iterable[Any]) -> None:
    """Refuse attributes that would hide a method or a property of the class.

    Raises
    ------
    SerializationError
    """
    for name in names:
        require(isinstance(name, str), f"an attribute of a {path_of(kind)} has no name")
        # static, so that no descriptor of the class runs
        own = inspect.getattr_static(kind, name, None)
        hidden = own is not None and (callable(own) or hasattr(own, "__get__"))
        require(not hidden, f"an attribute hides {kind.__name__}.{name}")


def _check_random_state(value: Any) -> None:
    state = value.get_state(legacy=False) if hasattr(value, "get_state") else value.bit_generator.state
    inner = state["state"]
    if state["bit_generator"] == "MT19937":
        require(0 <= inner["pos"] <= _WORDS_OF_MT19937, "the position of a random state is outside its words")
    if state["bit_generator"] == "Philox":
        require(0 <= state["buffer_pos"] <= _WORDS_OF_PHILOX, "the position of a random state is outside its words")
