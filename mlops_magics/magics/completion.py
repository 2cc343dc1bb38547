"""Completion after a magic: options, models, versions, aliases, boards, endpoints, variables and columns.

The next words come from the verb's declaration, existing names from the session. Completion never raises.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher

if TYPE_CHECKING:
    from mlops_magics.magics.notebook import Notebook
    from mlops_magics.magics.offers import Place
    from mlops_magics.magics.verb import Verb

MOST = 200
"""Completions that are offered at once."""


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
        """Return the words that fit at the cursor."""
        # for every completion in every cell: this look costs less than the import below
        if "%" not in context.text_until_cursor:
            return _nothing()
        from mlops_magics.magics import tokens
        from mlops_magics.magics.offers import fits, place_of

        place = place_of(context.text_until_cursor, self._verbs)
        if place is None:
            return _nothing()
        started = place.typed.started
        fitting = [each for each in self.choices(place) if fits(each, started)][:MOST]
        found = [typed for each in fitting if (typed := tokens.quoted(each, place.mark)) is not None]
        if not found:
            return _nothing()
        kind = "option" if started.startswith("-") else place.expected.kind if place.expected else "option"
        return SimpleMatcherResult(
            completions=[SimpleCompletion(each, type=kind) for each in found],
            matched_fragment=place.mark
            + started,  # by itself IPython replaces its own last token, and it splits at @ and :
            suppress=True,
            ordered=True,
        )

    def choices(self, place: Place) -> list[str]:
        """Return every word that fits."""
        from mlops_magics.magics.offers import offers

        return offers(place.verb, place.typed, lambda: self._notebook.session, self._notebook.variables())


def _nothing() -> SimpleMatcherResult:
    """Return a new result each time, because IPython writes the text at the cursor into it."""
    return SimpleMatcherResult(completions=[], suppress=False)
