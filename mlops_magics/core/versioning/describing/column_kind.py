"""Detection of the kind of a training column, and of the facts that belong to the kind."""

from __future__ import annotations

import ast
import datetime as dt
import math
import re
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mlops_magics.core.versioning.describing import arrow_types, cell_values, label_tags, object_moments, object_types

if TYPE_CHECKING:
    import pandas as pd

_OF_OBJECTS = {
    "boolean": "boolean",
    "integer": "integer",
    "floating": "number",
    "mixed-integer-float": "number",
    "decimal": "decimal",
    "string": "string",
    "bytes": "bytes",
    "datetime": "datetime",
    "datetime64": "datetime",
    "date": "date",
    "time": "time",
    "timedelta": "timedelta",
    "timedelta64": "timedelta",
    "period": "period",
    "interval": "interval",
    "complex": "complex",
}
"""Map from the result of `pandas.api.types.infer_dtype` for a column of objects to its kind."""
_SPARSE = re.compile(r"Sparse\[(.+), (.+)\]")
NUMERALS, BOOLEANS, BOOLEAN_WORDS = "numerals", "booleans", "boolean words"
"""Details of a mixed column: some texts read as numbers, there are booleans, some texts read as booleans."""
_NESTED = (list, tuple, dict, set, frozenset)
LOOKED_AT = 1000
"""Cells of a column of objects whose types are compared, after `infer_dtype` has looked at all of them."""


def of(values: pd.Series) -> tuple[str, str]:
    """Return the kind of a column, and its `Column.detail`."""
    import pandas as pd
    from pandas.api import types

    dtype = values.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return "category", ""
    if isinstance(dtype, pd.PeriodDtype):
        return "period", str(dtype)[len("period[") : -1]
    if isinstance(dtype, pd.IntervalDtype):
        return "interval", str(dtype.subtype)
    if isinstance(dtype, pd.ArrowDtype) and str(dtype).startswith(("string_view", "binary_view")):
        return _of_arrow(dtype)  # pandas has no name for their values
    plain = dtype.subtype if isinstance(dtype, pd.SparseDtype) else dtype
    tests = (
        (types.is_bool_dtype, "boolean"),
        (types.is_integer_dtype, "integer"),
        (types.is_float_dtype, "number"),
        (types.is_complex_dtype, "complex"),
        (types.is_datetime64_any_dtype, "datetime"),
        (types.is_timedelta64_dtype, "timedelta"),
    )
    found = next((kind for test, kind in tests if test(plain)), "")
    if found:
        return found, ""
    # Arrow's numbers and booleans have passed pandas' own tests above
    if isinstance(dtype, pd.ArrowDtype):
        return _of_arrow(dtype)
    return ("string", "") if isinstance(dtype, pd.StringDtype) else _of_objects(values)


def _of_arrow(dtype: pd.ArrowDtype) -> tuple[str, str]:
    import pyarrow as pa

    tests = (
        (pa.types.is_decimal, "decimal"),
        (pa.types.is_date, "date"),
        (pa.types.is_time, "time"),
        (pa.types.is_timestamp, "datetime"),
        (pa.types.is_duration, "timedelta"),
    )
    kind: Any = dtype.pyarrow_dtype
    if pa.types.is_nested(kind):
        return "nested", "dict" if pa.types.is_struct(kind) else "map" if pa.types.is_map(kind) else "list"
    if any(test(kind) for test in (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary)):
        return "bytes", ""
    return next((name for test, name in tests if test(kind)), "string"), ""


def _of_objects(values: pd.Series) -> tuple[str, str]:
    from pandas.api import types

    present = values[values.notna()]
    kind = _OF_OBJECTS.get(types.infer_dtype(values, skipna=True), "mixed")
    if kind == "integer" and not _fits_int64(present):
        return "mixed", ""
    if kind == "date" and not all(type(value).__name__ == "date" for value in present.head(LOOKED_AT)):
        return "mixed", ""
    if kind == "datetime":
        return object_moments.of(present)
    if kind == "timedelta":
        return kind, "Timedelta" if type(present.iloc[0]).__name__ == "Timedelta" else ""
    if kind == "time":
        return kind, "zoned" if present.iloc[0].tzinfo is not None else ""
    if kind == "period":
        return kind, str(present.iloc[0].freqstr)
    if kind == "interval":
        return kind, cell_values.interval_subtype(present.iloc[0])
    return _of_others(present) if kind == "mixed" and len(present) else (kind, "")


def _fits_int64(present: pd.Series) -> bool:
    return bool(present.min() >= -(2**63) and present.max() < 2**63)


def _of_others(present: pd.Series) -> tuple[str, str]:
    """Return ``nested`` with the type of the cells where all are lists or mappings of one, ``uuid`` or ``mixed``."""
    import numpy as np

    types = {type(value) for value in present.head(LOOKED_AT)}
    only = next(iter(types)) if len(types) == 1 else None
    if only is np.ndarray:
        return "nested", f"array:{present.iloc[0].dtype}"
    if only is dict:
        return "nested", _of_mappings(present)
    if only in _NESTED:
        return "nested", only.__name__
    if only is uuid.UUID:
        return "uuid", ""
    if only is bytearray:
        return "bytes", "bytearray"
    found = object_types.kind_of(types)
    if found is not None:
        return found
    if all(issubclass(each, dt.datetime) for each in types):
        return object_moments.of(present)
    facts = {
        NUMERALS: any(map(_is_numeral, present)),
        BOOLEANS: any(isinstance(value, bool | np.bool_) for value in present),
        BOOLEAN_WORDS: any(isinstance(value, str) and value in {"True", "False", "true", "false"} for value in present),
    }
    return "mixed", ", ".join(name for name, holds in facts.items() if holds)


def _of_mappings(present: pd.Series) -> str:
    """Return the detail of mappings: that their keys are integers, or that not all have the same keys."""
    keys = {tuple(value) for value in present.head(LOOKED_AT)}
    if all(type(key) is int for each in keys for key in each) and any(keys):
        return "dict:int"
    return "dict:some" if len(set(map(frozenset, keys))) > 1 else "dict"


def _is_numeral(value: Any) -> bool:
    """Return whether a text reads as a number, which CSV cannot distinguish from one."""
    if not isinstance(value, str):
        return False
    try:
        float(value)
    except ValueError:
        return False
    return True


def bounds(kind: str, present: pd.Series) -> tuple[Any, Any]:
    """Return the smallest and largest finite value, as JSON writes them, or None for kinds without a range."""
    if not len(present) or kind not in {"integer", "number", "datetime"}:
        return None, None
    if str(present.dtype) == "halffloat[pyarrow]":  # Arrow has no smallest and largest for it
        present = present.astype("float64")
    low, high = (cell_values.write(each) for each in (present.min(), present.max()))
    if kind == "number" and not all(isinstance(each, int | float) and math.isfinite(each) for each in (low, high)):
        import numpy as np

        finite = present[np.isfinite(present.astype("float64"))]
        return (float(finite.min()), float(finite.max())) if len(finite) else (None, None)
    return low, high


def is_infinite(present: pd.Series) -> bool:
    """Return whether some numbers are infinite."""
    import numpy as np

    return bool(np.isinf(present.to_numpy(dtype="float64")).any())


def foreign_types(values: pd.Series) -> list[str]:
    """Return the types of cells or categories that a request cannot express."""
    import numpy as np
    import pandas as pd

    if isinstance(values.dtype, pd.CategoricalDtype):
        tagged = ((value, label_tags.tag(value)) for value in values.dtype.categories)
        return sorted({type(value).__name__ for value, tag in tagged if isinstance(tag, dict) and "text" in tag})
    if values.dtype != object or of(values)[0] != "mixed":
        return []
    types = {type(value) for value in values[values.notna()].head(LOOKED_AT)}
    return sorted(kind.__name__ for kind in types if not issubclass(kind, str | bool | int | float | np.generic))


def missing_mark(values: pd.Series) -> str:
    """Return the mark of a missing value in a column of objects. Empty for a dtype with one mark only.

    A column with both None and NaN gets None, because a request cannot distinguish them.
    """
    if values.dtype != object:
        return ""
    marks = {type(value).__name__ for value in values[values.isna()]}
    names = {"NoneType": "None", "NAType": "NA", "NaTType": "NaT", "Decimal": "Decimal"}
    return next((mark for name, mark in names.items() if name in marks), "NaN")


def words(values: pd.Series, missing: Sequence[str]) -> tuple[str, ...]:
    """Return those words for a missing value that are texts in this column. The empty text is one of the words."""
    if "str" not in str(values.dtype) and any(isinstance(value, bytes) and not value for value in values):
        return ("",)  # the base64 text of no bytes
    wanted = {"", *missing}
    return tuple(sorted({value for value in values.tolist() if isinstance(value, str) and value in wanted}))


def categories(dtype: Any) -> dict[str, Any]:
    """Return the fields of `Column` for the categories."""
    index = dtype.categories
    plain = all(isinstance(value, str | bool | int | float) for value in index.tolist())
    return {
        "categories": tuple(cell_values.write(value) for value in index),
        "ordered": bool(dtype.ordered),
        "tags": () if plain else tuple(label_tags.tag(value) for value in index),
        "category_dtype": str(index.dtype),
    }


def arrow_type(values: pd.Series, kind: str) -> str:
    """Return the Arrow type of a column, spelled, where its dtype's text does not restore it.

    Of nested cells in a column of objects it is the type of their values, where JSON does not write those.
    """
    import pandas as pd

    if isinstance(values.dtype, pd.ArrowDtype):
        try:
            found = dtype_of(str(values.dtype))
        except (TypeError, NotImplementedError, ValueError):
            found = None
        known = isinstance(found, pd.ArrowDtype) and found == values.dtype  # a dtype is equal to its own text
        return "" if known else arrow_types.spell(values.dtype.pyarrow_dtype)
    if kind == "nested" and values.dtype == object:
        return arrow_types.of_cells(values[values.notna()].head(LOOKED_AT))
    return ""


def dtype_of(text: str) -> Any:
    """Return the dtype that a text names, also one that pandas writes and does not read."""
    import pandas as pd

    sparse = _SPARSE.fullmatch(text)
    if sparse is not None:
        # literal_eval reads no nan, which is a name
        fill = {"nan": math.nan}.get(sparse[2])
        return pd.SparseDtype(sparse[1], ast.literal_eval(sparse[2]) if fill is None else fill)
    if text.endswith("[pyarrow]"):
        return _arrow_dtype(text)
    return text


def _arrow_dtype(text: str) -> Any:
    """Return an Arrow dtype. Decimals and lists of numbers are parsed here, and all others by pandas."""
    import pandas as pd
    import pyarrow as pa

    try:
        return pd.api.types.pandas_dtype(text)
    except (TypeError, NotImplementedError):
        name = text.removesuffix("[pyarrow]")
    decimal = re.fullmatch(r"decimal(128|256)\((\d+), (\d+)\)", name)
    if decimal is not None:
        make = pa.decimal128 if decimal[1] == "128" else pa.decimal256
        return pd.ArrowDtype(make(int(decimal[2]), int(decimal[3])))
    nested = re.fullmatch(r"(large_)?list<\w+: (\w+)>", name)
    if nested is not None:
        return pd.ArrowDtype((pa.large_list if nested[1] else pa.list_)(pa.type_for_alias(nested[2])))
    dictionary = re.fullmatch(r"dictionary<values=(\w+), indices=(\w+), ordered=(\d)>", name)
    if dictionary is not None:
        values, indices = pa.type_for_alias(dictionary[1]), pa.type_for_alias(dictionary[2])
        return pd.ArrowDtype(pa.dictionary(indices, values, dictionary[3] == "1"))
    return text
