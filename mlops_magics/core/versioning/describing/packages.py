"""The packages that a model needs, with their exact versions, found from the objects in it."""

from __future__ import annotations

import functools
import importlib.metadata
import logging
import re
import sys
import types
from collections.abc import Iterable, Mapping
from typing import Any

logger = logging.getLogger(__name__)

MOST_OBJECTS = 20_000
_REQUIREMENT = re.compile(r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?[^;]*(?:;(.*))?$")
_SAFE_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.!+_-]*")
_RENAMED = {
    "sklearn": "scikit-learn",
    "skimage": "scikit-image",
    "PIL": "pillow",
    "yaml": "PyYAML",
    "cv2": "opencv-python",
}
"""Distributions whose name differs from their module. The others are looked up, which takes long."""

_ITERATED = (list, tuple, set, frozenset)


def of(model: Any) -> dict[str, str]:
    """Return distribution → version for the origins of the model's classes, and for their requirements."""
    return closure(filter(None, map(distribution, sorted(modules(model)))))


def required(model: Any) -> list[str]:
    """Return the distributions of the model's own classes, as vetiver's ``required_pkgs``."""
    return sorted({found for found in map(distribution, modules(model)) if found})


def modules(model: Any) -> set[str]:
    """Return the top-level modules of the classes that a model is made of."""
    found: set[str] = set()
    seen: set[int] = set()
    waiting = [model]
    while waiting and len(seen) < MOST_OBJECTS:
        item = waiting.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        try:
            found |= _modules_of(item)
            waiting.extend(_parts(item))
        except Exception as error:  # proxies of web frameworks and the like refuse every attribute
            logger.info("a %s in the model is not searched for packages: %s", type(item).__name__, error)
    return found - {"builtins", "__main__"}


def _modules_of(item: Any) -> set[str]:
    """Return the modules of an object's class. A module, as formulas hold it, is one itself."""
    if isinstance(item, str | bytes | int | float | bool | type(None)):
        return set()
    if isinstance(item, types.ModuleType):
        return {item.__name__.partition(".")[0]}
    return _tops(item if isinstance(item, type) or (callable(item) and hasattr(item, "__name__")) else type(item))


def _tops(kind: Any) -> set[str]:
    ancestry = kind.__mro__ if isinstance(kind, type) else (kind,)
    return {str(getattr(each, "__module__", "") or "").partition(".")[0] for each in ancestry} - {""}


def _parts(item: Any) -> Iterable[Any]:
    if isinstance(item, dict):
        return list(item.values())
    if isinstance(item, _ITERATED):
        return list(item)
    if isinstance(item, type | types.ModuleType):  # what a module imports is not in the model
        return []
    own = getattr(item, "__dict__", None)
    return list(own.values()) if isinstance(own, dict) else []


@functools.cache
def distribution(module: str) -> str | None:
    """Return the distribution of a top-level module, or None for the standard library and for user code."""
    if module in sys.stdlib_module_names:
        return None
    try:
        return str(importlib.metadata.distribution(_RENAMED.get(module, module)).metadata["Name"])
    except importlib.metadata.PackageNotFoundError:
        owners = _owners().get(module) if _installed(module) else None
        return owners[0] if owners else None


def pip_name(module: str) -> str:
    """Return the name by which pip installs the package of a module.

    >>> pip_name("sklearn.ensemble")
    'scikit-learn'
    """
    top = module.partition(".")[0]
    return _RENAMED.get(top, top)


def _installed(module: str) -> bool:
    """Return whether a module was imported from a folder of installed packages. The rest is the user's own code."""
    file = str(getattr(sys.modules.get(module), "__file__", None) or "")
    return "site-packages" in file or "dist-packages" in file


@functools.cache
def _owners() -> Mapping[str, list[str]]:
    return importlib.metadata.packages_distributions()


def closure(wanted: Iterable[str]) -> dict[str, str]:
    """Return distribution → version for installed distributions and their requirements."""
    found: dict[str, str] = {}
    waiting = list(wanted)
    while waiting:
        name = waiting.pop()
        about = _about(name)
        if about is None or about[0] in found:
            continue
        found[about[0]] = about[1]
        waiting.extend(about[2])
    return dict(sorted(found.items(), key=lambda item: item[0].lower()))


@functools.cache
def _about(name: str) -> tuple[str, str, tuple[str, ...]] | None:
    """Return name, version and unconditional requirements of an installed distribution."""
    try:
        distribution = importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return None
    needed = [
        match[1] for line in distribution.requires or () if (match := _REQUIREMENT.match(line)) and not _extra(match[2])
    ]
    return str(distribution.metadata["Name"]), distribution.version, tuple(needed)


def _extra(marker: str | None) -> bool:
    return bool(marker and "extra" in marker)


def lock(versions: Mapping[str, str], python: str | None = None) -> str:
    """Return ``name==version`` lines for pip and uv. Local versions (``+cpu``) keep only their public part."""
    head = [f"# Python {python}"] if python and _SAFE_VERSION.fullmatch(python) else []
    lines = [
        f"{name}=={version.partition('+')[0]}"
        for name, version in versions.items()
        # names may come from a stranger's board, and no line may be an option of pip
        if _REQUIREMENT.fullmatch(name) and re.fullmatch(r"[A-Za-z0-9._-]+", name) and _SAFE_VERSION.fullmatch(version)
    ]
    return "\n".join([*head, *lines, ""])
