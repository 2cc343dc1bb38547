"""The names of trash entries: the time, the discarded entry, and a word that distinguishes two discards."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable

from mlops_magics.core.versioning import clock
from mlops_magics.core.versioning.names import STAMP, ModelName

_ENTRY = re.compile(r"(?P<name>.+)-(?P<version>\d{8}T\d{6}Z-[0-9a-f]{5})", re.ASCII)
_STAMP, _TOKEN = len("20261123T133731Z-"), len("-a1b2c3")


def place_of(name: str, version: str) -> str:
    """Return a new place for a version that is discarded now."""
    return _new(f"{name}-{version}")


def place_of_stray() -> str:
    """Return a new place for an entry of the board that cannot be a version."""
    return _new("stray")


def name_in(place: str, version: str) -> ModelName | None:
    """Return the model of the discarded version in a place, or None for another entry."""
    name = place[_STAMP:-_TOKEN].removesuffix(f"-{version}")
    return ModelName(name) if name != place[_STAMP:-_TOKEN] and ModelName.accepts(name) else None


def holds(place: str, refs: Iterable[str]) -> bool:
    """Return whether the entry in a place is one of these versions (``name@version``)."""
    return place[_STAMP:-_TOKEN] in {ref.replace("@", "-") for ref in refs}


def ref_in(place: str) -> str | None:
    """Return the version in a place as ``name@version``, or None for an entry that is not named by a time."""
    match = _ENTRY.fullmatch(place[_STAMP:-_TOKEN])
    return f"{match['name']}@{match['version']}" if match else None


def _new(what: str) -> str:
    return f"{clock.now().strftime(STAMP)}-{what}-{secrets.token_hex(3)}"
