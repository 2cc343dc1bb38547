"""What a report found: features by period, distributions, performance; what is selected is readable in Python."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

import traitlets

from mlops_magics.widgets import wire
from mlops_magics.widgets.view import RecordView, bundle

if TYPE_CHECKING:
    from mlops_magics.core.monitoring import MonitorReport


class DriftView(RecordView):
    """A `MonitorReport`.

    Attributes
    ----------
    selected
        ``{"feature": name, "periods": [labels]}``: what the reader chose.
    """

    _esm = bundle("drift")
    selected = traitlets.Dict().tag(sync=True)

    def __init__(self, report: MonitorReport) -> None:
        super().__init__(wire.safe(report.wire()))
        _latest[id(report)] = self


_latest: weakref.WeakValueDictionary[int, DriftView] = weakref.WeakValueDictionary()


def view_of(report: MonitorReport) -> DriftView | None:
    """Return the view in which a report was shown last."""
    return _latest.get(id(report))
