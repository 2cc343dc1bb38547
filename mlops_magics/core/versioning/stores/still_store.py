"""A store as it is at one moment: its listings and its log are read once, for a reader of a whole board."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from mlops_magics.core.versioning.names import ModelName

if TYPE_CHECKING:
    from mlops_magics.core.versioning.stores.store import Store
    from mlops_magics.errors import IntegrityError


class StillStore:
    """Another store, of which each name, each model and each event is listed once.

    A page of a model asks for its versions six times and for the log eight times. An object store answers each question
    with a request.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._names: list[str] | None = None
        self._versions: dict[str, list[str]] = {}
        self._all: dict[str, list[str]] | None = None
        self._events: dict[int, list[bytes | IntegrityError]] = {}
        self._marks: Mapping[int, object] | None = None

    def __getattr__(self, name: str) -> Any:
        """Return everything else from the store itself."""
        return getattr(self._store, name)

    def names(self) -> list[str]:
        """Return the pins of the board."""
        if self._names is None:
            self._names = self._store.names()
        return self._names

    def versions(self, name: ModelName) -> list[str]:
        """Return the versions of a pin. One that the board does not list has none."""
        if name not in self._versions:
            self._versions[name] = self._listed(name) if name in self.names() else []
        return self._versions[name]

    def _listed(self, name: ModelName) -> list[str]:
        """Return the versions of a pin: of one listing of all where the store has one."""
        if self._all is None:
            list_all = getattr(self._store, "all_versions", None)
            if list_all is None:
                return self._store.versions(name)
            self._all = list_all()
        return self._all.get(name, [])

    def stamp(self, name: ModelName) -> object:
        """Return a mark that does not change: neither do the listings."""
        return 0

    def events(self, after: int) -> Iterable[bytes | IntegrityError]:
        """Return the events after a sequence number."""
        if after not in self._events:
            self._events[after] = list(self._store.events(after))
        return self._events[after]

    def event_marks(self) -> Mapping[int, object]:
        """Return number → mark of all events."""
        if self._marks is None:
            self._marks = self._store.event_marks()
        return self._marks
