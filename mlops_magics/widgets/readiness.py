"""A team's readiness: questions that boards do not answer are answered in place, and kept on the board."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_magics.core.session import readiness_view
from mlops_magics.core.wire.encoding import to_json
from mlops_magics.core.wire.readiness_record import Assessment
from mlops_magics.widgets.saved import readiness
from mlops_magics.widgets.view import RecordView, Shown

if TYPE_CHECKING:
    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import Readiness


def show(found: Readiness, session: Session) -> Shown:
    """Return the display of an assessment."""
    page = readiness.readiness(readiness_view.of(found))
    return Shown("readiness", repr(found), page, lambda: ReadinessView(found, session))


class ReadinessView(RecordView):
    """A `Readiness`, assessed again after each answer."""

    view_kind = "readiness"

    def __init__(self, found: Readiness, session: Session) -> None:
        self._session = session
        super().__init__(readiness_view.of(found), {"again": self._again, "answer": self._answer})

    def _again(self) -> Assessment:
        return self._shown(self._session.readiness())

    def _answer(self, id: str, answer: str, note: str = "") -> Assessment:
        return self._shown(self._session.readiness([f"{id}={answer}:{note}"]))

    def _shown(self, found: Readiness) -> Assessment:
        record = readiness_view.of(found)
        self.record = to_json(record)
        return record
