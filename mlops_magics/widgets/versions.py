"""The version history of one model: promote, roll back, compare and deploy from the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlops_magics.widgets import wire
from mlops_magics.widgets.view import RecordView, Verb, bundle

if TYPE_CHECKING:
    import pandas as pd

    from mlops_magics.core.session import Session


class VersionsView(RecordView):
    """A `VersionTable`; what a button changes is read again from the board."""

    _esm = bundle("versions")

    def __init__(self, table: pd.DataFrame, session: Session) -> None:
        self._session, self._name = session, table.attrs["name"]
        verbs: dict[str, Verb] = {
            "promote": self._promote,
            "rollback": self._rollback,
            "compare": self._compare,
            "deploy": self._deploy,
        }
        super().__init__(wire.versions(table), verbs)

    def _ref(self, version: str) -> str:
        return f"{self._name}@{version}"

    def _again(self) -> dict[str, Any]:
        self.record = wire.versions(self._session.versions(self._name))
        return dict(self.record)

    def _promote(self, version: str, alias: str) -> dict[str, Any]:
        self._session.promote(self._ref(version), to=alias)
        return self._again()

    def _rollback(self) -> dict[str, Any]:
        self._session.rollback(self._name)
        return self._again()

    def _compare(self, a: str, b: str) -> dict[str, Any]:
        return wire.compare(self._session.compare(self._ref(a), self._ref(b)))

    def _deploy(self, version: str) -> dict[str, Any]:
        endpoint = self._session.deploy(self._ref(version))
        return {"message": f"{endpoint.name}@{endpoint.version} answers at {endpoint.url}"}
