"""Deletion, restoration and sweep: a deleted version stays in the trash until a sweep, a held one for longer."""

from __future__ import annotations

from datetime import timedelta

from mlops_magics.core.versioning.describing.model_version import ModelVersion
from mlops_magics.core.versioning.history.event_log import EventLog
from mlops_magics.core.versioning.history.events import Event
from mlops_magics.core.versioning.names import ModelName, VersionName
from mlops_magics.core.versioning.stores import trash_names
from mlops_magics.core.versioning.stores.store import Store
from mlops_magics.core.versioning.stores.sweep import Swept
from mlops_magics.errors import InvalidInput, NotFound

STAGING_LEASE = timedelta(hours=24)
"""Age of the staging of a dead process before it is swept. No pin takes longer."""

TRASH_LEASE = timedelta(days=30)
"""Time in which a deleted version can be restored."""


class TrashPlace(str):
    """The place of a version in the trash, which `restore` takes. A notebook shows the line that restores it."""

    def __new__(cls, place: str, ref: str = "") -> TrashPlace:
        """Keep the version's own name beside the place."""
        made = super().__new__(cls, place)
        made.ref = ref
        return made

    ref: str

    def __repr__(self) -> str:
        days = TRASH_LEASE.days
        return f"{self.ref} is in the trash: `%restore {self.ref}` takes it back, for {days} days at least."


def delete(store: Store, log: EventLog, version: ModelVersion, note: str | None) -> TrashPlace:
    """Move a version to the trash and return its place there.

    Parameters
    ----------
    store, log
        The store and the log of the board.
    version
        The version.
    note
        The reason, kept in the history.

    Raises
    ------
    InvalidInput
        When an alias names the version.
    """
    if version.aliases:
        names = ", ".join(version.aliases)
        raise InvalidInput(
            f"{names} names {version.ref}. Move the alias first: `%promote {version.name}@OTHER {version.aliases[0]}`."
        )
    place = store.discard(ModelName(version.name), VersionName(version.version))
    log.append(lambda events: Event.delete(version.name, version.version, place, note))
    return TrashPlace(place, version.ref)


def restore(store: Store, log: EventLog, wanted: str, note: str | None) -> tuple[ModelName, VersionName]:
    """Move a version out of the trash and return it.

    Parameters
    ----------
    wanted
        A place in the trash, or ``name@version``, which means the last one that was deleted under this name.

    Raises
    ------
    NotFound
        When the trash does not hold it.
    """
    place = wanted
    if "@" in wanted:
        places = store.trash()
        place = next((each for each in reversed(places) if trash_names.holds(each, [wanted])), "")
        if not place:
            raise NotFound("deleted version", wanted, places)
    name, version = store.undiscard(place)
    log.append(lambda events: Event.restore(name, version, place, note))
    return name, version


def collect(
    store: Store,
    log: EventLog,
    held: frozenset[str],
    staging: timedelta = STAGING_LEASE,
    trash: timedelta = TRASH_LEASE,
) -> Swept:
    """Remove abandoned staging and old trash. Versions that ``held`` (``name@version``) or an alias names stay.

    Parameters
    ----------
    staging, trash
        The ages from which staging and trash are removed.
    """
    named = {f"{name}@{version}" for name, aliases in log.all_aliases().items() for version in aliases.values()}
    return store.sweep(staging, trash, held | named)
