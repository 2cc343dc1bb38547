"""Counts of the requests that each version answered over time, from the log without its features."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_magics.core.deploying.endpoints import paths
from mlops_magics.core.deploying.prediction_log.log_reader import log_folder
from mlops_magics.core.wire.panel_records import Traffic

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

MOST_BINS = 120


def traffic(name: str, *, board: str, bins: int = MOST_BINS) -> Traffic:
    """Count the requests of a model's log, from the first to the last, in bins of equal length (0 s without any)."""
    import numpy as np

    requests = _times(name, board)
    if not requests:
        return Traffic(0.0, 0.0, {})
    first, last = min(times.min() for times in requests.values()), max(times.max() for times in requests.values())
    seconds = max(1.0, float(last - first) / bins)
    edges = first + seconds * np.arange(bins + 1)
    # rounding may put the last edge just below the last request, which would not be counted
    edges[-1] = max(edges[-1], last)
    counts = {version: tuple(np.histogram(times, edges)[0].tolist()) for version, times in requests.items()}
    return Traffic(float(first), seconds, counts)


def first_answers(name: str, *, board: str) -> dict[str, float]:
    """Return when each version answered first, in seconds since 1970. Of each segment only the first batch is read."""
    from mlops_magics.core import log_columns
    from mlops_magics.core.deploying.prediction_log import log_segments

    place = log_folder(name, board, paths.PREDICTIONS)
    found: dict[str, float] = {}
    for path in log_segments.segments(place) if place else []:
        batch = next((batch for batch in log_segments.batches(path) if batch.num_rows), None)
        if batch is not None:
            version = str(log_segments.metadata(batch.schema).get("version"))
            moment = batch.column(log_columns.TIMESTAMP)[0].as_py().timestamp()
            found[version] = min(moment, found.get(version, moment))
    return found


def _times(name: str, board: str) -> dict[str, npt.NDArray[np.float64]]:
    """Return the times of each version's requests, in seconds since 1970, with one time for all rows of a request."""
    import numpy as np

    from mlops_magics.core import log_columns
    from mlops_magics.core.deploying.prediction_log import log_segments

    place = log_folder(name, board, paths.PREDICTIONS)
    found: dict[str, list[npt.NDArray[np.float64]]] = {}
    for path in log_segments.segments(place) if place else []:
        for batch in log_segments.batches(path):
            version = str(log_segments.metadata(batch.schema).get("version"))
            first_rows = batch.column(log_columns.ROW).to_numpy(zero_copy_only=False) == 0
            moments = batch.column(log_columns.TIMESTAMP).to_numpy(zero_copy_only=False)[first_rows]
            found.setdefault(version, []).append(moments.astype("datetime64[us]").astype("int64") / 1e6)
    return {version: np.concatenate(times) for version, times in found.items() if sum(map(len, times))}
