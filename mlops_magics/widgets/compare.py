"""What differs between two versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_magics.widgets import wire
from mlops_magics.widgets.view import RecordView, bundle

if TYPE_CHECKING:
    from mlops_magics.core.versioning import VersionDiff


class CompareView(RecordView):
    """A `VersionDiff`."""

    _esm = bundle("compare")

    def __init__(self, diff: VersionDiff) -> None:
        super().__init__(wire.compare(diff))
