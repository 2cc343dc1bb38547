"""`%rollback`: let an alias name the version before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_magics.magics.verb import option, switch, verb, word

if TYPE_CHECKING:
    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import AliasMove


@verb(
    word("name", "the model", "model"),
    option("--alias", "the alias (default: champion, or the only one that ever moved)", "alias"),
    option("--note", "the reason, kept in the history"),
    switch("--force", "move an alias that is protected"),
    examples=(
        "%rollback penguins",
        "%rollback penguins --alias challenger",
        "%rollback penguins --alias champion --note 'worse on Biscoe'",
    ),
)
def rollback(session: Session, name: str, alias: str | None, note: str | None, force: bool) -> AliasMove:
    """Let an alias name the version before. Each rollback goes one further back, `%promote` goes forth again.

    An endpoint that was deployed by this alias goes back with it, at once: the version before is still in its memory.
    """
    return session.rollback(name, alias=alias, note=note, force=force)
