"""The run of a user's cell inside a cell magic, the same as without the magic.

`InteractiveShell.run_cell` would show an error and return as if nothing had happened, and *Run all* would go on. Here
the cell's errors propagate, and their traceback shows the user's own lines under their own numbers.
"""

from __future__ import annotations

import ast
import time
from dataclasses import dataclass
from types import CodeType
from typing import Any

from mlops_magics.errors import InvalidInput
from mlops_magics.magics.cell.fits import NOTE, Fit, Watch

TOP_LEVEL_AWAIT = (
    "The cell awaits at its top level, which %%pin_model cannot do. To fix it: await in a cell before, or train in a "
    "plain cell and pin with `%pin_model NAME VARIABLE`."
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A cell that is compiled and not run yet. ``code`` is its source with IPython's magics as calls."""

    source: str
    code: str
    statements: CodeType
    last: CodeType | None
    last_name: str | None
    watch: Watch


@dataclass(frozen=True, slots=True)
class Ran:
    """A cell that has run.

    Attributes
    ----------
    bound
        The names that the cell bound, with their values, in the order in which they appear in the user's names.
    last
        The value of the last line, where that is an expression.
    last_name
        The last line, where that is nothing but a name.
    fits
        Every ``.fit(…)`` that came back, in order.
    """

    source: str
    seconds: float
    bound: dict[str, Any]
    last: Any
    last_name: str | None
    fits: list[Fit]


def prepare(shell: Any, source: str) -> Prepared:
    """Transform and compile a cell, with the line numbers of the notebook's cell.

    Raises
    ------
    InvalidInput
        For a top-level ``await``.
    SyntaxError
        The user's own.
    """
    transformed = shell.transform_cell(source)
    if shell.should_run_async(source, transformed_cell=transformed):
        raise InvalidInput(TOP_LEVEL_AWAIT)
    # IPython drops blank lines at the start, and the line of the magic is not part of the cell
    skipped = len(source) - len(source.lstrip("\n"))
    numbered = "\n" * (1 + skipped) + transformed
    filename = shell.compile.cache(numbered, shell.execution_count, raw_code=source)
    tree = shell.transform_ast(shell.compile.ast_parse(numbered, filename=filename))
    return _compiled(shell, tree, filename, (source, transformed))


def _compiled(shell: Any, tree: ast.Module, filename: str, sources: tuple[str, str]) -> Prepared:
    # `exec` has no result: the last expression is evaluated apart, as IPython shows it
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    expression = last.value if isinstance(last, ast.Expr) else None
    name = expression.id if isinstance(expression, ast.Name) else None
    watch = Watch()
    statements = shell.compile(watch.visit(tree), filename, "exec")
    value = shell.compile(ast.Expression(watch.visit(expression)), filename, "eval") if expression is not None else None
    return Prepared(*sources, statements, value, name, watch)


def run(shell: Any, prepared: Prepared) -> Ran:
    """Run a cell in the user's names and return its record. Any error in it is the user's."""
    __tracebackhide__ = True
    # a shallow copy: a name bound again to the same object does not show in it, hence `watch.assigned`
    names, before = shell.user_ns, dict(shell.user_ns)
    names[NOTE] = prepared.watch.note
    started = time.perf_counter()
    try:
        exec(prepared.statements, shell.user_global_ns, names)  # noqa: S102 - the user's own cell
        last = eval(prepared.last, shell.user_global_ns, names) if prepared.last is not None else None  # noqa: S307
    finally:
        names.pop(NOTE, None)
    seconds = time.perf_counter() - started
    bound = {
        name: value
        for name, value in names.items()
        if name in prepared.watch.assigned or (name in before and before[name] is not value) or name not in before
    }
    return Ran(prepared.source, seconds, bound, last, prepared.last_name, prepared.watch.happened)
