"""The next words of a line, for notebook and shell: expected arguments, and options that are not typed yet.

The next words come from the verb's declaration, existing names from the session.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlops_magics.magics import tokens
from mlops_magics.magics.kinds import HANDLING, Typed, Workspace
from mlops_magics.magics.verb import Argument, Verb

if TYPE_CHECKING:
    from mlops_magics.core.session import Session


VERSION = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{5}")
MAGIC = re.compile(r"^\s*(?:[\w, ]+=\s*)?%{1,2}(?P<verb>\w+)\s(?P<words>.*)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Place:
    """The place of the cursor in a line. ``mark`` is the quote before the word that is being typed."""

    verb: Verb
    typed: Typed
    expected: Argument | None
    mark: str = ""


def place_of(text: str, verbs: Mapping[str, Verb]) -> Place | None:
    """Read the line up to the cursor, or ``None`` where no verb of ours is being typed."""
    match = MAGIC.match(text)
    verb = verbs.get(match["verb"]) if match else None
    if match is None or verb is None:
        return None
    words, last = tokens.unfinished(match["words"])
    mark = last[:1] if last[:1] in tokens.QUOTES else ""
    return Place(verb, Typed(tuple(words), last.removeprefix(mark)), expected_after(verb, words), mark)


def offers(verb: Verb, typed: Typed, session: Callable[[], Session], workspace: Workspace) -> list[str]:
    """Return every word that fits, without ever raising.

    Parameters
    ----------
    session
        Returns the session, where names are needed.
    """
    expected, named = expected_after(verb, typed.words), []
    if expected is not None and not typed.started.startswith("-"):
        with contextlib.suppress(Exception):  # a board that cannot be read now must not disturb typing
            named = _named(expected, typed, session, workspace)
    waits = expected is not None and expected.optional and expected.takes is not None
    if typed.started.startswith("-") or not (typed.started or waits):
        named += [flag for flag in (*verb.options, "--help") if flag not in typed.words]
    return named


def fits(word: str, started: str) -> bool:
    """Return whether a word may replace the started one: it begins so, or its version's id ends so.

    >>> fits("flights@champion", "flights@ch"), fits("flights@20260301T090000Z-1a2b3", "flights@2b3")
    (True, True)
    """
    name, _, ending = started.partition("@")
    return word.startswith(started) or (
        bool(ending) and VERSION.fullmatch(word.removeprefix(f"{name}@")) is not None and word.endswith(ending)
    )


def _named(expected: Argument, typed: Typed, session: Callable[[], Session], workspace: Workspace) -> list[str]:
    if "choices" in expected.options:
        return list(expected.options["choices"])
    complete = HANDLING[expected.kind].complete
    if complete is None:
        return []
    return list(complete(typed, session().suggestions(typed.behind("--board")), workspace))


def expected_after(verb: Verb, words: Iterable[str]) -> Argument | None:
    """Return the argument that comes after these words, or ``None`` when only options can follow."""
    position, current, left = 0, None, 0.0
    for word in words:
        if word.startswith("--"):
            current = verb.options.get(word)
            left = 0.0 if current is None else float("inf") if current.takes is None else current.takes
        elif left:
            left -= 1
        else:
            position += 1
    if left and current is not None:
        return current
    many = verb.words[-1:] if verb.words and verb.words[-1].takes is None else ()
    return next(iter((*verb.words[position:], *many)), None)
