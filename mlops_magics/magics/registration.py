"""Verbs as magics: registered with a shell, and removed again with the covered names restored."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from IPython.core.magic import needs_local_scope, no_var_expand, output_can_be_silenced
from IPython.core.magic_arguments import MagicArgumentParser

from mlops_magics.magics import parsing
from mlops_magics.magics.enclosing_scope import enclosing
from mlops_magics.magics.notebook import Notebook
from mlops_magics.magics.verb import Verb


class HelpText:
    """The ``__doc__`` of a magic: the help that ``--help`` prints, and of the class its own docstring.

    IPython reads ``__doc__`` for ``?``. Writing the help of all verbs takes 15 ms, so that it is written on demand.
    """

    def __init__(self, doc: str | None) -> None:
        self._doc = doc

    def __get__(self, magic: Magic | None, owner: type) -> str | None:
        return self._doc if magic is None else magic.parser.format_help()


class Magic:
    """The magic of a verb in a notebook."""

    def __init__(self, verb: Verb, notebook: Notebook) -> None:
        self.__name__ = self.__qualname__ = verb.name
        self._verb, self._notebook = verb, notebook

    def __call__(self, line: str, cell: str | None = None, local_ns: Any = None) -> Any:
        __tracebackhide__ = True
        names = self._notebook.shell.user_ns
        if local_ns is not None and local_ns is not names:
            local_ns = {**enclosing(names), **local_ns}
        return self._notebook.run(self._verb, self, line, cell, local_ns)

    @cached_property
    def parser(self) -> MagicArgumentParser:
        """The parser of the verb's words."""
        verb = self._verb
        parser = MagicArgumentParser(f"%{verb.name}", **parsing.help_of(verb, verb.examples))  # type: ignore[no-untyped-call]
        parsing.build(parser, verb)
        return parser


Magic.__doc__ = HelpText(Magic.__doc__)  # type: ignore[assignment]


class Registration:
    """The magics of one notebook, from `add` to `remove`."""

    def __init__(self, notebook: Notebook, verbs: Iterable[Verb]) -> None:
        self._manager = notebook.shell.magics_manager
        self._functions = [
            (verb, needs_local_scope(no_var_expand(output_can_be_silenced(Magic(verb, notebook))))) for verb in verbs
        ]
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
