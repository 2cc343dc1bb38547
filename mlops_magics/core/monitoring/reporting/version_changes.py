"""The periods in which another version began to answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from mlops_magics.core.deploying.prediction_log import traffic
from mlops_magics.core.monitoring.reporting.report_period import ReportPeriod, VersionChange


def within(name: str, board: str, periods: Sequence[ReportPeriod]) -> tuple[VersionChange, ...]:
    """Return the changes to each version but the first of the prediction log, oldest first.

    Parameters
    ----------
    periods
        Those of a report. Windows of rows have no time, and hold no change.
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
            found.append(VersionChange(label, version, moment.isoformat(timespec="seconds")))
    return tuple(found)


def _window(period: ReportPeriod) -> tuple[str, dt.datetime, dt.datetime] | None:
    try:
        start, end = (dt.datetime.fromisoformat(str(edge)) for edge in (period.start, period.end))
    except ValueError:
        return None
    return period.label, _aware(start), _aware(end)


def _aware(moment: dt.datetime) -> dt.datetime:
    # periods of local rows have no zone, and Python does not compare the two kinds
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=dt.UTC)
