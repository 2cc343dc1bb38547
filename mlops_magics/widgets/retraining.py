"""A retraining: its steps while it runs, then both models, the decision, and a person's own decision."""

from __future__ import annotations

import dataclasses
import os
import threading
from typing import TYPE_CHECKING

from mlops_magics.core.session import retraining_view
from mlops_magics.core.wire.encoding import to_json
from mlops_magics.core.wire.version_records import Message, Moved
from mlops_magics.widgets import records
from mlops_magics.widgets.saved import retraining
from mlops_magics.widgets.view import RecordView, Shown, Verb

if TYPE_CHECKING:
    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import AliasMove, Retraining
    from mlops_magics.core.wire.retraining_record import RetrainingRecord

WATCH_SECONDS = 0.5
"""Time between two looks at a run of another process."""


def show(record: Retraining, session: Session) -> Shown:
    """Return the display of a retraining."""
    page = retraining.retraining(retraining_view.of(session, record))
    return Shown("retraining", repr(record), page, lambda: RetrainingView(record, session))


class RetrainingView(RecordView):
    """A `Retraining`, followed until it has ended."""

    view_kind = "retraining"
    view_styles = ("compare", "retraining")

    def __init__(self, record: Retraining, session: Session) -> None:
        self._session, self._run = session, record
        self._closed = threading.Event()
        verbs: dict[str, Verb] = {
            "promote": self._promote,
            "undo": self._undo,
            "cancel": self._cancel,
            "again": self._again,
        }
        super().__init__(self._shown(record, session), verbs)
        self._follow()

    def close(self) -> None:
        """Stop watching, and close the view."""
        self._closed.set()
        super().close()

    def _follow(self) -> None:
        if self._run.status == "running" and self._run.pid != os.getpid():  # else the run itself reports
            threading.Thread(target=self._watch, name=f"watch {self._run.run}", daemon=True).start()

    def show(self, record: Retraining) -> None:
        """Show a later state of the run."""
        self._show(record, self._session)

    def _show(self, record: Retraining, session: Session) -> None:
        self._run = record
        self.record = to_json(self._shown(record, session))

    def _shown(self, record: Retraining, session: Session) -> RetrainingRecord:
        """Return the record of the view. The cell of a run in this process must be interrupted: its kernel is busy."""
        shown = retraining_view.of(session, record)
        again = record.status in ("failed", "cancelled") and self._session.can_retrain_again(record.name, record.board)
        return dataclasses.replace(
            shown, can_run_again=again, can_cancel=shown.can_cancel and record.pid != os.getpid()
        )

    @property
    def _model(self) -> str:
        return self._session.labelled(self._run.name, self._run.board)

    def _watch(self) -> None:
        session = self._session.visiting(self._run.board)  # two threads must not read one session's board
        while self._run.status == "running" and not self._closed.wait(WATCH_SECONDS):
            listed = session.retrainings(session.labelled(self._run.name, self._run.board))
            found = next((each for each in listed if each.run == self._run.run), None)
            if found is not None and found != self._run:
                self._show(found, session)

    def _cancel(self) -> Message:
        session = self._session.visiting(self._run.board)  # the run may be in another thread of this process
        ended = session.cancel_retraining(session.labelled(self._run.name, self._run.board))
        self._show(ended, session)
        return Message(f"The retraining of {ended.name} is {ended.status}.")

    def _again(self) -> Message:
        self.show(self._session.retrain_again(self._model))
        self._follow()
        return Message(f"The retraining of {self._run.name} runs again.")

    def _promote(self, force: bool = False) -> Moved:
        ref = f"{self._model}@{self._run.version}"
        return self._moved(self._session.promote(ref, to="champion", force=force is True))

    def _undo(self, force: bool = False) -> Moved:
        return self._moved(self._session.rollback(self._model, "champion", force=force is True))

    def _moved(self, move: AliasMove) -> Moved:
        self.show(self._run)
        return records.moved(self._session, move)
