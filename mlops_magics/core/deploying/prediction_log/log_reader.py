"""Reading a log as a frame, while it is being written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlops_magics.core import log_columns
from mlops_magics.core.deploying.endpoints import paths
from mlops_magics.errors import Ambiguous

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


def read(
    name: str, *, board: str | None = None, version: str | None = None, start: Any = None, end: Any = None
) -> pd.DataFrame:
    """Return the requests to a model with its answers, oldest first.

    Parameters
    ----------
    name
        The model.
    board
        The board's URL, needed where models of this name were served from several boards.
    version
        Only the answers of this version.
    start, end
        Only from ``start`` (included) to ``end`` (excluded). Naive times are UTC.

    Returns
    -------
    pandas.DataFrame
        ``mlops.timestamp`` (UTC), ``mlops.request_id``, ``mlops.row``, ``mlops.version``, ``mlops.latency_ms``,
        ``mlops.prediction`` and ``mlops.proba.<label>`` where probabilities were requested, then the features
        under their own names and dtypes. A log that does not exist is an empty frame with the first six columns.
    """
    from mlops_magics.core.deploying.prediction_log import log_segments

    place = log_folder(name, board, paths.PREDICTIONS)
    parts = [_segment(path, version) for path in (log_segments.segments(place) if place else [])]
    return joined([part for part in parts if part is not None], start, end)


def request_ids(name: str, *, board: str | None = None) -> set[str]:
    """Return the ids of all requests to a model, of any version."""
    from mlops_magics.core.deploying.prediction_log import log_segments

    place = log_folder(name, board, paths.PREDICTIONS)
    parts = [path for path in (log_segments.segments(place) if place else []) if log_segments.schema_of(path)]
    batches = (batch for path in parts for batch in log_segments.batches(path))
    return {each for batch in batches for each in batch.column(log_columns.REQUEST_ID).to_pylist()}


def joined(parts: list[pd.DataFrame], start: Any = None, end: Any = None, *, twice: bool = False) -> pd.DataFrame:
    """Return the frames of segments as one, oldest first.

    Parameters
    ----------
    twice
        Whether a row may be in two segments, and counts once.
    """
    import pandas as pd

    kept = [part for part in parts if len(part)]
    if not kept:
        return _empty()
    frame = pd.concat(kept, ignore_index=True) if len(kept) > 1 else kept[0]
    if twice:
        key = [log_columns.TIMESTAMP, log_columns.REQUEST_ID, log_columns.ROW, log_columns.VERSION]
        frame = frame.drop_duplicates(key)
    frame = _between(frame, log_columns.TIMESTAMP, start, end)
    # stable: the rows of one request have one time, and stay in their order
    return _ordered(frame.sort_values([log_columns.TIMESTAMP], kind="stable", ignore_index=True))


def log_folder(name: str, board: str | None, kind: str) -> Path | None:
    """Return the folder of a model's log, or ``None`` where nothing was logged.

    Raises
    ------
    Ambiguous
    """
    if board is not None:
        return paths.log_of(board, name, kind)
    found = paths.logs_of(name, kind)
    if len(found) > 1:
        raise Ambiguous(
            f"Models named {name!r} were served from {len(found)} boards. Choose one: `board=URL`.",
            [str(place.parent) for place in found],
        )
    return found[0] if found else None


def _segment(path: Path, version: str | None) -> pd.DataFrame | None:
    import pyarrow as pa

    from mlops_magics.core.deploying.prediction_log import log_segments

    schema = log_segments.schema_of(path)
    if schema is None or (version is not None and log_segments.metadata(schema).get("version") != version):
        return None
    return frame_of(pa.Table.from_batches(list(log_segments.batches(path)), schema), version)


def frame_of(stored: pa.Table, version: str | None = None) -> pd.DataFrame | None:
    """Return the rows of a segment with the features' own dtypes, or None for a segment of another version."""
    import pandas as pd

    from mlops_magics.core.deploying.prediction_log import feature_columns, log_segments

    schema = stored.schema
    noted = log_segments.metadata(schema)
    if version is not None and noted.get("version") != version:
        return None
    columns = {column["name"]: column for column in noted.get("columns", []) if column["name"] in schema.names}
    frame: pd.DataFrame = stored.select([name for name in schema.names if name not in columns]).to_pandas()
    features = {name: feature_columns.restored(stored[name], column) for name, column in columns.items()}
    return pd.concat([frame, pd.DataFrame(features)], axis=1) if features else frame


def _between(frame: pd.DataFrame, column: str, start: Any, end: Any) -> pd.DataFrame:
    if start is not None:
        frame = frame[frame[column] >= utc(start)]
    if end is not None:
        frame = frame[frame[column] < utc(end)]
    return frame


def utc(moment: Any) -> pd.Timestamp:
    """Return a time in UTC. A naive one is taken as UTC."""
    import pandas as pd

    stamp = pd.Timestamp(moment)
    return stamp.tz_localize("UTC") if stamp.tzinfo is None else stamp.tz_convert("UTC")


def _ordered(frame: pd.DataFrame) -> pd.DataFrame:
    """Put facts and answers before the features, also where segments differ in their columns."""
    ours = [name for name in frame.columns if str(name).startswith(log_columns.PREFIX)]
    return frame[[*ours, *(name for name in frame.columns if name not in set(ours))]]


def _empty() -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        {
            log_columns.TIMESTAMP: pd.Series(dtype="datetime64[us, UTC]"),
            log_columns.REQUEST_ID: pd.Series(dtype="str"),
            log_columns.ROW: pd.Series(dtype="int64"),
            log_columns.VERSION: pd.Series(dtype="str"),
            log_columns.LATENCY: pd.Series(dtype="float64"),
            log_columns.PREDICTION: pd.Series(dtype="object"),
        }
    )
