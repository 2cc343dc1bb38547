"""An endpoint as it was when the page was written: its version, rate and latency, and its call from code."""

from __future__ import annotations

from typing import Any

from mlops_magics.core.wire.endpoint_records import Answering, EndpointRecord, Live, LoggedRequest
from mlops_magics.widgets.saved import formats
from mlops_magics.widgets.saved.components import (
    Column,
    alias_chip,
    chip,
    code,
    fold,
    head,
    note,
    part,
    stat,
    state,
    stats,
    table,
    version_chip,
)
from mlops_magics.widgets.saved.markup import Markup, breakable, h
from mlops_magics.widgets.saved.page import page

VALUES_NAMED = 4
"""Values of a request that are shown. The rest is counted."""
MODES = {"canary": "tried out", "shadow": "listens", "before": "answered before"}
LANGUAGES = {"python": "Python", "r": "R", "curl": "curl", "javascript": "JavaScript"}


def endpoint(record: EndpointRecord, live: Live) -> Markup:
    """Return an endpoint, with snippets that hold no token."""
    subject = [
        h("h2", None, breakable(record.name)),
        state(live.state),
        *([alias_chip(record.alias)] if record.alias else []),
    ]
    address = h("code", {"class": "mlops-url"}, f"{record.url}/predict")
    return page(
        "Endpoint",
        head(subject, address),
        note("bad", live.trouble) if live.trouble else None,
        _figures(live),
        _answering(live),
        _recent(live),
        _snippets(record),
        style="endpoint",
        asof=True,
    )


def _figures(live: Live) -> Markup | None:
    if live.requests is None:
        return None
    errors = f"{formats.count(live.failed)} failed, {formats.count(live.refused)} refused"
    rate = [stat("Requests", formats.number(live.rate), "per second")] if live.rate is not None else []
    return stats(
        *rate,
        stat("Latency, median", formats.milliseconds(live.p50_ms), live.p50_ms is not None and "ms"),
        stat("Latency, slowest 5%", formats.milliseconds(live.p95_ms), live.p95_ms is not None and "ms"),
        stat("Errors", formats.count(live.errors), errors),
        stat("Rows answered", formats.count(live.rows)),
    )


def _answering(live: Live) -> Markup | None:
    if not live.answering:
        return None
    columns = [
        Column("Version"),
        Column("", "", ""),
        Column("Share", "mlops-num", "share"),
        Column("Requests", "mlops-num", "requests"),
        Column("Median", "mlops-num", "median"),
        Column("Slowest 5%", "mlops-num", "slowest 5%"),
        Column("Failed", "mlops-num", "failed"),
    ]
    oldest_first = sorted(
        each.version for each in live.answering
    )  # a version keeps its hue when another one takes its place
    rows = [_version(each, min(oldest_first.index(each.version) + 1, 6)) for each in live.answering]
    return part("Who answers", None, table("Versions that answer", columns, rows))


def _version(each: Answering, hue: int) -> list[Any]:
    chips = [alias_chip(name) for name in each.aliases] + (
        [chip(MODES[each.mode], "is-open")] if each.mode in MODES else []
    )
    return [
        version_chip(each.version, each.number, each.created, hue),
        h("span", {"class": "mlops-line"}, *chips),
        formats.percent(each.share, 0),
        formats.count(each.requests),
        [formats.milliseconds(each.p50_ms), " ms"] if each.p50_ms is not None else formats.NOTHING,
        [formats.milliseconds(each.p95_ms), " ms"] if each.p95_ms is not None else formats.NOTHING,
        formats.count(each.failed),
    ]


def _recent(live: Live) -> Markup | None:
    if not live.recent:
        return None
    columns = [
        Column("Time"),
        Column("Answer", "mlops-wrap", ""),
        Column("Asked", "mlops-wrap", ""),
        Column("Took", "mlops-num", "took"),
        Column("Version", "", ""),
    ]
    numbers = {each.version: each.number for each in live.answering}
    rows = [_request(each, numbers.get(each.version, 0)) for each in live.recent]
    return part("Recent requests", "newest first", table("Recent requests", columns, rows))


def _request(row: LoggedRequest, number: int) -> list[Any]:
    asked = [chip(f"{name} {formats.readable(value)}") for name, value in list(row.row.items())[:VALUES_NAMED]]
    more = len(row.row) - VALUES_NAMED
    sure = h("small", None, formats.percent(row.probability, 0)) if row.probability is not None else None
    return [
        h("span", {"title": formats.exact(row.time)}, formats.exact(row.time)[11:19]),
        [formats.readable(row.prediction), " ", sure],
        h("span", {"class": "mlops-line"}, *asked, h("small", None, f"+{more}") if more > 0 else None),
        [formats.milliseconds(row.latency_ms), " ms"] if row.latency_ms is not None else formats.NOTHING,
        version_chip(row.version, number),
    ]


def _snippets(record: EndpointRecord) -> Markup | None:
    if not record.snippets:
        return None
    folds = [
        fold(LANGUAGES.get(name, name), code(source, f"{LANGUAGES.get(name, name)} code"), opened=place == 0)
        for place, (name, source) in enumerate(sorted(record.snippets.items(), key=lambda each: each[0] != "python"))
    ]
    return part("Use it from code", "runs as it is; the first line gets the token", *folds)
