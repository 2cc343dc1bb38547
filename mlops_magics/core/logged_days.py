"""A log of replicas that is larger than memory, counted day by day: a day that is over is read once."""

from __future__ import annotations

import contextlib
import hashlib
import logging
from typing import TYPE_CHECKING

from mlops_magics.core import monitored_model, progress
from mlops_magics.core.log_columns import PREDICTION, TIMESTAMP

if TYPE_CHECKING:
    from mlops_magics.core.monitoring.counting.counted_days import CountedDays
    from mlops_magics.core.monitoring.counting.day_counts import DayCounts
    from mlops_magics.core.monitoring.profiling.feature_profile import Features
    from mlops_magics.core.versioning import Board, ModelVersion

LARGE_BYTES = 256 << 20
"""Packed segments beyond this size are counted, and not held in memory: unpacked they are some times as large."""

logger = logging.getLogger(__name__)


def is_large(log: str, name: str) -> bool:
    """Return whether the log of a model is not to be held in memory."""
    from mlops_magics.core.deploying.prediction_log import log_days

    return log_days.packed_bytes(log, name) > LARGE_BYTES


def counted(board: Board, version: ModelVersion, log: str) -> CountedDays:
    """Return the log as the counts of its days. What is counted of a day that is over is kept in the log.

    Raises
    ------
    InvalidInput
        Where the version was pinned without training data.
    """
    from mlops_magics.core.monitoring.counting.counted_days import CountedDays
    from mlops_magics.core.monitoring.profiling.reference_profile import ReferenceProfile

    profile = monitored_model.profile_of(board, version)
    answers = profile.prediction or profile.target
    roles = {"prediction": (PREDICTION, answers)} if answers is not None else {}

    def count(like: Features) -> DayCounts:
        from mlops_magics.core.deploying.prediction_log import log_days
        from mlops_magics.core.monitoring.counting.day_counts import DayCounts

        whole = DayCounts(like, roles, TIMESTAMP)
        mark = hashlib.sha256(ReferenceProfile(like, 0, prediction=answers).to_bytes()).hexdigest()[:16]
        found = log_days.days(log, version.name, version.version)
        for place, day in enumerate(found):
            progress.report(f"counting {day.date}", place, len(found), "days")
            kept = day.kept(mark) if day.is_over else None
            if kept is not None:
                with contextlib.suppress(ValueError):  # of another release: count again
                    whole.merge(kept)
                    continue
            fresh = DayCounts(like, roles, TIMESTAMP)
            fresh.add(day.frames())
            content = fresh.to_bytes()
            whole.merge(content)
            if day.is_over:
                try:
                    day.keep(mark, content)
                except Exception as fault:  # a bucket that is only read is monitored too, each time in full
                    logger.warning("the counts of %s are not kept: %s", day.date, fault)
        return whole

    return CountedDays(count, profile.features, f"the log {log}")
