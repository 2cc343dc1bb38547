"""From verified bytes to a fitted model, by the one handler that the metadata name; there is no second try."""

from __future__ import annotations

import shlex
from typing import Any

from mlops_magics.core.versioning.describing.model_version import ModelVersion
from mlops_magics.core.versioning.formats import registry
from mlops_magics.core.versioning.formats.callable_model import CallableModel
from mlops_magics.core.versioning.integrity import verified_files
from mlops_magics.core.versioning.stores.store import Store
from mlops_magics.errors import IntegrityError, InvalidInput, MissingDependency, NotTrusted, SerializationError

_LONGEST_MAGIC = 64


def load_model(store: Store, version: ModelVersion, *, trusted: bool) -> Any:
    """Return the model of a version.

    Raises
    ------
    IntegrityError
        When the bytes differ from their hash, or are not of the format that the metadata name.
    NotTrusted
        When the board is not trusted and the format is not for strangers; nothing was read.
    """
    try:
        handler = registry.handler(version.format)
    except InvalidInput as error:
        raise SerializationError(
            f"{version.ref} is a pin of the type {version.format!r}: no model, or one for another reader. "
            f"Read it with pins. {error}"
        ) from error
    if not trusted and handler.name not in registry.FOR_STRANGERS:
        runs = "runs what it contains" if handler.runs_code else "is read by a library that trusts what it reads"
        raise _not_trusted(version, f"a {handler.name} file {runs}")
    if handler.sequential and not handler.magic:
        with verified_files.open_blocks(store, version) as stream:
            return _asked_by_predict(_read(handler, stream, version))
    with verified_files.open_model(store, version) as stream:
        if handler.magic and not stream.read(_LONGEST_MAGIC).startswith(handler.magic):
            raise IntegrityError(
                f"{version.file} of {version.ref} is no {handler.name} file, as its metadata say; nothing was read."
            )
        stream.seek(0)
        unknown = handler.untrusted(stream) if not handler.runs_code else []
        if unknown:
            raise _not_trusted(version, f"it holds types that are on no list ({', '.join(unknown[:3])})")
        stream.seek(0)
        return _asked_by_predict(_read(handler, stream, version))


def _asked_by_predict(model: Any) -> Any:
    """Give a bare function the method that everybody asks for; networks and pipelines stay what they are."""
    bare = callable(model) and not hasattr(model, "predict") and not _is_network(model)
    return CallableModel(model) if bare else model


def _read(handler: Any, stream: Any, version: ModelVersion) -> Any:
    try:
        return handler.read(stream)
    except ModuleNotFoundError as error:
        raise MissingDependency(
            f"{version.ref} needs {error.name}: `pip install {error.name}`, or what `lineage.lock()` lists."
        ) from error
    except (MissingDependency, IntegrityError):
        raise
    except Exception as error:  # whatever the model's own library raises
        raise SerializationError(f"{version.ref} could not be read: {type(error).__name__}: {error}") from error


def _not_trusted(version: ModelVersion, why: str) -> NotTrusted:
    return NotTrusted(
        f"The board {version.board} is not trusted, and {why}. "
        f"If you trust who writes there: `%board {shlex.quote(version.board)} --trust`."
    )


def _is_network(model: Any) -> bool:
    return hasattr(model, "state_dict") or hasattr(model, "pipe")
