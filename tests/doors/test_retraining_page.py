"""`docs/retraining.md`: every line, option, target and task in it exists; `make orchestrators` runs the tasks."""

from __future__ import annotations

import ast
import re
import shlex

import pytest

from mlops_magics import cli
from mlops_magics.core.retraining.export import export_registry
from tests.doors import retraining_page


@pytest.mark.parametrize("line", [line for line in retraining_page.lines() if not line.startswith("%%")])
def test_a_line_is_understood(line: str) -> None:
    """A magic and the command have the same words."""
    verb, given = cli.understand(shlex.split(line.removeprefix("mlops-magics ").removeprefix("%")))

    assert verb.name in line
    assert given


def test_options_and_targets_exist() -> None:
    """No option is named that no verb has, and no target is left out."""
    page = retraining_page.PAGE.read_text()
    arguments = [each for verb in cli.COMMANDS.values() for each in (*verb.arguments, *cli.more(verb))]
    known = {flag for each in arguments for flag in each.flags} | {"--help"}

    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", page)) <= known
    assert all(f"`{name}`" in page for name in export_registry.targets())


@pytest.mark.parametrize("name", retraining_page.snippets())
def test_a_task_compiles(name: str) -> None:
    """And calls the command with words that it understands."""
    tree = ast.parse(retraining_page.snippets()[name])
    (words,) = [
        [each.value if isinstance(each, ast.Constant) else "penguins" for each in node.elts]
        for node in ast.walk(tree)
        if isinstance(node, ast.List) and node.elts and getattr(node.elts[0], "value", "") == "mlops-magics"
    ]

    assert cli.understand([str(word) for word in words[1:]])[0].name == "run-policies"
