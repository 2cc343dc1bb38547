"""The notebook of a user: a shell with its variables and its session, which runs a verb as a magic does."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError

from mlops_magics.core import progress as steps
from mlops_magics.errors import InvalidInput, MlopsError
from mlops_magics.magics import parsing, progress
from mlops_magics.magics.cell.cell_log import CellLog
from mlops_magics.magics.expansion import expand
from mlops_magics.magics.line import Line
from mlops_magics.magics.variables import Variables
from mlops_magics.magics.verb import Verb

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Callable

    from mlops_magics.core.session import Session

HELP = ("--help", "-h")
PATHS_OF_NOTEBOOK = ("__session__", "__vsc_ipynb_file__")
FRONT_ENDS = (
    "VSCODE_PID",
    "COLAB_RELEASE_TAG",
    "KAGGLE_KERNEL_RUN_TYPE",
    "DATABRICKS_RUNTIME_VERSION",
    "KERNEL_GATEWAY",
    "KERNEL_ID",
)
"""Variables of starters of kernels for a front end that name no session."""


class Notebook:
    """One shell and its one session, which is opened when the first verb needs it.

    Parameters
    ----------
    shell
        IPython's shell.
    open_session
        Makes the session.
    """

    def __init__(self, shell: Any, open_session: Callable[[], Session]) -> None:
        self.shell = shell
        self.log = CellLog(shell)
        self._open = open_session
        self.open_view: Callable[[Any], tuple[Any, dict[str, Any]] | None] | None = None
        """Opens the live view of a record that changes, as the extension shows it."""
        self._session: Session | None = None

    @property
    def session(self) -> Session:
        """The session of this notebook."""
        if self._session is None:
            self._session = self._open()
        return self._session

    @property
    def opened(self) -> Session | None:
        """The session, if a verb has needed it yet."""
        return self._session

    @property
    def path(self) -> str | None:
        """The path of the notebook, as far as its front end gives it."""
        told = (self.shell.user_ns.get(key) for key in PATHS_OF_NOTEBOOK)
        return os.environ.get("JPY_SESSION_NAME") or next((str(path) for path in told if path), None)

    @property
    def is_attended(self) -> bool:
        """Whether a person seems to look: runners of unattended notebooks (nbclient, papermill, nbconvert) name no
        session."""
        return self.path is not None or any(name in os.environ for name in FRONT_ENDS)

    @property
    def has_front_end(self) -> bool:
        """Whether a person may use a live view. Readers of an unattended notebook get the HTML, which needs nothing."""
        chosen = self.session.settings.widgets
        return self.is_attended if chosen == "auto" else chosen == "always"

    @property
    def is_terminal(self) -> bool:
        """Whether the shell shows nothing but text."""
        return bool(self.shell.display_formatter.active_types == ["text/plain"])

    def variables(self, local: Mapping[str, Any] | None = None) -> Variables:
        """Return the variables that a line may name. ``local`` are those of the function that it is in."""
        return Variables(self.shell, local)

    def run(self, verb: Verb, magic: Any, line: str, cell: str | None = None, local: Any = None) -> Any:
        """Run the line of a magic, and return the record.

        Parameters
        ----------
        magic
            The magic function: it has the parser, and its docstring is the help.
        line, cell
            The text after the magic, and the lines below it.
        local
            The variables of the function that the magic is in.

        Raises
        ------
        UsageError
            In place of any error of ours: one line without a traceback. Errors of the cell itself stay as they are.
        """
        __tracebackhide__ = True
        with one_line():
            words = expand(verb, line.strip().removesuffix(";"), self.variables(local).names)
        return self.run_words(verb, magic, words, cell, local=local)

    def run_words(
        self, verb: Verb, magic: Any, words: Sequence[str], cell: str | None = None, *, local: Any = None,
        name: str | None = None,
    ) -> Any:  # fmt: skip
        """Do the same for words that are read already. ``name`` takes the place of the model's."""
        __tracebackhide__ = True
        with one_line():
            variables = self.variables(local)
            if any(each in HELP for each in words):
                print(magic.__doc__)
                return None
            given = parse(verb, magic.parser, parsing.spread(verb, words, cell=cell is not None))
            given |= {} if name is None else {"name": name}
            session = self._session_at(given.pop("board", None)) if verb.name != "board" else self.session
        if cell is not None:
            record = self._pin_cell(session, cell, Line(verb, tuple(words), given, variables))
        else:
            with one_line():
                if verb.wants_notebook:
                    given["notebook"] = self.path
                found = parsing.look_up(verb, given, variables)
                with progress.shown(self._face(), verb.kept):
                    record = verb.call(session, **found)
        if verb.before_deploy:
            session.warm_up()
        return record

    def _pin_cell(self, session: Session, cell: str, line: Line) -> Any:
        """Run the cell, then pin its model. Nothing of the training is lost when pinning is refused."""
        __tracebackhide__ = True
        from mlops_magics.magics.cell import pinning, recipes, running

        verb, given = line.verb, line.given
        with one_line():
            session.check_pin(given["name"], alias=given["alias"])
            prepared = running.prepare(self.shell, cell)
            recipe = session.prepare_recipe(recipes.facts_of(line, prepared, self.shell.user_ns, self.log, self.path))
        with progress.shown(self._face(), verb.kept):
            steps.report("running the cell")
            ran = running.run(self.shell, prepared)
            steps.report("looking at the cell's variables")
            with one_line(f"The cell has run: `%pin_model {given['name']} VARIABLE` pins without training again."):
                found = pinning.completed(parsing.look_up(verb, given, line.variables), ran, given)
                model = found["model"] if found["model"] is not None else found["chosen"]
                made = None if recipe is None else recipe.finish(recipes.fits_of(model, ran, given))
                return verb.call(session, **found, notebook=self.path, recipe=made)

    def _face(self) -> progress.Face:
        """Return where long work shows itself: in the output, or in the line of a terminal."""
        if self.is_terminal:
            return progress.TerminalFace()
        return progress.NotebookFace(self.open_view if self.has_front_end else None)

    def _session_at(self, board: str | None) -> Session:
        if board is None:
            return self.session
        from mlops_magics.core.session import Session

        known = self.session.boards.get(board)
        return Session(board=known.url if known is not None else board)


def parse(verb: Verb, parser: ArgumentParser, said: Sequence[str]) -> dict[str, Any]:
    """Read the words of a line. Every fault names the next step.

    Raises
    ------
    InvalidInput
    """
    parsing.refuse_unknown(verb, said, verb.options)
    try:
        return vars(parser.parse_args(list(said)))
    except UsageError as fault:
        raise InvalidInput(f"%{verb.name}: {fault}. `%{verb.name} --help` shows how.") from None


@contextlib.contextmanager
def one_line(next_step: str = "") -> Iterator[None]:
    """Turn our errors into IPython's `UsageError`, which is shown as one line. IPython compares the class exactly."""
    __tracebackhide__ = True
    try:
        yield
    except MlopsError as fault:
        raise UsageError(" ".join(f"{fault} {next_step}".split())) from fault
