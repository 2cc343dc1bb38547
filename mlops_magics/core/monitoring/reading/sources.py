"""Whatever holds a table, collected into Arrow: DuckDB relations, Ibis tables, Spark and Dask frames, paths and
URLs."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mlops_magics.errors import InvalidInput, NotFound

LONGEST = 200  # characters of what Arrow says is wrong with a file
_COLUMN = re.compile(r"In CSV column #(\d+)")
READ = ("parquet", "csv", "arrow", "feather", "ipc")


def to_arrow(data: Any) -> Any:
    """Return a pyarrow table.

    Raises
    ------
    InvalidInput
        Nothing that is known to hold a table; the message lists what does.
    NotFound
        A path where no file lies.
    """
    if isinstance(data, str | Path):
        return read_path(str(data))
    for method in ("to_pyarrow", "toArrow", "to_arrow_table", "arrow"):  # Ibis, Spark 4, DuckDB
        collect = getattr(data, method, None)
        if callable(collect):
            table = collect()
            return table.read_all() if hasattr(table, "read_all") else table
    if hasattr(data, "compute"):  # Dask
        return _from_pandas(data.compute())
    if hasattr(data, "toPandas"):  # Spark 3
        return _from_pandas(data.toPandas())
    if hasattr(data, "__arrow_c_stream__"):
        import pyarrow as pa

        return pa.table(data)
    raise InvalidInput(
        f"{type(data).__name__} is no table. Pass a pandas, polars, pyarrow, DuckDB, Ibis, Spark or Dask frame, or a "
        f"path to Parquet, CSV or Arrow."
    )


def read_path(path: str) -> Any:
    """Read a file by the ending of its name, or a folder of Parquet files; ``s3://`` and the like through fsspec."""
    if Path(path).is_dir():
        import pyarrow.dataset

        with readable(path):
            return pyarrow.dataset.dataset(path).to_table()
    ending = path.rpartition(".")[2].lower()
    if ending not in READ:
        raise InvalidInput(f"Cannot tell the format of {path!r}; names end in one of: {', '.join(READ)}.")
    import fsspec

    strange: dict[str, Any] = {}
    while True:
        try:
            with readable(path), fsspec.open(path, "rb") as stream:
                return _csv(stream, strange) if ending == "csv" else _reader(ending)(stream)
        except FileNotFoundError as missing:
            raise NotFound("file", path, hint="Check the path.") from missing
        except _OtherType:
            continue


@contextlib.contextmanager
def readable(path: Any) -> Iterator[None]:
    """Say in one line why something cannot be read."""
    import pyarrow as pa

    try:
        yield
    except FileNotFoundError:
        raise
    except (pa.ArrowException, OSError) as fault:
        raise InvalidInput(f"Cannot read {path}: {' '.join(str(fault).split())[:LONGEST]}") from fault


class _OtherType(Exception):
    """A column of a CSV began as another type than it goes on; it is read again as words."""


def _csv(stream: Any, strange: dict[str, Any]) -> Any:
    import pyarrow as pa
    import pyarrow.csv

    start = stream.tell()
    try:
        return pyarrow.csv.read_csv(stream, convert_options=pyarrow.csv.ConvertOptions(column_types=strange))
    except pa.ArrowInvalid as fault:
        place = _COLUMN.search(str(fault))
        if place is None:
            raise
        stream.seek(start)
        name = pyarrow.csv.open_csv(stream).schema.names[int(place[1])]
        if name in strange:
            raise
        strange[name] = pa.string()
        raise _OtherType from fault


def _reader(ending: str) -> Any:
    if ending == "parquet":
        import pyarrow.parquet

        return pyarrow.parquet.read_table
    import pyarrow.feather

    return pyarrow.feather.read_table


def _from_pandas(frame: Any) -> Any:
    import pyarrow as pa

    return pa.Table.from_pandas(frame, preserve_index=False)
