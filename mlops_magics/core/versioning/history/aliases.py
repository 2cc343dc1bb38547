"""Changes of aliases (promote, roll back, protect), each as an event of the log."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from mlops_magics.core.versioning.history.event_kinds import EventKind
from mlops_magics.core.versioning.history.event_log import EventLog
from mlops_magics.core.versioning.history.events import AliasMove, Event
from mlops_magics.core.versioning.history.move_stack import stack_of
from mlops_magics.core.versioning.names import CHALLENGER, CHAMPION, AliasName, is_number, misspelt
from mlops_magics.errors import Ambiguous, Conflict, InvalidInput, NotFound

Fence = Callable[[list[Event]], None]


@dataclass(frozen=True, slots=True)
class Protection:
    """An alias that moves with ``force`` only, or that moves freely again."""

    name: str
    alias: str
    protected: bool

    def __repr__(self) -> str:
        if not self.protected:
            return f"{self.alias} of {self.name} moves freely again."
        undo = f"`%protect {self.name} {self.alias} --off` ends that"
        return f"{self.alias} of {self.name} moves with `--force` only: {undo}."


class Aliases:
    """The movable names of a board's versions."""

    def __init__(self, log: EventLog, board: str) -> None:
        self._log, self._board = log, board

    def promote(
        self, name: str, version: str, alias: AliasName, note: str | None, force: bool, fence: Fence | None = None
    ) -> AliasMove:
        """Let the alias name the version.

        Parameters
        ----------
        note
            The reason, for the history.
        force
            Move the alias even where it is protected.
        fence
            A function that reads the log at the moment of the move, and raises where the move is no longer allowed.

        Raises
        ------
        Conflict
            When another user moved the alias after this call began. The lost move is in the history.
        InvalidInput
            Without ``force``, when the alias is protected, or is new and looks like a typing error of a known one.
        """
        known = self._log.aliases(name)
        current = known.get(alias)
        if current is None and not force:
            self._check_spelling(name, alias, known)
        return self._move(Event.promote(name, alias, version, current, note), force, fence)

    def rollback(self, name: str, alias: str | None, note: str | None, force: bool, known: list[str]) -> AliasMove:
        """Let the alias name its previous version again. Each rollback goes one further back.

        Parameters
        ----------
        alias
            By default the champion, or the only alias that ever moved.
        known
            The versions that exist.

        Raises
        ------
        NotFound
            When the alias never moved, or the version that it named is gone.
        Ambiguous
            When ``alias`` is not given and several aliases moved.
        Conflict, InvalidInput
            As `promote`.
        """
        chosen = AliasName(alias) if alias is not None else self._only(name)
        moves = self._log.moves(name, chosen)
        if not moves:
            raise NotFound(
                f"move of {name}:",
                chosen,
                sorted(self._log.aliases(name)),
                hint=f"Set it with `%promote {name}@VERSION {chosen}`.",
            )
        stack = stack_of(moves)
        if not stack:
            hint = f"Set it with `%promote {name}@VERSION {chosen}`."
            raise NotFound(f"earlier version of {name}@{chosen};", "it names nothing", known[::-1], hint=hint)
        target = stack[-2] if len(stack) > 1 else None
        if target is not None and target not in known:
            raise NotFound("version", f"{name}@{target}", known[::-1], hint="It was deleted. Promote another one.")
        return self._move(Event.rollback(name, chosen, target, stack[-1], note), force)

    def protect(self, name: str, alias: AliasName, protected: bool, note: str | None) -> None:
        """Protect an alias, so that moving it needs ``force``, or end its protection.

        Parameters
        ----------
        name, alias
            The model and the alias.
        protected
            False ends the protection.
        note
            The reason, kept in the history.
        """
        event = Event.protect(name, alias, note) if protected else Event.unprotect(name, alias, note)
        self._log.append(lambda events: event)

    def _only(self, name: str) -> AliasName:
        """Return the default alias: the champion, or the only one."""
        moved = {event.alias for event in self._log.of(name) if event.alias and event.moves}
        if CHAMPION in moved or not moved:
            return AliasName(CHAMPION)
        if len(moved) > 1:
            raise Ambiguous(
                f"{name} has several aliases. Name one with `--alias`: {', '.join(sorted(moved))}.", sorted(moved)
            )
        return AliasName(moved.pop())

    def _move(self, move: Event, force: bool, fence: Fence | None = None) -> AliasMove:
        """Record a move, or, in the same single write, that it lost against another user's."""

        def compose(events: list[Event]) -> Event:
            current = self._log.aliases(move.name).get(str(move.alias))
            if current != move.previous:
                return move.conflict(current)
            self._check_protection(move.name, str(move.alias), force)
            if fence is not None:
                fence(events)
            return move

        event = self._log.append(compose)
        if event.kind is EventKind.CONFLICT:
            raise Conflict(
                f"{event.name}@{event.alias} was moved by another user in the meantime: it is "
                f"{event.previous or 'nothing'}. Check `%versions {event.name}`, then repeat.",
                event.previous,
            )
        return AliasMove.of(event, self._board)

    def _check_spelling(self, name: str, alias: str, known: Iterable[str]) -> None:
        """Refuse a new alias that is one letter away from a known one, or looks like the number of a version."""
        if is_number(alias):
            raise InvalidInput(f"{alias!r} is not a valid alias: it reads as the number of a version. Choose a word.")
        meant = next((each for each in (*known, CHAMPION, CHALLENGER) if misspelt(alias, each)), None)
        if meant is not None and not self._log.moves(name, alias):
            raise InvalidInput(
                f"{name} has no alias {alias!r} yet. If you mean {meant!r}: `%promote {name}@VERSION {meant}`. "
                "To make a new one, add `--force`."
            )

    def _check_protection(self, name: str, alias: str, force: bool) -> None:
        if alias in self._log.protected(name) and not force:
            raise InvalidInput(f"The alias {alias!r} of {name} is protected. To move it nevertheless, add `--force`.")
