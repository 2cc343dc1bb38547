"""Input files by path, folder, pattern or URL, and their rows chunk by chunk."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import posixpath
import stat
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlops_magics.core import file_heads, web_files
from mlops_magics.core.deploying.batch.batch_task import InputPart
from mlops_magics.core.deploying.contract.media import CSV
from mlops_magics.core.deploying.parsing.content import JSON_LINES
from mlops_magics.core.remote_errors import remote_refusals, shown
from mlops_magics.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    import pyarrow as pa

PARQUET, CSV_ENDINGS, LINES, ARROW_ENDINGS = (
    (".parquet",),
    (".csv", ".csv.gz"),
    (".jsonl", ".ndjson"),
    (".arrow", ".feather"),
)
ENDINGS = (*PARQUET, *CSV_ENDINGS, *LINES, *ARROW_ENDINGS)
CHUNK_ROWS = 50_000
CHUNK_BYTES = 32 << 20
"""Of one chunk in memory, by the number of its columns. A worker holds about six times as much."""
LARGE_BYTES = 256 << 20
"""A Parquet file beyond this size is scored in parts of about so many bytes."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows of a file.

    Attributes
    ----------
    table
        The columns that can be kept, in the types of the file, of text files as texts.
    body, kind
        The same rows as a request, where they come from a text file.
    """

    table: pa.Table
    body: bytes | None = None
    kind: str = ""


def file_system(path: str) -> tuple[Any, str]:
    """Return the file system of a path or URL, and the path there.

    Raises
    ------
    InvalidInput
        For a scheme that is not known here.
    """
    import fsspec.core

    if web_files.is_web(path):
        return WebFileSystem(), path
    try:
        system, place = fsspec.core.url_to_fs(path)
    except (ValueError, ImportError) as error:
        raise InvalidInput(f"{shown(path)[:200]} cannot be opened: {error}") from error
    return system, place


class WebFileSystem:
    """The part of fsspec's protocol that reads single files at web addresses."""

    protocol = ("http", "https")

    def info(self, path: str) -> dict[str, Any]:
        """Return size and ETag."""
        return web_files.facts_of(path)

    def unstrip_protocol(self, path: str) -> str:
        """Return the address."""
        return path

    @contextlib.contextmanager
    def open(self, path: str, mode: str = "rb", compression: str | None = None) -> Iterator[Any]:
        """Yield a copy of the file."""
        with web_files.fetched(path) as stream:
            yield gzip.GzipFile(fileobj=stream) if compression else stream


def parts_of(data: str | Iterable[str]) -> list[InputPart]:
    """Return the parts of all files that paths, folders, patterns and URLs name, in the order of their names.

    Raises
    ------
    InvalidInput
        For an empty name.
    BoardError
        Where a store refuses the list.
    NotFound
        Where a name matches no file that is read here.
    """
    found: dict[str, InputPart] = {}
    for each in [data] if isinstance(data, str) else [str(each) for each in data]:
        if not each.strip():
            raise InvalidInput("The path of the input is empty: name a file, a folder, a pattern or a URL.")
        system, place = file_system(each)
        with remote_refusals(each, "read", "input"):
            matching = list(_matching(system, place))
        if not matching:
            raise NotFound("input file", shown(each), hint=f"Files end in {', '.join(ENDINGS)}.")
        for path, facts in matching:
            for part in _parts(system, path, facts):
                found[f"{part.path}\n{part.groups}"] = part
    return list(found.values())


def _matching(system: Any, place: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield path and facts of the files that a place means: itself, those below it, or those of a pattern."""
    if web_files.is_web(place):  # a question mark begins the parameters there
        yield place, system.info(place)
        return
    if any(mark in place for mark in "*?["):
        listed = system.glob(place, detail=True)
    elif system.isdir(place):
        listed = system.find(place, detail=True)
    else:
        with contextlib.suppress(FileNotFoundError):
            yield place, system.info(place)
        return
    for path, facts in sorted(listed.items()):
        hidden = posixpath.basename(path).startswith(("_", "."))
        if facts.get("type") != "directory" and path.lower().endswith(ENDINGS) and not hidden:
            yield path, facts  # a pipe or a link to nothing fails as a part, with its name


def _parts(system: Any, path: str, facts: dict[str, Any]) -> Iterator[InputPart]:
    size = int(facts.get("size") or 0)
    # each store names the change of a file differently; the size alone would not show one that was overwritten
    marks = [
        facts[name]
        for name in ("ETag", "etag", "md5Hash", "content_settings", "mtime", "LastModified")
        if facts.get(name)
    ]
    state = f"{size} {marks[0] if marks else ''}"
    name = system.unstrip_protocol(path) if "file" not in _protocols(system) else path
    if facts.get("type") != "file" or size <= LARGE_BYTES or not path.lower().endswith(PARQUET):
        yield InputPart(name, state)
        return
    import pyarrow.parquet

    try:
        with system.open(path, "rb") as stream:
            groups = pyarrow.parquet.ParquetFile(stream).num_row_groups
    except Exception:  # a file that is not Parquet fails as a part, with its name
        yield InputPart(name, state)
        return
    each = max(1, groups * LARGE_BYTES // size)
    for start in range(0, groups, each):
        yield InputPart(name, state, (start, min(groups, start + each)))


def _protocols(system: Any) -> tuple[str, ...]:
    return (system.protocol,) if isinstance(system.protocol, str) else tuple(system.protocol)


def chunks_of(part: InputPart) -> Iterator[Chunk]:
    """Yield the rows of a part, in order.

    Raises
    ------
    InvalidInput
        For an ending that is not read here, a web page, and a pipe or a device.
    FileNotFoundError
    """
    system, place = file_system(part.path)
    if "file" in _protocols(system) and not stat.S_ISREG(os.stat(place).st_mode):
        raise InvalidInput("it is a pipe or a device, not a regular file")
    ending = shown(place).lower()
    form = next((form for form, endings in FORMS.items() if ending.endswith(endings)), None)
    if form is None:
        raise InvalidInput(f"{shown(part.path)} is not a file that is read here. Endings: {', '.join(ENDINGS)}.")
    with (
        _valid(form),
        system.open(place, "rb", **({"compression": "gzip"} if ending.endswith(".gz") else {})) as stream,
    ):
        file_heads.check(stream, text=form in {"CSV", "JSON Lines"})
        if form == "Parquet":
            yield from _of_parquet(stream, part.groups)
        elif form == "CSV":
            yield from _of_csv(stream)
        elif form == "JSON Lines":
            yield from _of_lines(stream)
        else:
            yield from _of_arrow(stream)


FORMS = {"Parquet": PARQUET, "CSV": CSV_ENDINGS, "JSON Lines": LINES, "Arrow": ARROW_ENDINGS}


@contextlib.contextmanager
def _valid(form: str) -> Iterator[None]:
    """Raise `InvalidInput` where a file is not of the form that its name says.

    Raises
    ------
    InvalidInput
    """
    import pandas as pd
    import pyarrow as pa

    try:
        yield
    except pd.errors.EmptyDataError as fault:
        raise InvalidInput("the file has no rows") from fault
    except (pa.ArrowInvalid, pd.errors.ParserError, UnicodeError, EOFError, gzip.BadGzipFile, zlib.error) as fault:
        raise InvalidInput(f"the file is not valid {form}: {fault}") from fault


def _of_parquet(stream: Any, groups: tuple[int, int] | None) -> Iterator[Chunk]:
    import pyarrow as pa
    import pyarrow.parquet

    file = pyarrow.parquet.ParquetFile(stream)
    wanted = range(*groups) if groups is not None else range(file.num_row_groups)
    rows = max(1000, min(CHUNK_ROWS, CHUNK_BYTES // (16 * max(1, len(file.schema_arrow)))))
    for batch in file.iter_batches(rows, row_groups=list(wanted)):
        yield Chunk(pa.Table.from_batches([batch]))


def _of_arrow(stream: Any) -> Iterator[Chunk]:
    import pyarrow as pa
    import pyarrow.feather

    table = pyarrow.feather.read_table(stream)
    for start in range(0, len(table), CHUNK_ROWS):
        yield Chunk(pa.table(table.slice(start, CHUNK_ROWS)))


def _of_csv(stream: Any) -> Iterator[Chunk]:
    """Yield texts, which the check of an endpoint reads as the prototype has them."""
    import pandas as pd
    import pyarrow as pa

    # pandas would guess types chunk by chunk: "007" becomes 7, and a column differs between chunks
    for frame in pd.read_csv(stream, chunksize=CHUNK_ROWS, dtype=str, keep_default_na=False, na_filter=False):
        yield Chunk(pa.Table.from_pandas(frame, preserve_index=False), frame.to_csv(index=False).encode(), CSV)


def _of_lines(stream: Any) -> Iterator[Chunk]:
    import itertools

    import pyarrow as pa

    names = _names_of_lines(stream)
    stream.seek(0)
    while block := list(itertools.islice(stream, CHUNK_ROWS)):
        lines = [line for line in block if line.strip()]
        if not lines:
            continue
        records = [json.loads(line) for line in lines]
        # the type is named: a name without a value in one chunk would have the type null, which takes no later text
        texts = {name: pa.array([_text(record.get(name)) for record in records], pa.string()) for name in names}
        yield Chunk(pa.table(texts), b"".join(line.rstrip() + b"\n" for line in lines), JSON_LINES)


def _names_of_lines(stream: Any) -> tuple[str, ...]:
    """Return the keys of all lines, in the order of their first: each chunk has the same columns.

    Raises
    ------
    InvalidInput
        For a line that is not a JSON object.
    """
    names: dict[str, None] = {}
    for number, line in enumerate(stream, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except ValueError as fault:
            raise InvalidInput(f"the file is not valid JSON Lines: line {number}: {fault}") from fault
        if not isinstance(record, dict):
            raise InvalidInput(f"the file is not valid JSON Lines: line {number} is not an object")
        names |= dict.fromkeys(record)
    return tuple(names)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) or value is None else json.dumps(value)
