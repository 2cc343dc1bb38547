"""The kinds of argument: for each, the conversion of its words to values and their completion.

A ``value`` is a variable or an expression, or a file, which is read. On the command line it is a file. ``rows`` are the
same, except that a file stays a path where the core reads it by itself, however large it is. In a ``request`` a file of
rows is sent as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from mlops_magics.errors import InvalidInput
from mlops_magics.magics.file_values import FileValues

if TYPE_CHECKING:
    from mlops_magics.core.session.records import Suggestions

Kind = Literal[
    "text", "version", "deleted", "model", "alias", "board", "endpoint", "column", "value", "rows", "request",
    "column or value", "metric", "format", "period", "reference", "statistic", "measure", "source", "binding", "export",
    "target",
]  # fmt: skip


QUERY = re.compile(r"\s*(?:select|with|from)\s", re.IGNORECASE)

REQUEST_FILES = (".csv", ".tsv", ".parquet", ".arrow", ".feather", ".ipc", ".json", ".jsonl", ".ndjson")
"""Endings of files that an endpoint takes."""


class Workspace(Protocol):
    """The place in which a word is looked up that names a value: the notebook's variables, or files."""

    def value(self, text: str) -> Any:
        """Return the value of a word."""

    def rows(self, text: str) -> Any:
        """Return the value of a word, or the word itself where it is the path of rows that the core reads."""

    def holds(self, text: str) -> bool:
        """Return whether a word has a value here that is not read from a file."""

    def variables(self) -> list[str]:
        """Return the names that have a value, frames first."""

    def columns(self, text: str) -> list[str]:
        """Return the columns of a frame, by its word, none where it is not a frame."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A line up to the cursor: its finished words, and the word that is being typed."""

    words: tuple[str, ...]
    started: str

    @property
    def first(self) -> str:
        """The first word, which is mostly a reference, or empty where nothing is typed yet."""
        return self.words[0] if self.words else ""

    def behind(self, flag: str) -> str | None:
        """Return the word after an option."""
        return self.words[self.words.index(flag) + 1] if flag in self.words[:-1] else None


Read = Callable[[str, Workspace], Any]
Complete = Callable[[Typed, "Suggestions", Workspace], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Handling:
    """The treatment of the words of a kind. A kind without ``read`` stays text."""

    complete: Complete | None = None
    read: Read | None = None


def _value(word: str, workspace: Workspace) -> Any:
    return workspace.value(word)


def _rows(word: str, workspace: Workspace) -> Any:
    return workspace.rows(word)


def _request(word: str, workspace: Workspace) -> Any:
    """Return the path of a file of rows, also where there is none, else the value of the word."""
    is_file = Path(word).suffix.lower() in REQUEST_FILES
    return Path(word) if is_file and not workspace.holds(word) else workspace.value(word)


def _source(word: str, workspace: Workspace) -> Any:
    """Keep a word that a retraining reads by itself: a query, the log, and the path of any file with rows."""
    if word == "log" or QUERY.match(word):
        return word
    return word if FileValues.exists(word) and not workspace.holds(word) else workspace.rows(word)


def _binding(word: str, workspace: Workspace) -> Mapping[str, Any]:
    """Read ``NAME=value``."""
    name, equals, value = word.partition("=")
    if not equals or not name.isidentifier():
        raise InvalidInput(f"--bind takes NAME=value, not {word!r}.")
    return {name: workspace.value(value)}


def _reference(word: str, workspace: Workspace) -> Any:
    """Keep a word of monitoring and a path, and look anything else up."""
    known = word in ("fixed", "previous") or word.startswith("rolling:") or Path(word).is_file()
    return word if known else workspace.rows(word)


def _measure(word: str, workspace: Workspace) -> Any:
    """Return the function of the notebook with this name. The name of a metric stays a name."""
    value = workspace.value(word) if word in workspace.variables() else word
    return value if callable(value) else word


def _metric(word: str, workspace: Workspace) -> Mapping[str, Any]:
    """Read ``name=number``, ``name=variable``, or the name of a mapping."""
    name, equals, number = word.partition("=")
    if equals and name.isidentifier():
        return {name: _number(number) if _number(number) is not None else workspace.value(number)}
    mapping = workspace.value(word)
    if not isinstance(mapping, Mapping):
        raise InvalidInput(f"--metrics wants name=number or a mapping; {word} is of type {type(mapping).__name__}.")
    return mapping


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _variables(typed: Typed, names: Suggestions, workspace: Workspace) -> list[str]:
    return workspace.variables()


def _references(typed: Typed, names: Suggestions, workspace: Workspace) -> list[str]:
    """Return references to versions, where ``@`` alone as a second word means the first word's model."""
    if typed.started.startswith("@") and len(typed.words) == 1:
        name = typed.first.partition("@")[0]
        return [each.removeprefix(name) for each in names.references(f"{name}{typed.started}")]
    return names.references(typed.started)


def _columns(typed: Typed, names: Suggestions, workspace: Workspace) -> list[str]:
    """Return the columns of the frame after --data, else the features of the version."""
    frame = typed.behind("--data")
    if frame is not None:
        return workspace.columns(frame)
    return names.features(typed.first) if typed.first else []


HANDLING: Mapping[Kind, Handling] = {
    "text": Handling(),
    "version": Handling(_references),
    "deleted": Handling(lambda typed, names, workspace: names.deleted(typed.started)),
    "model": Handling(lambda typed, names, workspace: names.models()),
    "alias": Handling(lambda typed, names, workspace: names.aliases(typed.first)),
    "board": Handling(lambda typed, names, workspace: names.boards()),
    "endpoint": Handling(lambda typed, names, workspace: names.endpoints()),
    "column": Handling(_columns),
    "value": Handling(_variables, _value),
    "rows": Handling(_variables, _rows),
    "request": Handling(_variables, _request),
    "column or value": Handling(
        lambda typed, names, workspace: [*_columns(typed, names, workspace), *workspace.variables()], _value
    ),
    "metric": Handling(_variables, _metric),
    "format": Handling(lambda typed, names, workspace: names.formats()),
    "period": Handling(lambda typed, names, workspace: ("day", "week", "month")),
    "reference": Handling(lambda typed, names, workspace: ("fixed", "previous", "rolling:4"), _reference),
    "statistic": Handling(lambda typed, names, workspace: names.statistics()),
    "measure": Handling(None, _measure),
    "source": Handling(_variables, _source),
    "binding": Handling(None, _binding),
    "export": Handling(lambda typed, names, workspace: names.exports()),
    "target": Handling(lambda typed, names, workspace: names.targets()),
}
"""Every kind. A new one is one line here and its name above."""
