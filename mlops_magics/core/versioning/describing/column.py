"""The record of one feature as in training: its dtype, kind, range, categories and mark of a missing value."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlops_magics.core.versioning.describing import arrow_types, cell_values, column_kind, json_values, label_tags
from mlops_magics.core.versioning.describing.kinds import KINDS

if TYPE_CHECKING:
    import pandas as pd

MISSING_WORDS = ("NA", "N/A", "NaN", "nan", "null", "NULL", "None")
"""Words for a missing value in CSV files, in addition to an empty field."""
NULLS = "null[pyarrow]"
"""The dtype of a column without any value, which takes none."""
_OPTIONAL = ("label", "missing", "tags", "category_dtype", "words", "detail", "arrow", "shape", "infinite")
"""Facts that `Column.to_json` leaves out where they have their default."""


@dataclass(frozen=True, slots=True)
class Column:
    """One feature as it was in training.

    Attributes
    ----------
    name
        The name in requests: the text of its label.
    kind
        One of `kinds.KINDS`.
    categories
        The categories as JSON writes them.
    minimum, maximum
        The range of finite values (numbers) or ISO times (datetimes), else None.
    nullable
        Whether values were missing.
    example
        The first value that was not missing, as JSON writes it.
    label
        The column's label, tagged, where it is not its name: an integer, a tuple, a date.
    missing
        The mark of a missing value in a column of objects: ``None``, ``NaN``, ``NA`` or ``NaT``, else empty.
    tags
        The categories, tagged, where they are not texts, numbers or booleans.
    category_dtype
        The dtype of the categories.
    words
        The `MISSING_WORDS` that were texts in training, such as the country code of Namibia.
    detail
        The frequency of periods, the bounds' dtype of intervals, the type of the cells of objects.
    arrow
        The Arrow type, as `arrow_types.spell` writes it, where the dtype's text does not restore it.
    shape
        The shape of one row of a tensor.
    infinite
        Whether training had infinite numbers. Without them a request has none either.
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
    label: Any = None
    missing: str = ""
    tags: tuple[Any, ...] = ()
    category_dtype: str = ""
    words: tuple[str, ...] = ()
    detail: str = ""
    arrow: str = ""
    shape: tuple[int, ...] = ()
    infinite: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the record as plain values."""
        record: dict[str, Any] = {"name": self.name, "dtype": self.dtype, "kind": self.kind, "nullable": self.nullable}
        if self.categories is not None:
            record |= {"categories": list(self.categories), "ordered": self.ordered}
        if self.minimum is not None:
            record |= {"minimum": self.minimum, "maximum": self.maximum}
        for name in _OPTIONAL:
            value = getattr(self, name)
            if value not in (None, "", (), False):
                record[name] = list(value) if isinstance(value, tuple) else value
        return {**record, "example": self.example}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Column:
        """Read the value of `to_json`.

        Raises
        ------
        ValueError
            A field is missing, or of another type.
        """
        return json_values.of_type(cls, record)

    @classmethod
    def of(cls, name: str, values: pd.Series, label: Any = None) -> Column:
        """Read a column from its training data.

        Parameters
        ----------
        label
            The column's label, tagged, where it is not ``name``.
        """
        kind, detail = column_kind.of(values)
        known = values.notna()
        present = values if known.all() else values[known]
        first = present.iloc[0] if len(present) else None
        low, high = column_kind.bounds(kind, present)
        return cls(
            name,
            "category" if kind == "category" else str(values.dtype),
            kind,
            minimum=low,
            maximum=high,
            nullable=len(present) < len(values),
            example=None if first is None else cell_values.write(first),
            label=label,
            missing=column_kind.missing_mark(values) if len(present) < len(values) else "",
            words=column_kind.words(values, MISSING_WORDS) if kind in {"string", "mixed", "bytes"} else (),
            detail=detail,
            arrow=column_kind.arrow_type(values, kind),
            infinite=kind == "number" and column_kind.is_infinite(present),
            **(column_kind.categories(values.dtype) if kind == "category" else {}),
        )

    @classmethod
    def guessed(cls, name: str, value: Any) -> Column:
        """Make a column from an example value, as vetiver itself does."""
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
        """A value that is never missing: the example, or else the kind's own. A column of nulls has none."""
        if self.dtype == NULLS:
            return None
        return KINDS[self.kind].placeholder if self.example is None else self.example

    @property
    def training_label(self) -> Any:
        """The label of the column in the training frame."""
        return self.name if self.label is None else label_tags.untag(self.label)

    @property
    def true_categories(self) -> Any:
        """The categories of training, as an Index or a list."""
        import pandas as pd

        values = [label_tags.untag(each) for each in self.tags] if self.tags else list(self.categories or ())
        # tupleize_cols, because pandas would make a MultiIndex of tuples
        return pd.Index(values, dtype=self.category_dtype, tupleize_cols=False) if self.category_dtype else values

    @property
    def pandas_dtype(self) -> Any:
        """The dtype that a frame's column gets."""
        import pandas as pd

        if self.categories is not None:
            return pd.CategoricalDtype(self.true_categories, ordered=self.ordered)
        if self.arrow and self.dtype != "object":
            return pd.ArrowDtype(arrow_types.read(self.arrow))
        return column_kind.dtype_of(self.dtype)

    @property
    def moment_dtype(self) -> str:
        """The unit and the zone of times, written as dtypes are, also those of times in a column of objects."""
        return self.detail if self.dtype == "object" and "[" in self.detail else self.dtype

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON schema of one value."""
        schema = dict(KINDS[self.kind].schema)
        if self.infinite:  # which JSON writes as a text
            schema["type"] = ["number", "string"]
        if self.categories is not None:
            pairs = [[each.real, each.imag] for each in self.true_categories if isinstance(each, complex)]
            schema = {"enum": [*self.categories, *pairs, *([None] if self.nullable else [])]}
        elif self.nullable and "type" in schema:
            types = schema["type"]
            schema["type"] = [*(types if isinstance(types, list) else [types]), "null"]
        return {"example": self.placeholder, **schema}

    def cell(self, value: Any) -> Any:
        """Return a cell as JSON writes it, a missing one as the placeholder."""
        written = cell_values.write(value)
        return self.placeholder if written is None else written
