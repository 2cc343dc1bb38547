"""The guard of a process that runs a recipe: it promotes, deploys, deletes and publishes nothing, and says so.

A retraining decides about its version after the recipe. Sessions, boards, endpoints and the functions of deployment
pass their actions through `guarded` or `guard_methods`. What they all call in the end, the log of a board and the
channel to an endpoint, calls `refuse`, for an action that was forgotten there.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import os
from collections.abc import Callable, Collection, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar

from mlops_magics.errors import InvalidInput

RETRAINING_VARIABLE = "MLOPS_MAGICS_RETRAINING"
"""The variable that holds the folder of the run, in a process that runs the recipe of a retraining."""

_STARTED = RETRAINING_VARIABLE in os.environ
"""Whether the process began as that of a recipe. A recipe may clear the environment, and stays one."""
Kind = TypeVar("Kind", bound=type)
Action = TypeVar("Action", bound=Callable[..., Any])
_own: ContextVar[bool] = ContextVar("own", default=False)


@dataclass(frozen=True, slots=True)
class Skipped:
    """The result of an action that does nothing in a retraining. Whatever is called on it does nothing either."""

    action: str

    def __repr__(self) -> str:
        return f"In a retraining, {self.action} does nothing."

    def __getattr__(self, name: str) -> Skipped:
        """Return the part of a result that is missing, such as ``deploy(…).swap``."""
        if name.startswith("_"):
            raise AttributeError(name)
        return Skipped(f"{self.action}.{name}")

    def __call__(self, *given: Any, **options: Any) -> Skipped:
        """Do nothing, and say so."""
        skipped: Skipped = skip(self.action)
        return skipped


def in_recipe() -> bool:
    """Return whether this process runs a recipe, and is not at its own pin."""
    return (_STARTED or RETRAINING_VARIABLE in os.environ) and not _own.get()


@contextlib.contextmanager
def own_pin() -> Iterator[None]:
    """Let the pin of the run's own version write."""
    token = _own.set(True)
    try:
        yield
    finally:
        _own.reset(token)


def skip(action: str) -> Any:
    """Print that an action does nothing, and return that as its result."""
    skipped = Skipped(action)
    print(skipped)
    return skipped


def guarded(action: Action) -> Action:
    """Let a function do nothing in a process that runs a recipe."""

    @functools.wraps(action)
    def act(*given: Any, **options: Any) -> Any:
        return skip(action.__name__) if in_recipe() else action(*given, **options)

    return act  # type: ignore[return-value]


def guard_methods(*, reads: Collection[str]) -> Callable[[Kind], Kind]:
    """Guard each public method of a class, a new one included, that is not declared to change nothing.

    Parameters
    ----------
    reads
        The names of those that change nothing.
    """

    def guard(kind: Kind) -> Kind:
        for name in sorted(each for each in dir(kind) if not each.startswith("_")):
            found = inspect.getattr_static(kind, name)
            if name in reads:
                continue
            if inspect.isfunction(found):
                setattr(kind, name, guarded(found))
            elif isinstance(found, staticmethod | classmethod):
                setattr(kind, name, type(found)(guarded(found.__func__)))
        return kind

    return guard


def refuse(action: str) -> None:
    """Raise in a process that runs a recipe.

    Raises
    ------
    InvalidInput
    """
    if in_recipe():
        raise InvalidInput(f"In a retraining, {action} is not possible: the run decides when the recipe has ended.")
