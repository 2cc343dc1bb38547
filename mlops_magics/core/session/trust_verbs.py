"""The verbs of trust: versions that may run code while they are read, and their signers."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from mlops_magics.core.session.open_boards import OpenBoards
from mlops_magics.errors import InvalidInput

if TYPE_CHECKING:
    from mlops_magics.core.versioning.integrity.consent import Consent
    from mlops_magics.core.versioning.integrity.signatures import Signed


class TrustVerbs(OpenBoards):
    """The part of a session that decides on trust."""

    def trust(self, ref: str | None = None, *, key: str | Path | None = None, revoke: bool = False) -> Consent | None:
        """Let a version, or every version signed with a key, run code while it is read.

        Parameters
        ----------
        ref
            A version of another user whose file is pickled. Versions that you pinned yourself are trusted already.
        key
            A public key in PEM: versions of the current board that it signed are trusted, now and later.
        revoke
            Take it back. Without ``ref``, the trust in all keys of the board.

        Returns
        -------
        Consent
            Author, time and types of the version, or None for a key.

        Raises
        ------
        InvalidInput
            When neither or both are given, or the key does not exist.
        NotFound, IntegrityError, StateError
        """
        if (ref is None) == (key is None) and not (revoke and key is None):
            raise InvalidInput("Give a version, `%trust NAME@VERSION`, or a public key, `%trust --key PUBLIC.pem`.")
        if ref is None:
            self.board.trust_key(None if revoke else key)
            return None
        board, version = self._locate(ref)
        return board.trust_version(version, revoke=revoke)

    def sign(self, ref: str, key: str | Path, *, password_variable: str | None = None) -> Signed:
        """Sign a version with a private EC key. Users who trust the public key then read it without a question.

        Parameters
        ----------
        key
            A private key in PEM (P-256, P-384 or P-521).
        password_variable
            The environment variable that holds the password of the key, where it is encrypted.

        Raises
        ------
        InvalidInput
            When the key or the variable does not exist.
        MissingDependency
            Without the ``signing`` extra.
        NotFound, IntegrityError, BoardError
        """
        password = os.environ.get(password_variable) if password_variable else None
        if password_variable and password is None:
            raise InvalidInput(f"The environment has no variable {password_variable!r}.")
        board, version = self._locate(ref)
        return board.sign(version, key, password=password)

    def require_signature(self, key: str | Path | None) -> None:
        """Let this user read only versions of the current board that were signed with this key. None ends that.

        Raises
        ------
        InvalidInput
            When the key does not exist.
        """
        self.board.require_signature(key)
