"""A verb's words: built into an argparse parser, checked for misspelt options, and looked up by name."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from mlops_magics.errors import InvalidInput, nearest
from mlops_magics.magics.verb import Argument, Verb


class Workspace(Protocol):
    """Where a word is looked up that names a value: the notebook's variables, or files."""

    def value(self, text: str) -> Any:
        """Return what the word names."""


def help_of(verb: Verb, examples: Sequence[str]) -> dict[str, Any]:
    """Return what makes a parser's help: what the verb does, its arguments, and how it is said."""
    lines = [f"  {line}" for example in examples for line in example.splitlines()]
    return {
        "description": verb.description,
        "epilog": "\n".join(["examples:", *lines]),
        "formatter_class": argparse.RawDescriptionHelpFormatter,
    }


def build(parser: argparse.ArgumentParser, verb: Verb, more: Sequence[Argument] = ()) -> argparse.ArgumentParser:
    """Add a verb's arguments to a parser."""
    for given in (*verb.arguments, *more):
        parser.add_argument(*given.flags, help=given.help, **given.options)
    return parser


def refuse_unknown(verb: Verb, words: Sequence[str], known: Mapping[str, Argument]) -> None:
    """Refuse an option that the verb does not have, naming the nearest one that it has.

    Raises
    ------
    InvalidInput
    """
    for flag in (each.partition("=")[0] for each in words if each.startswith("--")):
        if flag not in known:
            close = nearest(flag, known, 1) or [each for each in known if each.startswith(flag)]
            hint = f"did you mean {close[0]}?" if close else f"It has: {', '.join(known) or 'none'}."
            raise InvalidInput(f"{verb.name} has no option {flag}{'; ' if close else '. '}{hint}")


def look_up(verb: Verb, words: Mapping[str, Any], workspace: Workspace) -> dict[str, Any]:
    """Replace the words that name values by the values; a name that is a column of the data stays a name."""
    found = dict(words)
    for given in sorted(verb.arguments, key=lambda each: each.kind == "column or value"):
        word = found.get(given.name)
        if word is None or given.kind not in LOOKED_UP:
            continue
        if given.kind == "column or value" and _is_column(word, found.get("data")):
            continue
        read = READERS.get(given.kind, _value)
        found[given.name] = (
            [read(each, workspace) for each in word] if isinstance(word, list | tuple) else read(word, workspace)
        )
    return found


def _value(word: str, workspace: Workspace) -> Any:
    return workspace.value(word)


def _reference(word: str, workspace: Workspace) -> Any:
    """Keep a word of monitoring and a path; look anything else up."""
    known = word in ("fixed", "previous") or word.startswith("rolling:") or "://" in word or Path(word).is_file()
    return word if known else workspace.value(word)


def _measure(word: str, workspace: Workspace) -> Any:
    """Return the function of the notebook that is called so; a metric's name stays a name."""
    held = word in getattr(workspace, "variables", tuple)()
    value = workspace.value(word) if held else word
    return value if callable(value) else word


def _is_column(word: str, data: Any) -> bool:
    return word in getattr(data, "columns", ())


def _metric(word: str, workspace: Workspace) -> Mapping[str, Any]:
    """Read ``name=number``, ``name=variable``, or the name of a mapping."""
    name, equals, number = word.partition("=")
    if equals and name.isidentifier():
        return {name: _number(number) if _number(number) is not None else workspace.value(number)}
    mapping = workspace.value(word)
    if not isinstance(mapping, Mapping):
        raise InvalidInput(f"--metrics wants name=number or a mapping; {word} is of type {type(mapping).__name__}.")
    return mapping


READERS = {"metric": _metric, "measure": _measure, "reference": _reference}
LOOKED_UP = ("value", "column or value", *READERS)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
