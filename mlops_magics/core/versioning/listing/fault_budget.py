"""The time that one listing spends on versions that turn out broken."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from mlops_magics.core.versioning.describing import bounded_yaml, data_txt
from mlops_magics.errors import IntegrityError

FAULT_SECONDS = 1.0
"""Sound versions are read whatever they take. Hundreds of broken ones must not keep every first listing waiting."""

SMALL_BYTES = 64_000
SMALL_EVENTS = 1_000
"""Metadata that are read when the time is spent: all but those of very wide models. Each takes a few ms at most."""


class FaultBudget:
    """What a listing may still read. It shrinks with every broken version, and never below small metadata."""

    def __init__(self) -> None:
        self._left = FAULT_SECONDS

    @property
    def spent(self) -> bool:
        """Whether no time is left."""
        return self._left <= 0

    @property
    def largest(self) -> int:
        """The bytes of metadata that are read."""
        return SMALL_BYTES if self.spent else data_txt.LARGEST

    @property
    def events(self) -> int:
        """The parts of metadata that are read."""
        affordable = int(self._left / bounded_yaml.SECONDS_PER_EVENT)
        return min(bounded_yaml.MOST_EVENTS, max(SMALL_EVENTS, affordable))

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """Charge the time of a version that turns out broken."""
        started = time.perf_counter()
        try:
            yield
        except IntegrityError:
            self._left -= time.perf_counter() - started
            raise
