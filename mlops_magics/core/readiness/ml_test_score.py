"""The ML Test Score: 28 tests in four sections, half a point for a test by hand and one for an automatic test.

E. Breck, S. Cai, E. Nielsen, M. Salib, D. Sculley: The ML Test Score: A Rubric for ML Production Readiness and
Technical Debt Reduction. IEEE Big Data 2017. The final score is the smallest sum of a section.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mlops_magics.core import phrases
from mlops_magics.core.readiness.evidence_looks import MOST, Test, by_policy, in_use
from mlops_magics.core.readiness.team_evidence import ModelEvidence, TeamEvidence

SECTIONS = ("Data", "Model", "Infrastructure", "Monitoring")
POINTS = {"yes": 1.0, "partly": 0.5, "no": 0.0}
"""Points of an answer: automatic, by hand with the results written down, not at all."""
MEANING = (
    (0.0, "a research project more than a production system"),
    (1.0, "not totally untested, with serious holes in reliability"),
    (2.0, "a first pass at production; more work may be needed"),
    (3.0, "reasonably tested"),
    (5.0, "strong automated testing and monitoring"),
    (7.0, "exceptional automated testing and monitoring"),
)
"""Meaning of a score up to each number, after the paper."""

See = Callable[[TeamEvidence], tuple[float, str] | None]


@dataclass(frozen=True, slots=True)
class RubricTest:
    """One of the 28 tests.

    Attributes
    ----------
    id
        The letter of the section, and the number in it.
    see
        Returns the points and the evidence, or None where boards hold none.
    """

    id: str
    section: str
    words: str
    see: See | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    """A test with its points. ``points`` is None where it is open: neither seen nor answered."""

    test: RubricTest
    points: float | None
    found: str

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        return {
            "id": self.test.id,
            "section": self.test.section,
            "test": self.test.words,
            "points": self.points,
            "found": self.found,
        }


@dataclass(frozen=True, slots=True)
class RubricScore:
    """The rubric filled from evidence and answers. An open test counts 0 points."""

    tests: tuple[Scored, ...]

    @classmethod
    def of(cls, evidence: TeamEvidence) -> RubricScore:
        """Fill the rubric."""
        return cls(tuple(_scored(test, evidence) for test in TESTS))

    @property
    def sections(self) -> dict[str, float]:
        """The sum of each section."""
        return {
            section: sum(each.points or 0.0 for each in self.tests if each.test.section == section)
            for section in SECTIONS
        }

    @property
    def score(self) -> float:
        """The smallest sum of a section."""
        return min(self.sections.values())

    @property
    def meaning(self) -> str:
        """The score in words."""
        return next(text for most, text in MEANING if self.score <= most)

    @property
    def open(self) -> tuple[Scored, ...]:
        """The tests that boards cannot see and that were not answered."""
        return tuple(each for each in self.tests if each.points is None)

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        return {
            "score": self.score,
            "meaning": self.meaning,
            "sections": self.sections,
            "tests": [each.to_json() for each in self.tests],
        }


def _scored(test: RubricTest, evidence: TeamEvidence) -> Scored:
    """Return the points of a test: by people's answers, where they give more than the evidence."""
    seen = test.see(evidence) if test.see is not None else None
    answer = evidence.answers.get(test.id)
    if answer is not None and (seen is None or POINTS[answer["answer"]] > seen[0]):
        note = f": {answer['note']}" if answer.get("note") else ""
        return Scored(test, POINTS[answer["answer"]], f"answered by {answer['by']} on {answer['when'][:10]}{note}")
    return Scored(test, None, "") if seen is None else Scored(test, *seen)


def _share(test: Test, points: float, text: str, among: Test = bool, whom: str = "models") -> See:
    """Give points where nearly all models pass, half a point in place of one where some do.

    Nothing is known without models.
    """

    def see(evidence: TeamEvidence) -> tuple[float, str] | None:
        if not evidence.models:
            return None
        counted = evidence.those(among)
        passed = sum(map(bool, map(test, counted)))
        found = phrases.of_all(passed, len(counted), whom, text)
        if counted and passed >= MOST * len(counted):
            return points, found
        return (points - 0.5 if passed else 0.0), found

    return see


def _better_of(*sees: See) -> See:
    """Take the check that gives most points."""

    def see(evidence: TeamEvidence) -> tuple[float, str] | None:
        found = [each for each in (look(evidence) for look in sees) if each is not None]
        return max(found, key=lambda each: each[0], default=None)

    return see


def _once(test: Test, points: float, text: str) -> See:
    """Give points where one model passes."""

    def see(evidence: TeamEvidence) -> tuple[float, str] | None:
        passed = len(evidence.those(test))
        return (
            (points if passed else 0.0, phrases.of_all(passed, len(evidence.models), "models", text))
            if evidence.models
            else None
        )

    return see


def _by_cadence(model: ModelEvidence) -> bool:
    return model.drift_policy and bool(model.verdicts)


_USED = "models in use"
_RETRAINED = _better_of(
    _share(by_policy, 1.0, "were retrained by a policy", in_use, _USED),
    _once(lambda m: m.runs, 0.5, "were retrained by hand"),
)
_MONITORED = _better_of(
    _share(_by_cadence, 1.0, "are monitored by a policy", in_use, _USED),
    _once(lambda m: m.verdicts, 0.5, "were monitored by hand"),
)

TESTS = (
    RubricTest(
        "D1", "Data", "Feature expectations are captured in a schema.",
        _share(lambda m: m.features, 1.0, "have a schema, which every request is checked against"),
    ),
    RubricTest("D2", "Data", "All features are beneficial."),
    RubricTest("D3", "Data", "No feature's cost is too much."),
    RubricTest("D4", "Data", "Features adhere to meta-level requirements."),
    RubricTest("D5", "Data", "The data pipeline has appropriate privacy controls."),
    RubricTest("D6", "Data", "New features can be added quickly."),
    RubricTest("D7", "Data", "All input feature code is tested."),
    RubricTest(
        "M1", "Model", "Every model specification undergoes a code review and is checked in to a repository.",
        _share(lambda m: "source" in m.lineage, 0.5, "keep the code of training"),
    ),
    RubricTest(
        "M2", "Model", "Offline and online metrics correlate.",
        _once(lambda m: m.metrics and m.measured, 0.5, "have metrics of the pin and of served rows to compare"),
    ),
    RubricTest("M3", "Model", "All hyperparameters have been tuned."),
    RubricTest("M4", "Model", "The impact of model staleness is known.", _RETRAINED),
    RubricTest("M5", "Model", "A simpler model is not better."),
    RubricTest("M6", "Model", "Model quality is sufficient on all important data slices."),
    RubricTest("M7", "Model", "The model has been tested for considerations of inclusion."),
    RubricTest(
        "I1", "Infrastructure", "Training is reproducible.",
        _better_of(
            _share(by_policy, 1.0, "were made again by a policy", in_use, _USED),
            _share(lambda m: m.recipe, 0.5, "have a recipe"),
        ),
    ),
    RubricTest("I2", "Infrastructure", "Model specification code is unit tested."),
    RubricTest("I3", "Infrastructure", "The full ML pipeline is integration tested.", _RETRAINED),
    RubricTest("I4", "Infrastructure", "Model quality is validated before attempting to serve it.", _RETRAINED),
    RubricTest(
        "I5", "Infrastructure", "The model allows debugging by observing the step-by-step computation on one example.",
        _once(lambda m: m.requests, 0.5, "log each request with its answer"),
    ),
    RubricTest(
        "I6", "Infrastructure", "Models are tested via a canary process before they enter production.",
        _once(lambda m: m.trial, 0.5, "were tried out as a canary or a shadow"),
    ),
    RubricTest(
        "I7", "Infrastructure", "Models can be quickly and safely rolled back to a previous version.",
        _better_of(
            _once(lambda m: m.rollbacks, 1.0, "were rolled back once"),
            _once(lambda m: m.champion and m.updates, 0.5, "have a champion and an older version"),
        ),
    ),
    RubricTest("O1", "Monitoring", "Dependency changes result in notification."),
    RubricTest("O2", "Monitoring", "Data invariants hold in training and serving inputs.", _MONITORED),
    RubricTest(
        "O3", "Monitoring", "Training and serving features compute the same values.",
        _once(lambda m: m.requests and m.verdicts, 0.5, "have reports on logged requests against training"),
    ),
    RubricTest(
        "O4", "Monitoring", "Models are not too stale.",
        _share(lambda m: m.policies, 1.0, "have a policy of retraining", in_use, _USED),
    ),
    RubricTest("O5", "Monitoring", "The model is numerically stable."),
    RubricTest(
        "O6", "Monitoring", "No dramatic or slow-leak regressions in training speed, latency, throughput or memory.",
        _once(lambda m: m.answered_by > 1, 0.5, "have the latency of each request to two versions in the log"),
    ),
    RubricTest(
        "O7", "Monitoring", "No regressions in prediction quality on served data.",
        _better_of(
            _share(
                lambda m: m.measured and m.drift_policy, 1.0, "are measured, and have a policy that acts on a loss",
                in_use, _USED,
            ),
            _once(lambda m: m.measured, 0.5, "have measured performance"),
        ),
    ),
)  # fmt: skip
"""The tests in the order and words of the paper, shortened."""
