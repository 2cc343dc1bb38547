"""The conversion of table cells to JSON and back, alike for boards and endpoints."""

from __future__ import annotations

import base64
import datetime as dt
import enum
import math
import re
import uuid
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

_INTERVAL = re.compile(r"\s*([\[(])\s*(.+?)\s*,\s*(.+?)\s*([\])])\s*")
_CLOSED = {"(]": "right", "[)": "left", "[]": "both", "()": "neither"}
MILLISECONDS_PER_DAY = 86_400_000


def write(value: Any) -> Any:
    """Return a cell as JSON can write it, without loss for every kind in `kinds.KINDS`."""
    import numpy as np

    if isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, bytes | bytearray | memoryview):
        return base64.b64encode(bytes(value)).decode()
    if isinstance(value, Mapping):
        return {str(key): write(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [write(each) for each in value]
    if isinstance(value, set | frozenset):
        # by repr, because values of several types do not compare
        return sorted(map(write, value), key=repr)
    if isinstance(value, np.ndarray):
        return write(value.tolist())
    if is_missing(value):
        return None
    if isinstance(value, np.datetime64 | np.timedelta64):
        return _of_numpy_time(value)
    if isinstance(value, np.generic):
        # item() of a longdouble is a longdouble again
        return write(float(value) if isinstance(value, np.longdouble) else value.item())
    if isinstance(value, dt.timedelta):
        return _duration(value)
    return value.isoformat() if hasattr(value, "isoformat") else _text(value)


def is_missing(value: Any) -> bool:
    """Return whether a cell is missing: None, NaN, NaT or ``pandas.NA``."""
    if value is None:
        return True
    if isinstance(value, Decimal):
        # not compared: a signalling NaN would raise
        return value.is_nan()
    # by name, so that neither pandas nor numpy is imported for it
    kind = type(value).__name__
    if kind in {"NAType", "NaTType"}:
        return True
    if kind in {"datetime64", "timedelta64"}:
        return str(value) == "NaT"
    return bool(kind.startswith(("float", "complex")) and value != value)


def _of_numpy_time(value: Any) -> str:
    import numpy as np
    import pandas as pd

    if isinstance(value, np.timedelta64):
        return pd.Timedelta(value).isoformat()
    # numpy writes only the parts that the unit has, such as '2026-11-23T05'
    return str(value.astype("datetime64[us]") if value.dtype.name.endswith(("[D]", "[h]", "[m]")) else value)


def _duration(value: dt.timedelta) -> str:
    import pandas as pd

    return str(pd.Timedelta(value).isoformat())


def _text(value: Any) -> str:
    """Write an interval with its bounds as `write` has them, a member of an enumeration as its name."""
    if hasattr(value, "closed") and hasattr(value, "left") and hasattr(value, "right"):
        marks = next(marks for marks, closed in _CLOSED.items() if closed == value.closed)
        return f"{marks[0]}{write(value.left)}, {write(value.right)}{marks[1]}"
    return str(value.name or value.value) if isinstance(value, enum.Enum) else str(value)


# Back from JSON: each function takes the value of `write`, the Arrow or CSV form of the kind, or the cell itself


def read_decimal(value: Any) -> Decimal:
    """Read a decimal number, from a float its shortest decimal form.

    Raises
    ------
    ValueError
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise ValueError(value)
    try:
        number = Decimal(repr(value) if isinstance(value, float) else value)
    except InvalidOperation:
        raise ValueError(value) from None
    if not number.is_finite():
        raise ValueError(value)
    return number


def read_date(value: Any) -> dt.date:
    """Read a date: ISO text, a time at midnight, or milliseconds since 1970 of a midnight in UTC.

    Raises
    ------
    ValueError
    """
    if isinstance(value, str):
        value = dt.date.fromisoformat(value) if len(value) <= 10 else dt.datetime.fromisoformat(value)
    elif isinstance(value, int | float) and not isinstance(value, bool) and value % MILLISECONDS_PER_DAY == 0:
        return dt.date(1970, 1, 1) + dt.timedelta(days=int(value // MILLISECONDS_PER_DAY))
    if isinstance(value, dt.datetime):
        if value.time() != dt.time():
            raise ValueError(value)
        return value.date()
    if not isinstance(value, dt.date):
        raise ValueError(value)
    return value


def read_time(value: Any) -> dt.time:
    """Read a time of day.

    Raises
    ------
    ValueError
    """
    found = dt.time.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(found, dt.time):
        raise ValueError(value)
    return found


def read_timedelta(value: Any) -> Any:
    """Read a duration as a `pandas.Timedelta`: ISO 8601, pandas' own text, or milliseconds.

    Raises
    ------
    ValueError
    """
    import numpy as np
    import pandas as pd

    if isinstance(value, bool) or not isinstance(value, str | int | float | dt.timedelta | np.timedelta64):
        raise ValueError(value)
    if isinstance(value, int | float):
        return pd.Timedelta(value, unit="ms")
    if isinstance(value, str) and not re.search("[a-zA-Z:]", value):
        raise ValueError(value)  # a number without a unit
    found = pd.Timedelta(value)
    if is_missing(found):
        raise ValueError(value)
    return found


def read_bytes(value: Any) -> bytes:
    """Read bytes from base64 text.

    Raises
    ------
    ValueError
    """
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    if not isinstance(value, str):
        raise ValueError(value)
    return base64.b64decode(value, validate=True)


def read_complex(value: Any) -> complex:
    """Read a complex number: text, a number, or its real and imaginary part.

    Raises
    ------
    ValueError
    """
    if isinstance(value, list | tuple) and len(value) == 2 and all(type(part) in {int, float} for part in value):
        return complex(*value)
    if isinstance(value, Mapping) and value.keys() == {"real", "imag"}:
        return complex(value["real"], value["imag"])
    if isinstance(value, bool) or not isinstance(value, str | int | float | complex):
        raise ValueError(value)
    # complex() takes no spaces around the sign
    return complex(value.replace(" ", "") if isinstance(value, str) else value)


def read_uuid(value: Any) -> uuid.UUID:
    """Read a UUID.

    Raises
    ------
    ValueError
    """
    if isinstance(value, uuid.UUID):
        return value
    if isinstance(value, bytes) and len(value) == 16:
        return uuid.UUID(bytes=value)
    if not isinstance(value, str):
        raise ValueError(value)
    return uuid.UUID(value)


def period_reader(freq: str) -> Callable[[Any], Any]:
    """Return the reader of periods of one frequency. A text that names a finer period is not accepted."""
    import pandas as pd

    def read(value: Any) -> Any:
        if isinstance(value, pd.Period) and value.freqstr == freq:
            return value
        if not isinstance(value, str):
            raise ValueError(value)
        found = pd.Period(value, freq)
        if str(found) != value and str(found.start_time) != str(pd.Timestamp(value)):
            raise ValueError(value)
        return found

    return read


def interval_subtype(value: Any) -> str:
    """Return the dtype of an interval's bounds."""
    if hasattr(value.left, "tzinfo"):
        return "datetime64[ns]" if value.left.tzinfo is None else f"datetime64[ns, {value.left.tz}]"
    if hasattr(value.left, "unit"):
        return "timedelta64[ns]"
    return "int64" if isinstance(value.left, int) and not isinstance(value.left, bool) else "float64"


def interval_reader(subtype: str, closed: str = "right") -> Callable[[Any], Any]:
    """Return the reader of intervals.

    Parameters
    ----------
    subtype
        The dtype of their bounds.
    closed
        The side that is closed, where an interval does not name it.
    """
    import pandas as pd

    zone = re.search(r", ([^\]]+)\]", subtype)
    bound: Callable[[str], Any] = pd.Timestamp if subtype.startswith("datetime") else float
    if zone is not None:  # both bounds in one zone: across a change to summer time their offsets differ
        bound = lambda text: pd.Timestamp(text).tz_convert(zone[1])  # noqa: E731
    elif subtype.startswith("timedelta"):
        bound = read_timedelta
    elif subtype.startswith(("int", "uint")):
        bound = int

    def read(value: Any) -> Any:
        if isinstance(value, pd.Interval):
            return value
        if isinstance(value, Mapping):  # as pandas' to_json writes it, without the side that is closed
            closed_side: Any = value.get("closed", closed)
            return pd.Interval(bound(value["left"]), bound(value["right"]), closed=closed_side)
        parts = _INTERVAL.fullmatch(value) if isinstance(value, str) else None
        if parts is None:
            raise ValueError(value)
        start, left, right, end = parts.groups()
        side: Any = _CLOSED[start + end]
        return pd.Interval(bound(left), bound(right), closed=side)

    return read
