"""The kinds of columns, one record each, with the JSON form of a value and a placeholder for a missing one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of column.

    Attributes
    ----------
    noun
        The name of a value in a message, with its article.
    placeholder
        A value for readers that need one where the column has no example.
    schema
        The JSON schema of a value.
    hint
        The form of a value in JSON and CSV, where the noun leaves it open.
    """

    name: str
    noun: str
    placeholder: Any
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})
    hint: str = ""

    @property
    def expected(self) -> str:
        """The noun with the hint."""
        return f"{self.noun} {self.hint}" if self.hint else self.noun


_SCALAR = {"type": ["string", "number", "boolean"]}
_DAY = "1970-01-01"
_MOMENT = {"type": "string", "format": "date-time"}

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("integer", "an integer", 0, {"type": "integer"}),
        Kind("number", "a number", 0.0, {"type": "number"}),
        Kind("boolean", "a boolean", False, {"type": "boolean"}),
        Kind("category", "a category", ""),
        Kind("string", "a string", ""),
        Kind("datetime", "a date and time", f"{_DAY}T00:00:00", _MOMENT),
        Kind("date", "a date", _DAY, {"type": "string", "format": "date"}, "such as '2026-11-23'"),
        Kind("time", "a time of day", "00:00:00", hint="such as '13:45:00'"),
        Kind("timedelta", "a duration", "P0DT0H0M0S", hint="such as 'P1DT2H', '1 days 02:00:00' or milliseconds"),
        Kind("period", "a period", _DAY, hint="such as '2026-11'"),
        Kind("interval", "an interval", "(0.0, 1.0]", hint="such as '(0.0, 5.0]'"),
        Kind("decimal", "a decimal number", "0", {"type": ["string", "number"]}),
        Kind("complex", "a complex number", "0j", {}, "such as '1+2j' or [1.0, 2.0]"),
        Kind("uuid", "a UUID", "00000000-0000-0000-0000-000000000000", {"type": "string", "format": "uuid"}),
        Kind("fraction", "a fraction", "0", {"type": ["string", "number"]}, "such as '1/7'"),
        Kind("address", "an address of a network", "127.0.0.1", hint="such as '10.0.0.1'"),
        Kind("path", "a path of a file", "."),
        Kind("zoned", "a time", f"{_DAY}T00:00:00+00:00", _MOMENT, "with its offset: '2026-11-23T12:00:00+01:00'"),
        Kind("bytes", "bytes", "", {"type": "string", "contentEncoding": "base64"}, "as base64 text"),
        Kind("mixed", "a string, a number or a boolean", "", _SCALAR),
        Kind("nested", "a list or an object", [], {"type": ["array", "object"]}),
        Kind("tensor", "a nested list of numbers", [], {"type": "array"}),
    )
}
"""``mixed`` are columns of objects of several kinds, ``nested`` those of lists or mappings, ``zoned`` those of times of
several zones. A ``tensor`` is a row of an array with more than two axes, or of one that is too wide for columns."""
