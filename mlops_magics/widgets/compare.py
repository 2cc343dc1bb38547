"""The differences between two versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_magics.widgets import records
from mlops_magics.widgets.view import RecordView

if TYPE_CHECKING:
    from mlops_magics.core.session.records import VersionDiff


class CompareView(RecordView):
    """A `VersionDiff`."""

    view_kind = "compare"

    def __init__(self, diff: VersionDiff) -> None:
        super().__init__(records.comparison(diff))
