"""`%promote`: let an alias name a version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_magics.magics.verb import option, switch, verb, word

if TYPE_CHECKING:
    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import AliasMove


@verb(
    word("ref", "name, name@alias, name@v3, or name@ID with the id's beginning or end", "version"),
    word("alias", "champion (the default), challenger, or a name of your own", "alias", nargs="?", default="champion"),
    option("--note", "the reason, kept in the history"),
    switch("--force", "move an alias that is protected, or make one that looks like a typing error"),
    examples=(
        "%promote penguins",
        "%promote penguins@challenger champion --note 'better on the islands'",
        "%promote penguins@v3 archive",
    ),
)
def promote(session: Session, ref: str, alias: str, note: str | None, force: bool) -> AliasMove:
    """Let an alias name this version. `%rollback` goes back to the one before."""
    return session.promote(ref, to=alias, note=note, force=force)
