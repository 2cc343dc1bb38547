"""A dashboard of one model: metrics over time, verdicts, and the last report as its view."""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlops_magics.core import monitored_model, phrases, verdicts
from mlops_magics.core.dashboards import inline_view, line_chart
from mlops_magics.core.dashboards.inline_view import InlineView
from mlops_magics.core.dashboards.line_chart import Line, Point
from mlops_magics.core.documents import document_page, page_file
from mlops_magics.core.documents.document import Block, Document, Heading, Paragraph, Table, shown
from mlops_magics.core.versioning.describing.json_values import json_safe

if TYPE_CHECKING:
    from mlops_magics.core.versioning import Board, ModelVersion

MOST_POINTS, MOST_VERDICTS, MOST_FEATURES = 120, 50, 50
"""Periods of a chart, and rows of the tables."""
MOST_NAMED = 5
"""Features that a verdict names."""
SHORT_ID = 5
"""Letters at the end of an id by which people know a version."""
BY_BATCH = "by batch"
"""The part of a chart's title where the rows of a look had no time."""
STYLE = """.mlops-sub{color:var(--d-ink2);font-size:13px}#mlops-view{max-width:60rem;margin:16px 0}"""


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A page that was written.

    Attributes
    ----------
    metrics
        The names of the metrics that have a chart.
    verdicts
        The number of verdicts that it lists.
    command
        The line of a shell that writes the page again, in any folder.
    """

    name: str
    path: str
    size: int
    metrics: tuple[str, ...]
    verdicts: int
    command: str

    def __repr__(self) -> str:
        return (
            f"{self.path}: {phrases.counted(len(self.metrics), 'metric')} over time and "
            f"{phrases.counted(self.verdicts, 'verdict')} on {self.name}. "
            f"`{self.command}` refreshes it."
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
    names = {each: f"v{number}" for each, number in board.all_numbers(version.name).items()}
    charts = _charts(rows, monitored_model.thresholds(board, version.name).metrics) + _drift_chart(found)
    report = verdicts.report(board.url, version.name)
    view = None if report is None else inline_view.of_record("drift", json_safe(report))
    sentence = "" if view is not None else _sentence(found, names)
    document = Document(f"Monitoring of {version.name}", tuple(_blocks(version.name, rows, found, names, view, report)))
    page = document_page.page(
        document,
        style=line_chart.STYLE + STYLE + (view.style if view is not None else ""),
        lead=_facts(board, version, names)
        + (view.body if view is not None else f"<p><strong>{escape(sentence)}</strong></p>")
        + (f'<h2>Over time</h2><div class="mlops-charts">{charts}</div>' if charts else ""),
        policy="default-src 'none'" + (f"; {view.policy}" if view is not None else ""),
    )
    size = page_file.write(path, page)
    words = ["mlops-magics", "dashboard", version.name, "--board", board.url, "--to", str(path.absolute())]
    metrics = tuple({str(each["metric"]): 0 for each in rows})
    return Dashboard(version.name, str(path), size, metrics, len(found), shlex.join(words))


def _metric_rows(board: Board, name: str) -> list[Mapping[str, Any]]:
    """Return the scores of whole periods that the board keeps, in order of period."""
    kept = monitored_model.metrics(board, name)
    rows = json_safe(kept.to_dict("records")) if len(kept) else []
    return [each for each in rows if not each.get("segment") and each.get("score") is not None]


def _charts(rows: Sequence[Mapping[str, Any]], limits: Mapping[str, Sequence[float | None]]) -> str:
    """Return a chart of each metric, measured and estimated in one, with the limit that the model has for it."""
    charts: dict[str, list[Mapping[str, Any]]] = {}
    for each in sorted(rows, key=lambda row: not row.get("start")):  # time first, then batches
        dated = "" if each.get("start") else f", {BY_BATCH}"
        charts.setdefault(f"{each['metric']}{dated}", []).append(each)
    return "".join(
        line_chart.chart(
            title,
            _lines(listed),
            next((each for each in limits.get(listed[0]["metric"], ()) if each is not None), None),
            periods=list(dict.fromkeys(_periods(listed).values())),
        )
        for title, listed in charts.items()
        if len(_periods(listed)) > 1 or title == listed[0]["metric"] or listed[0]["metric"] not in charts
    )


def _periods(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the name of each period or batch, the last ones, in their order. Batches have numbers."""
    found = dict.fromkeys(_period(each) for each in rows)
    named = {key: str(number) if not rows[0].get("start") else key for number, key in enumerate(found, 1)}
    return dict(list(named.items())[-MOST_POINTS:])


def _period(row: Mapping[str, Any]) -> str:
    """Return a period, or a batch that had no time."""
    batch = str(row.get("batch") or "")
    return str(row["period"]) if row.get("start") or not batch else f"batch {batch[:SHORT_ID]}"


def _lines(rows: Sequence[Mapping[str, Any]]) -> list[Line]:
    """Return the measured and the estimated scores. Where a period has several versions, the newest one counts."""
    periods = _periods(rows)
    kinds: dict[str, dict[str, Point]] = {}
    for each in rows:
        if name := periods.get(_period(each)):
            point = Point(name, each["score"], each["lower"], each["upper"])
            kinds.setdefault(str(each["kind"]), {})[name] = point
    return [
        Line(kind, list(points.values()), is_estimate=kind == "estimated")
        for kind, points in sorted(kinds.items())[::-1]
    ]


def _drift_chart(found: Sequence[Mapping[str, Any]]) -> str:
    """Return the number of features that drifted, for each look."""
    looks = list(reversed(found))
    points = [Point(_day(each, place), float(len(each["drifted"]))) for place, each in enumerate(looks, 1)]
    return line_chart.chart("features that drifted, by look", [Line("", points)] if len(points) > 1 else [])


def _day(verdict: Mapping[str, Any], place: int) -> str:
    return f"{str(verdict['created'])[:10]}, look {place}"  # two looks of a day are two points


def _facts(board: Board, version: ModelVersion, names: Mapping[str, str]) -> str:
    now = dt.datetime.now(dt.UTC)
    aliases = [f"{alias} {names.get(called, called)}" for alias, called in board.aliases(version.name).items()]
    parts = [
        f"{names.get(version.version, '')} {version.version[-SHORT_ID:]}".strip(),
        *aliases,
        f"written {now:%Y-%m-%d %H:%M} UTC",
    ]
    return f'<p class="mlops-sub">{escape("; ".join(parts))}</p>'


def _sentence(found: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> str:
    return _with_number(found[0], names) if found else "It was not monitored yet."


def _blocks(
    name: str,
    rows: Sequence[Mapping[str, Any]],
    found: Sequence[Mapping[str, Any]],
    names: Mapping[str, str],
    view: InlineView | None,
    report: Mapping[str, Any] | None,
) -> Iterator[Block]:
    if found:
        yield Heading("Verdicts")
        yield _verdict_table(found, names)
    yield Heading("Scores")
    yield _score_table(rows, names) if rows else Paragraph("None is kept yet.", code=_keeps(name))
    if report is not None and view is None:
        yield Heading("Last report")
        yield _feature_table(report.get("features", ())[:MOST_FEATURES])


def _keeps(name: str) -> str:
    return f"%monitor {name} --data NEW --truth COLUMN --pin-metrics"


def _with_number(verdict: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Return a verdict whose version is named by its number."""
    version = str(verdict["version"])
    return str(verdict["verdict"]).replace(f"@{version}", f"@{names.get(version, version)}", 1)


def _score_table(rows: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> Table:
    """Return a row for each period and version, newest first, and a column for each metric."""
    columns: dict[str, int] = {}
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for each in rows:
        column = str(each["metric"]) + ("" if each["kind"] == "measured" else f", {each['kind']}")
        columns[column] = 0
        version = str(each.get("version"))
        row = found.setdefault((_period(each), version), {"version": names.get(version, version)})
        row["rows"] = max(each.get("n") or 0, row.get("rows", 0))
        row[column] = _interval(each)
    listed = list(found.items())[::-1][:MOST_POINTS]
    return Table(
        "Newest first; 95 % intervals in brackets",
        ("period", "version", "rows", *columns),
        tuple((period, *(row.get(name) for name in ("version", "rows", *columns))) for (period, _), row in listed),
    )


def _interval(score: Mapping[str, Any]) -> str:
    text, lower, upper = shown(score["score"]), shown(score.get("lower")), shown(score.get("upper"))
    return f"{text} ({lower} to {upper})" if lower and upper else text


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
