"""The declaration of a verb: its words, its help, and the one call that it makes."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mlops_magics.magics.kinds import Kind


@dataclass(frozen=True, slots=True)
class Argument:
    """A word or an option of a verb.

    Attributes
    ----------
    flags
        The bare name of a word, or the spellings of an option (``--port``).
    options
        Arguments of `argparse.ArgumentParser.add_argument` beyond flags and help.
    """

    flags: tuple[str, ...]
    help: str
    kind: Kind = "text"
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def optional(self) -> bool:
        """Whether this is an option, not a word."""
        return self.flags[0].startswith("-")

    @property
    def name(self) -> str:
        """The keyword under which the call gets it."""
        return str(self.options.get("dest") or self.flags[0].lstrip("-").replace("-", "_"))

    @property
    def takes(self) -> int | None:
        """The number of words that follow an option, or ``None`` for any number."""
        if "action" in self.options:
            return 1 if self.options["action"] == "append" else 0
        nargs = self.options.get("nargs", 1)
        return nargs if isinstance(nargs, int) else 1 if nargs == "?" else None


def word(name: str, help: str, kind: Kind = "text", **options: Any) -> Argument:
    """Declare a word of a verb."""
    return Argument((name,), help, kind, options)


def option(flag: str, help: str, kind: Kind = "text", **options: Any) -> Argument:
    """Declare an option of a verb."""
    return Argument((flag,), help, kind, options)


def switch(flag: str, help: str, **options: Any) -> Argument:
    """Declare an option that takes no word."""
    return Argument((flag,), help, "text", {"action": "store_true", **options})


BOARD = option("--board", "a board other than the current one: its label, a folder or a URL", "board", metavar="BOARD")


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb as declared. Calling it calls the session.

    Attributes
    ----------
    call
        Takes the session and the arguments by name.
    examples
        Three lines to paste into a notebook.
    commands
        The same for a shell, where they do not follow from ``examples``.
    over_cell
        Whether it also works as a cell magic, which finds out missing arguments for itself.
    wants_notebook
        Whether the call takes the path of the notebook as ``notebook``.
    before_deploy
        Whether a notebook that runs it is likely to deploy next, so that a process is made ready for it.
    kept
        The parts that an interruption leaves, in one sentence.
    """

    name: str
    call: Callable[..., Any]
    arguments: tuple[Argument, ...]
    examples: tuple[str, ...]
    commands: tuple[str, ...] = ()
    over_cell: bool = False
    wants_notebook: bool = False
    before_deploy: bool = False
    kept: str = ""

    @property
    def description(self) -> str:
        """Its description, for a reader who has only the help."""
        return inspect.cleandoc(self.call.__doc__ or "")

    @property
    def summary(self) -> str:
        """The first sentence of the description."""
        return self.description.split("\n", 1)[0]

    @property
    def options(self) -> dict[str, Argument]:
        """The options by spelling."""
        return {flag: given for given in self.arguments if given.optional for flag in given.flags}

    @property
    def words(self) -> tuple[Argument, ...]:
        """The arguments that are not options, in order."""
        return tuple(given for given in self.arguments if not given.optional)


def verb(
    *arguments: Argument,
    examples: Sequence[str],
    commands: Sequence[str] = (),
    board: bool = True,
    over_cell: bool = False,
    wants_notebook: bool = False,
    before_deploy: bool = False,
    kept: str = "",
    name: str = "",
) -> Callable[[Callable[..., Any]], Verb]:
    """Declare a function as a verb of the same name. ``board`` gives it the option to look at another board.

    Parameters
    ----------
    name
        Its name where that is not the function's: ``run-policies``.
    """

    def declare(call: Callable[..., Any]) -> Verb:
        given = (*arguments, BOARD) if board else arguments
        return Verb(
            name or call.__name__,
            call,
            given,
            tuple(examples),
            tuple(commands),
            over_cell,
            wants_notebook,
            before_deploy,
            kept,
        )

    return declare
