"""Trust on a board (in the whole board, single versions and keys of signers), and loading by that trust."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

from mlops_magics.core import recipe_guard
from mlops_magics.core.versioning.describing.model_version import ModelVersion
from mlops_magics.core.versioning.formats import registry
from mlops_magics.core.versioning.formats.loading import load_model
from mlops_magics.core.versioning.history.event_log import EventLog
from mlops_magics.core.versioning.integrity import consent, signatures, trust
from mlops_magics.core.versioning.integrity.consent import Consent
from mlops_magics.core.versioning.integrity.signatures import Signed
from mlops_magics.core.versioning.integrity.trust import Founding
from mlops_magics.core.versioning.names import ModelRef
from mlops_magics.core.versioning.stores.store import Store
from mlops_magics.errors import IntegrityError, StateError

CODE = frozenset({"recipe.json", "notebook.ipynb"})
"""Side files that hold code which a retraining runs."""


class BoardTrust(ABC):
    """The part of a board that decides which models may run code while they are read.

    Attributes
    ----------
    trust_founded
        Whether everything on a board that this user creates is trusted, even from other writers.
    """

    def __init__(self, store: Store) -> None:
        self.store, self.url = store, store.url
        self.log = EventLog(store)
        self.trust_founded = False

    @abstractmethod
    def version(self, ref: str | ModelRef, selector: str | None = None) -> ModelVersion:
        """Look up a version."""

    @property
    def trusted(self) -> bool:
        """Whether this user created the board here, or trusts everything on it."""
        return self._whole or trust.is_founded(self.url, self.store.board_id()) or not self.store.exists()

    @property
    def _whole(self) -> bool:
        return trust.is_whole(self.url, self.store.board_id())

    def trusts(self, version: ModelVersion) -> bool:
        """Return whether reading a version may run code.

        It may where the user trusts the whole board, pinned or trusted these bytes, or trusts a key that signed them.
        """
        return (
            self._whole
            or consent.is_given(self.store, version)
            or signatures.is_signed_by_trusted(self.store, self.log, version)
        )

    def trusts_code(self, version: ModelVersion, file: str) -> bool:
        """Return whether a side file with code, such as a recipe, may be run."""
        stored = version.stored(file)
        return self._whole or (stored is not None and trust.is_trusted(self.url, stored.sha256))

    def trust(self) -> None:
        """Allow all models of this board, now and later, to run code while they are read.

        Raises
        ------
        StateError
            When the state folder cannot be written.
        """
        trust.trust(self.url, self.store.board_id())

    def distrust(self) -> None:
        """Withdraw the trust of `trust`, of `trust_version`, and of pinning here."""
        trust.distrust(self.url)

    def trust_version(self, ref: str | ModelRef | ModelVersion, *, revoke: bool = False) -> Consent:
        """Allow one version to run code while it is read, or withdraw that, and return its record.

        Raises
        ------
        IntegrityError
            When its bytes are not those that were written.
        StateError
            When the state folder cannot be written.
        """
        version = self._version(ref)
        is_model = version.format in registry.handlers()
        shown = consent.look(self.store, version, trusted=not revoke, is_model=is_model)
        if revoke:
            for sha256 in (shown.sha256, *_code_of(version)):
                trust.distrust_version(self.url, sha256)
        else:
            for sha256 in (shown.sha256, *_code_of(version)):
                trust.trust_version(version, sha256)
        return shown

    def trust_bytes(self, version: ModelVersion, sha256: str) -> None:
        """Trust a version whose model file has this hash, because a user who knows the hash has seen the bytes.

        Raises
        ------
        IntegrityError
            When the version has another hash.
        StateError
            When the state folder cannot be written.
        """
        found, wanted = consent.sha256_of(self.store, version), sha256.removeprefix("sha256:").lower()
        if found.removeprefix("sha256:") != wanted:
            raise IntegrityError(f"The file of {version.ref} has the hash {found[:80]}, not {wanted[:80]}.")
        trust.trust_version(version, found)

    def sign(
        self, ref: str | ModelRef | ModelVersion, private_key: Path | str, *, password: str | None = None
    ) -> Signed:
        """Sign a version with an EC key. This needs the ``signing`` extra.

        Raises
        ------
        InvalidInput
            When the key does not exist.
        MissingDependency
            Without the extra.
        """
        return signatures.sign(self.store, self.log, self._version(ref), Path(private_key).expanduser(), password)

    def trust_key(self, public_key: Path | str | None) -> None:
        """Trust the versions that were signed with this key. None ends the trust in all keys.

        Raises
        ------
        InvalidInput
            When the key does not exist.
        """
        if public_key is None:
            signatures.distrust_keys(self.url)
        else:
            signatures.trust_key(self.url, Path(public_key))

    def require_signature(self, public_key: Path | str | None) -> None:
        """Let this user read only models signed with this key. None ends that.

        Raises
        ------
        InvalidInput
            When the key does not exist.
        """
        signatures.require(self.url, None if public_key is None else Path(public_key))

    def writing(self) -> Founding:
        """Return the context of a first write: the board that it creates is this user's own."""
        recipe_guard.refuse("a write to a board")
        return Founding(self.store, self.trust_founded)

    def load(self, version: str | ModelRef | ModelVersion) -> Any:
        """Return the fitted model. Its bytes are verified before any of them is deserialised.

        Raises
        ------
        IntegrityError
            When the bytes are not those that were written.
        NotTrusted
            When reading would run code that was not approved, or a signature that the policy requires is missing.
        """
        wanted = self._version(version)
        known = wanted.format in registry.handlers()
        if known:
            wanted = consent.with_sha256(self.store, wanted)
        signatures.check(self.store, self.log, wanted)
        return load_model(
            self.store,
            wanted,
            trusted=known and self.trusts(wanted),
            refuse=lambda why: consent.refusal(self.store, wanted, why, founded=self.trusted),
        )

    def adopt(self) -> None:
        """Apply `trust_founded` to an existing board."""
        if self.trust_founded and not self._whole and trust.is_founded(self.url, self.store.board_id()):
            self.trust()

    def _trust_own(self, version: ModelVersion) -> None:
        """Trust a version that this user pins. Without a writable state folder, reading it needs consent."""
        with contextlib.suppress(StateError):
            for sha256 in (consent.sha256_of(self.store, version), *_code_of(version)):
                trust.trust_version(version, sha256)

    def _trusted_among(self, hashes: set[str]) -> set[str]:
        return hashes if self._whole else trust.trusted_among(self.url, hashes)

    def _version(self, version: str | ModelRef | ModelVersion) -> ModelVersion:
        return version if isinstance(version, ModelVersion) else self.version(version)


def _code_of(version: ModelVersion) -> list[str]:
    """Return the hashes of the side files of a version that hold code."""
    return [stored.sha256 for stored in version.files if stored.name in CODE]
