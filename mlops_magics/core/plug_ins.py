"""Plug-ins: classes that implement an interface, in a folder of this package or in another package."""

from __future__ import annotations

import importlib
import importlib.metadata
import logging
import pkgutil
from collections.abc import Iterable
from typing import Any, TypeVar

T = TypeVar("T")
logger = logging.getLogger(__name__)


def of_folder(package: str, suffix: str, interface: type[T]) -> list[T]:
    """Return an instance of each class that implements an interface, in the order of modules and lines.

    Parameters
    ----------
    package
        The folder, by its dotted name.
    suffix
        The end of the names of the modules that are looked at: ``_format``.
    interface
        The base class. A class without ``name`` of its own is a base of others.
    """
    folder = importlib.import_module(package).__path__
    names = sorted(found.name for found in pkgutil.iter_modules(folder) if found.name.endswith(suffix))
    modules = [importlib.import_module(f"{package}.{name}") for name in names]
    return [each() for module in modules for each in vars(module).values() if _implements(each, interface, module)]


def _implements(value: Any, interface: type, module: Any) -> bool:
    is_own = isinstance(value, type) and value.__module__ == module.__name__
    return is_own and issubclass(value, interface) and "name" in vars(value)


def listed(package: str, places: Iterable[str]) -> list[Any]:
    """Return an instance of each class of a list: ``docker.DockerTarget`` for a class of the folder."""
    split = (place.partition(".") for place in places)
    return [getattr(importlib.import_module(f"{package}.{module}"), name)() for module, _, name in split]


def of_packages(group: str) -> list[Any]:
    """Return an instance of each class that other packages register under an entry point group.

    One that cannot be imported is left out, with a warning in the log.
    """
    found: list[Any] = []
    for entry in importlib.metadata.entry_points(group=group):
        try:
            made = entry.load()()
            if not isinstance(made.name, str):
                raise TypeError(f"its name is {made.name!r}")
            found.append(made)
        except Exception as error:  # whatever the import of another package raises
            logger.warning("%r of %s (%s) was left out: %s", entry.name, entry.value, group, error)
    return found
