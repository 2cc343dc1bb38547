"""The models of a board, and the versions of the one that is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_magics.widgets import records, text
from mlops_magics.widgets.saved import versions
from mlops_magics.widgets.view import RecordView, Shown

if TYPE_CHECKING:
    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import ModelTable
    from mlops_magics.core.wire.version_records import Versions


def show(table: ModelTable, session: Session) -> Shown:
    """Return the display of a board's models."""
    page = versions.models(records.models(session, table))
    return Shown("models", text.models(table), page, lambda: ModelsView(table, session))


class ModelsView(RecordView):
    """A `ModelTable`."""

    view_kind = "models"
    view_styles = ("models", "versions", "compare")

    def __init__(self, table: ModelTable, session: Session) -> None:
        self._session, self._board = session, table.attrs["board"]
        super().__init__(records.models(session, table), {"versions": self._versions})

    def _versions(self, name: str) -> Versions:
        ref = self._session.labelled(name, self._board)
        return records.versions(self._session, self._session.versions(ref))
