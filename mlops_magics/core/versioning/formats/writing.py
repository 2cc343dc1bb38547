"""The writing of a model into a draft, in a given format or in the first one that passes the round-trip test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlops_magics.core import progress
from mlops_magics.core.versioning.formats import registry, round_trip
from mlops_magics.core.versioning.formats.handler import Handler
from mlops_magics.core.versioning.names import FileName, ModelName
from mlops_magics.core.versioning.stores.store import Draft
from mlops_magics.errors import MissingDependency, SerializationError


@dataclass(frozen=True, slots=True)
class Written:
    """The model file of a draft, its format, and why reading it runs code. None where it does not."""

    file: str
    format: str
    runs_code_because: str | None = None


def write_model(draft: Draft, model: Any, name: ModelName, format: str, example: Any) -> Written:
    """Write the model file.

    Parameters
    ----------
    draft
        The folder of the version.
    model, name
        The model and its name.
    format
        A format, or ``auto``.
    example
        Rows for the proof that what was written predicts the same.

    Raises
    ------
    SerializationError
        When no format passes the round-trip test. The message names the reason of each.
    InvalidInput
        For a format that does not exist.
    """
    chosen = registry.candidates(model) if format == registry.AUTO else [registry.handler(format)]
    progress.report("predicting the example rows")
    expected = round_trip.answers(model, example)
    reasons: list[str] = []
    for handler in chosen:
        # the end, which has the suffix
        file = str(FileName(f"{name}{handler.suffix}"[-128:]))
        reason = _attempt(draft, handler, model, file, expected, example, proven=format == registry.AUTO)
        if reason is None:
            return Written(file, handler.name, _reason(handler, model, reasons, format))
        draft.discard(file)
        reasons.append(f"{handler.name}: {reason}")
    raise SerializationError(
        f"{type(model).__name__} cannot be stored ({'; '.join(reasons)}). "
        "Take out what cannot be pickled (open files, connections, locks), or pass another format."
    )


def _reason(handler: Handler, model: Any, reasons: list[str], format: str) -> str | None:
    """Return why a file runs code when it is read: the faults of the safer formats, or the user's choice."""
    if not handler.runs_code:
        return None
    if format != registry.AUTO:
        return f"the format {format} was chosen"
    return "; ".join(reasons) or f"no other format holds a {type(model).__name__}"


def _attempt(
    draft: Draft, handler: Handler, model: Any, file: str, expected: dict[str, Any], example: Any, *, proven: bool
) -> str | None:
    """Write the model, and read it back if ``proven``. Return the reason of a failure, or None."""
    try:
        with draft.open(file) as stream:
            handler.write(model, stream)
        return _disproof(draft, handler, model, file, expected, example) if proven else None
    except (OSError, MissingDependency):  # the disk's fault, or a library to install: no other format helps
        raise
    except Exception as error:  # any error of the model's own library
        return _one_line(error)


def _disproof(
    draft: Draft, handler: Handler, model: Any, file: str, expected: dict[str, Any], example: Any
) -> str | None:
    progress.report(f"reading {file} back, to prove that it predicts the same")
    if not handler.runs_code:
        with draft.read(file) as stream:
            untrusted = handler.untrusted(stream)
        if untrusted:
            return f"contains types that are not on the list ({', '.join(untrusted[:3])})"
    with draft.read(file) as stream:
        loaded = handler.read(stream)
    if expected and not round_trip.equal(expected, round_trip.answers(loaded, example)):
        return "the model read back predicts something else"
    return None


def _one_line(error: Exception, most: int = 200) -> str:
    return f"{type(error).__name__}: {error}".replace("\n", " ")[:most]
