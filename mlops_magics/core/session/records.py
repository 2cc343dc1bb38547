"""The records that a session returns: what a face imports of the core besides `Session`, and what it can display."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlops_magics.lazy_exports import lazy_exports

if TYPE_CHECKING:
    pass

HOMES = {
    "AliasMove": "mlops_magics.core.versioning.history.events",
    "Board": "mlops_magics.core.versioning.board",
    "Endpoint": "mlops_magics.core.deploying.endpoints.endpoint",
    "EndpointTable": "mlops_magics.core.deploying.endpoints.endpoint_table",
    "HistoryTable": "mlops_magics.core.versioning.listing.version_tables",
    "ModelTable": "mlops_magics.core.versioning.listing.version_tables",
    "ModelVersion": "mlops_magics.core.versioning.describing.model_version",
    "MonitorReport": "mlops_magics.core.monitoring.report",
    "OnnxCopy": "mlops_magics.core.versioning.publishing.onnx_export",
    "Suggestions": "mlops_magics.core.session.suggestions",
    "Swept": "mlops_magics.core.versioning.stores.sweep",
    "Thresholds": "mlops_magics.core.monitoring.alerts.thresholds",
    "VerdictTable": "mlops_magics.core.verdict_table",
    "VerifyReport": "mlops_magics.core.versioning.maintenance.verification",
    "VersionDiff": "mlops_magics.core.versioning.comparing.diff",
    "VersionTable": "mlops_magics.core.versioning.listing.version_tables",
}
"""The module that defines each record."""
__all__ = list(HOMES)

__getattr__, __dir__ = lazy_exports(__name__, HOMES)


def to_json(record: Any) -> Any:
    """Return a record as JSON values, as ``--json`` prints it."""
    from mlops_magics.core.versioning.describing.json_values import json_safe

    if hasattr(record, "columns") and hasattr(record, "to_dict"):
        return json_safe(record.to_dict("records"))
    return json_safe(record.to_json() if hasattr(record, "to_json") else record)
