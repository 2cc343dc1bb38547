"""`%board`: show or choose the place of versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_magics.magics.verb import option, switch, verb, word

if TYPE_CHECKING:
    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import Board


@verb(
    word(
        "place",
        "a folder, a URL (s3://, gs://, abfs://, connect://), or the label of a board that is open",
        "board",
        nargs="?",
    ),
    option("--name", "call it so in references: NAME:model@alias"),
    switch("--trust", "let models of this board be deserialised from now on, which can run what is in them"),
    examples=("%board", "%board models", "%board s3://bucket/models --name team --trust"),
    board=False,
)
def board(session: Session, place: str | None, name: str | None, trust: bool) -> Board:
    """Show the current board, or choose another one."""
    if place is None and not trust and name is None:
        return session.board
    return session.use(place if place is not None else session.board.label, name=name, trust=trust, check=True)
