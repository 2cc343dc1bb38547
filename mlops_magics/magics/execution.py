"""The run of a magic: its words are read, the session is called, and an error of ours is one line."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError

from mlops_magics.core import progress as steps
from mlops_magics.errors import InvalidInput, MlopsError, MlopsWarning
from mlops_magics.magics import parsing, progress, warning_lines
from mlops_magics.magics.expansion import expand
from mlops_magics.magics.line import Line
from mlops_magics.magics.notebook import Notebook
from mlops_magics.magics.verb import Verb

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from mlops_magics.core.session import Session

HELP = ("--help", "-h")


def run_line(notebook: Notebook, verb: Verb, magic: Any, line: str, cell: str | None = None, local: Any = None) -> Any:
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
        words = expand(verb, line.strip().removesuffix(";"), notebook.variables(local).names)
    return run_words(notebook, verb, magic, words, cell, local=local)


def run_words(
    notebook: Notebook, verb: Verb, magic: Any, words: Sequence[str], cell: str | None = None, *, local: Any = None,
    name: str | None = None,
) -> Any:  # fmt: skip
    """Do the same for words that are read already. ``name`` takes the place of the model's."""
    __tracebackhide__ = True
    if any(each in HELP for each in words):
        print(magic.__doc__)
        return None
    # from here on an interruption is one sentence
    with warning_lines.in_one_line("Warning", MlopsWarning), progress.shown(_face(notebook), verb.kept):
        with one_line():
            steps.report("reading the line")
            variables = notebook.variables(local)
            given = parse(verb, magic.parser, parsing.spread(verb, words, cell=cell is not None))
            given |= {} if name is None else {"name": name}
            session = notebook.session_at(given.pop("board", None)) if verb.name != "board" else notebook.session
        if cell is not None:
            record = _pin_cell(notebook, session, cell, Line(verb, tuple(words), given, variables))
        else:
            with one_line():
                if verb.wants_notebook:
                    given["notebook"] = notebook.path
                record = verb.call(session, **parsing.look_up(verb, given, variables))
    if verb.before_deploy:
        session.warm_up()
    notebook.predictions.keep(record)
    return record


def _pin_cell(notebook: Notebook, session: Session, cell: str, line: Line) -> Any:
    """Run the cell, then pin its model. Nothing of the training is lost when pinning is refused."""
    __tracebackhide__ = True
    from mlops_magics.magics.cell import pinning, recipes, running

    verb, given = line.verb, line.given
    with one_line():
        # before the training: a name or an alias that is refused must not cost an hour first
        session.check_pin(given["name"], alias=given["alias"])
        steps.report("reading the cell")
        prepared = running.prepare(notebook.shell, cell)
        recipe = session.prepare_recipe(
            recipes.facts_of(line, prepared, notebook.shell.user_ns, notebook.log, notebook.path)
        )
    steps.report("running the cell")
    ran = running.run(notebook.shell, prepared)
    steps.report("looking at the cell's variables")
    with one_line(f"The cell has run: `%pin_model {given['name']} VARIABLE` pins without training again."):
        found = pinning.completed(parsing.look_up(verb, given, line.variables), ran, given)
        model = found["model"] if found["model"] is not None else found["chosen"]
        made = None if recipe is None else recipe.finish(recipes.fits_of(model, ran, given))
        return verb.call(session, **found, notebook=notebook.path, recipe=made)


def _face(notebook: Notebook) -> progress.Face:
    """Return where long work shows itself: in the output, or in the line of a terminal."""
    if notebook.is_terminal:
        return progress.TerminalFace()

    def open_view(record: Any) -> Any:
        """Return the live view. Only now, as this opens the session, whose settings may be refused."""
        return notebook.open_view(record) if notebook.open_view is not None and notebook.has_front_end else None

    return progress.NotebookFace(open_view)


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
