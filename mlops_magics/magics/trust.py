"""`%trust`: let a version of another user, or the versions of a signer, run code while they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_magics.magics.verb import option, switch, verb, word

if TYPE_CHECKING:
    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import Consent


@verb(
    word("ref", "a version of another user", "version", nargs="?"),
    option("--key", "a public key: trust the versions of the board that it signed", metavar="PUBLIC.pem"),
    switch("--required", "with --key: read only versions that it signed"),
    switch("--revoke", "trust the version, or the keys of the board, no longer"),
    examples=("%trust penguins@20261123T133731Z-050cc", "%trust --key colleague.pem", "%trust penguins --revoke"),
)
def trust(session: Session, ref: str | None, key: str | None, required: bool, revoke: bool) -> Consent | None:
    """Let a version of another user run code while it is read. Its author, time and types are shown.

    Models that you pinned, and formats that are checked before they are read, need no trust.
    """
    if required or (revoke and ref is None):
        session.require_signature(None if revoke else key)
    return session.trust(ref, key=key, revoke=revoke)
