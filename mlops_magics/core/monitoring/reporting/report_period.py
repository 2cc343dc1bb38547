"""The periods of a report, and the changes of version within them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from mlops_magics.core.monitoring.reading.periods import Period


class _Named:
    """A record whose fields can be read by name too, as those of version 0.1."""

    def __getitem__(self, name: str) -> Any:
        if name not in (each.name for each in fields(self)):  # type: ignore[arg-type]
            raise KeyError(name)
        return getattr(self, name)

    def to_json(self) -> dict[str, Any]:
        """Return a JSON-safe mapping."""
        return asdict(self)  # type: ignore[call-overload,no-any-return]


@dataclass(frozen=True)
class ReportPeriod(_Named):
    """A period of a report.

    Attributes
    ----------
    start, end
        The window ``[start, end)`` as ISO times or row numbers, or ``None`` when the whole is one period.
    partial
        The data stop before the window does.
    labelled
        Rows whose truth is known.
    batch
        Of rows without times, a text that distinguishes them from other rows of the same number, so that each batch
        keeps its metrics.
    estimate_valid
        Whether an estimate of the performance can be used: the data are within the support of the reference.
    """

    label: str
    n: int
    start: str | None = None
    end: str | None = None
    partial: bool = False
    labelled: int = 0
    estimate_valid: bool = True
    batch: str = ""

    @classmethod
    def of(cls, window: Period, labelled: int, estimate_valid: bool, batch: str = "") -> ReportPeriod:
        """Return the entry of a window.

        Parameters
        ----------
        window
            The period.
        labelled
            Rows whose truth is known.
        estimate_valid
            Whether the estimate holds in it.
        batch
            The name of its batch.
        """
        return cls(window.label, window.n, window.start, window.end, window.partial, labelled, estimate_valid, batch)

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> ReportPeriod:
        """Read the mapping of `to_json`, also one of an older version with fewer keys."""
        return cls(**{each.name: entry[each.name] for each in fields(cls) if each.name in entry})


@dataclass(frozen=True)
class VersionChange(_Named):
    """The period in which another version began to answer, and when (ISO)."""

    period: str
    version: str
    since: str
