"""The version history of one model: promote, roll back, compare, deploy and delete from the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_magics.core.session import comparison_view
from mlops_magics.core.wire.encoding import to_json
from mlops_magics.core.wire.version_records import Deleted, Message, Moved
from mlops_magics.widgets import records, text
from mlops_magics.widgets.saved import versions
from mlops_magics.widgets.view import RecordView, Shown, Verb

if TYPE_CHECKING:
    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import AliasMove, VersionTable
    from mlops_magics.core.wire.comparison_record import Comparison


def show(table: VersionTable, session: Session) -> Shown:
    """Return the display of a version history."""
    page = versions.versions(records.versions(session, table))
    return Shown("versions", text.versions(table), page, lambda: VersionsView(table, session))


class VersionsView(RecordView):
    """A `VersionTable`, read again from the board after each change."""

    view_kind = "versions"
    view_styles = ("versions", "compare")

    def __init__(self, table: VersionTable, session: Session) -> None:
        self._session, self._name, self._board = session, table.attrs["name"], table.attrs["board"]
        verbs: dict[str, Verb] = {
            "promote": self._promote,
            "rollback": self._rollback,
            "compare": self._compare,
            "deploy": self._deploy,
            "delete": self._delete,
            "restore": self._restore,
        }
        super().__init__(records.versions(session, table), verbs)

    @property
    def _model(self) -> str:
        return self._session.labelled(self._name, self._board)

    def _ref(self, version: str) -> str:
        return f"{self._model}@{version}"

    def _read_again(self) -> None:
        self.record = to_json(records.versions(self._session, self._session.versions(self._model)))

    def _moved(self, move: AliasMove) -> Moved:
        self._read_again()
        return records.moved(self._session, move)

    def _promote(self, version: str, alias: str, force: bool = False) -> Moved:
        return self._moved(self._session.promote(self._ref(version), to=alias, force=force is True))

    def _rollback(self, alias: str | None = None, force: bool = False) -> Moved:
        return self._moved(self._session.rollback(self._model, alias, force=force is True))

    def _compare(self, a: str, b: str) -> Comparison:
        return comparison_view.of(self._session.compare(self._ref(a), self._ref(b)))

    def _deploy(self, version: str) -> Message:
        endpoint = self._session.deploy(self._ref(version))
        return Message(f"{endpoint.name} {self._called(endpoint.version)} answers at {endpoint.url}.")

    def _delete(self, version: str) -> Deleted:
        called = self._called(version)
        place = self._session.delete(self._ref(version))
        self._read_again()
        return Deleted(f"{called} is in the trash.", place)

    def _restore(self, place: str) -> Message:
        restored = self._session.restore(self._session.labelled(place, self._board))
        self._read_again()
        return Message(f"v{restored.number} is back.")

    def _called(self, version: str) -> str:
        return f"v{self._session.version(self._ref(version)).number}"
