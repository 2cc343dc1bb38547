"""The decision whether reading a version may run code, and the facts that the user sees before it."""

from __future__ import annotations

import dataclasses
import shlex
from dataclasses import asdict, dataclass
from typing import Any

from mlops_magics.core.versioning.describing.model_version import ModelVersion
from mlops_magics.core.versioning.integrity import pickle_types, trust, verified_files
from mlops_magics.core.versioning.stores.store import Store
from mlops_magics.errors import NotTrusted

MOST_SHOWN = 5
"""The most names of types in one message."""


@dataclass(frozen=True, slots=True)
class Consent:
    """A version that a user trusts, or trusts no longer, with the facts for and against it.

    Attributes
    ----------
    author, created
        From its metadata: a claim, not a proof.
    types
        The names that its file would import, unusual ones first, or empty for a format that is not pickled.
    trusted
        Whether it is trusted now.
    is_model
        Whether a format here reads it. Nothing is loaded of another pin, such as one of the type ``file``.
    """

    ref: str
    board: str
    sha256: str
    format: str
    author: str | None
    created: str
    types: tuple[str, ...]
    trusted: bool
    is_model: bool = True

    def __repr__(self) -> str:
        limit = "" if self.is_model else f", but a pin of the type {self.format!r} is not loaded as a model here"
        return f"{self.ref} is {'' if self.trusted else 'no longer '}trusted{limit}: {self.facts}"

    @property
    def facts(self) -> str:
        """The format, the author, the time and the types, in one line."""
        names = [each for each in self.types if not pickle_types.is_usual(each)] or list(self.types)
        more = f" and {len(self.types) - MOST_SHOWN} more" if len(self.types) > MOST_SHOWN else ""
        types = f"; it holds {', '.join(names[:MOST_SHOWN])}{more}" if self.types else ""
        return (
            f"{self.format}, by {self.author or 'an unknown author'}, {self.created[:16].replace('T', ' ')} UTC{types}"
        )

    def to_json(self) -> dict[str, Any]:
        """Return the record for the wire."""
        return {**asdict(self), "types": list(self.types)}


def look(store: Store, version: ModelVersion, *, trusted: bool, is_model: bool = True) -> Consent:
    """Return the facts to know before a version is trusted. Nothing of it is deserialised.

    Parameters
    ----------
    is_model
        Whether a format here reads it.

    Raises
    ------
    IntegrityError
        When its bytes are not those that were written.
    """
    with verified_files.open_model(store, version) as stream:
        types = tuple(pickle_types.names_in(stream))
    return Consent(
        ref=version.ref,
        board=version.board,
        sha256=sha256_of(store, version),
        format=version.format,
        author=version.author,
        created=version.created.isoformat(),
        types=types,
        trusted=trusted,
        is_model=is_model,
    )


def with_sha256(store: Store, version: ModelVersion) -> ModelVersion:
    """Return a version with a hash that cannot be forged. Pins itself writes only a short one."""
    if not version.file or version.hash.startswith("sha256:"):
        return version
    return dataclasses.replace(version, hash=f"sha256:{sha256_of(store, version)}")


def sha256_of(store: Store, version: ModelVersion) -> str:
    """Return the sha256 of a version's model file. That of another writer's version is computed."""
    algorithm, _, digest = version.hash.partition(":")
    return digest if algorithm == "sha256" else verified_files.sha256(store, version)


def is_given(store: Store, version: ModelVersion) -> bool:
    """Return whether this user pinned or trusted the bytes of a version."""
    return bool(version.file) and trust.is_trusted(store.url, sha256_of(store, version))


def refusal(store: Store, version: ModelVersion, why: str, *, founded: bool) -> NotTrusted:
    """Return the error for a version that is not trusted, with the facts and the line that trusts it.

    Parameters
    ----------
    why
        The reason why it needs trust.
    founded
        Whether this user created the board, so that only this version is another user's.
    """
    shown = look(store, version, trusted=False)
    board = f"`%board {shlex.quote(version.board)} --trust`"
    who = f"{version.ref} was not pinned by you" if founded else f"The board {version.board} is not trusted"
    return NotTrusted(
        f"{who}, and {why} ({shown.facts}). If you trust it: `%trust {version.ref}`. "
        f"If you trust everybody who writes there: {board}."
    )
