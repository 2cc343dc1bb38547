"""The conversion of labels to JSON and back: a column's name or a category may be of any type."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from mlops_magics.core.versioning.describing import cell_values, object_types


def tag(value: Any) -> Any:
    """Return a label as JSON that `untag` turns into the same label. Texts stay unchanged."""
    import pandas as pd

    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return {"tuple": [tag(each) for each in value]}
    if value is None:
        return {"none": None}
    if hasattr(value, "item"):
        value = value.item()
    for kind in (bool, int, float):
        if isinstance(value, kind):
            return {kind.__name__: value}
    # before datetime, of which it is a subclass
    if isinstance(value, pd.Timestamp):
        return {"timestamp": [value.isoformat(), value.unit, None if value.tzinfo is None else str(value.tz)]}
    if isinstance(value, pd.Period):
        return {"period": [str(value), value.freqstr]}
    if isinstance(value, pd.Interval):
        return {"interval": [cell_values.write(value), type(value.left).__name__]}
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return {type(value).__name__: value.isoformat()}
    for name, of_kind, _ in _TAGGED_TEXTS:
        if isinstance(value, of_kind):
            return {name: cell_values.write(value)}
    if isinstance(value, frozenset):
        return {"frozenset": [tag(each) for each in sorted(value, key=repr)]}
    known = object_types.kind_of({type(value)})
    return {"object": [*known, cell_values.write(value)]} if known else {"text": str(value)}


_TAGGED_TEXTS: tuple[tuple[str, type, Callable[[Any], Any]], ...] = (
    ("timedelta", dt.timedelta, cell_values.read_timedelta),
    ("decimal", Decimal, cell_values.read_decimal),
    ("bytes", bytes, cell_values.read_bytes),
    ("uuid", uuid.UUID, cell_values.read_uuid),
    ("complex", complex, cell_values.read_complex),
)
"""Labels that are tagged with the text from `write`: the tag, the type, and the way back."""


def untag(record: Any) -> Any:
    """Return the label that `tag` wrote."""
    import pandas as pd

    if not isinstance(record, Mapping):
        return record
    ((kind, value),) = record.items()
    if kind == "tuple":
        return tuple(untag(each) for each in value)
    if kind == "frozenset":
        return frozenset(map(untag, value))
    if kind == "object":
        name, detail, text = value
        return object_types.reader(name, detail)(text)
    if kind == "timestamp":
        text, unit, zone = value
        stamp = pd.Timestamp(text).as_unit(unit)
        return stamp if zone is None else stamp.tz_convert(zone)
    if kind == "period":
        return pd.Period(*value)
    if kind == "interval":
        return cell_values.interval_reader({"int": "int64", "Timestamp": "datetime64"}.get(value[1], "float64"))(
            value[0]
        )
    readers: dict[str, Callable[[Any], Any]] = {
        "date": dt.date.fromisoformat,
        "datetime": dt.datetime.fromisoformat,
        "time": dt.time.fromisoformat,
    } | {name: read for name, _, read in _TAGGED_TEXTS}
    return readers[kind](value) if kind in readers else value
