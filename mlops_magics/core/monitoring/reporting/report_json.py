"""How a report is written: JSON that any language reads, and that gives the same report again."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mlops_magics.core.monitoring.alerts.rules import Alert
from mlops_magics.core.monitoring.comparing.findings import DRIFT_COLUMNS
from mlops_magics.core.monitoring.report import MonitorReport
from mlops_magics.core.monitoring.reporting.histograms import Distribution
from mlops_magics.core.monitoring.scoring import performance
from mlops_magics.core.monitoring.scoring.curves import Curve
from mlops_magics.core.monitoring.scoring.error_detectors import Change
from mlops_magics.errors import InvalidInput

if TYPE_CHECKING:
    import pandas as pd

FORMAT = "mlops-magics-report/1"


def to_json(report: MonitorReport) -> dict[str, Any]:
    """Return everything as a JSON-safe mapping."""
    return {
        "format": FORMAT,
        "name": report.name,
        "version": report.version,
        "created": report.created.isoformat(),
        "verdict": report.verdict,
        "drifted": report.drifted,
        "definitions": report.definitions,
        "drift": _records(report.drift),
        "roles": _records(report.roles),
        "performance": _records(report.performance),
        "periods": [dict(period) for period in report.periods],
        "distributions": [distribution.to_json() for distribution in report.distributions],
        "notes": list(report.notes),
        "segments": _records(report.segments),
        "segment_drift": _records(report.segment_drift),
        "curves": [curve.to_json() for curve in report.curves],
        "changes": [dataclasses.asdict(change) for change in report.changes],
        "alerts": [alert.to_json() for alert in report.alerts],
        "limits": {name: list(band) for name, band in report.limits.items()},
        "versions": [dict(each) for each in report.versions],
    }


def from_json(document: Mapping[str, Any] | str | bytes) -> MonitorReport:
    """Read what `to_json` gave, as a mapping or as text.

    Raises
    ------
    InvalidInput
        Not a report.
    """
    try:
        found = json.loads(document) if isinstance(document, str | bytes) else document
        if found["format"] != FORMAT:
            raise InvalidInput(
                f"A report of format {found['format']!r} needs another version of mlops_magics; this one reads "
                f"{FORMAT!r}."
            )
        return _read(found)
    except (KeyError, TypeError, json.JSONDecodeError) as fault:
        raise InvalidInput(f"This is no monitor report ({type(fault).__name__}: {fault}).") from fault


def _read(found: Mapping[str, Any]) -> MonitorReport:
    drift = _drift_frame(found["drift"])
    drift.attrs["described"] = found.get("definitions", {})
    return MonitorReport(
        name=found["name"],
        version=found["version"],
        created=dt.datetime.fromisoformat(found["created"]),
        drift=drift,
        roles=_drift_frame(found["roles"]),
        performance=performance.to_frame(found["performance"]),
        periods=tuple(found["periods"]),
        distributions=tuple(Distribution.from_json(entry) for entry in found["distributions"]),
        notes=tuple(found["notes"]),
        segments=_segment_frame(found.get("segments", [])),
        segment_drift=_drift_frame(found.get("segment_drift", []), "segment"),
        curves=tuple(Curve.from_json(entry) for entry in found.get("curves", [])),
        changes=tuple(Change(**entry) for entry in found.get("changes", [])),
        alerts=tuple(Alert.from_json(entry) for entry in found.get("alerts", [])),
        limits={name: (low, high) for name, (low, high) in found.get("limits", {}).items()},
        versions=tuple(found.get("versions", ())),
    )


def _records(frame: pd.DataFrame | None) -> list[dict[str, Any]]:
    rows = [] if frame is None else frame.to_dict("records")
    return [{str(key): _plain(value) for key, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    """Return a JSON value; what is not finite becomes null, or a word for infinity."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None if math.isnan(value) else "inf" if value > 0 else "-inf"
    return value.item() if hasattr(value, "item") else value


def _drift_frame(records: Any, *more: str) -> pd.DataFrame:
    import pandas as pd

    numbers = {"score": float, "p_value": float, "threshold": float}
    return pd.DataFrame(records, columns=[*more, *DRIFT_COLUMNS]).astype(
        {**numbers, "drifted": bool, "n_reference": "int64", "n_current": "int64"}
    )


def _segment_frame(records: Any) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(records, columns=["segment", *performance.PERFORMANCE_COLUMNS])
