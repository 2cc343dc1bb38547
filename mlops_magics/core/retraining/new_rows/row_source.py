"""Rows for a retraining: a frame, a file, a URL, a query, or the prediction log with the truth that arrived later."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from mlops_magics.core import file_heads, phrases, remote_errors, web_files
from mlops_magics.core.log_columns import PREFIX, REQUEST_ID, ROW, TIMESTAMP, TRUTH
from mlops_magics.errors import InvalidInput, MissingDependency, NotFound

if TYPE_CHECKING:
    import pandas as pd

    from mlops_magics.core.versioning import ModelVersion, Prototype

LOG = "log"
"""The word for the prediction log."""
LOG_WORDS = "prediction log"
SELECTIVE = "the log has truth only for rows that a model answered"
"""A note: where an answer decides which truth arrives, the rows are chosen by the champion."""
QUERY = re.compile(r"\s*(?:select|with|from)\s", re.IGNORECASE)
SQLITE = (".sqlite", ".sqlite3", ".db3")
"""Endings of SQLite's files. Any other database file is DuckDB's."""
HASH = re.compile(r"[0-9a-f]{16}")
"""Text that the log writes for a value that is private."""
HASHED_ROWS = 100
TEXT_KINDS = frozenset({"string", "category"})
JSON = (".json", ".jsonl")


@dataclass(frozen=True, slots=True)
class NewRows:
    """The rows of a retraining.

    Attributes
    ----------
    frame
        Features, truth, and any other column, ``(n_samples, n_columns)``.
    truth
        The column with the truth. Rows without it are left out.
    time
        The column with the times of the rows, where there is one that is not a feature.
    source
        Their origin, in a few words.
    """

    frame: pd.DataFrame
    truth: str
    time: str | None
    source: str
    notes: tuple[str, ...] = ()


def read(
    data: Any, truth: Any, version: ModelVersion, *, column: str | None = None, database: str | None = None
) -> NewRows:
    """Read new rows.

    Parameters
    ----------
    data
        A frame of any library, a path, a URL, a query (``SELECT …``), or ``"log"`` or None for the prediction log.
    truth
        The column of the truth, or values in the order of the rows.
    column
        The column that held the truth when the version was pinned.
    database
        The file that a query reads, by default DuckDB's own memory, which reads files by name.

    Raises
    ------
    InvalidInput, NotFound, MissingDependency
        The rows cannot be read, there are none, or the truth is not named.
    """
    if data is None or (isinstance(data, str) and data == LOG):
        frame, source, named = _logged(version), LOG_WORDS, TRUTH
    else:
        frame, source = _table(data, version.prototype, database)
        named = column or ""
    frame, named = _with_truth(frame, truth, named)
    known = frame[frame[named].notna()].reset_index(drop=True)
    unknown = len(frame) - len(known)
    verb = "is" if unknown == 1 else "are"
    notes = [f"{phrases.counted(unknown, 'row')} without truth {verb} left out"] if unknown else []
    notes += [SELECTIVE] if source == LOG_WORDS else []
    if not len(frame):
        raise InvalidInput("The new data have no rows, so there is nothing to learn. Give others with --data.")
    if not len(known):
        raise InvalidInput(
            f"None of the {len(frame):,} rows has a truth in {named!r}, so there is nothing to learn. Name its column "
            "with --truth, or wait until the truth has arrived."
        )
    return NewRows(known, named, _time_column(known, version), source, tuple(notes))


def table(data: Any, prototype: Prototype | None, database: str | None) -> pd.DataFrame:
    """Return the rows of a frame, a file, a URL or a query as they are, with or without truth.

    Raises
    ------
    InvalidInput, NotFound, MissingDependency
    """
    return _table(data, prototype, database)[0]


def _logged(version: ModelVersion) -> pd.DataFrame:
    """Return the answered rows of a model with their truth, whichever version answered."""
    from mlops_magics.core.deploying import prediction_log

    rows = prediction_log.read(version.name, board=version.board)
    if rows.empty:
        raise InvalidInput(
            f"The prediction log of {version.name} is empty, and a retraining needs rows with truth. "
            f"Give them: `%retrain {version.name} --data FRAME --truth COLUMN`."
        )
    feedback = prediction_log.read_feedback(version.name, board=version.board)
    if feedback.empty:
        raise InvalidInput(
            f"No truth arrived for the {len(rows):,} logged rows of {version.name}. Send it to the endpoint's "
            f"/feedback, or give rows: `%retrain {version.name} --data FRAME --truth COLUMN`."
        )
    joined: pd.DataFrame = rows.merge(feedback, how="left", on=[REQUEST_ID, ROW])
    kept = [name for name in joined.columns if not name.startswith(PREFIX) or name == TIMESTAMP]
    _check_private(joined, version)
    return joined[kept]


def _check_private(rows: pd.DataFrame, version: ModelVersion) -> None:
    """Refuse rows whose features were hashed or left out when they were logged."""
    for column in version.prototype.columns if version.prototype is not None else ():
        if column.name not in rows.columns:
            hidden = "left out of"
        elif _is_hashed(rows[column.name], column.categories or ()):
            hidden = "hashed in"
        else:
            continue
        raise InvalidInput(
            f"The feature {column.name!r} is {hidden} the prediction log (privacy), so a model cannot learn from it. "
            f"Give rows: `%retrain {version.name} --data FRAME --truth COLUMN`."
        )


def _is_hashed(values: pd.Series, known: Iterable[Any]) -> bool:
    texts = [each for each in values.dropna().head(HASHED_ROWS) if isinstance(each, str)]
    # a feature may be made of such texts itself, for example of commit ids
    return bool(texts) and all(map(HASH.fullmatch, texts)) and not any(HASH.fullmatch(str(each)) for each in known)


def _table(data: Any, prototype: Prototype | None, database: str | None) -> tuple[pd.DataFrame, str]:
    import pandas as pd

    if isinstance(data, pd.DataFrame):
        return data.reset_index(drop=True), "a frame"
    if isinstance(data, str) and QUERY.match(data):
        return _queried(data, database), "a query" if database is None else f"a query of {Path(database).name}"
    if isinstance(data, str | Path):
        return _file(str(data), prototype), remote_errors.shown(str(data))
    if isinstance(data, Mapping) or (isinstance(data, Sequence) and data and isinstance(data[0], Mapping)):
        return _of_records(data), "records"
    if type(data).__name__ == "LazyFrame":
        data = data.collect()
    if hasattr(data, "to_pandas"):
        return pd.DataFrame(data.to_pandas()), "a frame"
    from mlops_magics.core.monitoring.reading import sources

    return pd.DataFrame(sources.to_arrow(data).to_pandas()), "a table"


def _of_records(data: Any) -> pd.DataFrame:
    """Return records, or a mapping of columns, as a frame."""
    import pandas as pd

    try:
        return pd.DataFrame(data)
    except (ValueError, TypeError) as fault:
        raise InvalidInput(f"The {type(data).__name__} does not hold rows: {str(fault)[:160]}.") from fault


def _file(path: str, prototype: Prototype | None) -> pd.DataFrame:
    from mlops_magics.core.monitoring.reading import sources

    ending = Path(remote_errors.shown(path)).suffix.lower()
    if "://" not in path and not Path(path).exists():
        here = sorted(each.name for each in Path(path).parent.glob(f"*{ending}"))[:8]
        raise NotFound("file", path, here, hint="--data takes a file, a URL, a query or a variable.")
    if ending != ".csv" and ending not in JSON:
        return _frame(sources.read_path(path))
    try:
        if web_files.is_web(path):  # pandas would follow every redirect, and wait without an end
            with web_files.fetched(path) as stream:
                return _text_file(stream, ending, prototype)
        file_heads.check_file(path)
        return _text_file(path, ending, prototype)
    except (ValueError, OSError, MemoryError) as fault:
        reason = " ".join(str(fault).split())[:200] or type(fault).__name__
        raise InvalidInput(
            f"Cannot read {remote_errors.shown(path)}: {reason}. Check the address and its format, or give a frame."
        ) from fault


def _frame(table: Any) -> pd.DataFrame:
    """Return a table of Arrow as a frame."""
    import pandas as pd

    return pd.DataFrame(table.to_pandas())


def _text_file(file: str | BinaryIO, ending: str, prototype: Prototype | None) -> pd.DataFrame:
    """Read a CSV or JSON, from its path or from its bytes."""
    import pandas as pd

    if ending == ".csv":
        return _csv(file, prototype)
    return pd.DataFrame(pd.read_json(file, orient="records", lines=ending == ".jsonl", dtype=False))


def _csv(file: str | BinaryIO, prototype: Prototype | None) -> pd.DataFrame:
    """Read a CSV by the types of the version: ``01234`` stays a text where the feature is one, and so does ``NA``."""
    import pandas as pd

    texts = [each.name for each in prototype.columns if each.kind in TEXT_KINDS] if prototype is not None else []
    head = pd.read_csv(file, nrows=0).columns
    if not isinstance(file, str):
        file.seek(0)
    texts = [name for name in texts if name in head]
    missing = {name: [""] if name in texts else None for name in head}
    return pd.DataFrame(
        pd.read_csv(
            file,
            dtype=dict.fromkeys(texts, "str"),
            keep_default_na=not texts,
            na_values={name: values or _MISSING for name, values in missing.items()} if texts else None,
        )
    )


_MISSING = ["", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "#N/A", "<NA>", "n/a"]
"""Words for a missing value in a column that is not text."""


def _queried(query: str, database: str | None) -> pd.DataFrame:
    import pandas as pd

    if database is not None and not Path(database).is_file():
        raise NotFound("file", database, hint="It is the database of the query.")
    try:
        if database is not None and Path(database).suffix.lower() in SQLITE:
            return _of_sqlite(query, database)
        import duckdb

        # read-only: a query must not change the file, and readers do not lock each other out
        with duckdb.connect(database or ":memory:", read_only=database is not None) as connection:
            return pd.DataFrame(connection.execute(query).df())
    except ImportError as missing:
        raise MissingDependency("A query needs DuckDB", "mlops-magics[engines]") from missing
    except Exception as fault:  # the library's own errors have no common class
        raise InvalidInput(f"The query fails: {' '.join(str(fault).split())[:200]}") from fault


def _of_sqlite(query: str, database: str) -> pd.DataFrame:
    import contextlib
    import sqlite3

    import pandas as pd

    # `with` on a connection of sqlite3 ends a transaction, and leaves the file open
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return pd.DataFrame(pd.read_sql_query(query, connection))


def _with_truth(frame: pd.DataFrame, truth: Any, named: str) -> tuple[pd.DataFrame, str]:
    """Return the frame with its truth in a column, and the name of that column."""
    if isinstance(truth, str) or truth is None:
        name = truth or named
        if name in frame.columns:
            return frame, name
        if truth is None and not named:
            raise InvalidInput(f"Name the column of the truth: `--truth COLUMN`. Columns: {_some(frame)}.")
        raise NotFound("column", name, [str(each) for each in frame.columns], hint="It holds the truth: --truth.")
    values = list(truth)
    if len(values) != len(frame):
        raise InvalidInput(f"There are {len(values)} truths for {len(frame)} rows. Give one per row.")
    name = str(getattr(truth, "name", None) or named or TRUTH)
    return frame.assign(**{name: getattr(truth, "to_numpy", lambda: values)()}), name


def _time_column(frame: pd.DataFrame, version: ModelVersion) -> str | None:
    """Return the log's own times, or the only column of times that is not a feature."""
    import pandas as pd

    if TIMESTAMP in frame.columns:
        return TIMESTAMP
    features = set(version.prototype.names) if version.prototype is not None else set()
    held = [
        str(name)
        for name in frame.columns
        if name not in features and pd.api.types.is_datetime64_any_dtype(frame[name])
    ]
    return held[0] if len(held) == 1 else None


def _some(frame: pd.DataFrame) -> str:
    return ", ".join(str(name) for name in frame.columns[:12])
