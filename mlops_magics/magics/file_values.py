"""Values on the command line: a word that names a value there is the path of a file."""

from __future__ import annotations

import glob
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mlops_magics.core import file_heads, progress
from mlops_magics.errors import InvalidInput, NotFound

HEAD = 1_000_000
"""Characters of a JSON file in which its first record ends."""


class FileValues:
    """The workspace of the command line. A notebook reads files by it too."""

    @staticmethod
    def looks_like_file(text: str) -> bool:
        """Return whether the word ends as a file that is read here does."""
        return ending_of(text) in READERS

    @classmethod
    def exists(cls, text: str) -> bool:
        """Return whether the word is the path of a file that is read here."""
        return cls.looks_like_file(text) and Path(text).is_file()

    @classmethod
    def is_source(cls, text: str) -> bool:
        """Return whether the word names rows that the core reads by itself: a URL, a folder, a file of a table, or a
        pattern of their names."""
        path = Path(text)
        is_table = ending_of(text) in TABLES
        return "://" in text or path.is_dir() or (is_table and (path.is_file() or _is_pattern(text)))

    @staticmethod
    def holds(text: str) -> bool:
        """Return False: the command line has no variables."""
        return False

    def rows(self, text: str) -> Any:
        """Return the path of rows that the core reads, else the value of the file.

        Raises
        ------
        NotFound, InvalidInput
        """
        return text if self.is_source(text) else self.value(text)

    def value(self, text: str) -> Any:
        """Read a file: a frame, or a fitted model.

        Raises
        ------
        NotFound
            No such file.
        InvalidInput
            A file of a kind that is not read here, or whose content does not match its ending.
        """
        path = Path(text)
        read = READERS.get(ending_of(text))
        if read is None:
            raise InvalidInput(f"{text} is not a file that is read here. Endings: {', '.join(READERS)}.")
        if not path.is_file():
            raise NotFound("file", text, sorted(each.name for each in path.parent.glob(f"*{path.suffix}")))
        progress.report(f"reading {path.name}")
        try:
            return read(path)
        except Exception as fault:
            kind = "" if isinstance(fault, InvalidInput) else f"{type(fault).__name__}: "
            raise InvalidInput(f"{text} cannot be read: {kind}{fault}") from fault

    def variables(self) -> list[str]:
        """Return nothing: files are completed by the shell."""
        return []

    def columns(self, text: str) -> list[str]:
        """Return the columns of a file of a table from its head alone, none of one that cannot be read or has no head:
        its reader names the reason."""
        ending = ending_of(text)
        if ending not in HEADS or not Path(text).is_file():
            return []
        try:
            return HEADS[ending](Path(text))
        except (OSError, ValueError):
            return []


def ending_of(text: str) -> str:
    """Return the ending of a file's name, of a compressed text file that of the text."""
    path = Path(text.lower())
    inner = Path(path.stem).suffix
    return inner if path.suffix in COMPRESSED and inner in TEXTS else path.suffix


def _names_of_text(path: Path) -> list[str]:
    names = [str(name) for name in READERS[ending_of(path.name)](path, nrows=0).columns]
    return [] if len(names) == 1 and any(mark in names[0] for mark in ";\t|,") else names  # another separator


def _names_of_parquet(path: Path) -> list[str]:
    import pyarrow.parquet

    return list(pyarrow.parquet.read_schema(path).names)


def _names_of_arrow(path: Path) -> list[str]:
    import pyarrow as pa
    import pyarrow.feather

    try:
        return list(pyarrow.feather.read_table(path, memory_map=True).column_names)
    except pa.ArrowInvalid:  # a stream
        with pa.memory_map(str(path)) as source:
            return list(pa.ipc.open_stream(source).schema.names)


def _names_of_json(path: Path) -> list[str]:
    """Return the names in the first record, or those of the columns, of the file's first megabyte."""
    if path.suffix.lower() in COMPRESSED:
        return list(map(str, READERS[ending_of(path.name)](path).columns))
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        head = file.read(HEAD).lstrip().removeprefix("[").lstrip()
    record, _ = json.JSONDecoder().raw_decode(head)
    return list(record) if isinstance(record, dict) else []


def _is_pattern(text: str) -> bool:
    """Return whether the word is a pattern that names of files match, such as ``days/*.csv``."""
    return glob.has_magic(text) and any(map(Path.is_file, map(Path, glob.iglob(text, recursive=True))))


def _frame(name: str, **options: Any) -> Callable[..., Any]:
    """Return a reader of pandas, which is imported when it is used."""

    def read(path: Path, **more: Any) -> Any:
        import pandas as pd

        file_heads.check_file(path)
        return getattr(pd, name)(path, **options, **more)

    return read


def _model(path: Path) -> Any:
    """Read a model that the user made and names. Reading it runs its code, as `joblib.load` does."""
    import joblib

    return joblib.load(path)


COMPRESSED = (".gz", ".bz2", ".xz", ".zip")
"""Endings of compressed text files."""
TEXTS = (".csv", ".tsv", ".json", ".jsonl", ".ndjson")
"""Endings of text files that hold a table."""
TABLES = (".parquet", ".arrow", ".arrows", ".feather", ".ipc", *TEXTS)
"""Endings of the files that the core reads by itself."""
HEADS: dict[str, Callable[[Path], list[str]]] = {
    ".csv": _names_of_text,
    ".tsv": _names_of_text,
    ".parquet": _names_of_parquet,
    ".arrow": _names_of_arrow,
    ".feather": _names_of_arrow,
    ".ipc": _names_of_arrow,
    ".arrows": _names_of_arrow,
    **dict.fromkeys((".json", ".jsonl", ".ndjson"), _names_of_json),
}
"""Endings of the files whose columns are read from their heads."""
READERS: dict[str, Callable[..., Any]] = {
    ".csv": _frame("read_csv"),
    ".tsv": _frame("read_csv", sep="\t"),
    ".parquet": _frame("read_parquet"),
    ".arrow": _frame("read_feather"),
    ".feather": _frame("read_feather"),
    ".json": _frame("read_json", orient="records", dtype=False),
    ".jsonl": _frame("read_json", orient="records", lines=True, dtype=False),
    ".ndjson": _frame("read_json", orient="records", lines=True, dtype=False),
    ".joblib": _model,
    ".pkl": _model,
}
