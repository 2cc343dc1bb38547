"""Readings of the evidence: the number of models that pass, links to them, and the cell that helps the others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from mlops_magics.core import phrases
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
Cell = str | Callable[[ModelEvidence], str]
"""A cell that helps one model, with ``NAME`` in place of its name, or a function that chooses it for the model."""


def _next_cell(cell: Cell, evidence: TeamEvidence, lacking: tuple[ModelEvidence, ...]) -> str:
    """Return the cell for the model that a next step is for: the last one pinned of those that lack something."""
    last = max(lacking, key=lambda each: each.pins[-1], default=evidence.first)
    if last is None:
        return "" if callable(cell) else cell.replace("NAME", "penguins")
    return (cell(last) if callable(cell) else cell).replace("NAME", last.name)


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
        found = tuple(link for each in passed for link in _links(each, links))[:MOST_LINKS]
        return Finding(
            holds,
            phrases.of_all(len(passed), len(counted), whom, text),
            found,
            _next_cell(cell, evidence, lacking),
        )

    return look


def _links(model: ModelEvidence, of: Test | None) -> tuple[Link, ...]:
    found = of(model) if of is not None else model.newest
    if isinstance(found, Link):
        return (found,)
    return tuple(found) if isinstance(found, tuple) else ()


def some(test: Test, text: str, cell: str, links: Test | None = None) -> Look:
    """Return the check whether one model passes a test.

    Parameters
    ----------
    test
        The test of a model.
    text
        The words of the result.
    cell
        The line that makes it true.
    links
        The test of models that are linked, where it is another one.
    """

    def look(evidence: TeamEvidence) -> Finding:
        passed = evidence.those(test)
        found = tuple(link for each in passed for link in _links(each, links))[:MOST_LINKS]
        return Finding(
            bool(passed),
            phrases.of_all(len(passed), len(evidence.models), "models", text),
            found,
            _next_cell(cell, evidence, ()),
        )

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
    cell = _next_cell("%export NAME --to airflow", evidence, evidence.those(lambda each: each.policies))
    return Finding(bool(evidence.exports), text, evidence.exports[:MOST_LINKS], cell)


def several_people(evidence: TeamEvidence) -> Finding:
    """Check the number of people who pin."""
    text = f"{_people(evidence)} models"
    return Finding(len(evidence.people) > 1, text, evidence.boards, "%board --trust")


def _people(evidence: TeamEvidence) -> str:
    return phrases.counted(len(evidence.people), "person pins", "people pin")


def verdict_link(model: ModelEvidence) -> Link:
    """Return the link to the verdicts on a model."""
    return Link("verdict", model.name, f"%verdicts {model.name}")


def history_link(model: ModelEvidence) -> Link:
    """Return the link to the history of a model."""
    return Link("event", model.name, f"%versions {model.name}")


def recently_monitored(evidence: TeamEvidence) -> Finding:
    """Check the last monitoring of the models in use."""
    champions = evidence.those(lambda each: each.champion or each.endpoint)
    recent = tuple(
        each for each in champions if len(each.verdicts) > 1 and evidence.looked - each.verdicts[0] <= RECENT
    )
    words = f"were monitored twice, the last time within {RECENT.days} days"
    text = phrases.of_all(len(recent), len(champions), "models in use", words)
    lacking = tuple(each for each in champions if each not in recent)
    cell = _next_cell("%retrain NAME --every week --when drift", evidence, lacking)
    holds = bool(champions) and len(recent) >= MOST * len(champions)
    return Finding(holds, text, tuple(map(verdict_link, recent))[:MOST_LINKS], cell)


def by_policy(model: ModelEvidence) -> bool:
    """Return whether a policy has retrained a model, and the run ended well."""
    return any(run.policy and run.outcome in ENDED_WELL for run in model.runs)


def in_use(model: ModelEvidence) -> bool:
    """Return whether a model has a champion or an endpoint."""
    return model.champion or model.endpoint is not None
