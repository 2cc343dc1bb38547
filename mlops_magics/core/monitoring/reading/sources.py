"""Readers of DuckDB relations, Ibis tables, Spark and Dask frames, paths and URLs into Arrow."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mlops_magics.core.monitoring.reading import text_files
from mlops_magics.core.monitoring.reading.text_files import Schema
from mlops_magics.errors import InvalidInput, NotFound

LONGEST = 200
"""Characters of Arrow's own message about a file."""
READ = ("parquet", "csv", "arrow", "feather", "ipc")


def to_arrow(data: Any, schema: Schema | None = None) -> Any:
    """Return a pyarrow table.

    Parameters
    ----------
    schema
        The types and categories of a text file's columns in the reference.

    Raises
    ------
    InvalidInput
        The source is not a table. The message lists the accepted ones.
    NotFound
        The file does not exist.
    """
    if isinstance(data, str | Path):
        return read_path(str(data), schema)
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
        f"{type(data).__name__} is not a table. Pass a pandas, polars, pyarrow, DuckDB, Ibis, Spark or Dask frame, or "
        f"a path to Parquet, CSV or Arrow."
    )


def read_path(path: str, schema: Schema | None = None) -> Any:
    """Read a file by the ending of its name, or a folder of Parquet files, and ``s3://`` and the like through fsspec.

    Raises
    ------
    InvalidInput
        The ending is not known, or the file does not match it.
    NotFound
        The file does not exist.
    """
    if Path(path).is_dir():
        import pyarrow.dataset

        with readable(path):
            return pyarrow.dataset.dataset(path).to_table()
    ending = path.rpartition(".")[2].lower()
    if ending not in READ:
        raise InvalidInput(f"The format of {path!r} is not known. Names end in one of: {', '.join(READ)}.")
    import fsspec

    try:
        with readable(path), fsspec.open(path, "rb") as stream:
            return text_files.read(stream, schema or {}) if ending == "csv" else _reader(ending)(stream)
    except FileNotFoundError as missing:
        raise NotFound("file", path, hint="Check the path.") from missing


@contextlib.contextmanager
def readable(path: Any) -> Iterator[None]:
    """Raise `InvalidInput` in one line where a source cannot be read.

    Raises
    ------
    InvalidInput
    """
    import pyarrow as pa

    try:
        yield
    except FileNotFoundError:
        raise
    except (pa.ArrowException, OSError) as fault:
        raise InvalidInput(f"Cannot read {path}: {' '.join(str(fault).split())[:LONGEST]}") from fault


def _reader(ending: str) -> Any:
    if ending == "parquet":
        import pyarrow.parquet

        return pyarrow.parquet.read_table
    import pyarrow.feather

    return pyarrow.feather.read_table


def _from_pandas(frame: Any) -> Any:
    import pyarrow as pa

    return pa.Table.from_pandas(frame, preserve_index=False)
