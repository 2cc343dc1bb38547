"""The version history of one model: promote, roll back, compare and deploy from the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlops_magics.widgets import wire
from mlops_magics.widgets.view import RecordView, Verb, bundle

if TYPE_CHECKING:
    import pandas as pd

    from mlops_magics.core.session import Session
    from mlops_magics.core.versioning import AliasMove


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
        super().__init__(wire.versions(table), verbs)

    @property
    def _model(self) -> str:
        return self._session.labelled(self._name, self._board)

    def _ref(self, version: str) -> str:
        return f"{self._model}@{version}"

    def _moved(self, move: AliasMove) -> dict[str, Any]:
        """Show the board as it is now, and say what moved, so that the same alias can be taken back."""
        self.record = wire.versions(self._session.versions(self._model))
        return {"message": f"{move.alias} is now {move.version or 'nothing'}.", "alias": move.alias}

    def _promote(self, version: str, alias: str) -> dict[str, Any]:
        return self._moved(self._session.promote(self._ref(version), to=alias))

    def _rollback(self, alias: str | None = None) -> dict[str, Any]:
        return self._moved(self._session.rollback(self._model, alias))

    def _compare(self, a: str, b: str) -> dict[str, Any]:
        return wire.compare(self._session.compare(self._ref(a), self._ref(b)))

    def _deploy(self, version: str) -> dict[str, Any]:
        endpoint = self._session.deploy(self._ref(version))
        return {"message": f"{endpoint.name}@{endpoint.version} answers at {endpoint.url}"}

    def _stop(self) -> dict[str, Any]:
        self._session.stop(self._name)
        return {"message": f"The endpoint of {self._name} was stopped."}
