"""Checks of new rows against the columns that a version was trained on: the same names and kinds, or an error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlops_magics.core import phrases
from mlops_magics.errors import DataMismatch

if TYPE_CHECKING:
    import pandas as pd

    from mlops_magics.core.monitoring.scoring.model_task import ModelTask
    from mlops_magics.core.versioning import Prototype
    from mlops_magics.core.versioning.describing.column import Column

NUMBERS = frozenset({"integer", "number"})
MOST_NAMED = 5
MOST_CLASSES = 10_000
"""Labels that are checked."""


def conform(frame: pd.DataFrame, prototype: Prototype | None, keep: set[str]) -> tuple[pd.DataFrame, list[str]]:
    """Return the rows with the features in the kinds of training, and notes on other columns.

    Parameters
    ----------
    keep
        Columns that are not features and are wanted all the same.

    Raises
    ------
    DataMismatch
        A feature is missing, or its values cannot be read as the kind that it had.
    """
    if prototype is None:
        return frame, []
    missing = [each.name for each in prototype.columns if each.name not in frame.columns]
    if missing:
        named = ", ".join(map(repr, missing[:MOST_NAMED]))
        more = f" and {len(missing) - MOST_NAMED} more" if len(missing) > MOST_NAMED else ""
        raise DataMismatch(
            f"The new rows have no column {named}{more}, which the model reads. Columns: {_some(frame)}.",
            [{"loc": [name], "type": "missing", "msg": "the column is missing"} for name in missing],
        )
    changed = {each.name: _as_kind(frame[each.name], each) for each in prototype.columns}
    extra = [str(name) for name in frame.columns if name not in changed and name not in keep]
    count = phrases.counted(len(extra), "column")
    notes = [f"{count} that the model does not read: {', '.join(extra[:MOST_NAMED])}"] if extra else []
    return frame.assign(**{name: values for name, values in changed.items() if values is not None}), notes


def _as_kind(values: Any, column: Column) -> Any:
    """Return values in the kind of training, or None where they are of it already."""
    import pandas as pd

    types = pd.api.types
    try:
        if column.kind in NUMBERS:
            if types.is_numeric_dtype(values) and not types.is_bool_dtype(values):
                return None
            return pd.to_numeric(values)
        if column.kind == "boolean":
            return None if types.is_bool_dtype(values) else _booleans(values)
        if column.kind == "datetime":
            return None if types.is_datetime64_any_dtype(values) else pd.to_datetime(values)
    except (ValueError, TypeError) as fault:
        raise _retyped(values, column) from fault
    if types.is_numeric_dtype(values) and column.categories is None:
        raise _retyped(values, column)
    if column.categories is not None and column.dtype == "category":
        return values.astype(pd.CategoricalDtype([*column.categories, *_unknown(values, column)], column.ordered))
    return None


def _unknown(values: Any, column: Column) -> list[Any]:
    """Return categories that training never saw. They are kept, and the recipe decides how to treat them."""
    known = set(column.categories or ())
    return sorted({each for each in values.dropna().unique() if each not in known}, key=str)


def _booleans(values: Any) -> Any:
    words = {"true": True, "false": False, "1": True, "0": False, "1.0": True, "0.0": False}
    found = values.astype("str").str.lower().map(words)
    if found.isna().any():
        raise ValueError("not booleans")
    return found.astype(bool)


def _retyped(values: Any, column: Column) -> DataMismatch:
    example = next((each for each in values if not _is_number(each)), values.iloc[0] if len(values) else None)
    message = (
        f"The column {column.name!r} held {column.kind} values in training, and now it holds {values.dtype}"
        f" (such as {example!r:.40}). Convert it, or pin a new version by hand."
    )
    return DataMismatch(message, [{"loc": [column.name], "type": f"{column.kind}_type", "msg": "another type"}])


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def check_truth(values: Any, task: ModelTask | None) -> None:
    """Refuse truths of another kind than those of training: encoded labels for words, or words for numbers.

    Raises
    ------
    DataMismatch
        No label is a known class, or the truth of a regression does not hold numbers.
    """
    import pandas as pd

    if task is None or task.outputs:
        return
    seen = list(values.unique()[:MOST_CLASSES])
    if task.kind == "regression" and not pd.api.types.is_numeric_dtype(values) and not all(map(_is_number, seen)):
        wrong = "numbers"
    elif task.classes and not {_label(each) for each in seen} & {_label(each) for each in task.classes}:
        wrong = ", ".join(task.classes[:MOST_NAMED])
    else:
        return
    found = ", ".join(repr(each.item() if hasattr(each, "item") else each) for each in seen[:MOST_NAMED])
    raise DataMismatch(
        f"The truth {values.name!r} holds {found}, and the model learned {wrong}. Give the truth as it was: --truth.",
        [{"loc": [str(values.name)], "type": "truth", "msg": "another kind of truth"}],
    )


def _label(value: Any) -> str:
    from mlops_magics.core.monitoring.reading.column_values import label_of
    from mlops_magics.core.monitoring.scoring.label_text import canonical

    return canonical(value if isinstance(value, str) else label_of(value))


def _some(frame: pd.DataFrame) -> str:
    return ", ".join(str(name) for name in frame.columns[:12])
