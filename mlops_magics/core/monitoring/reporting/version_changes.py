"""In which period another version began to answer: the rules that charts of performance draw."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from mlops_magics.core.deploying.prediction_log import traffic


def within(name: str, board: str, periods: Sequence[Mapping[str, Any]]) -> tuple[dict[str, str], ...]:
    """Return ``period, version, since`` of each version but the first that the prediction log knows, oldest first.

    Parameters
    ----------
    periods
        Those of a report; windows of rows have no time, and hold no change.
    """
    windows = [window for period in periods if (window := _window(period)) is not None]
    if len(windows) < 2:
        return ()
    began = sorted(traffic.first_answers(name, board=board).items(), key=lambda item: item[1])
    found = []
    for version, seconds in began[1:]:
        moment = dt.datetime.fromtimestamp(seconds, dt.UTC)
        label = next((label for label, start, end in windows if start <= moment < end), None)
        if label is not None:
            found.append({"period": label, "version": version, "since": moment.isoformat(timespec="seconds")})
    return tuple(found)


def _window(period: Mapping[str, Any]) -> tuple[str, dt.datetime, dt.datetime] | None:
    try:
        start, end = (dt.datetime.fromisoformat(str(period[edge])) for edge in ("start", "end"))
    except ValueError:
        return None
    return str(period["label"]), _aware(start), _aware(end)


def _aware(moment: dt.datetime) -> dt.datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=dt.UTC)
