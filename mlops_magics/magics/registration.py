"""Verbs as magics: registered with a shell, and removed again with the covered names restored."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from IPython.core.magic import needs_local_scope, no_var_expand, output_can_be_silenced
from IPython.core.magic_arguments import argument, kwds, magic_arguments

from mlops_magics.magics import parsing
from mlops_magics.magics.notebook import Notebook
from mlops_magics.magics.verb import Verb


def magic_of(verb: Verb, notebook: Notebook) -> Callable[..., Any]:
    """Return the magic function of a verb, whose docstring is the help that ``--help`` prints."""

    def magic(line: str, cell: str | None = None, local_ns: Any = None) -> Any:
        __tracebackhide__ = True
        return notebook.run(verb, magic, line, cell, local_ns)

    magic.__name__ = magic.__qualname__ = verb.name
    for given in reversed(verb.arguments):
        argument(*given.flags, help=given.help, **given.options)(magic)  # type: ignore[no-untyped-call]
    kwds(**parsing.help_of(verb, verb.examples))(magic)  # type: ignore[no-untyped-call]
    magic_arguments(f"%{verb.name}")(magic)  # type: ignore[no-untyped-call]
    return needs_local_scope(no_var_expand(output_can_be_silenced(magic)))


class Registration:
    """The magics of one notebook, from `add` to `remove`."""

    def __init__(self, notebook: Notebook, verbs: Iterable[Verb]) -> None:
        self._manager = notebook.shell.magics_manager
        self._functions = [(verb, magic_of(verb, notebook)) for verb in verbs]
        self._covered: dict[tuple[str, str], Any] = {}

    def add(self) -> None:
        """Register every verb, and keep a user's object under one of the names for later."""
        for verb, function in self._functions:
            for kind in kinds(verb):
                self._covered[kind, verb.name] = self._manager.magics[kind].get(verb.name)
                self._manager.register_function(function, magic_kind=kind, magic_name=verb.name)

    def remove(self) -> None:
        """Remove the verbs, and restore the covered names."""
        for (kind, name), before in self._covered.items():
            self._manager.magics[kind].pop(name, None)
            self._manager.user_magics.__dict__.pop(name, None)
            if before is not None:
                self._manager.register_function(before, magic_kind=kind, magic_name=name)
        self._covered.clear()


def kinds(verb: Verb) -> tuple[str, ...]:
    """Return the spellings of a verb: after ``%``, and over a cell after ``%%``."""
    return ("line", "cell") if verb.over_cell else ("line",)
