"""The page on monitoring has one example of each of its rules, and every example does what it says."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "monitoring.md"
EXAMPLES = re.compile(r"## One example of each rule\n(.*?)\n## ", re.DOTALL)
RULES = (
    "Labels",
    "Kind",
    "Positive class",
    "Direction",
    "Bands",
    "Joins",
    "Few rows",
    "Dependence",
    "Seasons",
    "What each statistic sees",
)


def test_every_rule_has_an_example_that_runs() -> None:
    """The examples are the page's own text."""
    found = EXAMPLES.search(PAGE.read_text())
    assert found is not None
    text = "\n".join(line for line in found[1].splitlines() if not line.startswith("```"))
    examples = doctest.DocTestParser().get_doctest(text, {}, PAGE.name, str(PAGE), 0)
    said: list[str] = []

    result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(examples, out=said.append)

    assert not result.failed, "".join(said)
    assert result.attempted > 30
    assert re.findall(r"^\*\*(.*?)\*\*:", found[1], re.MULTILINE) == list(RULES)


def test_every_statistic_of_the_default_family_is_described() -> None:
    """With what it does not see."""
    from mlops_magics.core.monitoring.statistics import declarations

    rows = re.findall(r"^\| `(\w+)` \|.*\|$", PAGE.read_text(), re.MULTILINE)

    assert set(declarations.DEFAULTS) <= set(rows)
