"""Every error that mlops_magics raises on purpose.

MlopsError                     one line: the request, what exists, the line that fixes it
├── InvalidInput               an argument is not valid                        (also ValueError)
│   ├── InvalidName            a name that no board accepts
│   └── DataMismatch           data that do not fit the prototype              (.problems)
├── NotFound                   a model, version, alias, endpoint, …            (also LookupError; .kind .name .known)
├── Ambiguous                  several things fit, and a guess would be wrong  (.choices)
├── NotTrusted                 reading would run code that was not approved
├── IntegrityError             bytes are not those that were written
├── Conflict                   another writer was faster                       (.current)
├── SerializationError         a model that cannot be stored, or does not come back equal
├── BoardError                 the store refused: read-only, full, not reachable
├── StateError                 the state folder refused: full, read-only, open to others   (also OSError)
├── MissingDependency          an optional library is not installed            (.package)
├── NothingToDo                a retraining that is not due                    (.reason)
│   └── Held                   another run has the model                       (.holder)
├── RetrainingFailed           a run that ended without a decision             (.retraining)
│   └── Cancelled              a person ended it
├── EndpointError              an endpoint did not start, answer, or stop      (.status)
├── TargetError                a place beyond this machine refused, or an image was not built
└── NotificationError          a message of monitoring was not delivered

MlopsWarning                   a warning to the user: the work goes on            (also UserWarning)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence


class MlopsError(Exception):
    """Base of all our errors. Its text is one line for a person, with a next step."""

    def __str__(self) -> str:
        """Return the text in one line, also where it names a column whose name has line breaks."""
        return " ".join(super().__str__().splitlines())

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows in place of a traceback (IPython calls this): the one line."""
        return [f"{type(self).__name__}: {self}"]


class InvalidInput(MlopsError, ValueError):
    """An argument is not valid. The message names it, and a valid one."""


class InvalidName(InvalidInput):
    """A model, version, alias or file name that could leave its place or read differently elsewhere."""


class DataMismatch(InvalidInput):
    """Data that do not fit a prototype. ``problems`` has one record per fault.

    Each problem has ``loc`` (where), ``type`` (machine word) and ``msg`` (for people), as in the 422 answer.
    """

    def __init__(self, message: str, problems: Sequence[dict[str, object]] = ()) -> None:
        super().__init__(message)
        self.problems = list(problems)


class NotFound(MlopsError, LookupError):
    """A named thing does not exist. The message lists those that do, the nearest name first."""

    def __init__(self, kind: str, name: str, known: Iterable[str] = (), *, hint: str = "") -> None:
        self.kind, self.name, self.known = kind, name, list(known)
        exists = _what_exists(name, self.known) if self.known or not kind.endswith("file") else "."
        super().__init__(f"No {kind} {name!r}{exists}{' ' + hint if hint else ''}")


class Ambiguous(MlopsError):
    """Several things fit, and the call does not name one of them. ``choices`` lists them."""

    def __init__(self, message: str, choices: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.choices = list(choices)


class NotTrusted(MlopsError):
    """Reading would deserialise bytes that were not approved on this machine."""


class IntegrityError(MlopsError):
    """Stored bytes differ from the hash that was written with them. Nothing was deserialised."""


class Interrupted(KeyboardInterrupt):
    """An interrupt by the user, with its consequence in one sentence. IPython shows it without a traceback."""

    def _render_traceback_(self) -> list[str]:
        return [f"KeyboardInterrupt: {self}" if str(self) else "KeyboardInterrupt"]


class Conflict(MlopsError):
    """Another writer was faster. ``current`` is the version that the alias names now, where an alias was moved."""

    def __init__(self, message: str, current: str | None = None) -> None:
        super().__init__(message)
        self.current = current


class SerializationError(MlopsError):
    """A model that cannot be written, or that does not come back equal."""


class BoardError(MlopsError):
    """The store refused: read-only, full, gone, or without credentials."""


class StateError(MlopsError, OSError):
    """The state folder cannot be read or written, or other users can write to it."""


class MissingDependency(MlopsError):
    """An optional library is not installed. ``package`` is what to install, such as ``mlops-magics[onnx]``."""

    def __init__(self, message: str, package: str = "") -> None:
        self.package = package
        super().__init__(f"{message}. To fix it: `pip install {_quoted(package)}`." if package else message)


class NothingToDo(MlopsError):
    """A retraining that is not due, or that already ran. ``reason`` is a machine word."""

    def __init__(self, message: str, reason: str = "not due") -> None:
        super().__init__(message)
        self.reason = reason


class Held(NothingToDo):
    """Another run is retraining the model. ``holder`` names its user, host and process."""

    def __init__(self, message: str, holder: str) -> None:
        super().__init__(message, "held")
        self.holder = holder


class RetrainingFailed(MlopsError):
    """A retraining ended without a decision. ``retraining`` is its record, with the step and the log."""

    def __init__(self, message: str, retraining: object = None) -> None:
        super().__init__(message)
        self.retraining = retraining


class Cancelled(RetrainingFailed):
    """A person ended a retraining. Nothing was promoted."""


class EndpointError(MlopsError):
    """An endpoint did not start, did not answer, or refused. ``status`` is the HTTP status where there was one."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class TargetError(MlopsError):
    """A package could not be built, or a platform refused a deployment. The files that were written are kept."""


class NotificationError(MlopsError):
    """A message could not be delivered. Monitoring itself went well."""


class MlopsWarning(UserWarning):
    """A warning of ours: one line for a person, with a next step. What was asked for is done all the same."""


def nearest(name: str, known: Iterable[str], most: int = 3) -> list[str]:
    """Return up to ``most`` of the known names that look like ``name``, best first."""
    import difflib

    return difflib.get_close_matches(name, list(known), n=most, cutoff=0.6)


def _what_exists(name: str, known: Sequence[str], most: int = 8) -> str:
    if not known:
        return "; there is none yet."
    close = nearest(name, [each for each in known if each != name], 1)
    listed = ", ".join(known[:most]) + (f", … ({len(known)} in all)" if len(known) > most else "")
    return (f"; did you mean {close[0]!r}?" if close else ".") + f" Known: {listed}."


def _quoted(package: str) -> str:
    """Quote a package with an extra, whose brackets a shell would read."""
    return f"'{package}'" if "[" in package else package
