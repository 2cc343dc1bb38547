"""Parsing of a verb's words: an argparse parser, a check for misspelt options, and values by name."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

from mlops_magics.errors import InvalidInput, NotFound, nearest
from mlops_magics.magics.file_values import FileValues
from mlops_magics.magics.kinds import HANDLING, Workspace
from mlops_magics.magics.verb import Argument, Verb


def help_of(verb: Verb, examples: Sequence[str]) -> dict[str, Any]:
    """Return the parts of a parser's help: the verb's description, its arguments, and its usage."""
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
    named = [each.flags[0] for each in verb.words]
    for flag in (each.partition("=")[0] for each in words if each.startswith("--")):
        if flag not in known and flag.removeprefix("--") in named:
            line = " ".join([f"%{verb.name}", *map(str.upper, named)])
            raise InvalidInput(f"{verb.name} takes {flag.removeprefix('--')} as a word, without dashes: `{line}`.")
        if flag not in known:
            close = _taking(flag, known) or nearest(flag, known, 1) or [each for each in known if each.startswith(flag)]
            hint = f"did you mean {close[0]}?" if close else f"It has: {', '.join(known) or 'none'}."
            raise InvalidInput(f"{verb.name} has no option {flag}{'; ' if close else '. '}{hint}")


def _taking(flag: str, known: Mapping[str, Argument]) -> list[str]:
    """Return the options whose value has this name: ``--by`` takes a PERIOD, and `--period` is a natural guess."""
    return [each for each, argument in known.items() if argument.options.get("metavar") == flag.strip("-").upper()]


def spread(verb: Verb, words: Sequence[str], *, cell: bool = False) -> list[str]:
    """Return the words in the order that argparse needs, with ``--data X y`` as ``--data X --truth y``.

    Words of a list, such as limits, come before the options, because argparse ends the list at the first option.

    The word after ``X`` is the truth where the line has more words than the verb needs without it. On a line that
    lacks the model (``%pin_model NAME --data X model``) it is the model.

    Parameters
    ----------
    cell
        Whether the verb is over a cell, which makes the model.

    Raises
    ------
    InvalidInput
        ``--truth`` is given too.
    """
    if any(each.options.get("nargs") in ("*", "+") for each in verb.words) and "--" not in words:
        bare_places = _bare_words(verb, words)
        others = [word for place, word in enumerate(words) if place not in bare_places]
        words = [*(words[place] for place in bare_places), *others]
    if not {"--data", "--truth"} <= verb.options.keys() or "--data" not in words[:-2]:
        return list(words)
    needed = [each for each in verb.words if each.options.get("nargs") != "?"]
    second, bare = words.index("--data") + 2, _bare_words(verb, words)
    if second not in bare or len(bare) <= len(needed):
        return list(words)
    given = {each.partition("=")[0] for each in words}
    if verb.over_cell and not cell and len(bare) <= len(verb.words) and "--model" not in given:
        return [*words[:second], "--model", *words[second:]]
    if "--truth" in given:
        raise InvalidInput(f"The truth is given twice: as {words[second]} behind --data, and as --truth.")
    return [*words[:second], "--truth", *words[second:]]


def _bare_words(verb: Verb, words: Sequence[str]) -> list[int]:
    """Return the places of the words that belong to no option."""
    places, left = [], 0.0
    for place, word in enumerate(words):
        if word.startswith("--"):
            option = verb.options.get(word)
            left = 0.0 if option is None else float("inf") if option.takes is None else option.takes
        elif left:
            left -= 1
        else:
            places.append(place)
    return places


def look_up(verb: Verb, words: Mapping[str, Any], workspace: Workspace) -> dict[str, Any]:
    """Replace the words that name values by the values. The name of a column of the data stays a name."""
    found = dict(words)
    # the data first: whether a word is one of their columns is looked up in their value
    for given in sorted(verb.arguments, key=lambda each: each.kind == "column or value"):
        word, read = found.get(given.name), HANDLING[given.kind].read
        if word is None or read is None:
            continue
        if given.kind == "column or value" and _is_column(word, found.get("data"), workspace):
            continue
        found[given.name] = (
            [read(each, workspace) for each in word] if isinstance(word, list | tuple) else read(word, workspace)
        )
    return found


def _columns(data: Any) -> list[str]:
    """Return the columns of rows of any library, records and mappings included, none where they are not known."""
    if isinstance(data, Mapping):
        return [str(name) for name in data]
    if isinstance(data, Sequence) and data and isinstance(data[0], Mapping):
        return [str(name) for name in data[0]]
    names = getattr(data, "column_names", None)
    return [str(name) for name in (names if isinstance(names, list) else getattr(data, "columns", ()))]


def _is_column(word: str, data: Any, workspace: Workspace) -> bool:
    """Return whether a word names a column of the rows, which may be a path."""
    known = FileValues().columns(data) if isinstance(data, str) else _columns(data)
    if word in known:
        return True
    other = word in workspace.variables() or FileValues.exists(word)
    if known and not other and word.isidentifier() and not workspace.holds(word):
        variables = workspace.variables()
        raise NotFound("column or variable" if variables else "column", word, [*known, *variables])
    unknown = not known and data is not None and not hasattr(data, "shape")
    return unknown and not other
