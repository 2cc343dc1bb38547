"""The verbs of documents: a version's card, and the texts that people write."""

from __future__ import annotations

from mlops_magics.core.session import Session, card_view
from mlops_magics.core.wire.panel_records import CardReply
from mlops_magics.panel.address import changing, reading
from mlops_magics.panel.board_pool import BoardPool


@reading("/boards/{board}/models/{name}/versions/{version}/card")
def card(pool: BoardPool, board: str, name: str, version: str) -> CardReply:
    """Return the card of a version."""
    ref = f"{pool.ref(board, name)}@{version}"
    return pool.run(board, lambda session: CardReply(card_view.of(session, session.model_card(ref))))


@changing("/boards/{board}/models/{name}/versions/{version}/card/{part}")
def write_card(pool: BoardPool, board: str, name: str, version: str, part: str, text: str) -> CardReply:
    """Keep a text of a card with a version; an empty one removes the part."""
    ref = f"{pool.ref(board, name)}@{version}"

    def written(session: Session) -> CardReply:
        return CardReply(card_view.of(session, session.model_card(ref, {part: text})))

    return pool.run(board, written)
