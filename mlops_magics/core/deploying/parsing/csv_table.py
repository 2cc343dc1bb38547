"""CSV with a header line becomes a checked table; numbers never become objects, whatever stands among them."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from mlops_magics.core.deploying.contract.http_error import malformed
from mlops_magics.core.deploying.parsing.arrow_values import values_of
from mlops_magics.core.deploying.parsing.memory_limits import (
    CSV_BYTES,
    admit_distinct,
    admit_marks,
    admit_rows,
    admit_texts,
    admit_width,
)
from mlops_magics.core.deploying.validation.convert import MAX_PROBLEMS, MISSING_TEXT

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from mlops_magics.core.deploying.validation.check import Check
    from mlops_magics.core.deploying.validation.layout import Table

FIT: dict[str, Any] = {"number": 0.0, "integer": 0, "boolean": False}
"""What stands for a value that fits in a column that is refused for others."""


def csv_table(body: bytes, check: Check) -> Table:
    """Check CSV with a header line; empty fields and ``NA`` are missing values."""
    import pyarrow as pa
    from pyarrow import csv

    admit_marks(body, check.limits, CSV_BYTES)
    admit_width(1 + body.partition(b"\n")[0].count(b","), check)
    options = csv.ConvertOptions(
        column_types={name: pa.string() for name in check.layout.names},
        null_values=["", MISSING_TEXT],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )
    try:
        read = csv.read_csv(pa.BufferReader(body), convert_options=options)
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise malformed(f"The body is no CSV: {str(error).splitlines()[0][:200]}") from None
    admit_distinct(read.column_names)
    admit_rows(read.num_rows, read.schema, check)
    kinds = {name: kind for name, kind in zip(check.layout.names, check.layout.kinds) if name in read.column_names}
    admit_texts(read.select([name for name, kind in kinds.items() if kind not in FIT]), check)
    return check.columns(
        {name: _from_text(read[name], kinds[name]) if name in kinds else () for name in read.column_names}
    )


def _from_text(column: pa.ChunkedArray, kind: str) -> Any:
    """Read numbers and booleans; where not all of a column are, the texts that are none stay for the check to say."""
    import pyarrow as pa

    if kind not in FIT:
        return column.to_pylist()
    wanted = {"number": pa.float64(), "integer": pa.int64(), "boolean": pa.bool_()}[kind]
    if _fits(column, wanted):
        return values_of(column.cast(wanted))
    shown = np.full(len(column), FIT[kind], dtype=object)
    shown[np.asarray(column.is_null())] = None
    for place in itertools.islice(_unfit(column, wanted, 0), MAX_PROBLEMS):
        shown[place] = column[place].as_py()
    return shown


def _unfit(column: pa.ChunkedArray, wanted: pa.DataType, start: int) -> Iterator[int]:
    """Yield the places of texts that cannot be read, by halving what holds one."""
    if _fits(column, wanted):
        return
    if len(column) == 1:
        yield start
        return
    half = len(column) // 2
    yield from _unfit(column[:half], wanted, start)
    yield from _unfit(column[half:], wanted, start + half)


def _fits(column: pa.ChunkedArray, wanted: pa.DataType) -> bool:
    import pyarrow as pa

    try:
        column.cast(wanted)
    except pa.ArrowInvalid:
        return False
    return True
