"""Storage by value of the user's own classes and functions, which another process could not import."""

from __future__ import annotations

import contextlib
import functools
import sys
from collections.abc import Iterator
from typing import Any

import cloudpickle

from mlops_magics.core.versioning.describing import packages


def only_here(definition: Any) -> bool:
    """Return whether a class or function is the user's own: of the notebook, or of a module of no distribution."""
    module = getattr(definition, "__module__", None) or "__main__"
    if module == "__main__" or "<locals>" in definition.__qualname__ or definition.__name__ == "<lambda>":
        return True
    return _of_no_distribution(module.partition(".")[0])


@functools.cache
def _of_no_distribution(top: str) -> bool:
    return top not in sys.stdlib_module_names and packages.distribution(top) is None


@contextlib.contextmanager
def by_value(definition: Any) -> Iterator[None]:
    """Let cloudpickle write everything of the definition's module by value."""
    module = sys.modules.get(getattr(definition, "__module__", None) or "")
    # __main__ is written by value anyway, and a module that the user registered has to stay registered
    if (
        module is None
        or module.__name__ == "__main__"
        or module.__name__ in cloudpickle.list_registry_pickle_by_value()
    ):
        yield
        return
    cloudpickle.register_pickle_by_value(module)
    try:
        yield
    finally:
        cloudpickle.unregister_pickle_by_value(module)
