"""The dialect of CSV: its delimiter and its first line, also as spreadsheets write them."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

from mlops_magics.core.deploying.contract.http_error import malformed
from mlops_magics.core.deploying.parsing.memory_limits import admit_width

if TYPE_CHECKING:
    from mlops_magics.core.deploying.validation.check import Check

DELIMITERS = (",", ";", "\t", "|")
NONE = "\x1f"
"""The delimiter of a body with one column: a comma within a field does not part anything."""
_SEPARATOR = re.compile(rb"sep=(.)\r?\n", re.IGNORECASE)
"""The line with which a spreadsheet names its delimiter."""
_NUMBER = re.compile(r"\s*[-+]?\d[\d.,]*\s*")
SHOWN_NAMES = 10


def recognise(body: bytes, check: Check) -> tuple[bytes, str]:
    """Return the body from its header line on, and its delimiter."""
    named = _SEPARATOR.match(body.lstrip(b"\r\n"))
    body = cleaned(body)
    delimiter = named[1].decode("utf-8", "replace") if named else ""
    delimiter = delimiter if delimiter in DELIMITERS else _delimiter(body, check)
    _admit_header(header(body, delimiter), check)
    return body, delimiter


def cleaned(body: bytes) -> bytes:
    """Return the body from its header line on, with line ends that Arrow's reader knows."""
    if b"\n" not in body:  # as spreadsheets on old Macs write it
        body = body.replace(b"\r", b"\n")
    body = body.lstrip(b"\r\n")
    named = _SEPARATOR.match(body)
    return body[named.end() :] if named else body


def _admit_header(names: list[str], check: Check) -> None:
    """Refuse a first line of values.

    Raises
    ------
    HttpError
    """
    known = check.layout.known
    if len(known) > 1 and not known & set(names) and any(map(_NUMBER.fullmatch, names)):
        wanted = ",".join(check.layout.names[:SHOWN_NAMES]) + (",…" if len(known) > SHOWN_NAMES else "")
        raise malformed(f"The first line of CSV has the names of the columns. Put this line above the values: {wanted}")


def _delimiter(body: bytes, check: Check) -> str:
    """Return the delimiter by which the header line has most names of the prototype, a comma where none has more."""
    first = body.partition(b"\n")[0]
    admit_width(1 + max(first.count(mark.encode()) for mark in DELIMITERS), check)
    # by the names that the model reads, since the name of a column may itself have a comma
    counts = {mark: len(check.layout.known & set(header(body, mark))) for mark in DELIMITERS}
    best = max(counts.values())
    used = [mark for mark in DELIMITERS if mark.encode() in first]
    candidates = [mark for mark in used if counts[mark] == best]
    return candidates[0] if candidates else used[0] if used and not best else NONE


def header(body: bytes, delimiter: str) -> list[str]:
    """Return the fields of the first row, which is mostly the first line. A name in quotes may have line breaks.

    Raises
    ------
    HttpError
    """
    lines = (line.decode("utf-8", "replace") for line in io.BytesIO(body))
    try:
        return next(csv.reader(lines, delimiter=delimiter), [])
    except csv.Error as error:
        raise malformed(f"The header line is not valid CSV: {error}") from None


def reason(error: Exception) -> str:
    """Return why Arrow cannot read a body, with the line that helps where the encoding is not UTF-8."""
    text = str(error).splitlines()[0][:200]
    return f"it is not in UTF-8. {ENCODING}" if "invalid UTF8" in text else text


ENCODING = "Save it as UTF-8, or name its encoding: --header 'Content-Type: text/csv; charset=latin-1'"
