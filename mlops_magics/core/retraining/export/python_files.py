"""Files of Python for Airflow, Prefect and Dagster: constants at the top, which are read back from the syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from mlops_magics.core.retraining.export.export_plan import ExportPlan, ParsedExport


def constants(files: Mapping[str, str]) -> dict[str, Any]:
    """Return the constants of a file, by name."""
    found: dict[str, Any] = {}
    for node in ast.parse(files[""]).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id.isupper():
            found[node.targets[0].id] = ast.literal_eval(node.value)
    return found


def parsed(files: Mapping[str, str], argv: tuple[str, ...]) -> ParsedExport:
    """Return the content of a file, given the command that it runs."""
    known = constants(files)
    return ParsedExport(argv, frozenset(known["SECRETS"]), known["CRON"], known["ZONE"])


def head(plan: ExportPlan, **more: Any) -> str:
    """Return the constants of a plan as code."""
    values = {"CRON": plan.cron, "ZONE": plan.zone, "SECRETS": list(plan.secrets), "SECONDS": plan.seconds, **more}
    return "\n".join(f"{name} = {value!a}" for name, value in values.items())
