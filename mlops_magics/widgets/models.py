"""The models of a board, and the versions of the one that is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlops_magics.widgets import wire
from mlops_magics.widgets.view import RecordView, bundle

if TYPE_CHECKING:
    import pandas as pd

    from mlops_magics.core.session import Session


class ModelsView(RecordView):
    """A `ModelTable`."""

    _esm = bundle("models")

    def __init__(self, table: pd.DataFrame, session: Session) -> None:
        self._session, self._board = session, table.attrs["board"]
        super().__init__(wire.models(table), {"versions": self._versions})

    def _versions(self, name: str) -> dict[str, Any]:
        return wire.versions(self._session.versions(self._session.labelled(name, self._board)))
