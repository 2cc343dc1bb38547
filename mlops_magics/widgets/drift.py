"""The findings of a report: features by period, distributions, performance. The selection is readable in Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

import traitlets

from mlops_magics.widgets import records
from mlops_magics.widgets.saved import report
from mlops_magics.widgets.view import RecordView, Shown

if TYPE_CHECKING:
    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import MonitorReport
    from mlops_magics.core.wire.report_record import Report


def show(found: MonitorReport, session: Session) -> Shown:
    """Return the display of a report."""
    page = report.report(records.report_of(found, session))
    return Shown("drift", repr(found), page, lambda: DriftView(found, session))


class ReportView(RecordView):
    """The record of a report on a model of a board.

    Attributes
    ----------
    selected
        ``{"feature": name, "periods": [labels]}``: the reader's choice.
    """

    view_kind = "drift"
    selected = traitlets.Dict().tag(sync=True)

    def __init__(self, record: Report, session: Session, board: str) -> None:
        super().__init__(record, {"reference": lambda: records.reference(session, record.name, board)})


class DriftView(ReportView):
    """A `MonitorReport`, which has this view as ``report.view`` from now on."""

    def __init__(self, found: MonitorReport, session: Session) -> None:
        super().__init__(records.report_of(found, session), session, session.board.url)
        found.show_in(self)
