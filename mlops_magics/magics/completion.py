"""Completion behind a magic: options, models, versions, aliases, boards, endpoints, variables and columns.

What may follow is read from the declaration of the verb; what exists is asked of the session. Completion never raises.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher

from mlops_magics.magics.kinds import HANDLING, Typed
from mlops_magics.magics.verb import Argument, Verb

if TYPE_CHECKING:
    from mlops_magics.magics.notebook import Notebook

MAGIC = re.compile(r"^\s*(?:[\w, ]+=\s*)?%{1,2}(?P<verb>\w+)\s(?P<words>.*)$", re.DOTALL)
MOST = 200
"""Completions that are offered at once."""
NOTHING = SimpleMatcherResult(completions=[], suppress=False)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the cursor stands in a line."""

    verb: Verb
    typed: Typed
    expected: Argument | None


def place_of(text: str, verbs: Mapping[str, Verb]) -> Place | None:
    """Read the line up to the cursor; ``None`` where no verb of ours is being said."""
    match = MAGIC.match(text)
    verb = verbs.get(match["verb"]) if match else None
    if match is None or verb is None:
        return None
    words = match["words"].split()
    started = words.pop() if words and not match["words"][-1].isspace() else ""
    return Place(verb, Typed(tuple(words), started), expected_after(verb, words))


def expected_after(verb: Verb, words: Iterable[str]) -> Argument | None:
    """Tell which argument comes after these words; ``None`` when only options can follow."""
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


class Completion:
    """One matcher for all verbs, from `add` to `remove`."""

    def __init__(self, notebook: Notebook, verbs: Mapping[str, Verb]) -> None:
        self._notebook = notebook
        self._verbs = verbs

        @context_matcher()  # type: ignore[untyped-decorator]
        def mlops_magics_matcher(context: CompletionContext) -> SimpleMatcherResult:
            return self.matches(context)

        self._matcher = mlops_magics_matcher

    def add(self) -> None:
        """Begin to complete."""
        self._notebook.shell.Completer.custom_matchers.append(self._matcher)

    def remove(self) -> None:
        """Stop completing."""
        self._notebook.shell.Completer.custom_matchers.remove(self._matcher)

    def matches(self, context: CompletionContext) -> SimpleMatcherResult:
        """Return what may stand at the cursor."""
        place = place_of(context.text_until_cursor, self._verbs)
        if place is None:
            return NOTHING
        found = [each for each in self.choices(place) if each.startswith(place.typed.started)][:MOST]
        # IPython replaces only its own last token (it splits at @ and :), so what stands before that is taken off
        before = len(place.typed.started) - len(context.token)
        if not found or before < 0:
            return NOTHING
        kind = "option" if place.typed.started.startswith("-") else place.expected.kind if place.expected else "option"
        return SimpleMatcherResult(
            completions=[SimpleCompletion(each[before:], type=kind) for each in found], suppress=True, ordered=True
        )

    def choices(self, place: Place) -> list[str]:
        """Return every word that fits: first what is expected, then the options that are not said yet."""
        named = []
        if place.expected is not None and not place.typed.started.startswith("-"):
            with contextlib.suppress(Exception):  # a board that cannot be read now must not disturb typing
                named = self._named(place, place.expected)
        waits = place.expected is not None and place.expected.optional and place.expected.takes is not None
        if place.typed.started.startswith("-") or not (place.typed.started or waits):
            named += [flag for flag in (*place.verb.options, "--help") if flag not in place.typed.words]
        return named

    def _named(self, place: Place, expected: Argument) -> list[str]:
        if "choices" in expected.options:
            return list(expected.options["choices"])
        complete = HANDLING[expected.kind].complete
        if complete is None:
            return []
        names = self._notebook.session.suggestions(place.typed.behind("--board"))
        return list(complete(place.typed, names, self._notebook.variables()))
