"""The page of one model: its call, its versions and their metrics, its monitoring, and its card."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlops_magics.core.cards import card_parts, model_card
from mlops_magics.core.catalogue.index_page import ModelRow
from mlops_magics.core.dashboards import line_chart
from mlops_magics.core.dashboards.line_chart import Line, Point
from mlops_magics.core.deploying.clients import snippets
from mlops_magics.core.documents import document_page
from mlops_magics.core.documents.document import Block, Bullets, Code, Document, Heading, Link, Table, facts
from mlops_magics.core.versioning.listing.version_index import Summary
from mlops_magics.core.versioning.listing.version_numbers import numbers
from mlops_magics.core.versioning.names import ModelName

if TYPE_CHECKING:
    from mlops_magics.core.versioning import Board, ModelVersion

SHORT_ID = 5
"""Letters at the end of an id by which people know a version."""
MOST_VERSIONS, MOST_METRICS = 200, 6
"""Rows of the table of versions, and metrics that have a chart."""


@dataclass(frozen=True, slots=True)
class Address:
    """An address of a model. ``token`` is True where it requires one."""

    url: str
    token: bool
    where: str


def page(board: Board, version: ModelVersion, addresses: Sequence[Address]) -> tuple[str, ModelRow]:
    """Return the page of a model, and its row in the list.

    Parameters
    ----------
    version
        The version whose card is shown: the one of the bare name.
    addresses
        Addresses of the model.
    """
    name = version.name
    versions = board.catalogue.versions(ModelName(name))
    summaries = board.catalogue.summaries.of(name, versions)
    aliases = board.aliases(name)
    numbered = numbers(versions, board.log.deleted(name))
    card = model_card.of_version(board, version, card_parts.of_version(board, version))
    blocks = (
        *_calls(version, addresses),
        *_versions(summaries, aliases, numbered),
        *card.blocks(),
        Bullets((Link("All models", "../index.html"),)),
    )
    text = document_page.page(Document(name, blocks), style=line_chart.STYLE, lead=_charts(summaries, numbered))
    newest = summaries[-1]
    called = f"v{numbered.get(newest.version, '')} {newest.version[-SHORT_ID:]}"
    return text, _row(version, newest, called, aliases, card.facts.verdicts, addresses)


def _calls(version: ModelVersion, addresses: Sequence[Address]) -> Iterator[Block]:
    yield Heading("Calls")
    found: dict[str, Any] = {f"answers ({each.where})": Link(each.url, each.url) for each in addresses}
    yield facts("", {**found, "board": version.board})
    rows = list(version.prototype.examples[:1]) if version.prototype is not None else []
    for each in addresses[:1]:
        token = "asked for" if each.token else None
        yield Code(snippets.curl(version.name, each.url, token, rows), "sh")
        yield Code(snippets.python(version.name, each.url, token, rows))


def _versions(summaries: Sequence[Summary], aliases: Mapping[str, str], numbered: Mapping[str, int]) -> Iterator[Block]:
    named: dict[str, list[str]] = {}
    for alias, called in aliases.items():
        named.setdefault(called, []).append(alias)
    yield Heading("Versions")
    yield Table(
        "Newest first",
        ("version", "pinned", "by", "aliases", "metrics", "description", "id"),
        tuple(
            (
                f"v{numbered.get(each.version, '')}", _day(each.created), each.author,
                ", ".join(named.get(each.version, ())), _metrics(each.metrics), each.description, each.version,
            )
            for each in list(summaries)[::-1][:MOST_VERSIONS]
        ),
    )  # fmt: skip


def _charts(summaries: Sequence[Summary], numbered: Mapping[str, int]) -> str:
    """Return a chart of each metric that two versions have."""
    listed: dict[str, list[Point]] = {}
    for each in summaries[-MOST_VERSIONS:]:
        for metric, score in each.metrics.items():
            if score is not None:
                listed.setdefault(metric, []).append(Point(f"v{numbered.get(each.version, each.version)}", score))
    charts = [
        line_chart.chart(f"{metric}, by version", [Line("", points)])
        for metric, points in listed.items()
        if len(points) > 1
    ]
    return f'<div class="mlops-charts">{"".join(charts[:MOST_METRICS])}</div>'


def _row(
    version: ModelVersion,
    newest: Summary,
    called: str,
    aliases: Mapping[str, str],
    verdicts: Sequence[Mapping[str, Any]],
    addresses: Sequence[Address],
) -> ModelRow:
    return ModelRow(
        version.name,
        newest.description or "",
        called,
        _day(newest.created),
        ", ".join(sorted(aliases)),
        _metrics(newest.metrics),
        ", ".join(newest.tags),
        f"{str(verdicts[0]['created'])[:10]}: {len(verdicts[0]['drifted'])} drifted" if verdicts else "not yet",
        addresses[0].url if addresses else "",
    )


def _metrics(found: Mapping[str, float | None]) -> str:
    return ", ".join(f"{name} {score:.4g}" for name, score in found.items() if score is not None)


def _day(created: float) -> str:
    return f"{dt.datetime.fromtimestamp(created, dt.UTC):%Y-%m-%d}"
