"""Words of a line with `{expression}` and `$name`."""

from __future__ import annotations

import pytest

from mlops_magics.magics.expansion import expand
from mlops_magics.magics.verbs import VERBS

NAMES = {"name": "owls", "i": 3, "others": ["a", "b"], "text": "two words", "acc": 0.5, "k": 1, "frame": "X[X.a > 3]"}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{name}", ["owls"]),
        ("$name --alias x", ["owls", "--alias", "x"]),
        ("bird_{i}@{name}", ["bird_3@owls"]),
        ("x --also {others} --port 1", ["x", "--also", "a", "b", "--port", "1"]),
        ("x --also $others", ["x", "--also", "a", "b"]),
        ("x --also {text}", ["x", "--also", "two", "words"]),
        ("x --extras {text}", ["x", "--extras", "two words"]),
        ("'{text}'", ["two words"]),
        ("--extras={text}", ["--extras=two words"]),
        ("{frame}", ["X[X.a > 3]"]),
        ("a={acc} b={round(acc, 1)}", ["a=0.5", "b=0.5"]),
        ("a={acc:.2f}", ["a={acc:.2f}"]),
        ("{name.upper()}", ["OWLS"]),
        ("{{name}}", ["{name}"]),
        ("$$name", ["$name"]),
        ("$unknown {missing}", ["$unknown", "{missing}"]),
        ("{'owner': 'risk'} {'a', 'b'} {k: acc}", ["{'owner': 'risk'}", "{'a', 'b'}", "{k: acc}"]),
        ("f'{i}' X[list({'a'})] {x: 1 for x in y}", ["f'{i}'", "X[list({'a'})]", "{x: 1 for x in y}"]),
        ("X.rename(columns={'a': name})", ["X.rename(columns={'a': name})"]),
    ],
)
def test_words_are_expanded_and_python_s_own_braces_stay(line: str, words: list[str]) -> None:
    """T15: A dict, a set and an f-string are values; every other brace is a template."""
    assert expand(VERBS["deploy"], line, NAMES) == words
