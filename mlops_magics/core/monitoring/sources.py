"""Whatever holds a table, collected into Arrow: DuckDB relations, Ibis tables, Spark and Dask frames, paths and
URLs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mlops_magics.errors import InvalidInput, NotFound

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

        return pyarrow.dataset.dataset(path).to_table()
    ending = path.rpartition(".")[2].lower()
    if ending not in READ:
        raise InvalidInput(f"Cannot tell the format of {path!r}; names end in one of: {', '.join(READ)}.")
    import fsspec

    try:
        with fsspec.open(path, "rb") as stream:
            return _reader(ending)(stream)
    except FileNotFoundError as missing:
        raise NotFound("file", path, hint="Check the path.") from missing


def _reader(ending: str) -> Any:
    if ending == "parquet":
        import pyarrow.parquet

        return pyarrow.parquet.read_table
    if ending == "csv":
        import pyarrow.csv

        return pyarrow.csv.read_csv
    import pyarrow.feather

    return pyarrow.feather.read_table


def _from_pandas(frame: Any) -> Any:
    import pyarrow as pa

    return pa.Table.from_pandas(frame, preserve_index=False)
