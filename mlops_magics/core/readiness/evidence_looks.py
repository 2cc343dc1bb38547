"""Readings of the evidence: the number of models that pass, links to them, and the cell that helps the others."""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Callable

from mlops_magics.core import phrases
from mlops_magics.core.readiness import next_cells
from mlops_magics.core.readiness.next_cells import Cell
from mlops_magics.core.readiness.question import MOST_LINKS, Finding
from mlops_magics.core.readiness.team_evidence import Link, ModelEvidence, TeamEvidence

MOST = 0.8
"""The share of models that counts as nearly all of them."""
RECENT = dt.timedelta(days=35)
"""Longest time since the last monitoring of a model in care: a month and some days."""
ENDED_WELL = frozenset({"promoted", "kept", "waiting"})
"""Outcomes of a retraining that did its work."""

Test = Callable[[ModelEvidence], object]
Look = Callable[[TeamEvidence], Finding]
NO_MODEL = "penguins"
"""Name of the model in the next step of a team without models."""


def _next_cell(cell: Cell, evidence: TeamEvidence, lacking: tuple[ModelEvidence, ...]) -> str:
    """Return the cell for the model that a next step is for: the last one pinned of those that lack something.

    A team without models pins one first.
    """
    last = max(lacking, key=lambda each: each.pins[-1], default=evidence.first)
    return next_cells.train(NO_MODEL) if last is None else cell(last)


def of_share(
    test: Test,
    text: str,
    cell: Cell,
    share: float = 0.5,
    among: Test = bool,
    whom: str = "models",
    links: Test | None = None,
) -> Look:
    """Return the check that counts the models that pass a test.

    Parameters
    ----------
    text
        The property that they have, after "3 of 4 models".
    cell
        The cell that helps one model.
    share
        Of the models that must pass.
    among, whom
        The models that count, and their name.
    """

    def look(evidence: TeamEvidence) -> Finding:
        counted = evidence.those(among)
        passed = tuple(each for each in counted if test(each))
        lacking = tuple(each for each in counted if not test(each))
        holds = bool(counted) and len(passed) >= share * len(counted)
        found = phrases.of_all(len(passed), len(counted), whom, text)
        return _finding(holds, found, _all_links(passed, links), _next_cell(cell, evidence, lacking))

    return look


def _finding(holds: bool, text: str, links: tuple[Link, ...], cell: str) -> Finding:
    """Return a finding with the first links, which says of how many they are."""
    named = f" ({MOST_LINKS} of {len(links)} are named)" if len(links) > MOST_LINKS else ""
    return Finding(holds, f"{text}{named}", links[:MOST_LINKS], cell)


def _all_links(models: tuple[ModelEvidence, ...], of: Test | None) -> tuple[Link, ...]:
    """Return the evidence of models, each piece once."""
    return tuple(dict.fromkeys(link for each in models for link in _links(each, of)))


def _links(model: ModelEvidence, of: Test | None) -> tuple[Link, ...]:
    found = of(model) if of is not None else model.newest
    if isinstance(found, Link):
        return (found,)
    return tuple(found) if isinstance(found, tuple) else ()


def some(test: Test, text: str, cell: Cell, links: Test | None = None, among: Test = bool) -> Look:
    """Return the check whether one model passes a test.

    Parameters
    ----------
    test
        The test of a model.
    text
        The words of the result.
    cell
        The cell that makes it true for one model.
    links
        The test of models that are linked, where it is another one.
    among
        The models of which the next step is for one.
    """

    def look(evidence: TeamEvidence) -> Finding:
        passed = evidence.those(test)
        found = phrases.of_all(len(passed), len(evidence.models), "models", text)
        helped = _next_cell(cell, evidence, evidence.those(among))
        return _finding(bool(passed), found, _all_links(passed, links), helped)

    return look


def shared_board(evidence: TeamEvidence) -> Finding:
    """Check the places of the boards, and the number of people who pin."""
    several = len(evidence.people) > 1
    where = "a store that several machines reach" if evidence.shared else "a folder of this machine"
    text = f"the board is in {where}; {_people(evidence)} to it"
    return Finding(evidence.shared or several, text, evidence.boards, "%board s3://BUCKET/models")


def exported(evidence: TeamEvidence) -> Finding:
    """Check the files of orchestrators."""
    verb = "carries" if len(evidence.exports) == 1 else "carry"
    text = f"{phrases.counted(len(evidence.exports), 'file')} of orchestrators {verb} out policies"
    cell = _next_cell(next_cells.line("%export NAME --to airflow"), evidence, evidence.those(lambda m: m.policies))
    return _finding(bool(evidence.exports), text, evidence.exports, cell)


def several_people(evidence: TeamEvidence) -> Finding:
    """Check the number of people who pin."""
    text = f"{_people(evidence)} models"
    place = evidence.boards[0].target if evidence.boards else ""
    return Finding(len(evidence.people) > 1, text, evidence.boards, f"%board {shlex.quote(place)} --trust")


def _people(evidence: TeamEvidence) -> str:
    return phrases.counted(len(evidence.people), "person pins", "people pin")


def verdict_link(model: ModelEvidence) -> Link:
    """Return the link to the verdicts on a model."""
    return Link("verdict", model.ref, f"%verdicts {model.ref}")


def limits_link(model: ModelEvidence) -> Link:
    """Return the link to the limits of a model."""
    return Link("limits", model.ref, f"%thresholds {model.ref}")


def card_link(model: ModelEvidence) -> Link:
    """Return the link to the card of a model."""
    return Link("card", model.ref, f"%model_card {model.ref}")


def history_link(model: ModelEvidence) -> Link:
    """Return the link to the history of a model."""
    return Link("event", model.ref, f"%versions {model.ref}")


def recently_monitored(evidence: TeamEvidence) -> Finding:
    """Check the last monitoring of the models in use."""
    used = evidence.those(in_use)
    recent = tuple(each for each in used if len(each.verdicts) > 1 and evidence.looked - each.verdicts[0] <= RECENT)
    words = f"were monitored twice, the last time within {RECENT.days} days"
    text = phrases.of_all(len(recent), len(used), "models in use", words)
    lacking = tuple(each for each in used if each not in recent)
    cell = _next_cell(next_cells.in_use(next_cells.monitor), evidence, lacking)
    holds = bool(used) and len(recent) >= MOST * len(used)
    return _finding(holds, text, tuple(map(verdict_link, recent)), cell)


def by_policy(model: ModelEvidence) -> bool:
    """Return whether a policy has retrained a model, and the run ended well."""
    return any(run.policy and run.outcome in ENDED_WELL for run in model.runs)


def in_use(model: ModelEvidence) -> bool:
    """Return whether a model has a champion or an endpoint."""
    return model.champion or model.endpoint is not None
