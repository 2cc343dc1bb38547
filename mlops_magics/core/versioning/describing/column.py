"""One feature as it was in training: dtype, kind, range, categories, and the value that replaces a missing one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlops_magics.core.versioning.describing.json_values import json_safe

if TYPE_CHECKING:
    import pandas as pd

_JSON_TYPES = {
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "category": "string",
    "string": "string",
    "datetime": "string",
}
_PLACEHOLDERS: dict[str, Any] = {
    "integer": 0,
    "number": 0.0,
    "boolean": False,
    "category": "",
    "string": "",
    "datetime": "1970-01-01T00:00:00",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One feature as it was in training.

    Attributes
    ----------
    kind
        ``integer``, ``number``, ``boolean``, ``category``, ``string`` or ``datetime``.
    minimum, maximum
        The range of finite values (numbers) or ISO times (datetimes), else None.
    nullable
        Whether values were missing.
    example
        The first value that was not missing; a datetime as ISO text.
    """

    name: str
    dtype: str
    kind: str
    categories: tuple[Any, ...] | None = None
    ordered: bool = False
    minimum: Any = None
    maximum: Any = None
    nullable: bool = False
    example: Any = None

    def to_json(self) -> dict[str, Any]:
        """Return the record as plain values."""
        record: dict[str, Any] = {"name": self.name, "dtype": self.dtype, "kind": self.kind, "nullable": self.nullable}
        if self.categories is not None:
            record |= {"categories": list(self.categories), "ordered": self.ordered}
        if self.minimum is not None:
            record |= {"minimum": self.minimum, "maximum": self.maximum}
        return {**record, "example": self.example}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Column:
        """Read what `to_json` wrote."""
        categories = record.get("categories")
        return cls(
            name=str(record["name"]),
            dtype=str(record["dtype"]),
            kind=str(record["kind"]),
            categories=None if categories is None else tuple(categories),
            ordered=bool(record.get("ordered", False)),
            minimum=record.get("minimum"),
            maximum=record.get("maximum"),
            nullable=bool(record.get("nullable", False)),
            example=record.get("example"),
        )

    @classmethod
    def of(cls, name: str, values: pd.Series) -> Column:
        """Read a column from its training data."""
        import pandas as pd

        kind = _kind(values)
        present = values[values.notna()]
        first = present.iloc[0] if len(present) else None
        categories = None
        ordered = False
        if isinstance(values.dtype, pd.CategoricalDtype):
            categories, ordered = tuple(_scalar(each) for each in values.dtype.categories), bool(values.dtype.ordered)
        low, high = _range(kind, present)
        dtype = "category" if categories is not None else str(values.dtype)
        nullable = len(present) < len(values)
        return cls(
            name, dtype, kind, categories, ordered, low, high, nullable, None if first is None else _scalar(first)
        )

    @classmethod
    def guessed(cls, name: str, value: Any) -> Column:
        """Make a column of an example value, the way vetiver itself understands it."""
        if isinstance(value, bool):
            return cls(name, "bool", "boolean", example=value)
        if isinstance(value, int):
            return cls(name, "int64", "integer", example=value)
        if isinstance(value, float):
            finite = math.isfinite(value)
            return cls(name, "float64", "number", nullable=not finite, example=value if finite else None)
        return cls(name, "str", "string", nullable=value is None, example=None if value is None else str(value))

    @property
    def placeholder(self) -> Any:
        """A value that is never missing: the example, or the kind's own where there is none."""
        return _PLACEHOLDERS[self.kind] if self.example is None else self.example

    @property
    def pandas_dtype(self) -> Any:
        """The dtype that a frame's column gets."""
        import pandas as pd

        if self.categories is not None:
            return pd.CategoricalDtype(list(self.categories), ordered=self.ordered)
        return self.dtype

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON schema of one value."""
        kind = _JSON_TYPES[self.kind]
        entry: dict[str, Any] = {"example": self.placeholder, "type": [kind, "null"] if self.nullable else kind}
        if self.categories is not None:
            entry |= {"enum": [*self.categories, *([None] if self.nullable else [])]}
            entry.pop("type")
        if self.kind == "datetime":
            entry["format"] = "date-time"
        return entry

    def cell(self, value: Any) -> Any:
        """Return a cell as JSON can say it; one that is missing as the placeholder."""
        import pandas as pd

        infinite = isinstance(value, float) and not math.isfinite(value)
        if value is None or value is pd.NaT or value is pd.NA or infinite:
            return self.placeholder
        return _scalar(value)


def _kind(values: pd.Series) -> str:
    from pandas.api import types

    dtype = values.dtype
    if dtype.name == "category":
        return "category"
    if types.is_bool_dtype(dtype):
        return "boolean"
    if types.is_integer_dtype(dtype):
        return "integer"
    if types.is_float_dtype(dtype):
        return "number"
    if types.is_datetime64_any_dtype(dtype):
        return "datetime"
    inferred = types.infer_dtype(values, skipna=True)
    return {
        "boolean": "boolean",
        "integer": "integer",
        "floating": "number",
        "mixed-integer-float": "number",
        "decimal": "number",
    }.get(inferred, "string")


def _range(kind: str, present: pd.Series) -> tuple[Any, Any]:
    if not len(present) or kind not in {"integer", "number", "datetime"}:
        return None, None
    low, high = _scalar(present.min()), _scalar(present.max())
    if kind == "number" and not all(isinstance(end, float | int) for end in (low, high)):  # an infinite end is text
        import numpy as np

        finite = present[np.isfinite(present.astype("float64"))]
        return (_scalar(finite.min()), _scalar(finite.max())) if len(finite) else (None, None)
    return low, high


def _scalar(value: Any) -> Any:
    """Return a cell as a JSON scalar; a cell that holds several values as text."""
    converted = json_safe(value)
    return converted if isinstance(converted, str | bool | int | float) else str(value)
