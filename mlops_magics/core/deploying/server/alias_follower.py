"""Replicas that follow an alias: each reads the board at intervals, and moves to the version that the alias means.

The same loop serves the supervisor of an endpoint, which commands its workers, and an endpoint inside another server.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

SECONDS = 10.0
"""Between two looks at a board."""
FEWEST_SECONDS = 0.1
SPREAD = 0.2
"""Of the seconds, at random: replicas that were started together do not load together."""
FIRST_RETRY, LONGEST_RETRY = 60.0, 3600.0
"""Seconds until a version that was refused is tried again, doubled each time: its board may have been out of reach."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A version that did not load, or was not admitted."""

    version: str
    reason: str
    retry: float
    """Time of `time.monotonic`."""
    delay: float


class AliasFollower:
    """Moves the endpoint to the version that an alias means. A version that fails is left out, and the old one answers.

    Parameters
    ----------
    wanted
        Returns the version that the alias means now.
    answering
        Returns the version that answers now.
    move
        Loads and verifies a version next to the one that answers, and lets it answer.
    seconds
        Between two looks.

    Attributes
    ----------
    refused
        The version that was refused, until the alias means another one.
    """

    def __init__(
        self, wanted: Callable[[], str], answering: Callable[[], str], move: Callable[[str], object], seconds: float
    ) -> None:
        self._wanted, self._answering, self._move = wanted, answering, move
        self._seconds = max(FEWEST_SECONDS, seconds)
        self._stopping = threading.Event()
        self._unreachable = False
        self.refused: Refusal | None = None

    def start(self) -> None:
        """Follow in a thread of this process, until `stop` or its end."""
        threading.Thread(target=self._run, name="alias follower", daemon=True).start()

    def stop(self) -> None:
        """End soon."""
        self._stopping.set()

    def look(self) -> bool:
        """Look once, and return whether another version answers now."""
        try:
            version = self._wanted()
        except Exception as error:  # whatever a board, a bucket or a network raises: the old version answers
            if not self._unreachable:
                logger.warning("the alias cannot be read: %s", error)
            self._unreachable = True
            return False
        self._unreachable = False
        if version == self._answering():
            self.refused = None
            return False
        refused = self.refused if self.refused is not None and self.refused.version == version else None
        if refused is not None and time.monotonic() < refused.retry:
            return False
        try:
            self._move(version)
        except Exception as error:  # whatever a model raises while it is read
            delay = FIRST_RETRY if refused is None else min(2 * refused.delay, LONGEST_RETRY)
            self.refused = Refusal(version, str(error) or type(error).__name__, time.monotonic() + delay, delay)
            logger.warning("%s is refused, and %s goes on: %s", version, self._answering(), self.refused.reason)
            return False
        self.refused = None
        logger.info("%s answers now", version)
        return True

    def _run(self) -> None:
        while not self._stopping.wait(self._seconds * random.uniform(1 - SPREAD, 1 + SPREAD)):  # noqa: S311
            self.look()
