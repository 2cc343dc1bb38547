"""The types of a text file that is compared with another source: text has none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mlops_magics.core.monitoring.counting import one_pass
from mlops_magics.core.monitoring.profiling import row_features
from mlops_magics.core.monitoring.profiling.reference_profile import ReferenceProfile
from mlops_magics.core.monitoring.reading import tables


def typed(reference: Any, current: Any) -> tuple[Any, Any]:
    """Return both sides, of which a text file beside another source is read by the types of that source."""
    sides = reference, current
    texts = [isinstance(side, str | Path) for side in sides]
    if texts[0] == texts[1] or any(isinstance(side, ReferenceProfile) or one_pass.is_large(side) for side in sides):
        return sides
    other = sides[texts[0]]
    read = tables.read(sides[texts[1]], row_features.schema_of(row_features.of_table(other)))
    return (read, other) if texts[0] else (other, read)
