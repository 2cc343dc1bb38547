"""Every ``.fit(X, y)`` of a cell, noted while the cell runs: the model, its data, and the user's spelling of the call.

The arguments are noted where the cell evaluates them, so nothing is evaluated twice, and a variable that is bound again
afterwards does not mislead. Code inside functions and classes is not changed: it may outlive the cell.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any

NOTE = "__mlops_magics_note__"  # bound in the user's names while the cell runs
METHODS = ("fit", "partial_fit", "fit_predict")
DATA, TRUTH = ("X", "x"), ("y",)


@dataclass(slots=True)
class Fit:
    """One call of ``.fit``, or the last turn of one in a loop.

    Attributes
    ----------
    receiver_text, data_text, truth_text
        The user's spelling, or ``None`` for a missing argument, and for a receiver that has no name.
    """

    receiver_text: str | None
    data_text: str | None
    truth_text: str | None
    noted: dict[str, Any] = field(default_factory=dict)

    @property
    def receiver(self) -> Any:
        """The object on which the call was made."""
        return self.noted.get("receiver")

    @property
    def result(self) -> Any:
        """The result of the call: mostly the receiver."""
        return self.noted.get("result")

    @property
    def fitted(self) -> tuple[Any, Any]:
        """Both."""
        return self.receiver, self.result

    @property
    def data(self) -> Any:
        """The training data, ``(n_samples, n_features)``."""
        return self.noted.get("data")

    @property
    def truth(self) -> Any:
        """The target, ``(n_samples,)``, or ``None`` for a model that learns without one."""
        return self.noted.get("truth")


class Watch(ast.NodeTransformer):
    """Rewrite a syntax tree so that `note` receives every fit. ``assigned`` gathers the names that the cell binds."""

    def __init__(self) -> None:
        self.fits: list[Fit] = []
        self.assigned: set[str] = set()
        self._order: list[Fit] = []

    def note(self, number: int, role: str, value: Any) -> Any:
        """Remember a value that the cell has just evaluated, and hand it on."""
        fit = self.fits[number]
        if role == "receiver":
            # a later turn of a loop, which may end in an error before its data are noted
            fit.noted.clear()
        fit.noted[role] = value
        if role == "result":
            self._order = [each for each in self._order if each is not fit] + [fit]
        return value

    @property
    def happened(self) -> list[Fit]:
        """The fits that came back, in the order in which they did."""
        return self._order

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Note receiver, data, truth and result of a fit."""
        is_fit = isinstance(node.func, ast.Attribute) and node.func.attr in METHODS
        data, truth = (_argument(node, 0, DATA), _argument(node, 1, TRUTH)) if is_fit else (None, None)
        # before the children are rewritten: the user's spelling, without our calls
        named = _name_of(node.func.value) if isinstance(node.func, ast.Attribute) else None
        self.generic_visit(node)
        if not (is_fit and isinstance(node.func, ast.Attribute)):
            return node
        number = len(self.fits)
        self.fits.append(Fit(named, data.text if data else None, truth.text if truth else None))
        node.func.value = self._noting(number, "receiver", node.func.value)
        for role, place in (("data", data), ("truth", truth)):
            if place is not None:
                place.put(self._noting(number, role, place.node))
        return self._noting(number, "result", node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """Gather the bound names."""
        if isinstance(node.ctx, ast.Store):
            self.assigned.add(node.id)
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        """Watch a comprehension, whose own names end with it."""
        node.iter = self.visit(node.iter)
        node.ifs = [self.visit(each) for each in node.ifs]
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Leave code alone that may run after the cell."""
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        """Leave code alone that may run after the cell."""
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        """Leave code alone that may run after the cell."""
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        """Leave code alone that may run after the cell."""
        return node

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.AST:
        """Leave code alone that may run after the cell."""
        return node

    @staticmethod
    def _noting(number: int, role: str, node: ast.expr) -> ast.expr:
        call = ast.Call(ast.Name(NOTE, ast.Load()), [ast.Constant(number), ast.Constant(role), node], [])
        for new in (call, call.func, *call.args[:2]):
            # the error of a call shows the user's line, and compile refuses nodes without one
            ast.copy_location(new, node)
        return call


@dataclass(slots=True)
class _Place:
    """The place of an argument in a call, and the user's spelling."""

    call: ast.Call
    position: int | None
    keyword: ast.keyword | None
    text: str

    @property
    def node(self) -> ast.expr:
        return self.keyword.value if self.keyword is not None else self.call.args[self.position or 0]

    def put(self, node: ast.expr) -> None:
        if self.keyword is not None:
            self.keyword.value = node
        else:
            self.call.args[self.position or 0] = node


def _name_of(node: ast.expr) -> str | None:
    """Return the user's name of an object, where that is a name or a part of one."""
    return ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute | ast.Subscript) else None


def _argument(call: ast.Call, position: int, names: tuple[str, ...]) -> _Place | None:
    """Find an argument by position or name. Arguments spread with ``*`` cannot be distinguished."""
    if any(isinstance(each, ast.Starred) for each in call.args[: position + 1]):
        return None
    if position < len(call.args):
        return _Place(call, position, None, ast.unparse(call.args[position]))
    keyword = next((each for each in call.keywords if each.arg in names), None)
    return _Place(call, None, keyword, ast.unparse(keyword.value)) if keyword is not None else None
