"""The records that a session returns: a face's imports from the core besides `Session`, and types that it displays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlops_magics.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from mlops_magics.core.cards.model_card import ModelCard as ModelCard
    from mlops_magics.core.catalogue.site import Site as Site
    from mlops_magics.core.dashboards.dashboard import Dashboard as Dashboard
    from mlops_magics.core.deploying.batch.batch_run import BatchResult as BatchResult
    from mlops_magics.core.deploying.contract.methods import METHODS as METHODS
    from mlops_magics.core.deploying.endpoints.endpoint import Endpoint as Endpoint
    from mlops_magics.core.deploying.endpoints.endpoint_table import EndpointTable as EndpointTable
    from mlops_magics.core.deploying.targets.package_record import Package as Package
    from mlops_magics.core.deploying.targets.remote import RemoteDeployment as RemoteDeployment
    from mlops_magics.core.known_boards import KnownBoard as KnownBoard
    from mlops_magics.core.monitoring.alerts.thresholds import Thresholds as Thresholds
    from mlops_magics.core.monitoring.report import MonitorReport as MonitorReport
    from mlops_magics.core.readiness.assessment import Readiness as Readiness
    from mlops_magics.core.recipe_guard import Skipped as Skipped
    from mlops_magics.core.retraining.export.export_files import Exported as Exported
    from mlops_magics.core.retraining.policies.policy import Policy as Policy
    from mlops_magics.core.retraining.policies.policy_runs import PolicyRun as PolicyRun
    from mlops_magics.core.retraining.policies.policy_table import PolicyTable as PolicyTable
    from mlops_magics.core.retraining.recipe.cell_recipe import CellFacts as CellFacts
    from mlops_magics.core.retraining.retraining import Retraining as Retraining
    from mlops_magics.core.retraining.running.job import Job as Job
    from mlops_magics.core.session.suggestions import Suggestions as Suggestions
    from mlops_magics.core.verdict_table import VerdictTable as VerdictTable
    from mlops_magics.core.versioning.board import Board as Board
    from mlops_magics.core.versioning.comparing.diff import VersionDiff as VersionDiff
    from mlops_magics.core.versioning.describing.model_version import ModelVersion as ModelVersion
    from mlops_magics.core.versioning.describing.prototype import Prototype as Prototype
    from mlops_magics.core.versioning.history.aliases import Protection as Protection
    from mlops_magics.core.versioning.history.events import AliasMove as AliasMove
    from mlops_magics.core.versioning.integrity.consent import Consent as Consent
    from mlops_magics.core.versioning.integrity.signatures import Signed as Signed
    from mlops_magics.core.versioning.listing.version_tables import HistoryTable as HistoryTable
    from mlops_magics.core.versioning.listing.version_tables import ModelTable as ModelTable
    from mlops_magics.core.versioning.listing.version_tables import VersionTable as VersionTable
    from mlops_magics.core.versioning.maintenance.verification import VerifyReport as VerifyReport
    from mlops_magics.core.versioning.publishing.onnx_export import OnnxCopy as OnnxCopy
    from mlops_magics.core.versioning.stores.sweep import Swept as Swept

HOMES = {
    "AliasMove": "mlops_magics.core.versioning.history.events",
    "Board": "mlops_magics.core.versioning.board",
    "Consent": "mlops_magics.core.versioning.integrity.consent",
    "Signed": "mlops_magics.core.versioning.integrity.signatures",
    "CellFacts": "mlops_magics.core.retraining.recipe.cell_recipe",
    "BatchResult": "mlops_magics.core.deploying.batch.batch_run",
    "Dashboard": "mlops_magics.core.dashboards.dashboard",
    "Endpoint": "mlops_magics.core.deploying.endpoints.endpoint",
    "EndpointTable": "mlops_magics.core.deploying.endpoints.endpoint_table",
    "Exported": "mlops_magics.core.retraining.export.export_files",
    "HistoryTable": "mlops_magics.core.versioning.listing.version_tables",
    "Job": "mlops_magics.core.retraining.running.job",
    "KnownBoard": "mlops_magics.core.known_boards",
    "ModelCard": "mlops_magics.core.cards.model_card",
    "ModelTable": "mlops_magics.core.versioning.listing.version_tables",
    "ModelVersion": "mlops_magics.core.versioning.describing.model_version",
    "MonitorReport": "mlops_magics.core.monitoring.report",
    "Package": "mlops_magics.core.deploying.targets.package_record",
    "OnnxCopy": "mlops_magics.core.versioning.publishing.onnx_export",
    "Policy": "mlops_magics.core.retraining.policies.policy",
    "PolicyRun": "mlops_magics.core.retraining.policies.policy_runs",
    "PolicyTable": "mlops_magics.core.retraining.policies.policy_table",
    "Protection": "mlops_magics.core.versioning.history.aliases",
    "Prototype": "mlops_magics.core.versioning.describing.prototype",
    "RemoteDeployment": "mlops_magics.core.deploying.targets.remote",
    "Readiness": "mlops_magics.core.readiness.assessment",
    "Retraining": "mlops_magics.core.retraining.retraining",
    "Skipped": "mlops_magics.core.recipe_guard",
    "Site": "mlops_magics.core.catalogue.site",
    "Suggestions": "mlops_magics.core.session.suggestions",
    "Swept": "mlops_magics.core.versioning.stores.sweep",
    "Thresholds": "mlops_magics.core.monitoring.alerts.thresholds",
    "VerdictTable": "mlops_magics.core.verdict_table",
    "VerifyReport": "mlops_magics.core.versioning.maintenance.verification",
    "VersionDiff": "mlops_magics.core.versioning.comparing.diff",
    "VersionTable": "mlops_magics.core.versioning.listing.version_tables",
}
"""The module that defines each record."""
VIEWS = {
    "Endpoint": "endpoint",
    "ModelCard": "card",
    "ModelTable": "models",
    "MonitorReport": "drift",
    "Readiness": "readiness",
    "Retraining": "retraining",
    "VersionDiff": "compare",
    "VersionTable": "versions",
}
"""The records with a live view, and its name in every face."""
__all__ = list(HOMES)

__getattr__, __dir__ = lazy_exports(__name__, {**HOMES, "METHODS": "mlops_magics.core.deploying.contract.methods"})


def to_json(record: Any) -> Any:
    """Return a record as JSON values, as ``--json`` prints it."""
    from mlops_magics.core.versioning.describing.json_values import json_safe

    if hasattr(record, "columns") and hasattr(record, "to_dict"):
        return json_safe(record.to_dict("records"))
    return json_safe(record.to_json() if hasattr(record, "to_json") else record)
