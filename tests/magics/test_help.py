"""Every verb explains itself, the same way everywhere."""

from __future__ import annotations

import re
import shlex
from typing import Any

import pytest

from mlops_magics import cli
from mlops_magics.magics import tokens
from mlops_magics.magics.verb import Verb
from mlops_magics.magics.verbs import VERBS
from mlops_magics.panel.widget import panel_bundle

EVERY = pytest.mark.parametrize("verb", VERBS.values(), ids=list(VERBS))


def one_line(text: str) -> str:
    """Undo the wrapping of a help text."""
    return " ".join(text.split())


@EVERY
def test_question_mark_and_help_print_the_same_text(shell: Any, verb: Verb, capsys: pytest.CaptureFixture[str]) -> None:
    """`%deploy?` and `%deploy --help` are two ways to one page."""
    assert shell.run(f"%{verb.name} --help") is None
    helped = capsys.readouterr().out.strip()
    shell.run(f"%{verb.name}?")
    asked = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)

    assert helped
    assert helped in asked


@EVERY
def test_help_names_every_argument_with_a_sentence(shell: Any, verb: Verb) -> None:
    """Nothing is left undocumented."""
    text = one_line(shell.ip.find_line_magic(verb.name).__doc__)

    assert verb.summary.endswith((".", "?"))
    for given in verb.arguments:
        assert all(flag in text for flag in given.flags)
        assert one_line(given.help.replace("%%", "%")) in text


@EVERY
def test_help_has_three_examples_that_the_verb_understands(shell: Any, verb: Verb) -> None:
    """Examples are lines to paste: each parses."""
    parser = shell.ip.find_line_magic(verb.name).parser
    assert len(verb.examples) == 3
    for example in verb.examples:
        line = re.sub(r"^(\w+ = )?%{1,2}\w+", "", example.splitlines()[0]).removesuffix(";")
        said = [word for word in tokens.split(line) if word != "--help"]
        parser.parse_args(said)


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_the_command_line_has_the_same_words_and_options(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Both are derived from one declaration; what is more in a shell is said there."""
    with pytest.raises(SystemExit) as ended:
        cli.main([name, "--help"])

    text, verb = one_line(capsys.readouterr().out), cli.COMMANDS[name]
    assert ended.value.code == 0
    for given in (*verb.arguments, *cli.more(verb)):
        assert all(flag in text for flag in given.flags)
    for example in cli.examples(verb):
        assert one_line(example) in text
        assert cli.understand(shlex.split(example.removesuffix(" --help"))[1:])[0] is verb


@EVERY
def test_a_misspelt_option_is_refused_with_the_nearest_one(shell: Any, verb: Verb) -> None:
    """An option that is silently ignored does harm."""
    flag = max(verb.options, default="--trust", key=len)
    result = shell.ip.run_cell(f"%{verb.name} {flag[:-1]}x")

    assert type(result.error_in_exec).__name__ == "UsageError"
    assert f"has no option {flag[:-1]}x" in str(result.error_in_exec)
    assert verb.options == {} or flag in str(result.error_in_exec)


def test_the_overview_lists_every_verb(shell: Any) -> None:
    """`%mlops` is where a newcomer looks."""
    overview = shell.run("%mlops")
    page = panel_bundle(overview, shell.session, live=False)[0]["text/html"]

    assert [name for name, _ in overview.verbs] == list(VERBS)
    assert all(f"%{name}" in repr(overview) and f"%{name}" in page for name in VERBS)
