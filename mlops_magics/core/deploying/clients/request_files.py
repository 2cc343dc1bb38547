"""Files of rows as request bodies, unchanged, so that the endpoint interprets the fields. Large ones go in parts."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from mlops_magics.core import file_heads
from mlops_magics.core.deploying.clients.request_rows import ROWS_PER_REQUEST
from mlops_magics.core.deploying.contract.media import ARROW, CSV, JSON, PARQUET
from mlops_magics.core.remote_errors import shown
from mlops_magics.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    import pyarrow as pa

JSON_LINES, ARROW_FILE = "application/x-ndjson", "application/vnd.apache.arrow.file"
MEDIA = {
    ".csv": CSV,
    ".tsv": "text/tab-separated-values",
    ".parquet": PARQUET,
    ".arrow": ARROW_FILE,
    ".feather": ARROW_FILE,
    ".ipc": ARROW_FILE,
    ".json": JSON,
    ".jsonl": JSON_LINES,
    ".ndjson": JSON_LINES,
}
"""Media types by the ending of a file's name."""
WHOLE_BYTES = 16 << 20
"""Of a file that is one request."""
LINE_BYTES = 16 << 20
"""Of the lines of a large CSV or JSON Lines file that go in one request."""


def path_in(data: Any, columns: Mapping[str, Any] | None = None) -> Path | None:
    """Return the file that data name: a `Path`, or a text that ends as a file of rows does. ``None`` for all else.

    Parameters
    ----------
    data
        What was given as rows.
    columns
        The JSON schema of each column that the model reads. One column of texts makes a text a value.
    """
    if isinstance(data, Path):
        return data
    if not may_be_path(data) or (columns is not None and _is_one_text(columns)):
        return None
    return Path(data)


def may_be_path(data: Any) -> bool:
    """Return whether data are a text that ends as a file of rows does."""
    return isinstance(data, str) and "\n" not in data and Path(data).suffix.lower() in MEDIA


def _is_one_text(columns: Mapping[str, Any]) -> bool:
    types = [schema.get("type", "string") for schema in columns.values()]
    return len(types) == 1 and "string" in (types[0] if isinstance(types[0], list) else [types[0]])


def parts(path: Path) -> Iterator[tuple[bytes, str]]:
    """Yield request bodies with their content types, in the order of the file's rows.

    Raises
    ------
    NotFound, InvalidInput
        No such file, a web page, an unknown ending, or a JSON document that is too large for one request.
    """
    kind = MEDIA.get(path.suffix.lower())
    if kind is None:
        raise InvalidInput(f"{path} is not a file of rows. Endings: {', '.join(MEDIA)}.")
    _admit_present(path)
    if kind in {PARQUET, ARROW_FILE}:
        return _of_table(path, kind)
    if path.stat().st_size <= WHOLE_BYTES:
        return iter([(path.read_bytes(), kind)])
    if kind == JSON:
        raise InvalidInput(f"{path} is too large for one request. Write it as JSON Lines, CSV or Parquet.")
    return _of_lines(path, kind)


def _admit_present(path: Path) -> None:
    """Refuse a path at which there is no file, or a web page in its place.

    Raises
    ------
    NotFound
        With the files of this ending in its folder, the nearest name first.
    InvalidInput
    """
    if path.is_file():
        with _readable(path):
            file_heads.check_file(path)
        return
    hint = f"It does not exist in {path.parent.absolute()}."
    named = str(path)
    if ":/" in named:
        named = shown(named.replace(":/", "://", 1))
        hint = "Files at URLs are scored with `%predict NAME --data URL --to DIR`."
    raise NotFound("file", named, sorted(each.name for each in path.parent.glob(f"*{path.suffix}")), hint=hint)


def frame(path: Path) -> Any:
    """Return a file of rows as a frame, where no prototype defines its fields.

    Raises
    ------
    NotFound, InvalidInput
    """
    import pandas as pd

    _admit_present(path)
    kind = MEDIA.get(path.suffix.lower())
    if kind in {PARQUET, ARROW_FILE}:
        return pd.concat([table.to_pandas() for table in _tables(path, kind)], ignore_index=True)
    if kind in {JSON, JSON_LINES}:
        return pd.read_json(path, orient="records", lines=kind == JSON_LINES)
    return pd.read_csv(path, sep="\t" if kind == MEDIA[".tsv"] else ",")


def _of_table(path: Path, kind: str) -> Iterator[tuple[bytes, str]]:
    """Yield Arrow streams of at most `ROWS_PER_REQUEST` rows."""
    import pyarrow as pa

    for table in _tables(path, kind):
        # a file without rows is one request too, which the endpoint refuses
        for start in range(0, max(1, len(table)), ROWS_PER_REQUEST):
            sink = io.BytesIO()
            with pa.ipc.new_stream(sink, table.schema) as stream:
                stream.write_table(table.slice(start, ROWS_PER_REQUEST))
            yield sink.getvalue(), ARROW


@contextlib.contextmanager
def _readable(path: Path, errors: tuple[type[Exception], ...] = (OSError,)) -> Iterator[None]:
    """Raise `InvalidInput` with the path where a file cannot be read."""
    try:
        yield
    except InvalidInput as fault:
        raise InvalidInput(f"{path} cannot be read: {fault}") from None
    except errors as error:
        raise InvalidInput(f"{path} cannot be read: {type(error).__name__}: {error}") from None


def _tables(path: Path, kind: str) -> Iterator[pa.Table]:
    import pyarrow as pa
    from pyarrow import feather, parquet

    with _readable(path, (OSError, pa.ArrowException)):
        if kind == ARROW_FILE:
            yield feather.read_table(path)
            return
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(ROWS_PER_REQUEST):
                yield pa.Table.from_batches([batch])


def _of_lines(path: Path, kind: str) -> Iterator[tuple[bytes, str]]:
    """Yield whole rows, each part of a CSV file with the header line."""
    with path.open("rb") as file:
        header = b"" if kind == JSON_LINES else file.readline()
        while body := b"".join(_rows(file, quoted=kind != JSON_LINES)):
            yield header + body, kind


def _rows(file: IO[bytes], *, quoted: bool) -> Iterator[bytes]:
    """Yield the lines of one request: whole rows, though a row of CSV may have line breaks in quotes."""
    size = rows = marks = 0
    while line := file.readline():
        yield line
        size += len(line)
        marks += line.count(b'"') if quoted else 0
        rows += marks % 2 == 0
        if marks % 2 == 0 and (size >= LINE_BYTES or rows >= ROWS_PER_REQUEST):
            return
