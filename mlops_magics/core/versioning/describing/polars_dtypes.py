"""The conversion of polars dtypes to JSON and back."""

from __future__ import annotations

from typing import Any

_ARGUMENTS = {
    "Datetime": ("time_unit", "time_zone"),
    "Duration": ("time_unit",),
    "Decimal": ("precision", "scale"),
    "Enum": ("categories",),
    "List": ("inner",),
    "Array": ("inner", "size"),
    "Map": ("key", "value"),
}
"""The arguments from which a dtype is made. All others have none."""


def spell(dtype: Any) -> Any:
    """Return a dtype as its name, or as ``[name, argument, …]``."""
    name = type(dtype).__name__ if not isinstance(dtype, type) else dtype.__name__
    if name == "Struct":
        return [name, [[field.name, spell(field.dtype)] for field in dtype.fields]]
    if name not in _ARGUMENTS:
        return name
    return [name, *(_spell_argument(getattr(dtype, argument)) for argument in _ARGUMENTS[name])]


def _spell_argument(value: Any) -> Any:
    if hasattr(value, "to_list"):
        return value.to_list()
    return value if value is None or isinstance(value, str | int) else spell(value)


def is_categorical(spelled: Any) -> bool:
    """Return whether a spelled dtype is one of labels."""
    return spelled == "Categorical" or (isinstance(spelled, list) and spelled[0] == "Enum")


def read(spelled: Any) -> Any:
    """Return the dtype that `spell` wrote.

    Raises
    ------
    ValueError
        For a name that is not one of a dtype.
    """
    import polars as pl

    name, arguments = (spelled, []) if isinstance(spelled, str) else (spelled[0], list(spelled[1:]))
    # the name comes from a file, so nothing but a dtype is taken
    dtype = getattr(pl.datatypes, name, None)
    if not (isinstance(dtype, type) and issubclass(dtype, pl.DataType)):
        raise ValueError(f"{name!r} is not a dtype of polars")
    if name in {"List", "Array"}:
        arguments[0] = read(arguments[0])
    if name == "Map":
        arguments = [read(argument) for argument in arguments]
    if name == "Struct":
        arguments = [{field: read(inner) for field, inner in arguments[0]}]
    return dtype(*arguments)
