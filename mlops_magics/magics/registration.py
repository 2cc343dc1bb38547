"""Verbs as magics: registered with a shell, and removed again with the covered names restored."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from IPython.core.magic import needs_local_scope, no_var_expand, output_can_be_silenced

from mlops_magics.magics.notebook import Notebook
from mlops_magics.magics.verbs import NAMES, OVER_CELL, VERBS

if TYPE_CHECKING:
    from IPython.core.magic_arguments import MagicArgumentParser


class HelpText:
    """The ``__doc__`` of a magic: the help that ``--help`` prints, and of the class its own docstring.

    IPython reads ``__doc__`` for ``?``. Writing the help of all verbs takes 15 ms, so that it is written on demand.
    """

    def __init__(self, doc: str | None) -> None:
        self._doc = doc

    def __get__(self, magic: Magic | None, owner: type) -> str | None:
        return self._doc if magic is None else magic.parser.format_help()


class Magic:
    """The magic of a verb in a notebook. The verb is loaded when the magic is first called."""

    def __init__(self, name: str, notebook: Notebook) -> None:
        self.__name__ = self.__qualname__ = name
        self._notebook = notebook

    def __call__(self, line: str, cell: str | None = None, local_ns: Any = None) -> Any:
        __tracebackhide__ = True
        from mlops_magics.magics.enclosing_scope import enclosing
        from mlops_magics.magics.execution import run_line

        names = self._notebook.shell.user_ns
        if local_ns is not None and local_ns is not names:
            local_ns = {**enclosing(names), **local_ns}
        return run_line(self._notebook, VERBS[self.__name__], self, line, cell, local_ns)

    @cached_property
    def parser(self) -> MagicArgumentParser:
        """The parser of the verb's words."""
        from IPython.core.magic_arguments import MagicArgumentParser

        from mlops_magics.magics import parsing

        verb = VERBS[self.__name__]
        parser = MagicArgumentParser(f"%{verb.name}", **parsing.help_of(verb, verb.examples))  # type: ignore[no-untyped-call]
        parsing.build(parser, verb)
        return parser


Magic.__doc__ = HelpText(Magic.__doc__)  # type: ignore[assignment]


class Registration:
    """The magics of one notebook, from `add` to `remove`."""

    def __init__(self, notebook: Notebook) -> None:
        self._manager = notebook.shell.magics_manager
        self._functions = {
            # IPython would expand $ and {} itself, also in a Python value, and without the variables of a function
            name: needs_local_scope(no_var_expand(output_can_be_silenced(Magic(name, notebook))))
            for name in NAMES
        }
        self._covered: dict[tuple[str, str], Any] = {}

    def add(self) -> None:
        """Register every verb, and keep a user's object under one of the names for later."""
        for name, function in self._functions.items():
            for kind in ("line", "cell") if name in OVER_CELL else ("line",):
                self._covered[kind, name] = self._manager.magics[kind].get(name)
                self._manager.register_function(function, magic_kind=kind, magic_name=name)

    def remove(self) -> None:
        """Remove the verbs, and restore the covered names."""
        for (kind, name), before in self._covered.items():
            self._manager.magics[kind].pop(name, None)
            # `register_function` also makes it an attribute there, which nothing of IPython removes
            self._manager.user_magics.__dict__.pop(name, None)
            if before is not None:
                self._manager.register_function(before, magic_kind=kind, magic_name=name)
        self._covered.clear()
