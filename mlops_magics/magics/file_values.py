"""Values on the command line: a word that names a value there is the path of a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from mlops_magics.errors import InvalidInput, NotFound


class FileValues:
    """The workspace of the command line."""

    def value(self, text: str) -> Any:
        """Read a file: a frame, or a fitted model.

        Raises
        ------
        NotFound
            No such file.
        InvalidInput
            A file of a kind that is not read here, or that does not hold what its ending says.
        """
        path = Path(text)
        read = READERS.get(path.suffix.lower())
        if read is None:
            raise InvalidInput(f"{text} is not a file that is read here. Endings: {', '.join(READERS)}.")
        if not path.is_file():
            raise NotFound("file", text, sorted(each.name for each in path.parent.glob(f"*{path.suffix}")))
        try:
            return read(path)
        except Exception as fault:
            raise InvalidInput(f"{text} cannot be read: {type(fault).__name__}: {fault}") from fault

    def variables(self) -> list[str]:
        """Return nothing: files are completed by the shell."""
        return []

    def columns(self, text: str) -> list[str]:
        """Return the columns of a file that holds a frame."""
        return [str(name) for name in getattr(self.value(text), "columns", ())]


def _frame(name: str, **options: Any) -> Callable[[Path], Any]:
    """Return a reader of pandas, which is imported when it is used."""

    def read(path: Path) -> Any:
        import pandas as pd

        return getattr(pd, name)(path, **options)

    return read


def _model(path: Path) -> Any:
    """Read a model that the user made and names; reading it runs what is in it, as `joblib.load` does."""
    import joblib

    return joblib.load(path)


READERS: dict[str, Callable[[Path], Any]] = {
    ".csv": _frame("read_csv"),
    ".parquet": _frame("read_parquet"),
    ".arrow": _frame("read_feather"),
    ".feather": _frame("read_feather"),
    ".json": _frame("read_json", orient="records"),
    ".jsonl": _frame("read_json", orient="records", lines=True),
    ".joblib": _model,
    ".pkl": _model,
}
