"""The prediction log: every request with its answer, time and version, readable while it is written.

``read`` returns the log as a frame, ``Tail`` its last rows. ``feedback`` adds the truth that became known later, and
``read_feedback`` returns it.
"""

from __future__ import annotations

from mlops_magics.core.deploying.prediction_log.feedback import feedback, read_feedback
from mlops_magics.core.deploying.prediction_log.log_reader import read
from mlops_magics.core.deploying.prediction_log.tail import Tail

__all__ = ["Tail", "feedback", "read", "read_feedback"]
