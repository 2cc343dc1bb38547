"""Every error that mlops_magics raises on purpose.

MlopsError                     what was asked, what exists, the line that fixes it
├── InvalidInput               the caller's words do not make sense            (also ValueError)
│   ├── InvalidName            a name that no board accepts
│   └── DataMismatch           data that do not fit the prototype              (.problems)
├── NotFound                   a model, version, alias, endpoint, …            (also LookupError; .kind .name .known)
├── Ambiguous                  several things fit, and guessing would be wrong (.choices)
├── NotTrusted                 reading would run code that nobody approved
├── IntegrityError             bytes are not what was written
├── Conflict                   somebody else was faster                        (.current)
├── SerializationError         a model that cannot be stored, or read back equal
├── BoardError                 the store refused: read-only, full, not reachable
├── MissingDependency          an optional library is not installed
└── EndpointError              an endpoint did not start, answer, or stop      (.status)
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence


class MlopsError(Exception):
    """Base of all our errors; its text is one line for a person, with a next step."""


class InvalidInput(MlopsError, ValueError):
    """Say which argument makes no sense, and what would."""


class InvalidName(InvalidInput):
    """A model, version, alias or file name that could leave its place or read differently elsewhere."""


class DataMismatch(InvalidInput):
    """Data that do not fit a prototype; ``problems`` holds one record per fault.

    Each problem has ``loc`` (where), ``type`` (machine word) and ``msg`` (for people), as in the 422 answer.
    """

    def __init__(self, message: str, problems: Sequence[dict[str, object]] = ()) -> None:
        super().__init__(message)
        self.problems = list(problems)


class NotFound(MlopsError, LookupError):
    """Something named does not exist; the message lists what does, the nearest name first."""

    def __init__(self, kind: str, name: str, known: Iterable[str] = (), *, hint: str = "") -> None:
        self.kind, self.name, self.known = kind, name, list(known)
        super().__init__(f"No {kind} {name!r}{_what_exists(name, self.known)}{' ' + hint if hint else ''}")


class Ambiguous(MlopsError):
    """Several things fit; ``choices`` names them."""

    def __init__(self, message: str, choices: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.choices = list(choices)


class NotTrusted(MlopsError):
    """Reading would deserialise bytes that nobody on this machine approved."""


class IntegrityError(MlopsError):
    """Stored bytes differ from the hash that was written with them; nothing was deserialised."""


class Conflict(MlopsError):
    """Somebody else moved it first; ``current`` is what it is now."""

    def __init__(self, message: str, current: str | None = None) -> None:
        super().__init__(message)
        self.current = current


class SerializationError(MlopsError):
    """A model that cannot be written, or that does not come back equal."""


class BoardError(MlopsError):
    """The store refused: read-only, full, gone, or without credentials."""


class MissingDependency(MlopsError):
    """An optional library is needed; the message names the extra to install."""


class EndpointError(MlopsError):
    """An endpoint did not start, did not answer, or refused; ``status`` is the HTTP status where there was one."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


def nearest(name: str, known: Iterable[str], most: int = 3) -> list[str]:
    """Return up to ``most`` of the known names that look like ``name``, best first."""
    return difflib.get_close_matches(name, list(known), n=most, cutoff=0.6)


def _what_exists(name: str, known: Sequence[str], most: int = 8) -> str:
    if not known:
        return "; there is none yet."
    close = nearest(name, known, 1)
    listed = ", ".join(known[:most]) + (f", … ({len(known)} in all)" if len(known) > most else "")
    return (f"; did you mean {close[0]!r}?" if close else ".") + f" Known: {listed}."
