"""The kinds of events: the word in the file, the required fields, and the allowed details."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_text, value))


def _mapping(value: Any) -> bool:
    return isinstance(value, dict)


def _numbers(value: Any) -> bool:
    return isinstance(value, dict) and all(
        number is None or (isinstance(number, int | float) and not isinstance(number, bool))
        for number in value.values()
    )


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _hashes(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_text, value.values()))


class EventKind(StrEnum):
    """The kind of an event.

    Attributes
    ----------
    needs
        The fields of the event that must be set.
    details
        The entries that ``details`` may have, each with the check of its value.
    """

    needs: tuple[str, ...]
    details: Mapping[str, Callable[[Any], bool]]

    def __new__(
        cls, word: str, needs: tuple[str, ...] = (), details: Mapping[str, Callable[[Any], bool]] = {}
    ) -> EventKind:
        kind = str.__new__(cls, word)
        kind._value_, kind.needs, kind.details = word, needs, details
        return kind

    PROMOTE = "promote", ("name", "alias", "version")
    """The alias names ``version`` from now on."""

    ROLLBACK = "rollback", ("name", "alias")
    """The last move of the alias is undone, and ``version`` is None where it named nothing before."""

    CONFLICT = "conflict", ("name", "alias")
    """A move that lost against another writer's, and ``previous`` is the alias's version after that one."""

    DELETE = "delete", ("name", "version"), {"trash": _text}
    """The version was moved to the trash."""

    RESTORE = "restore", ("name", "version"), {"trash": _text}
    """The version was restored from the trash."""

    ANNOTATE = (
        "annotate",
        ("name", "version"),
        {"description": _text, "tags": _texts, "metrics": _numbers, "metadata": _mapping},
    )
    """Facts about the version were changed, and ``details`` holds the new ones."""

    PROTECT = "protect", ("name", "alias")
    """The alias moves only with ``force`` from now on."""

    UNPROTECT = "unprotect", ("name", "alias")
    """The alias moves freely again."""

    SIGN = "sign", ("name", "version"), {"bundle": _mapping}
    """The version was signed, and ``details`` holds the signature."""

    RETRAIN_CLAIM = (
        "retrain_claim",
        ("name", "version"),
        {
            "run": _text,
            "policy": _text,
            "slot": _text,
            "verdict": _text,
            "host": _text,
            "pid": _number,
            "started": _number,
        },
    )
    """A run began to make the next version of ``version``. While it is alive, no other run of the model begins."""

    RETRAIN_END = "retrain_end", ("name",), {"run": _text, "outcome": _text, "why": _text}
    """The run ended, and ``version`` is the one that it made, or None."""

    LOST = "lost"
    """A replacement of an event whose file is gone."""

    ACCEPT = "accept", (), {"events": _hashes, "anchors": _hashes}
    """A user accepted the log as it is.

    ``events`` maps the numbers of events that do not follow from the one before them to the sha256 of their files,
    ``anchors`` the lengths that versions remember to the heads that they remember.
    """

    @classmethod
    def known(cls, word: str) -> EventKind | None:
        """Return the kind of a word, or None for a word of a newer version of this package."""
        return cls._value2member_map_.get(word)  # type: ignore[return-value]


MOVES = frozenset({EventKind.PROMOTE, EventKind.ROLLBACK})
"""The kinds that change the version of an alias."""
