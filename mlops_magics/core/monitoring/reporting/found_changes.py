"""New, missing and lost columns and values of the current rows, feature by feature."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mlops_magics.core import phrases
from mlops_magics.core.monitoring.reporting.feature_summary import (
    NOTED_MISSING,
    TROUBLE,
    category_shares,
    missing_shares,
)
from mlops_magics.core.monitoring.reporting.histograms import Distribution
from mlops_magics.core.monitoring.reporting.period_words import share
from mlops_magics.core.wire.report_record import FoundChange

if TYPE_CHECKING:
    from mlops_magics.core.monitoring.reporting.record import Report

ROLES = ("prediction", "target")
MOST = 30
"""Changes that are named."""
COLUMNS = 5
"""Columns without a counterpart that one change names."""
LABELS = 5
"""Values of a feature that one of them names."""


def of_report(report: Report) -> list[FoundChange]:
    """Return new, missing and lost values, with faults of whole columns first."""
    drifted = report.drift[report.drift["drifted"]]
    reasons = set(zip(drifted["feature"], drifted["statistic"]))
    shapes = [entry for entry in report.distributions if entry.feature not in ROLES]
    return [
        *_of_columns(report),
        *(found for entry in shapes for found in _new(entry, (entry.feature, "new_categories") in reasons)),
        *(found for entry in shapes for found in _missing(entry, (entry.feature, "missing") in reasons)),
        *(found for entry in shapes for found in _gone(entry)),
    ][:MOST]


def _of_columns(report: Report) -> Iterator[FoundChange]:
    rows = report.drift[["feature", "statistic", "drifted"]].drop_duplicates()
    for feature, statistic, drifted in zip(rows["feature"], rows["statistic"], rows["drifted"]):
        if statistic in TROUBLE:
            yield FoundChange("column", feature, TROUBLE[statistic], bool(drifted))
    extra = [feature for feature, statistic in zip(rows["feature"], rows["statistic"]) if statistic == "extra_column"]
    if len(extra) == 1:
        yield FoundChange("column", extra[0], "is a column that training did not have", False)
    elif extra:
        more = f"and {len(extra) - COLUMNS} more " if len(extra) > COLUMNS else ""
        yield FoundChange("column", ", ".join(extra[:COLUMNS]), f"{more}are columns that training did not have", False)


def _new(entry: Distribution, drifted: bool) -> Iterator[FoundChange]:
    if entry.new:
        _, now = category_shares(entry)
        part = sum(now[entry.bars.index(label)] for label in entry.new)
        yield FoundChange("new", entry.feature, f"{_labels(entry.new)}, {share(part)} of the rows", drifted)


def _missing(entry: Distribution, drifted: bool) -> Iterator[FoundChange]:
    then, now = missing_shares(entry)
    if drifted or abs(now - then) > NOTED_MISSING:
        words = f"is missing in {share(now)} of the rows, was {share(then)}"
        yield FoundChange("missing", entry.feature, words, drifted)


def _gone(entry: Distribution) -> Iterator[FoundChange]:
    if entry.edges or not any(map(sum, entry.current)):
        return
    then, now = category_shares(entry)
    # "other" has no name of its own: that it is empty says nothing about a category
    gone = [label for label, before, after in zip(entry.bars, then, now) if before and not after and label != "other"]
    if gone:
        part = sum(then[entry.bars.index(label)] for label in gone)
        verb = "occurs" if len(gone) == 1 else "occur"
        words = f"{_labels(gone)}, {share(part)} at training, no longer {verb}"
        yield FoundChange("gone", entry.feature, words, False)


def _labels(labels: tuple[str, ...] | list[str]) -> str:
    more = len(labels) - LABELS
    return phrases.listed([*labels[:LABELS], *([f"{more} more"] if more > 0 else [])])
