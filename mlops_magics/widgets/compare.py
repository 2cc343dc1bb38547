"""The differences between two versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_magics.core.session import comparison_view
from mlops_magics.widgets.saved import comparison
from mlops_magics.widgets.view import RecordView, Shown

if TYPE_CHECKING:
    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import VersionDiff


def show(diff: VersionDiff, session: Session) -> Shown:
    """Return the display of a comparison."""
    return Shown("compare", str(diff), comparison.comparison(comparison_view.of(diff)), lambda: CompareView(diff))


class CompareView(RecordView):
    """A `VersionDiff`."""

    view_kind = "compare"

    def __init__(self, diff: VersionDiff) -> None:
        super().__init__(comparison_view.of(diff))
