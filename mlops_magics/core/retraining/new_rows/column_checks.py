"""Checks of new rows against the columns that a version was trained on: the same names and kinds, or an error."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mlops_magics.core import phrases
from mlops_magics.core.versioning.describing import column_kind
from mlops_magics.errors import DataMismatch

if TYPE_CHECKING:
    import pandas as pd

    from mlops_magics.core.monitoring.scoring.model_task import ModelTask
    from mlops_magics.core.versioning import Prototype
    from mlops_magics.core.versioning.describing.column import Column

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

    if column.kind == "mixed":
        return None
    known = pd.Series(column.true_categories) if column.categories is not None else None
    wanted = _family(column.kind) if known is None else _family_of(known)
    found = _family_of(values)
    others = _READ_AS.get(wanted, _TEXTS if known is None else frozenset())
    if found and found != wanted and found not in others:
        raise _retyped(values, column)
    try:
        changed = _CONVERTERS.get(wanted, _same)(values)
    except (ValueError, TypeError, OverflowError) as fault:
        raise _retyped(values, column) from fault
    if known is not None and column.dtype == "category":
        # the known categories first and in their order: the codes are what some models read
        return changed.astype(pd.CategoricalDtype([*known, *_unknown(changed, known)], column.ordered))
    return None if changed is values else changed


def _family_of(values: Any) -> str:
    """Return the family of the values of a column, or of its categories. It is empty for a column without values."""
    import pandas as pd

    if not values.notna().any():
        return ""
    inner = pd.Series(values.cat.categories) if isinstance(values.dtype, pd.CategoricalDtype) else values
    return _family(column_kind.of(inner)[0])


def _family(kind: str) -> str:
    return _FAMILIES.get(kind, kind)


def _numbers(values: Any) -> Any:
    import pandas as pd

    return values if pd.api.types.is_numeric_dtype(values) else pd.to_numeric(values)


def _times(values: Any) -> Any:
    import pandas as pd

    if pd.api.types.is_datetime64_any_dtype(values):
        return values
    if any(map(_is_number, values.dropna())):  # which pandas reads as nanoseconds, or as a day of this month
        raise ValueError("numbers are not times")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of a format that pandas guesses for each value
        return pd.to_datetime(values)


def _durations(values: Any) -> Any:
    import pandas as pd

    return values if pd.api.types.is_timedelta64_dtype(values) else pd.to_timedelta(values)


def _booleans(values: Any) -> Any:
    import pandas as pd

    if pd.api.types.is_bool_dtype(values):
        return values
    # `astype(bool)` takes every text that is not empty for True, also "False"
    words = {"true": True, "false": False, "1": True, "0": False, "1.0": True, "0.0": False}
    found = values.astype("str").str.lower().map(words)
    if found.isna().any():
        raise ValueError("not booleans")
    return found.astype(bool)


def _same(values: Any) -> Any:
    return values


_FAMILIES = {"integer": "numbers", "number": "numbers", "string": "texts", "mixed": "texts"}
"""Kinds whose values a recipe takes for each other. Any other kind is a family of its own."""
_TEXTS = frozenset({"texts"})
"""The other families that most families are read from, as a CSV writes them."""
_READ_AS = {
    "numbers": frozenset({"texts", "boolean", "decimal", "fraction"}),
    "boolean": frozenset({"texts", "numbers"}),
    "datetime": frozenset({"texts", "date", "zoned"}),
    "timedelta": frozenset({"texts"}),
    "date": frozenset({"texts", "datetime"}),
    "zoned": frozenset({"texts", "datetime"}),
    "decimal": frozenset({"texts", "numbers"}),
    "fraction": frozenset({"texts", "numbers"}),
    "complex": frozenset({"numbers"}),
    "texts": frozenset({"uuid", "path", "address"}),
}
_CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "numbers": _numbers,
    "boolean": _booleans,
    "datetime": _times,
    "timedelta": _durations,
}


def _unknown(values: Any, known: Any) -> list[Any]:
    """Return categories that training never saw. They are kept, and the recipe decides how to treat them."""
    seen = set(known)
    return sorted({each for each in values.dropna().unique() if each not in seen}, key=str)


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
