"""The steps before a pipeline's estimator as a few array operations, where the arithmetic is plain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mlops_magics.core.deploying.validation.layout import Layout, Table

Array = npt.NDArray[Any]
Step = Callable[[Array], Array]
"""From the chosen columns ``(n_rows, n_chosen)`` to features ``(n_rows, n_features)``."""


Prepare = Callable[[Table], Array]
"""From a table to features ``(n_rows, n_features)``."""


class NotRebuilt(Exception):
    """A transformer or a setting that is not rebuilt here, so that the model's own way is taken."""


def split_pipeline(model: Any, layout: Layout) -> tuple[Any, Prepare]:
    """Return a model's last step, and the steps before it as one function of a table.

    Raises
    ------
    NotRebuilt
    """
    *before, last = [step for _, step in model.steps] if type(model).__name__ == "Pipeline" else [model]
    if not before:
        return last, Table.array
    first, *others = before
    whole = type(first).__name__ == "ColumnTransformer"
    start, steps = (_columns(first, layout), others) if whole else (Table.array, before)
    plain = [_step(step) for step in steps]

    def prepare(table: Table) -> Array:
        features = start(table)
        for step in plain:
            features = step(features)
        return features

    return last, prepare


def _columns(transformer: Any, layout: Layout) -> Prepare:
    blocks = [_block(fitted, names, layout) for _, fitted, names in transformer.transformers_]
    used = [block for block in blocks if block is not None]
    return lambda table: np.concatenate([block(table) for block in used], axis=1)


def _block(fitted: Any, names: Any, layout: Layout) -> Callable[[Table], Array] | None:
    if isinstance(fitted, str) and fitted == "drop":
        return None
    if isinstance(names, slice):
        raise NotRebuilt("columns chosen by a slice")
    places = [_place(name, layout) for name in ([names] if isinstance(names, str | int) else list(names))]
    if not places:
        return None
    step = _step(fitted)
    together = places if places != list(range(len(layout.names))) else None

    def block(table: Table) -> Array:
        if table.matrix is not None:
            return step(table.matrix if together is None else table.matrix[:, places])
        return step(_stacked([table.columns[place] for place in places]))

    return block


def _place(name: Any, layout: Layout) -> int:
    if isinstance(name, str) and name in layout.known:
        return layout.names.index(name)
    if isinstance(name, int | np.integer) and not isinstance(name, bool) and 0 <= name < len(layout.names):
        return int(name)
    raise NotRebuilt(f"columns chosen by {name!r}")


def _stacked(columns: Sequence[Array]) -> Array:
    if all(column.dtype.kind in "fib" for column in columns):
        return np.column_stack(columns)
    stacked = np.empty((len(columns[0]), len(columns)), dtype=object)
    for place, column in enumerate(columns):
        stacked[:, place] = column
    return stacked


def _step(fitted: Any) -> Step:
    if isinstance(fitted, str) and fitted == "passthrough":
        return _floats
    build = _BUILDERS.get(type(fitted).__name__)
    if build is None or type(fitted).__module__.split(".")[0] != "sklearn":
        raise NotRebuilt(type(fitted).__name__)
    return build(fitted)


def _floats(values: Array) -> Array:
    return values.astype("float64", copy=False)


def _identity(fitted: Any) -> Step:
    if fitted.func is not None or fitted.inverse_func is not None:
        raise NotRebuilt("a function")
    return _floats


def _chain(fitted: Any) -> Step:
    steps = [_step(step) for _, step in fitted.steps]

    def run(values: Array) -> Array:
        for step in steps:
            values = step(values)
        return values

    return run


def _standard(fitted: Any) -> Step:
    mean = fitted.mean_ if fitted.with_mean else None
    scale = fitted.scale_ if fitted.with_std else None

    def scaled(values: Array) -> Array:
        floats = _floats(values)
        centred = floats - mean if mean is not None else floats
        return centred / scale if scale is not None else centred

    return scaled


def _min_max(fitted: Any) -> Step:
    if fitted.clip:
        raise NotRebuilt("clip")
    return lambda values: _floats(values) * fitted.scale_ + fitted.min_


def _imputed(fitted: Any) -> Step:
    # only NaN differs from itself
    if fitted.add_indicator or fitted.missing_values == fitted.missing_values or fitted.statistics_.dtype.kind != "f":
        raise NotRebuilt("an indicator, another missing value, or texts")
    # scikit-learn drops a column that had no value
    if np.isnan(fitted.statistics_).any():
        raise NotRebuilt("a column without a value")

    def filled(values: Array) -> Array:
        floats = _floats(values)
        return np.where(np.isnan(floats), fitted.statistics_, floats)

    return filled


def _one_hot(fitted: Any) -> Step:
    if (
        fitted.handle_unknown != "ignore"
        or fitted.drop_idx_ is not None
        or getattr(fitted, "_infrequent_enabled", False)
    ):
        raise NotRebuilt("dropped, infrequent or refused categories")
    places, width = _code_tables(fitted.categories_)

    def encoded(values: Array) -> Array:
        features = np.zeros((len(values), width))
        for codes, column in zip(places, values.T):
            found = np.array([codes.get(value, -1) for value in column.tolist()])
            # an unknown value has no 1 at all, as with handle_unknown="ignore"
            rows = np.flatnonzero(found >= 0)
            features[rows, found[rows]] = 1.0
        return features

    return encoded


def _code_tables(categories: Sequence[Array]) -> tuple[list[dict[Any, int]], int]:
    """Return, for each column, the feature of each category."""
    tables, start = [], 0
    for known in categories:
        if any(value is None or value != value for value in known.tolist()):
            raise NotRebuilt("a missing value among the categories")
        tables.append({value: start + place for place, value in enumerate(known.tolist())})
        start += len(known)
    return tables, start


_BUILDERS: dict[str, Callable[[Any], Step]] = {
    "StandardScaler": _standard,
    "MinMaxScaler": _min_max,
    "SimpleImputer": _imputed,
    "OneHotEncoder": _one_hot,
    "FunctionTransformer": _identity,
    "Pipeline": _chain,
}
