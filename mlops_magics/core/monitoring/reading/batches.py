"""Sources of rows in batches: files and folders, datasets, DuckDB relations, lazy frames, parts of a Dask frame, tables
of an engine on this machine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from mlops_magics.core import file_heads, progress
from mlops_magics.core.monitoring.reading import row_files, sources, text_files
from mlops_magics.core.monitoring.reading.text_files import Schema
from mlops_magics.errors import InvalidInput, NotFound

BATCH_ROWS = 500_000
LARGE_FILE = 256 * 2**20  # bytes on disk (compressed columns unfold to a few times that)
LARGE_ROWS = 5_000_000  # of a source that reports its rows and not its bytes
READ_BYTES = 2**20  # at a time, because whole column chunks of a row group would be in memory undecoded
LOCAL = ("duckdb", "polars", "datafusion", "sqlite", "chdb")  # Ibis's engines in this process
FORMATS = {"parquet": "parquet", "csv": "csv", "tsv": "csv", "arrow": "ipc", "feather": "ipc", "ipc": "ipc"}
"""Endings of files that are read in batches, to Arrow's formats."""
Names = Sequence[str] | None


def is_large(data: Any) -> bool:
    """Return whether this should be read in batches."""
    if isinstance(data, str | Path):
        files = row_files.files_of(str(data))
        return all(_form(file) for file in files) and sum(file.stat().st_size for file in files) > LARGE_FILE
    return is_once(data) or (is_streamed(data) and rows_of(data) > LARGE_ROWS)


def is_once(data: Any) -> bool:
    """Return whether this can be read only once and has no known length."""
    return type(data).__name__ == "RecordBatchReader"


def is_streamed(data: Any) -> bool:
    """Return whether this can return its rows in batches."""
    return _kind(data) != ""


def _kind(data: Any) -> str:
    module, name = type(data).__module__.partition(".")[0], type(data).__name__
    if isinstance(data, str | Path):
        return "path"
    if module == "ibis" and hasattr(data, "to_pyarrow_batches"):
        return "ibis" if data.get_backend().name in LOCAL else ""
    if module == "pyarrow":
        return "dataset" if hasattr(data, "count_rows") else ""
    if module == "dask" and hasattr(data, "partitions"):
        return "dask"
    return {"DuckDBPyRelation": "relation", "LazyFrame": "lazy"}.get(name, "")


def rows_of(data: Any) -> int:
    """Count the rows without reading them."""
    kind = _kind(data)
    if kind == "path":
        return int(_dataset(data).count_rows())
    if kind == "dataset":
        return int(data.count_rows())
    if kind == "relation":
        return int(data.shape[0])
    if kind == "lazy":
        import polars

        return int(data.select(polars.len()).collect(engine="streaming").item())
    return int(data.count().execute()) if kind == "ibis" else int(data.map_partitions(len).compute().sum())


def names_of(data: Any) -> tuple[str, ...]:
    """Return the names of the columns without reading them."""
    kind = _kind(data)
    if kind in ("path", "dataset"):
        return tuple(_dataset(data).schema.names)
    if kind == "lazy":
        return tuple(data.collect_schema().names())
    return tuple(str(name) for name in data.columns)


def batches_of(data: Any, names: Names = None, rows: int = BATCH_ROWS, schema: Schema | None = None) -> Iterator[Any]:
    """Return pyarrow tables of at most ``rows`` rows, of some columns or all, and one without rows for an empty file.

    Parameters
    ----------
    schema
        The types and categories of a text file's columns in the reference.
    """
    import pyarrow as pa

    if is_once(data):
        yield from (pa.Table.from_batches([batch]).select(names or batch.schema.names) for batch in data)
        return
    kind = _kind(data)
    if kind not in ("path", "dataset"):
        yield from _streamed(data, kind, list(names) if names is not None else list(names_of(data)), rows)
        return
    with sources.readable(data):
        empty = True
        for table in _of_files(data, names, rows, schema or {}):
            empty = False
            yield table
        if empty:
            whole = _dataset(data).schema.empty_table()
            yield whole if names is None else whole.select(names)


def _of_files(data: Any, names: Names, rows: int, schema: Schema) -> Iterator[Any]:
    import pyarrow as pa

    if isinstance(data, str | Path) and str(data).endswith(".parquet") and Path(data).is_file():
        return _of_parquet(data, names, rows)
    # nothing is read ahead, because each batch takes memory
    found = _dataset(data, schema).to_batches(
        columns=names, batch_size=rows, batch_readahead=1, fragment_readahead=1, use_threads=False
    )
    tables = (pa.Table.from_batches([batch]) for batch in found)
    return (text_files.as_expected(table, schema) for table in tables) if _is_csv(data) else tables


def _streamed(data: Any, kind: str, names: list[str], rows: int) -> Iterator[Any]:
    import pyarrow as pa

    if kind == "lazy":
        for frame in data.select(names).collect_batches(chunk_size=rows, maintain_order=True):
            yield frame.to_arrow()
    elif kind == "dask":
        for part in data[names].partitions:
            yield pa.Table.from_pandas(part.compute(), preserve_index=False)
    else:
        for batch in _reader(data, kind, names, rows):
            yield pa.Table.from_batches([batch])


def _reader(data: Any, kind: str, names: list[str], rows: int) -> Iterable[Any]:
    """Return record batches of a DuckDB relation or an Ibis table."""
    if kind == "ibis" and data.get_backend().name != "duckdb":
        return data.select(*names).to_pyarrow_batches(chunk_size=rows)  # type: ignore[no-any-return]
    whole = data if kind == "relation" else _relation_of(data)
    chosen = whole.project(", ".join('"' + name.replace('"', '""') + '"' for name in names))
    for method in ("to_arrow_reader", "fetch_arrow_reader", "fetch_record_batch"):  # the name changed with versions
        if hasattr(chosen, method):
            return getattr(chosen, method)(rows)  # type: ignore[no-any-return]
    return chosen.arrow().to_batches(rows)  # type: ignore[no-any-return]


def _relation_of(table: Any) -> Any:
    """Return the rows of an Ibis table as DuckDB's own relation: DuckDB 2 lacks Ibis 12's method for batches."""
    import ibis

    return table.get_backend().con.sql(str(ibis.to_sql(table, dialect="duckdb")))


def _of_parquet(path: str | Path, names: Names, rows: int) -> Iterator[Any]:
    import pyarrow as pa
    import pyarrow.parquet

    with pyarrow.parquet.ParquetFile(path, buffer_size=READ_BYTES, pre_buffer=False) as file:
        done = 0
        for batch in file.iter_batches(rows, columns=names):
            yield pa.Table.from_batches([batch])
            done += batch.num_rows
            progress.report(f"reading {Path(path).name}", done, file.metadata.num_rows, "rows")


def _form(file: Path) -> str:
    """Return the format of a file as Arrow's datasets name it, empty for one that is read whole."""
    return FORMATS.get(file.suffix.lower().removeprefix("."), "")


def _is_csv(data: Any) -> bool:
    files = row_files.files_of(str(data)) if isinstance(data, str | Path) else []
    return bool(files) and _form(files[0]) == "csv"


def _dataset(data: Any, schema: Schema | None = None) -> Any:
    import pyarrow.dataset

    if not isinstance(data, str | Path):
        return data
    if row_files.is_parquet_folder(str(data)):
        with sources.readable(data):
            return pyarrow.dataset.dataset(str(data))
    files = row_files.files_of(str(data))
    if not files:
        raise NotFound("file", str(data), hint="Check the path.")
    forms = {_form(file) for file in files}
    if len(forms) > 1 or not all(forms):
        raise InvalidInput(f"The files of {str(data)!r} cannot be read in batches together: pass those of one format.")
    form: Any = forms.pop()
    if form == "csv":
        form = _csv_format(files[0], schema or {})
    with sources.readable(data):
        return pyarrow.dataset.dataset([str(file) for file in files], format=form)


def _csv_format(file: Path, schema: Schema) -> Any:
    """Return the format of CSV files. Times with an offset, which the reference does not have, stay text."""
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.dataset

    with sources.readable(file):
        file_heads.check_file(file)
        head = pyarrow.csv.open_csv(file, parse_options=_delimiter(file))
    known = {name: each for name, each in schema.items() if name in head.schema.names}
    times = {name: pa.string() for name in text_files.zoned(head) if name not in known}
    return pyarrow.dataset.CsvFileFormat(
        parse_options=_delimiter(file), convert_options=text_files.convert_options(known, times)
    )


def _delimiter(file: Path) -> Any:
    return text_files.parse_options(row_files.DELIMITERS[row_files.format_of(str(file))[0]])
