"""Deleting and sweeping: a deleted version lies in the trash until a sweep, and nothing that is held is ever swept."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from mlops_magics.core.versioning.describing.model_version import ModelVersion
from mlops_magics.core.versioning.names import ModelName, VersionName
from mlops_magics.core.versioning.stores import trash_names
from mlops_magics.core.versioning.stores.sweep import Swept
from mlops_magics.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from mlops_magics.core.versioning.board import Board

STAGING_LEASE = timedelta(hours=24)
"""Staging of a process that died is swept after this long; no pin takes longer."""

TRASH_LEASE = timedelta(days=30)
"""A deleted version can be restored for this long."""


def delete(board: Board, version: ModelVersion, note: str | None) -> str:
    """Move a version to the trash.

    Raises
    ------
    InvalidInput
        When an alias names the version.
    """
    if version.aliases:
        names = ", ".join(version.aliases)
        raise InvalidInput(
            f"{version.ref} is what {names} names; move the alias first: "
            f"`%promote {version.name}@OTHER {version.aliases[0]}`."
        )
    place = board.store.discard(ModelName(version.name), VersionName(version.version))
    event = {
        "event": "delete",
        "name": version.name,
        "version": version.version,
        "note": note,
        "details": {"trash": place},
    }
    board.log.append(lambda events: event)
    return place


def restore(board: Board, wanted: str, note: str | None) -> ModelVersion:
    """Put what lies in the trash back where it was; of a ``name@version`` what was deleted last."""
    place = wanted
    if "@" in wanted:
        lying = board.store.trash()
        place = next((each for each in reversed(lying) if trash_names.holds(each, [wanted])), "")
        if not place:
            raise NotFound("deleted version", wanted, lying)
    name, version = board.store.undiscard(place)
    event = {"event": "restore", "name": str(name), "version": str(version), "note": note, "details": {"trash": place}}
    board.log.append(lambda events: event)
    return board.version(str(name), str(version))


def collect(
    board: Board, held: frozenset[str], staging: timedelta = STAGING_LEASE, trash: timedelta = TRASH_LEASE
) -> Swept:
    """Remove abandoned staging and old trash; what ``held`` or an alias names stays, even in the trash."""
    named = {f"{name}@{version}" for name, moves in board.log.all_aliases().items() for version in moves.values()}
    return board.store.sweep(staging, trash, held | named)
