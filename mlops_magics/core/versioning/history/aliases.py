"""Moving aliases: promote, roll back, protect; every move is an event, and none is lost."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mlops_magics.core.versioning.history.events import AliasMove, Event, EventLog
from mlops_magics.core.versioning.listing.catalogue import CHAMPION
from mlops_magics.core.versioning.names import AliasName
from mlops_magics.errors import Ambiguous, Conflict, InvalidInput, NotFound


class Aliases:
    """The movable names of a board's versions."""

    def __init__(self, log: EventLog, board: str) -> None:
        self._log, self._board = log, board

    def promote(self, name: str, version: str, alias: AliasName, note: str | None, force: bool) -> AliasMove:
        """Let the alias name the version.

        Raises
        ------
        Conflict
            When somebody else moved the alias after this call began; that this move lost is in the history.
        InvalidInput
            When the alias is protected and ``force`` is not given.
        """
        seen = self._log.aliases(name).get(alias)
        return self._move(
            {"event": "promote", "name": name, "alias": str(alias), "version": version, "previous": seen, "note": note},
            force,
        )

    def rollback(self, name: str, alias: str | None, note: str | None, force: bool, known: list[str]) -> AliasMove:
        """Let the alias name again what it named before its last move.

        Raises
        ------
        NotFound
            When the alias never moved, or what it named is gone.
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
        last = moves[-1]
        if last.previous is not None and last.previous not in known:
            raise NotFound(
                "version", f"{name}@{last.previous}", known[::-1], hint="It was deleted; promote another one."
            )

        return self._move(
            {"event": "rollback", "name": name, "alias": str(chosen), "version": last.previous,
             "previous": last.version, "note": note},
            force,
        )  # fmt: skip

    def protect(self, name: str, alias: AliasName, protected: bool, note: str | None) -> None:
        """Let only ``force`` move the alias from now on, or let everybody again."""
        event = "protect" if protected else "unprotect"
        self._log.append(lambda events: {"event": event, "name": name, "alias": str(alias), "note": note})

    def _only(self, name: str) -> AliasName:
        """Return the alias that is meant when none is named: the champion, or the only one."""
        moved = {event.alias for event in self._log.of(name) if event.alias and event.event in {"promote", "rollback"}}
        if CHAMPION in moved or not moved:
            return AliasName(CHAMPION)
        if len(moved) > 1:
            raise Ambiguous(
                f"{name} has several aliases; say which one with `--alias`: {', '.join(sorted(moved))}.", sorted(moved)
            )
        return AliasName(moved.pop())

    def _move(self, move: dict[str, Any], force: bool) -> AliasMove:
        """Record a move, or in its place, in the same single write, that it lost against somebody else's."""

        def compose(events: list[Event]) -> dict[str, Any]:
            current = self._log.aliases(move["name"]).get(move["alias"])
            if current != move["previous"]:
                return {**move, "event": "conflict", "previous": current}
            self._check_protection(move["name"], move["alias"], force)
            return move

        event = self._log.append(compose)
        if event.event == "conflict":
            raise Conflict(
                f"Somebody else moved {event.name}@{event.alias} just now: it is {event.previous or 'nothing'}. "
                "Look, then repeat.",
                event.previous,
            )
        return AliasMove(
            name=event.name, alias=str(event.alias), version=event.version, previous=event.previous,
            time=datetime.fromisoformat(event.time), by=event.by, note=event.note, event=event.event,
            sequence=event.sequence, board=self._board,
        )  # fmt: skip

    def _check_protection(self, name: str, alias: str, force: bool) -> None:
        if alias in self._log.protected(name) and not force:
            raise InvalidInput(f"The alias {alias!r} of {name} is protected. To move it nevertheless, add `--force`.")
