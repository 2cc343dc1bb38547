"""The models of a board, and what is opened of one: its versions, its last drift report, its endpoint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from mlops_magics.core.wire.encoding import to_json
from mlops_magics.errors import InvalidInput
from mlops_magics.widgets import records, text
from mlops_magics.widgets.drift import ReportView
from mlops_magics.widgets.endpoint import EndpointView
from mlops_magics.widgets.saved import versions
from mlops_magics.widgets.versions import VersionsView
from mlops_magics.widgets.view import RecordView, Shown

if TYPE_CHECKING:
    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import ModelTable


def show(table: ModelTable, session: Session) -> Shown:
    """Return the display of a board's models."""
    page = versions.models(records.models(session, table))
    return Shown("models", text.models(table), page, lambda: ModelsView(table, session))


OPENS: Mapping[str, Callable[[Session, str, str], RecordView]] = {
    "versions": lambda session, ref, _: VersionsView(session.versions(ref), session),
    "drift": lambda session, ref, board: ReportView(records.last_report(session, ref), session, board),
    "endpoint": lambda session, ref, _: EndpointView(session.endpoint(ref), session),
}
"""What can be opened of a model, by the word of the browser."""


class ModelsView(RecordView):
    """A `ModelTable`.

    Attributes
    ----------
    opened
        The view below it, which was opened last.
    """

    view_kind = "models"

    def __init__(self, table: ModelTable, session: Session) -> None:
        self._session, self._board, self._query = session, table.attrs["board"], table.attrs.get("query")
        self.opened: RecordView | None = None
        super().__init__(records.models(session, table), {"open": self._open, "reference": self._reference})

    def close(self) -> None:
        """Close what was opened, and the view."""
        if self.opened is not None:
            self.opened.close()
        super().close()

    def _open(self, what: str, name: str) -> str:
        """Open a view of a model in place of the one before; return the reference by which anywidget finds it."""
        if what not in OPENS:
            raise InvalidInput(f"{what!r:.50} cannot be opened, only {', '.join(OPENS)}.")
        opened = OPENS[what](self._session, self._session.labelled(name, self._board), self._board)
        before, self.opened = self.opened, opened
        opened.observe(self._read_again, "record")
        if before is not None:
            before.close()
        return f"anywidget:{opened.model_id}"

    def _read_again(self, _: Any) -> None:
        """Follow what was changed in the view below, as long as the board is the current one."""
        if self._board == self._session.board.url:
            self.record = to_json(records.models(self._session, self._session.models(self._query)))

    def _reference(self, name: str) -> str:
        return records.reference(self._session, name, self._board)
