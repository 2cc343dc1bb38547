"""What was asked and answered, when, by which version; readable while it is written.

``read`` gives the log as a frame, ``Tail`` its last rows; ``feedback`` adds the truth that came out later,
``read_feedback`` returns it.
"""

from __future__ import annotations

from mlops_magics.core.deploying.prediction_log.feedback import feedback, read_feedback
from mlops_magics.core.deploying.prediction_log.log_reader import read
from mlops_magics.core.deploying.prediction_log.tail import Tail

__all__ = ["Tail", "feedback", "read", "read_feedback"]
