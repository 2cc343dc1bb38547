"""A dashboard of one model: metrics over time, verdicts, and the last report as its view."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlops_magics.core import monitored_model, phrases, verdicts
from mlops_magics.core.dashboards import inline_view, line_chart
from mlops_magics.core.dashboards.line_chart import Point
from mlops_magics.core.documents import document_page, page_file
from mlops_magics.core.documents.document import Block, Document, Heading, Paragraph, Table, facts
from mlops_magics.core.versioning.describing.json_values import json_safe

if TYPE_CHECKING:
    from mlops_magics.core.versioning import Board, ModelVersion

MOST_POINTS, MOST_VERDICTS, MOST_FEATURES = 120, 50, 50
"""Periods of a chart, and rows of the tables."""
MOST_NAMED = 5
"""Features that a verdict names."""
STYLE = """.mlops-chart{margin:.6em 0;max-width:44rem}.mlops-chart svg{width:100%;height:auto}
.mlops-chart polyline{fill:none;stroke:var(--d-cur);stroke-width:2}.mlops-chart circle{fill:var(--d-cur)}
.mlops-chart polygon{fill:var(--d-cur);opacity:.18}.mlops-chart line{stroke:var(--d-alert);stroke-dasharray:6 4}
.mlops-chart text{font-size:12px;fill:var(--d-ink2)}.mlops-chart figcaption{font-weight:500}
.mlops-charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(20rem,1fr));gap:0 1rem}
#mlops-view{max-width:60rem}"""


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A page that was written.

    Attributes
    ----------
    metrics
        The names of the metrics that have a chart.
    verdicts
        The number of verdicts that it lists.
    """

    name: str
    path: str
    size: int
    metrics: tuple[str, ...]
    verdicts: int

    def __repr__(self) -> str:
        return (
            f"{self.path}: {phrases.counted(len(self.metrics), 'metric')} over time and "
            f"{phrases.counted(self.verdicts, 'verdict')} on {self.name}. "
            f"`mlops-magics dashboard {self.name} --to {self.path}` refreshes it."
        )

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        return {
            "name": self.name, "path": self.path, "size": self.size, "metrics": list(self.metrics),
            "verdicts": self.verdicts,
        }  # fmt: skip


def write(board: Board, version: ModelVersion, path: Path) -> Dashboard:
    """Write the dashboard of a model, in place of the file that is there. A reader sees the old page or the new one."""
    rows = _metric_rows(board, version.name)
    found = verdicts.of_everybody(board, version.name)[:MOST_VERDICTS]
    charts = _charts(rows, monitored_model.thresholds(board, version.name).metrics) + _drift_chart(found)
    report = verdicts.report(board.url, version.name)
    view = None if report is None else inline_view.of_record("drift", json_safe(report))
    document = Document(f"Monitoring of {version.name}", tuple(_blocks(board, version, rows, found, report)))
    page = document_page.page(
        document,
        style=STYLE + (view.style if view is not None else ""),
        lead=f'<div class="mlops-charts">{charts}</div>',
        body=view.body if view is not None else "",
        policy="default-src 'none'" + (f"; {view.policy}" if view is not None else ""),
    )
    size = page_file.write(path, page)
    return Dashboard(version.name, str(path), size, tuple(_by_metric(rows)), len(found))


def _metric_rows(board: Board, name: str) -> list[Mapping[str, Any]]:
    """Return the scores of whole periods that the board keeps, in order of period."""
    kept = monitored_model.metrics(board, name)
    rows = json_safe(kept.to_dict("records")) if len(kept) else []
    return [each for each in rows if not each.get("segment") and each.get("score") is not None]


def _by_metric(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for each in rows:
        found.setdefault(f"{each['metric']}, {each['kind']}", []).append(each)
    return found


def _charts(rows: Sequence[Mapping[str, Any]], limits: Mapping[str, Sequence[float | None]]) -> str:
    """Return the chart of each metric, with the limit that the model has for it."""
    return "".join(
        line_chart.chart(
            metric,
            [Point(str(each["period"]), each["score"], each["lower"], each["upper"]) for each in listed[-MOST_POINTS:]],
            next((each for each in limits.get(listed[0]["metric"], ()) if each is not None), None),
        )
        for metric, listed in _by_metric(rows).items()
    )


def _drift_chart(found: Sequence[Mapping[str, Any]]) -> str:
    points = [Point(str(each["created"])[:10], float(len(each["drifted"]))) for each in reversed(found)]
    return line_chart.chart("features that drifted, by verdict", points)


def _blocks(
    board: Board,
    version: ModelVersion,
    rows: Sequence[Mapping[str, Any]],
    found: Sequence[Mapping[str, Any]],
    report: Mapping[str, Any] | None,
) -> Iterator[Block]:
    now = dt.datetime.now(dt.UTC)
    names = {each: f"v{number}" for each, number in board.all_numbers(version.name).items()}
    yield Paragraph(_with_number(found[0], names) if found else "It was not monitored yet.", strong=True)
    aliases = ", ".join(
        f"{alias}: {names.get(called, called)}" for alias, called in board.aliases(version.name).items()
    )
    called = names.get(version.version, "")
    yield facts(
        "",
        {
            "version": f"{called}, {version.ref}".lstrip(", "),
            "aliases": aliases,
            "written": f"{now:%Y-%m-%d %H:%M} UTC",
        },
    )
    yield Heading("Verdicts")
    yield _verdict_table(found, names)
    yield Heading("Metrics")
    yield (
        _metric_table(rows[-MOST_POINTS:], names) if rows else Paragraph("None is kept yet.", code=_keeps(version.name))
    )
    if report is not None:
        yield Heading("Last report")
        yield _feature_table(report.get("features", ())[:MOST_FEATURES])


def _keeps(name: str) -> str:
    return f"%monitor {name} --data NEW --truth COLUMN --pin-metrics"


def _with_number(verdict: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Return a verdict whose version is named by its number."""
    version = str(verdict["version"])
    return str(verdict["verdict"]).replace(f"@{version}", f"@{names.get(version, version)}", 1)


def _metric_table(rows: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> Table:
    columns = ("period", "metric", "kind", "score", "lower", "upper", "n", "version")
    rows = [{**each, "version": names.get(str(each.get("version")), each.get("version"))} for each in rows]
    return Table(
        "The last periods",
        tuple("rows" if name == "n" else name for name in columns),
        tuple(tuple(each.get(name) for name in columns) for each in rows),
    )


def _drifted(features: Sequence[Any]) -> str:
    named = ", ".join(map(str, features[:MOST_NAMED]))
    return f"{named} and {len(features) - MOST_NAMED} more" if len(features) > MOST_NAMED else named


def _verdict_table(found: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> Table:
    rows = (
        (
            str(each["created"])[:16].replace("T", " "),
            names.get(each["version"], each["version"]),
            each["rows"],
            _drifted(each["drifted"]),
            each.get("n_alerts", 0),
            _with_number(each, names),
        )
        for each in found
    )
    return Table("Newest first", ("looked", "version", "rows", "drifted", "alerts", "verdict"), tuple(rows))


def _feature_table(features: Sequence[Mapping[str, Any]]) -> Table:
    names = ("feature", "statistic", "score", "threshold")
    rows = ((*(each[name] for name in names), "yes" if each["drifted"] else "no") for each in features)
    return Table("Features, the worst first", (*names, "drifted"), tuple(rows))
