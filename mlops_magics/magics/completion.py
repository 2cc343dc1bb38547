"""Completion behind a magic: options, models, versions, aliases, boards, endpoints, variables and columns.

What may follow is read from the declaration of the verb; what exists is asked of the session. Completion never raises.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher

from mlops_magics.magics.verb import Argument, Verb

if TYPE_CHECKING:
    from mlops_magics.core.versioning import Board
    from mlops_magics.magics.notebook import Notebook

MAGIC = re.compile(r"^\s*(?:[\w, ]+=\s*)?%{1,2}(?P<verb>\w+)\s(?P<words>.*)$", re.DOTALL)
MOST = 200  # more than anybody reads; a board may hold many thousand versions
NOTHING = SimpleMatcherResult(completions=[], suppress=False)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the cursor stands in a line."""

    verb: Verb
    words: tuple[str, ...]
    started: str
    expected: Argument | None


def place_of(text: str, verbs: Mapping[str, Verb]) -> Place | None:
    """Read the line up to the cursor; ``None`` where no verb of ours is being said."""
    match = MAGIC.match(text)
    verb = verbs.get(match["verb"]) if match else None
    if match is None or verb is None:
        return None
    words = match["words"].split()
    started = words.pop() if words and not match["words"][-1].isspace() else ""
    return Place(verb, tuple(words), started, expected_after(verb, words))


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
        found = [each for each in self.choices(place) if each.startswith(place.started)][:MOST]
        # IPython replaces only its own last token (it splits at @ and :), so what stands before that is taken off
        before = len(place.started) - len(context.token)
        if not found or before < 0:
            return NOTHING
        kind = "option" if place.started.startswith("-") else place.expected.kind if place.expected else "option"
        return SimpleMatcherResult(
            completions=[SimpleCompletion(each[before:], type=kind) for each in found], suppress=True, ordered=True
        )

    def choices(self, place: Place) -> list[str]:
        """Return every word that fits: first what is expected, then the options that are not said yet."""
        named = [] if place.started.startswith("-") or place.expected is None else self._named(place, place.expected)
        waits = place.expected is not None and place.expected.optional and place.expected.takes is not None
        if place.started.startswith("-") or not (place.started or waits):
            named += [flag for flag in (*place.verb.options, "--help") if flag not in place.words]
        return named

    def _named(self, place: Place, expected: Argument) -> list[str]:
        if "choices" in expected.options:
            return list(expected.options["choices"])
        sources: dict[str, Callable[[], Iterable[str]]] = {
            "model": lambda: self._board_of(place).names(),
            "version": lambda: self._versions(place),
            "alias": lambda: self._aliases(place),
            "board": self._boards,
            "endpoint": self._endpoints,
            "column": lambda: self._columns(place.words),
            "value": self._variables,
            "metric": self._variables,
            "column or value": lambda: [*self._columns(place.words), *self._variables()],
            "format": formats,
            "period": lambda: ("day", "week", "month"),
            "reference": lambda: ("fixed", "previous", "rolling:4"),
            "statistic": statistics,
        }
        try:
            return list(sources[expected.kind]()) if expected.kind in sources else []
        except Exception:  # a board that cannot be read now must not disturb typing
            return []

    def _board_of(self, place: Place, label: str | None = None) -> Board:
        """Return the board that is spoken of: before the colon, else behind ``--board``, else the current one."""
        from mlops_magics.core import known_boards
        from mlops_magics.core.versioning import open_board

        session = self._notebook.session
        if label is None and "--board" in place.words[:-1]:
            label = place.words[place.words.index("--board") + 1]
        if label is None:
            return session.board
        elsewhere = {each.label: each.url for each in reversed(known_boards.known())}
        return session.boards.get(label) or open_board(elsewhere.get(label, label), create=False)

    def _versions(self, place: Place) -> list[str]:
        """Offer names; behind an @ the aliases and versions of that model, newest first."""
        name, at, _ = place.started.partition("@")
        label, colon, bare = name.rpartition(":")
        board = self._board_of(place, label if colon else None)
        if not at:
            return [f"{label}{colon}{each}" for each in board.names()]
        selectors = [*board.aliases(bare), *board.versions(bare)["version"].head(MOST)]
        return [f"{name}@{selector}" for selector in selectors]

    def _aliases(self, place: Place) -> list[str]:
        """Offer the aliases of the model that is being spoken of, and the usual ones."""
        name = place.words[0].partition("@")[0] if place.words else ""
        board = self._board_of(place)
        known = list(board.aliases(name)) if name in board.names() else []
        return list(dict.fromkeys([*known, "champion", "challenger"]))

    def _boards(self) -> list[str]:
        """Offer the boards of this session by label, then by URL those that another one opened."""
        from mlops_magics.core import known_boards

        opened = self._notebook.session.boards
        here = {board.url for board in opened.values()}
        return [*opened, *(each.url for each in known_boards.known() if each.url not in here)]

    def _endpoints(self) -> list[str]:
        return [endpoint.name for endpoint in self._notebook.session.endpoints_running()]

    def _columns(self, words: tuple[str, ...]) -> list[str]:
        """Offer the columns of the frame behind --data, else the features of the version."""
        if "--data" in words[:-1]:
            frame = self._notebook.shell.user_ns.get(words[words.index("--data") + 1])
            return [str(name) for name in getattr(frame, "columns", ())]
        prototype = self._notebook.session.version(words[0]).prototype if words else None
        return [column.name for column in prototype.columns] if prototype is not None else []

    def _variables(self) -> list[str]:
        """Offer the user's variables, frames first."""
        names = self._notebook.variables()
        values = self._notebook.shell.user_ns
        return sorted(names, key=lambda name: not hasattr(values[name], "columns"))


def formats() -> list[str]:
    """Return how a model can be written."""
    from mlops_magics.core.versioning.formats import registry

    return [registry.AUTO, *registry.handlers()]


def statistics() -> list[str]:
    """Return the statistics that drift can be told by."""
    from mlops_magics.core.monitoring.statistics import declarations

    return list(declarations.STATISTICS)
