"""The version history of one model: promote, roll back, compare and deploy from the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_magics.core.wire.encoding import to_json
from mlops_magics.core.wire.version_records import Message, Moved
from mlops_magics.widgets import records
from mlops_magics.widgets.view import RecordView, Verb, bundle

if TYPE_CHECKING:
    import pandas as pd

    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import AliasMove
    from mlops_magics.core.wire.comparison_record import Comparison


class VersionsView(RecordView):
    """A `VersionTable`; what a button changes is read again from the board."""

    _esm = bundle("versions")

    def __init__(self, table: pd.DataFrame, session: Session) -> None:
        self._session, self._name, self._board = session, table.attrs["name"], table.attrs["board"]
        verbs: dict[str, Verb] = {
            "promote": self._promote,
            "rollback": self._rollback,
            "compare": self._compare,
            "deploy": self._deploy,
            "stop": self._stop,
        }
        super().__init__(records.versions(table), verbs)

    @property
    def _model(self) -> str:
        return self._session.labelled(self._name, self._board)

    def _ref(self, version: str) -> str:
        return f"{self._model}@{version}"

    def _moved(self, move: AliasMove) -> Moved:
        """Show the board as it is now, and say what moved, so that the same alias can be taken back."""
        self.record = to_json(records.versions(self._session.versions(self._model)))
        return Moved(f"{move.alias} is now {move.version or 'nothing'}.", move.alias)

    def _promote(self, version: str, alias: str) -> Moved:
        return self._moved(self._session.promote(self._ref(version), to=alias))

    def _rollback(self, alias: str | None = None) -> Moved:
        return self._moved(self._session.rollback(self._model, alias))

    def _compare(self, a: str, b: str) -> Comparison:
        return records.comparison(self._session.compare(self._ref(a), self._ref(b)))

    def _deploy(self, version: str) -> Message:
        endpoint = self._session.deploy(self._ref(version))
        return Message(f"{endpoint.name}@{endpoint.version} answers at {endpoint.url}")

    def _stop(self) -> Message:
        self._session.stop(self._model)
        return Message(f"The endpoint of {self._name} was stopped.")
