"""The lines that messages and views print for people: each is understood, and those after a pin run as they are."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import mlops_magics
from mlops_magics import cli
from tests.magics.conftest import Shell

PACKAGE = Path(mlops_magics.__file__).parent
LINE = re.compile(r"(?:^|`)%%?([a-z_]+) ([^`\n]+?)(?:  #.*)?(?:`|$)", re.MULTILINE)
FILLED = "FILLED"
"""What stands in an f-string for a value."""


def texts(module: Path) -> Iterator[str]:
    """Return the texts of a module, with a word in place of each value."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    joined = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    parts = {id(part) for node in joined for part in node.values}
    for node in joined:
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else FILLED for part in node.values)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
            yield node.value


def test_every_printed_line_is_understood() -> None:
    """No message leads to a line that lacks a word, or has an option that its verb does not have."""
    printed = [line for module in PACKAGE.rglob("*.py") for text in texts(module) for line in LINE.findall(text)]
    lines = [(verb, words) for verb, words in printed if verb in cli.COMMANDS and "{" not in words]

    assert len(lines) > 150
    for verb, words in lines:
        said = shlex.split(words.replace("…", ""))
        if verb == "retrain" and said[1:] and said[-1] == FILLED:
            said = said[:-1]  # its options
        if "--help" not in said:
            assert cli.understand([verb, *said])[0].name == verb, (verb, words)


def test_the_lines_after_a_pin_run(birds: Shell) -> None:
    """They promote the version and deploy it."""
    birds.run("%%pin_model penguins --test X_test y_test\nmodel = LogisticRegression().fit(X, y)")
    shown, _ = birds.ip.display_formatter.format(birds.session.version("penguins"))
    [code] = re.findall(r"<pre[^>]*>(.*?)</pre>", shown["text/html"], re.DOTALL)
    lines = re.sub(r"<[^>]+>", "", code).split("\n")

    assert len(lines) == 2
    for line in lines:
        birds.run(line)
    assert birds.session.version("penguins").aliases == ("champion",)
    assert [each.name for each in birds.session.endpoints_running()] == ["penguins"]
