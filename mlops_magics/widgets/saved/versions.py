"""The history of a model and the models of a board as tables: a column for each metric, the best marked."""

from __future__ import annotations

from collections.abc import Sequence

from mlops_magics.core.wire.version_records import MetricName, ModelRow, Models, VersionRow, Versions
from mlops_magics.widgets.saved import formats, pictures
from mlops_magics.widgets.saved.components import (
    Column,
    alias_chip,
    direction,
    head,
    icon,
    state,
    table,
    version_chip,
)
from mlops_magics.widgets.saved.markup import Markup, breakable, h
from mlops_magics.widgets.saved.page import page

MOST_COURSES = 6
"""Metrics whose course is drawn, as in the live view. The table has all of them."""
FEWEST_FOR_COURSE = 2
"""Versions from which a metric has a course."""


def versions(record: Versions) -> Markup:
    """Return the versions of a model, newest first."""
    rows = record.versions
    digits = {each.name: formats.decimals(row.metrics.get(each.name) for row in rows) for each in record.metrics}
    best = {each.name: _best(each, rows) for each in record.metrics}
    named = any(row.aliases for row in rows)
    described = any(row.description for row in rows)
    columns = [
        Column("Version"),
        *([Column("Aliases")] if named else []),
        *(
            Column([breakable(each.name), " ", direction(each.better)], "mlops-num", each.name)
            for each in record.metrics
        ),
        *([Column("Description", "mlops-wrap mlops-2", "")] if described else []),
        Column("Pinned by", "mlops-2", "by"),
    ]

    def line(row: VersionRow) -> list[object]:
        return [
            version_chip(row.version, row.number, row.created),
            *([h("span", {"class": "mlops-line"}, *map(alias_chip, row.aliases))] if named else []),
            *(_metric(row, each, digits[each.name], best[each.name]) for each in record.metrics),
            *([row.description or ""] if described else []),
            row.author or "",
        ]

    about = f"{formats.plural(len(rows), 'version')} on {record.label}"
    courses = _courses(record, digits) if len(rows) >= FEWEST_FOR_COURSE and record.metrics else None
    listed = table(f"Versions of {record.name}, newest first", columns, map(line, rows), "mlops-versions")
    return page(
        "Version history", head([h("h2", None, breakable(record.name))], about), courses, listed, style="versions"
    )


def _best(metric: MetricName, rows: Sequence[VersionRow]) -> str | None:
    known = [(value, row.version) for row in rows if (value := row.metrics.get(metric.name)) is not None]
    if metric.better == 0 or len({value for value, _ in known}) < 2:
        return None
    return max(known, key=lambda pair: metric.better * pair[0])[1]


def _metric(row: VersionRow, metric: MetricName, digits: int, best: str | None) -> Markup:
    value = formats.fixed(row.metrics.get(metric.name), digits)
    is_best = row.version == best
    return h(
        "span",
        {"class": "mlops-best" if is_best else None, "title": "best of all versions" if is_best else None},
        value,
    )


def _courses(record: Versions, digits: dict[str, int]) -> Markup:
    """Draw each metric over the versions, oldest first."""
    figures = []
    for metric in record.metrics[:MOST_COURSES]:
        values = [row.metrics.get(metric.name) for row in reversed(record.versions)]
        known = [value for value in values if value is not None]
        if not known:
            continue
        ends = f"{formats.fixed(known[0], digits[metric.name])} to {formats.fixed(known[-1], digits[metric.name])}"
        title = h("figcaption", None, breakable(metric.name), " ", h("small", None, ends))
        label = f"{metric.name} over {formats.plural(len(values), 'version')}, oldest first: {ends}"
        figures.append(h("figure", None, title, pictures.spark(values, label, 48)))
    return h("div", {"class": "mlops-multiples"}, *figures)


def models(record: Models) -> Markup:
    """Return the models of a board, the most recently changed first."""
    which = f": {record.query}" if record.query else ""
    about = f"{formats.plural(len(record.models), 'model')} on {record.label}{which}"
    columns = [
        Column("Model"),
        Column("Champion", "", ""),
        Column("Metric", "", ""),
        Column("Endpoint", "", ""),
        Column("Drift", "", ""),
        Column("Versions", "mlops-num", "versions"),
    ]
    listed = table(f"Models on {record.label}", columns, map(_model, record.models), "mlops-models")
    return page("Models", head([h("h2", None, "Models")], about), listed, style="models versions", asof=True)


def _model(row: ModelRow) -> list[object]:
    champion = row.champion
    crown = h("span", {"class": "mlops-crown"}, icon("champion", 12, "champion"))
    checked = row.verdict
    return [
        [h("b", None, breakable(row.name)), row.description and h("small", None, row.description)],
        h(
            "span",
            {"class": "mlops-line mlops-tight"},
            crown,
            version_chip(champion.version, champion.number, champion.created),
        )
        if champion
        else h("span", {"class": "mlops-2"}, "no champion yet"),
        _course(row),
        state(row.endpoint.state) if row.endpoint else h("span", {"class": "mlops-2"}, "–"),
        state("drifted" if checked.drifted else "stable") if checked else state("unchecked"),
        formats.count(row.versions),
    ]


def _course(row: ModelRow) -> object:
    if row.metric is None:
        return h("span", {"class": "mlops-2"}, "–")
    digits = formats.decimals([row.metric.value])
    figure = h("b", {"class": "mlops-figure-of"}, formats.fixed(row.metric.value, digits))
    value = [figure, " ", h("small", None, row.metric.name)]
    picture = pictures.spark(row.metric.course, f"{row.metric.name} of the last versions", 20, area=False)
    return h(
        "span", {"class": "mlops-course"}, h("span", None, *value), picture if len(row.metric.course) > 1 else None
    )
