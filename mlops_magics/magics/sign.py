"""`%sign`: a signature by which others trust a version without a question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_magics.magics.verb import option, verb, word

if TYPE_CHECKING:
    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import Signed


@verb(
    word("ref", "the version", "version"),
    option("--key", "a private EC key", metavar="PRIVATE.pem", required=True),
    option("--password-variable", "the environment variable with the key's password", metavar="NAME"),
    examples=(
        "%sign penguins@champion --key mine.pem",
        "%sign penguins --key mine.pem --password-variable KEY_PASSWORD",
        "%sign team:penguins@v3 --key mine.pem",
    ),
)
def sign(session: Session, ref: str, key: str, password_variable: str | None) -> Signed:
    """Sign every file of a version. With `%trust --key PUBLIC.pem` a reader trusts all that this key signed.

    Needs the extra: `pip install 'mlops-magics[signing]'`.
    """
    return session.sign(ref, key, password_variable=password_variable)
