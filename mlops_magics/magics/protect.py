"""`%protect`: an alias that moves only on purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_magics.magics.verb import option, switch, verb, word

if TYPE_CHECKING:
    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import Protection


@verb(
    word("name", "the model", "model"),
    word("alias", "champion, challenger, or a name of your own", "alias"),
    switch("--off", "let it move freely again"),
    option("--note", "the reason, kept in the history"),
    examples=(
        "%protect penguins champion",
        "%protect penguins champion --note 'the auditors watch it'",
        "%protect penguins champion --off",
    ),
)
def protect(session: Session, name: str, alias: str, off: bool, note: str | None) -> Protection:
    """Let an alias be moved with `--force` only: by `%promote`, and by `%rollback`."""
    return session.protect(name, alias, protected=not off, note=note)
