"""The JSON format of a report, which any language reads and which restores the same report."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mlops_magics.core import json_text
from mlops_magics.core.monitoring.comparing.findings import DRIFT_COLUMNS
from mlops_magics.core.monitoring.reporting.alert import Alert
from mlops_magics.core.monitoring.reporting.histograms import Distribution
from mlops_magics.core.monitoring.reporting.record import Report
from mlops_magics.core.monitoring.reporting.report_period import ReportPeriod, VersionChange
from mlops_magics.core.monitoring.scoring.curves import Curve
from mlops_magics.core.monitoring.scoring.error_detectors import Change
from mlops_magics.core.monitoring.scoring.metric_score import PERFORMANCE_COLUMNS
from mlops_magics.core.monitoring.scoring.model_task import ModelTask
from mlops_magics.errors import InvalidInput

if TYPE_CHECKING:
    import pandas as pd

FORMAT = "mlops-magics-report/1"


def to_json(report: Report, definitions: Mapping[str, Any]) -> dict[str, Any]:
    """Return everything as a JSON-safe mapping.

    Parameters
    ----------
    definitions
        The definition of each statistic of the report.
    """
    return {
        "format": FORMAT,
        "name": report.name,
        "version": report.version,
        "created": report.created.isoformat(),
        "verdict": report.verdict,
        "drifted": report.drifted,
        "definitions": dict(definitions),
        "drift": _records(report.drift),
        "roles": _records(report.roles),
        "performance": _records(report.performance),
        "periods": [period.to_json() for period in report.periods],
        "distributions": [distribution.to_json() for distribution in report.distributions],
        "notes": list(report.notes),
        "segments": _records(report.segments),
        "segment_drift": _records(report.segment_drift),
        "segmented_by": report.segmented_by,
        "curves": [curve.to_json() for curve in report.curves],
        "changes": [dataclasses.asdict(change) for change in report.changes],
        "alerts": [alert.to_json() for alert in report.alerts],
        "limits": {name: list(band) for name, band in report.limits.items()},
        "versions": [each.to_json() for each in report.versions],
        "task": None if report.task is None else report.task.to_json(),
        "smaller_is_better": list(report.smaller_is_better),
        "rows_needed": report.rows_needed,
        "too_few": report.too_few,
        "q_values": [_plain(q) for q in report.q_values],
    }


def fields(document: Mapping[str, Any] | str | bytes) -> dict[str, Any]:
    """Return the fields of a report from the result of `to_json`, as a mapping or as text.

    Raises
    ------
    InvalidInput
        Not a report.
    """
    try:
        found = json_text.parse(document) if isinstance(document, str | bytes) else document
        if found["format"] != FORMAT:
            raise InvalidInput(
                f"A report of format {found['format']!r} needs another version of mlops_magics. This one reads "
                f"{FORMAT!r}."
            )
        return _fields(found)
    except (KeyError, TypeError, json.JSONDecodeError) as fault:
        missing = f"missing key {fault}" if isinstance(fault, KeyError) else f"{type(fault).__name__}: {fault}"
        raise InvalidInput(f"Not a monitor report: {missing}.") from fault


def _fields(found: Mapping[str, Any]) -> dict[str, Any]:
    drift = _drift_frame(found["drift"])
    drift.attrs["described"] = found.get("definitions", {})
    return {
        "name": found["name"],
        "version": found["version"],
        "created": dt.datetime.fromisoformat(found["created"]),
        "drift": drift,
        "roles": _drift_frame(found["roles"]),
        "performance": _performance_frame(found["performance"]),
        "periods": tuple(ReportPeriod.from_json(entry) for entry in found["periods"]),
        "distributions": tuple(Distribution.from_json(entry) for entry in found["distributions"]),
        "notes": tuple(found["notes"]),
        "segments": _performance_frame(found.get("segments", []), "segment"),
        "segment_drift": _drift_frame(found.get("segment_drift", []), "segment"),
        "segmented_by": str(found.get("segmented_by", "")),
        "curves": tuple(Curve.from_json(entry) for entry in found.get("curves", [])),
        "changes": tuple(Change(**entry) for entry in found.get("changes", [])),
        "alerts": tuple(Alert.from_json(entry) for entry in found.get("alerts", [])),
        "limits": {name: (low, high) for name, (low, high) in found.get("limits", {}).items()},
        "versions": tuple(VersionChange(**entry) for entry in found.get("versions", ())),
        "task": ModelTask.from_json(found.get("task")),
        "smaller_is_better": tuple(found.get("smaller_is_better", ())),
        "rows_needed": int(found.get("rows_needed", 0)),
        "q_values": tuple(math.nan if q is None else q for q in found.get("q_values", ())),
    }


def _records(frame: pd.DataFrame | None) -> list[dict[str, Any]]:
    rows = [] if frame is None else frame.to_dict("records")
    return [{str(key): _plain(value) for key, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    """Return a JSON value, with null or a word for infinity in place of numbers that are not finite."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None if math.isnan(value) else "inf" if value > 0 else "-inf"
    return value.item() if hasattr(value, "item") else value


def _drift_frame(records: Any, *more: str) -> pd.DataFrame:
    import pandas as pd

    numbers = {"score": float, "p_value": float, "threshold": float}
    # records of no row would give columns of objects
    return pd.DataFrame(records, columns=[*more, *DRIFT_COLUMNS]).astype(
        {**numbers, "drifted": bool, "n_reference": "int64", "n_current": "int64"}
    )


def _performance_frame(records: Any, *more: str) -> pd.DataFrame:
    import pandas as pd

    frame = pd.DataFrame(records, columns=[*more, *PERFORMANCE_COLUMNS])
    return frame.astype({"score": float, "lower": float, "upper": float})
