"""Tables that stay in their engine: Ibis tables and Spark frames too large to collect are counted where they are."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from mlops_magics.core.monitoring import reference_profile
from mlops_magics.core.monitoring.engines import queries, two_pass
from mlops_magics.core.monitoring.findings import Finding
from mlops_magics.core.monitoring.reference_profile import ReferenceProfile
from mlops_magics.core.monitoring.samples import NumericSample
from mlops_magics.core.monitoring.statistics import kolmogorov, registry

ROWS_IN_MEMORY = 5_000_000  # up to which a table is collected and compared row by row
SAMPLE_ROWS = 200_000  # that set the edges at which a reference in an engine is counted


def is_large(data: Any) -> bool:
    """Tell whether this is a table in an engine that should not be collected."""
    module = type(data).__module__.partition(".")[0]
    if module == "ibis":
        return int(data.count().execute()) > ROWS_IN_MEMORY
    return module == "pyspark" and int(data.count()) > ROWS_IN_MEMORY


def table_of(data: Any) -> Any:
    """Return the Ibis table of a Spark frame (a view of its session), or the table itself."""
    if type(data).__module__.partition(".")[0] == "ibis":
        return data
    import ibis

    view = f"mlops_magics_{uuid.uuid4().hex}"
    data.createOrReplaceTempView(view)
    return ibis.pyspark.connect(data.sparkSession).table(view)


def profile_of(data: Any, like: ReferenceProfile | None = None) -> ReferenceProfile:
    """Count a table at the edges of a profile, or of one of its first rows."""
    table = table_of(data)
    return queries.profile_of(table, like or reference_profile.profile(table.limit(SAMPLE_ROWS)))


def with_exact_distances(
    found: Sequence[Finding], reference: Any, current: Any, profiles: tuple[ReferenceProfile, ReferenceProfile]
) -> list[Finding]:
    """Replace the KS distances of numbers that profiles gave by those of the rows, found in two GROUP BY passes."""
    kinds = {name: feature.kind for name, feature in profiles[0].features.items()}
    names = [finding.feature for finding in found if finding.statistic == "ks" and kinds[finding.feature] == "numeric"]
    exact = two_pass.distances(table_of(reference), table_of(current), names) if names else {}
    return [_exact(finding, exact, profiles) if finding.statistic == "ks" else finding for finding in found]


def _exact(
    finding: Finding, exact: Mapping[str, float], profiles: tuple[ReferenceProfile, ReferenceProfile]
) -> Finding:
    before, now = (profile.features[finding.feature].sample for profile in profiles)
    if finding.feature not in exact or not isinstance(before, NumericSample) or not isinstance(now, NumericSample):
        return finding
    distance = exact[finding.feature]
    p = kolmogorov.p_value(before, now, distance, exact=False)
    return replace(finding, score=distance, p_value=p, matters=distance >= registry.SHARE_FLOOR)
