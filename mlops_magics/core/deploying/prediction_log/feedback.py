"""Feedback: the truth that becomes known later, joined to the log by request id and row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mlops_magics.core.deploying.endpoints import paths
from mlops_magics.core.deploying.prediction_log.log_reader import log_folder
from mlops_magics.core.log_columns import REQUEST_ID, ROW, TRUTH
from mlops_magics.errors import InvalidInput

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


def feedback(
    name: str,
    truth: Any,
    *,
    request_id: str | None = None,
    row: int | Sequence[int] | None = None,
    board: str | None = None,
) -> int:
    """Write true values durably, and return how many rows were added.

    Parameters
    ----------
    truth
        With ``request_id``: the value, or the values of the request's rows in order. Else a frame or a list of records
        with ``mlops.request_id``, ``truth`` and, for requests of several rows, ``mlops.row``.
    """
    from mlops_magics.core.deploying.prediction_log import log_segments

    records = _of_request(request_id, truth, row) if request_id is not None else _of_records(truth)
    place = paths.log_of(board, name, paths.FEEDBACK) if board is not None else _folder_beside_log(name)
    batch = _batch(records)
    segment = log_segments.Segment(place, batch.schema)
    try:
        segment.append([batch])
    finally:
        segment.close()
    return len(records)


def read_feedback(name: str, *, board: str | None = None, asked: Iterable[str] | None = None) -> pd.DataFrame:
    """Return ``mlops.request_id``, ``mlops.row`` and ``truth``. The last value of a row counts.

    Parameters
    ----------
    name, board
        The model.
    asked
        The requests that count, such as those of one version. The truth of other requests in the log is left out. Ids
        of no request at all stay.
    """
    import pyarrow as pa

    from mlops_magics.core.deploying.prediction_log import log_reader, log_segments

    place = log_folder(name, board, paths.FEEDBACK)
    found = latest(
        pa.Table.from_batches(list(log_segments.batches(path)))
        for path in (log_segments.segments(place) if place else [])
        if log_segments.schema_of(path)
    )
    return found if asked is None else of_requests(found, asked, lambda: log_reader.request_ids(name, board=board))


def of_requests(found: pd.DataFrame, asked: Iterable[str], answered: Callable[[], Iterable[str]]) -> pd.DataFrame:
    """Return feedback without the truth of other requests.

    Parameters
    ----------
    found
        Feedback on any request.
    asked
        The requests that count.
    answered
        Returns the ids of all requests, called where an id is not among ``asked``.
    """
    others = ~found[REQUEST_ID].isin(set(asked))
    if not others.any():
        return found
    return found[~(others & found[REQUEST_ID].isin(set(answered())))].reset_index(drop=True)


def latest(given: Iterable[pa.Table]) -> pd.DataFrame:
    """Return the rows of feedback segments, given oldest first. The last value of a row counts."""
    import pandas as pd

    tables = list(given)
    if not tables:
        return pd.DataFrame(
            {
                REQUEST_ID: pd.Series(dtype="str"),
                ROW: pd.Series(dtype="int64"),
                TRUTH: pd.Series(dtype="object"),
            }
        )
    frame = pd.concat([table.to_pandas() for table in tables], ignore_index=True)
    found: pd.DataFrame = frame.drop_duplicates([REQUEST_ID, ROW], keep="last").reset_index(drop=True)
    return found


def _folder_beside_log(name: str) -> Any:
    place = log_folder(name, None, paths.PREDICTIONS)
    if place is None:
        raise InvalidInput(f"Nothing was logged for {name!r} yet, so there is nothing to give feedback on.")
    folder = place.parent / paths.FEEDBACK
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _of_request(request_id: str, truth: Any, row: int | Sequence[int] | None) -> list[tuple[str, int, Any]]:
    values = list(truth) if isinstance(truth, Sequence) and not isinstance(truth, str) else [truth]
    rows = range(len(values)) if row is None else [row] if isinstance(row, int) else list(row)
    if len(rows) != len(values):
        raise InvalidInput(f"{len(values)} true values for {len(rows)} rows.")
    return [(request_id, int(place), value) for place, value in zip(rows, values)]


def _of_records(truth: Any) -> list[tuple[str, int, Any]]:
    records: Sequence[Mapping[str, Any]] = truth.to_dict(orient="records") if hasattr(truth, "to_dict") else truth
    try:
        return [(str(record[REQUEST_ID]), int(record.get(ROW, 0)), record[TRUTH]) for record in records]
    except (KeyError, TypeError, ValueError, AttributeError):
        raise InvalidInput(
            f"Feedback is a list of records with {REQUEST_ID!r}, {TRUTH!r} and, if needed, {ROW!r}."
        ) from None


def _batch(records: Sequence[tuple[str, int, Any]]) -> pa.RecordBatch:
    import pyarrow as pa

    if not records:
        raise InvalidInput("The feedback has no rows.")
    ids, rows, values = zip(*records)
    try:
        truth = pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        raise InvalidInput("The true values of one feedback must be of one kind: numbers, texts or booleans.") from None
    except OverflowError:
        raise InvalidInput("An integer among the true values has more than 64 bits.") from None
    return pa.RecordBatch.from_pydict(
        {REQUEST_ID: pa.array(ids, pa.string()), ROW: pa.array(rows, pa.int64()), TRUTH: truth}
    )
