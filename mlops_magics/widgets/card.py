"""A model card, whose texts are written in place and kept with the version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_magics.core.session import card_view
from mlops_magics.core.wire.card_record import Card
from mlops_magics.core.wire.encoding import to_json
from mlops_magics.widgets.saved import card
from mlops_magics.widgets.view import RecordView, Shown

if TYPE_CHECKING:
    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import ModelCard


def show(found: ModelCard, session: Session) -> Shown:
    """Return the display of a model card."""
    page = card.card(card_view.of(session, found))
    return Shown("card", repr(found), page, lambda: CardView(found, session))


class CardView(RecordView):
    """A `ModelCard`, read again after each text."""

    view_kind = "card"

    def __init__(self, found: ModelCard, session: Session) -> None:
        self._session, self._version = session, found.version
        super().__init__(card_view.of(session, found), {"write": self._write})

    def _write(self, part: str, text: str) -> Card:
        ref = self._session.labelled(self._version.ref, self._version.board)
        record = card_view.of(self._session, self._session.model_card(ref, {part: text}))
        self.record = to_json(record)
        return record
