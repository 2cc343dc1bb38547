"""Readers of DuckDB relations, Ibis tables, Spark and Dask frames, paths and URLs into Arrow."""

from __future__ import annotations

import contextlib
import lzma
import os
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mlops_magics.core import web_files
from mlops_magics.core.monitoring.reading import row_files
from mlops_magics.core.monitoring.reading.text_files import Schema
from mlops_magics.core.remote_errors import remote_refusals, shown
from mlops_magics.errors import InvalidInput, MlopsError, NotFound

LONGEST = 200
"""Characters of Arrow's own message about a file."""


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
            # newer versions of DuckDB return a reader here
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
        f"a path to Parquet, CSV, JSON or Arrow."
    )


def read_path(path: str, schema: Schema | None = None) -> Any:
    """Read a file by the ending of its name, a folder of files, a pattern such as ``days/*.csv``, and ``s3://`` and the
    like through fsspec.

    Raises
    ------
    InvalidInput
        The ending is not known, or the file does not match it.
    NotFound
        The file does not exist.
    """
    if row_files.is_pattern(path) or Path(path).is_dir():
        return _read_files(path, schema)
    form, compression = row_files.format_of(shown(path))
    try:
        with readable(path), _open(path, compression) as stream:
            return row_files.read(stream, form, schema or {})
    except FileNotFoundError as missing:
        raise NotFound("file", shown(path), hint="Check the path.") from missing


@contextlib.contextmanager
def _open(path: str, compression: str | None) -> Iterator[Any]:
    import fsspec
    import fsspec.compression

    if not web_files.is_web(path):
        if "://" not in path and os.path.exists(path) and not os.path.isfile(path):
            raise InvalidInput("it is a pipe or a device, not a regular file")
        with fsspec.open(path, "rb", compression=compression) as stream:
            yield stream
        return
    with web_files.fetched(path) as packed:
        yield fsspec.compression.compr[compression](packed, mode="rb") if compression else packed


def _read_files(path: str, schema: Schema | None) -> Any:
    """Read the files of a folder or pattern one after the other, those of Parquet together with their partitions."""
    import pyarrow as pa
    import pyarrow.dataset

    files = row_files.files_of(path)
    if not files:
        raise NotFound("file", path, hint="The folder is empty, or no file has such a name.")
    with readable(path):
        if row_files.is_parquet_folder(path):
            return pyarrow.dataset.dataset(path).to_table()
        return pa.concat_tables([read_path(str(file), schema) for file in files], promote_options="permissive")


@contextlib.contextmanager
def readable(path: Any) -> Iterator[None]:
    """Raise `InvalidInput` in one line where a source cannot be read.

    Raises
    ------
    BoardError
        The service of a URL did not answer, or refused.
    InvalidInput
    """
    import pyarrow as pa

    try:
        with remote_refusals(str(path), "read", "file") if "://" in str(path) else contextlib.nullcontext():
            yield
    except FileNotFoundError:
        raise
    except (pa.ArrowException, OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error, lzma.LZMAError) as fault:
        told = str(fault)
        if isinstance(fault, MlopsError) and told.startswith("Cannot read"):  # of a file in a folder
            raise
        raise InvalidInput(f"Cannot read {shown(str(path))}: {' '.join(told.split())[:LONGEST]}") from fault


def _from_pandas(frame: Any) -> Any:
    import pyarrow as pa

    return pa.Table.from_pandas(frame, preserve_index=False)
