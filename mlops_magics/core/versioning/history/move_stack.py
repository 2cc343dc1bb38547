"""The stack of an alias's promotions without undone ones, so that each rollback goes one further back."""

from __future__ import annotations

from collections.abc import Iterable

from mlops_magics.core.versioning.history.event_kinds import EventKind
from mlops_magics.core.versioning.history.events import Event


def stack_of(moves: Iterable[Event]) -> list[str]:
    """Return the versions that an alias named, the present one last, without undone promotions.

    Parameters
    ----------
    moves
        The promotions and rollbacks of one alias, oldest first. Rollbacks that went forth, as those of version 0.1 may,
        are promotions.
    """
    stack: list[str] = []
    for move in moves:
        if move.version is None:
            stack.clear()
        elif move.event == EventKind.ROLLBACK and move.version in stack[:-1]:
            stack.pop()
            while stack[-1] != move.version:
                stack.pop()
        elif stack[-1:] != [move.version]:
            stack.append(move.version)
    return stack
