"""Queries over a log: aliases, protection, moves, annotations and signatures, folded from its events."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator

from mlops_magics.core.versioning.history.event_kinds import EventKind
from mlops_magics.core.versioning.history.events import Event
from mlops_magics.core.versioning.history.move_stack import stack_of


class LogQueries(ABC):
    """The queries over the events of a log."""

    @abstractmethod
    def read(self) -> list[Event]:
        """Return every readable event, oldest first."""

    def of(self, name: str) -> Iterator[Event]:
        """Yield the events of one model, oldest first."""
        return (event for event in self.read() if event.name == name)

    def names(self) -> set[str]:
        """Return the models with events, deleted ones included."""
        return {event.name for event in self.read()}

    def aliases(self, name: str) -> dict[str, str]:
        """Return alias → version of one model."""
        return self.all_aliases().get(name, {})

    def stacks(self, name: str) -> dict[str, list[str]]:
        """Return the versions of each alias of a model, the present one last, without undone moves."""
        moves: dict[str, list[Event]] = {}
        for event in self.of(name):
            if event.moves and event.alias:
                moves.setdefault(event.alias, []).append(event)
        stacks = {alias: stack_of(found) for alias, found in moves.items()}
        return {alias: stack for alias, stack in stacks.items() if stack}

    def deleted(self, name: str) -> set[str]:
        """Return the versions of a model that were deleted and not restored."""
        return self._still(name, EventKind.DELETE, EventKind.RESTORE, lambda event: event.version)

    def all_aliases(self) -> dict[str, dict[str, str]]:
        """Return model → alias → version of the whole board."""
        named: dict[str, dict[str, str]] = {}
        for event in self.read():
            if event.moves and event.alias:
                moved = named.setdefault(event.name, {})
                # taken out first, so that aliases are in the order of their last move
                moved.pop(event.alias, None)
                if event.version:
                    moved[event.alias] = event.version
        return named

    def protected(self, name: str) -> set[str]:
        """Return the aliases of a model that only ``force`` moves."""
        return self._still(name, EventKind.PROTECT, EventKind.UNPROTECT, lambda event: event.alias)

    def _still(self, name: str, begin: EventKind, end: EventKind, subject: Callable[[Event], str | None]) -> set[str]:
        """Return the subjects of a model's events of one kind that no event of the other kind ended."""
        found: set[str] = set()
        for event in self.of(name):
            if event.kind is begin and subject(event):
                found.add(str(subject(event)))
            elif event.kind is end:
                found.discard(str(subject(event)))
        return found

    def moves(self, name: str, alias: str) -> list[Event]:
        """Return the moves of one alias, oldest first."""
        return [event for event in self.of(name) if event.alias == alias and event.moves]

    def annotations(self, name: str, version: str) -> list[Event]:
        """Return the changes of facts about a version, oldest first."""
        return [event for event in self.of(name) if event.kind is EventKind.ANNOTATE and event.version == version]

    def changes(self) -> dict[str, dict[str, dict[str, object]]]:
        """Return the facts that were changed after publishing: model → version → field → value."""
        changed: dict[str, dict[str, dict[str, object]]] = {}
        for event in self.read():
            if event.kind is EventKind.ANNOTATE and event.version:
                changed.setdefault(event.name, {}).setdefault(event.version, {}).update(event.details)
        return changed

    def signatures(self, name: str, version: str) -> list[Event]:
        """Return the signatures of a version, oldest first."""
        return [
            event
            for event in self.of(name)
            if event.kind is EventKind.SIGN and event.version == version and "bundle" in event.details
        ]
