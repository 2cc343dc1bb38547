"""Files of rows: their formats and compression, folders, and patterns of names."""

from __future__ import annotations

import glob
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mlops_magics.core import file_heads, json_text
from mlops_magics.core.monitoring.reading import text_files
from mlops_magics.core.monitoring.reading.text_files import Schema
from mlops_magics.errors import InvalidInput

COMPRESSION = {"gz": "gzip", "bz2": "bz2", "xz": "xz", "zip": "zip"}
"""Endings of compressed files to fsspec's names."""
DELIMITERS = {"csv": ",", "tsv": "\t"}
JSON = ("json", "jsonl", "ndjson")
ARROW = ("arrow", "arrows", "feather", "ipc")
FORMATS = ("parquet", *DELIMITERS, *JSON, *ARROW)
FIELDS = {"columns", "data"}
"""Keys of a JSON document that holds a table in parts, as pandas writes it."""
LONGEST_HEADER = 2**16
"""Bytes in which the first line of a text file ends."""


def format_of(path: str) -> tuple[str, str | None]:
    """Return the format of a file by the ending of its name, and its compression.

    Raises
    ------
    InvalidInput
        The ending is not known.
    """
    *_, before, ending = ("", *Path(path).name.lower().rsplit(".", 2)) if "." in path else ("", "")
    compression = COMPRESSION.get(ending)
    found = before if compression else ending
    if found not in FORMATS or (compression and found not in (*DELIMITERS, *JSON)):
        raise InvalidInput(
            f"The format of {path!r} is not known. Names end in one of: {', '.join(FORMATS)}; CSV, TSV and JSON also "
            f"in {', '.join(f'.{each}' for each in COMPRESSION)}."
        )
    return found, compression


def is_pattern(path: str) -> bool:
    """Return whether a path is a pattern of names, such as ``days/*.parquet``."""
    return glob.has_magic(path) and "://" not in path and not Path(path).exists()


def files_of(path: str) -> list[Path]:
    """Return the files of a folder, those that a pattern matches, or the file itself, in the order of their names.

    Hidden files, and those that begin with an underscore as markers of Spark do, are left out.
    """
    if is_pattern(path):
        return [file for file in map(Path, sorted(glob.glob(path, recursive=True))) if file.is_file()]
    folder = Path(path)
    if not folder.is_dir():
        return [folder] if folder.is_file() else []
    found = (file for file in folder.rglob("*") if file.is_file())
    return sorted(file for file in found if not any(part[0] in "._" for part in file.relative_to(folder).parts))


def is_parquet_folder(path: str) -> bool:
    """Return whether a folder holds Parquet files alone, which may be in partitions."""
    return Path(path).is_dir() and all(file.suffix.lower() == ".parquet" for file in files_of(path))


def read(stream: Any, form: str, schema: Schema) -> Any:
    """Return the rows of an open file as a pyarrow table.

    Parameters
    ----------
    form
        One of `FORMATS`.
    schema
        The types and categories of a text file's columns in the reference.

    Raises
    ------
    InvalidInput
        It is a web page, the columns of a CSV file are separated by another character, or a JSON document does not
        hold rows.
    """
    file_heads.check(stream, text=form in DELIMITERS or form in JSON)
    if form in DELIMITERS:
        _check_delimiter(stream, DELIMITERS[form])
        return text_files.read(stream, schema, DELIMITERS[form])
    if form in JSON:
        return _of_json(stream.read(), form != "json", schema)
    if form == "parquet":
        import pyarrow.parquet

        return pyarrow.parquet.read_table(stream)
    return _of_arrow(stream)


def _check_delimiter(stream: Any, expected: str) -> None:
    start = stream.tell()
    header = stream.read(LONGEST_HEADER).partition(b"\n")[0].decode("utf-8", "replace")
    stream.seek(start)
    other = max((",", ";", "\t", "|"), key=header.count)
    if expected not in header and other in header:
        raise InvalidInput(f"its columns are separated by {other!r}. Pass pandas.read_csv(path, sep={other!r}) instead")


def _of_arrow(stream: Any) -> Any:
    """Read a file, or a stream, of Arrow's format."""
    import pyarrow as pa
    import pyarrow.feather

    start = stream.tell()
    try:
        return pyarrow.feather.read_table(stream)
    except pa.ArrowInvalid:
        stream.seek(start)
        try:
            return pa.ipc.open_stream(stream).read_all()
        except pa.ArrowException:
            stream.seek(start)
            return pyarrow.feather.read_table(stream)  # its message is about the file


def _of_json(data: bytes, lines: bool, schema: Schema) -> Any:
    import pyarrow as pa

    try:
        if lines:
            document = [json_text.parse(line) for line in data.splitlines() if line.strip()]
        else:
            document = json_text.parse(data)
    except ValueError as fault:
        raise InvalidInput(f"it is not valid JSON: {fault}") from fault
    columns = {name: _column(values) for name, values in _columns_of(document).items()}
    lengths = {len(values) for values in columns.values()}
    if len(lengths) > 1:
        raise InvalidInput("its columns do not have the same length")
    table = pa.table(columns)
    return text_files.with_times(table, schema)


def _columns_of(document: Any) -> dict[str, list[Any]]:
    """Return the columns of records, of a mapping of columns, or of a table in parts, as pandas writes them."""
    if isinstance(document, Mapping) and document.keys() >= FIELDS:
        return dict(zip(map(str, document["columns"]), map(list, zip(*document["data"]))))
    if isinstance(document, Mapping) and document.keys() == {"schema", "data"}:
        index = document["schema"].get("primaryKey", ())
        # pandas writes the index as a column
        document = [{name: row[name] for name in row if name not in index} for row in document["data"]]
    if isinstance(document, list) and all(isinstance(row, Mapping) for row in document):
        names = dict.fromkeys(str(name) for row in document for name in row)
        return {name: [row.get(name) for row in document] for name in names}
    if isinstance(document, Mapping) and all(isinstance(each, list | Mapping) for each in document.values()):
        columns = {str(name): each for name, each in document.items()}
        return {name: list(each.values()) if isinstance(each, Mapping) else each for name, each in columns.items()}
    raise InvalidInput("it does not hold rows: a list of records, or a mapping of columns")


def _column(values: Sequence[Any]) -> Any:
    """Return an array: of text where numbers and text are mixed."""
    import pyarrow as pa

    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        return pa.array([None if value is None else str(value) for value in values])
