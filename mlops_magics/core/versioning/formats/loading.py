"""The loading of a fitted model from verified bytes, only by the handler that the metadata name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mlops_magics.core.versioning.describing import packages
from mlops_magics.core.versioning.describing.model_version import ModelVersion
from mlops_magics.core.versioning.formats import registry
from mlops_magics.core.versioning.formats.callable_model import wrapped
from mlops_magics.core.versioning.formats.handler import Handler
from mlops_magics.core.versioning.integrity import verified_files
from mlops_magics.core.versioning.stores.store import Store
from mlops_magics.errors import IntegrityError, InvalidInput, MissingDependency, NotTrusted, SerializationError

_LONGEST_MAGIC = 64


Refuse = Callable[[str], NotTrusted]
"""A function from the reason why a version needs trust to the error for it."""


def load_model(store: Store, version: ModelVersion, *, trusted: bool, refuse: Refuse) -> Any:
    """Return the model of a version.

    Parameters
    ----------
    trusted
        Whether reading it may run code.

    Raises
    ------
    IntegrityError
        When the bytes differ from their hash, or are not of the format that the metadata name.
    NotTrusted
        When the version is not trusted and the format needs trust. Nothing was read then.
    SerializationError
        When the format is not known, or its library cannot read the file.
    MissingDependency
        When a library that the model needs is not installed.
    """
    try:
        handler = registry.handler(version.format)
    except InvalidInput as error:
        raise SerializationError(
            f"{version.ref} is a pin of the type {version.format!r}: not a model, or one for another reader. "
            f"Read it with pins. {error}"
        ) from error
    if not trusted and not registry.read_without_trust(handler.name):
        runs = "runs the code in it" if handler.runs_code else "is read by a library that trusts what it reads"
        raise refuse(f"a {handler.name} file {runs}")
    with verified_files.open_model(store, version) as stream:
        if handler.magic and not stream.read(_LONGEST_MAGIC).startswith(handler.magic):
            raise IntegrityError(
                f"{version.file} of {version.ref} is not a {handler.name} file, which contradicts its metadata. "
                "Nothing was read."
            )
        stream.seek(0)
        return _read(handler, stream, version, trusted, refuse)


def _read(handler: Handler, stream: Any, version: ModelVersion, trusted: bool, refuse: Refuse) -> Any:
    """Return the model. A bare function gets ``predict``, a network or a pipeline stays as its library made it."""
    try:
        if not trusted:
            unknown = handler.untrusted(stream)
            if unknown:
                raise refuse(f"it contains types that are not on the list: {', '.join(unknown[:3])}")
            stream.seek(0)
        model = handler.read_trusted(stream) if trusted else handler.read(stream)
        # only the format of last resort accepts it, so that no library knows how to call it
        return wrapped(model) if len(registry.candidates(model)) == 1 else model
    except ModuleNotFoundError as error:
        name = packages.pip_name(str(error.name))
        raise MissingDependency(
            f"{version.ref} needs {name}: `pip install {name}`, or what `lineage.lock()` lists."
        ) from error
    except (MissingDependency, IntegrityError, NotTrusted):
        raise
    except Exception as error:  # any error of the model's own library
        reason = str(error) if isinstance(error, SerializationError) else f"{type(error).__name__}: {error}"
        raise SerializationError(f"{version.ref} could not be read: {reason}") from error
