"""The use of names in a cell: those that it reads and binds, its fits, and reasons why it cannot run again."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class CellNames:
    """The use of names in a cell.

    Attributes
    ----------
    reads
        The names that are read before the cell binds them, in the order of their first use.
    binds
        The names that the cell binds at its top level.
    first_calls
        Of a name whose first use is a call of one of its methods, the method: ``{"model": "fit"}``.
    fits
        The features and the truth of each ``.fit(X, y)``, as they are written.
    data_uses
        The names in the arguments of calls that take data, such as ``.fit``.
    obstacles
        Reasons why the cell cannot run again unattended.
    """

    reads: list[str] = field(default_factory=list)
    binds: set[str] = field(default_factory=set)
    first_calls: dict[str, str] = field(default_factory=dict)
    fits: list[tuple[str | None, str | None]] = field(default_factory=list)
    data_uses: set[str] = field(default_factory=set)
    obstacles: list[str] = field(default_factory=list)
