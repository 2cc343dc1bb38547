"""Secrets by position: arguments of a function, class or named tuple of the cell whose parameter is a secret's name."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from mlops_magics.core.versioning.describing.secrets.secret_literals import (
    CLASS_MAKERS,
    literals,
    name_of,
    named,
    text_of,
)
from mlops_magics.core.versioning.describing.secrets.secret_names import is_secret

_OWN = frozenset({"self", "cls"})

Signatures = Mapping[str, list[str]]
"""The positional parameters of each function and class, by its name."""


def signatures(tree: ast.AST) -> Signatures:
    """Return the positional parameters of what a cell defines: functions, methods, classes and named tuples."""
    found: dict[str, list[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found[node.name] = _parameters(node.args)
        elif isinstance(node, ast.ClassDef):
            found[node.name] = _fields(node)
        elif isinstance(node, ast.Assign | ast.NamedExpr):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            parameters = _of_expression(node.value)
            found |= {name_of(each): parameters for each in targets if parameters}
    return found


def in_known_call(call: ast.Call, known: Signatures) -> Iterator[ast.expr]:
    """Yield the positional arguments of a call whose parameters are names of secrets, also through ``partial``.

    Parameters
    ----------
    known
        The value of `signatures`.
    """
    function, values = call.func, call.args
    if name_of(function) in {"partial", "partialmethod", "submit", "delayed"} and values:
        function, values = values[0], values[1:]
    for parameter, value in zip(_of_expression(function) or known.get(name_of(function), []), values):
        yield from named(parameter, value)


def in_zip(call: ast.Call) -> Iterator[ast.expr]:
    """Yield the secrets of ``zip(["user", "password"], ["ann", "…"])``."""
    columns = [each.elts if isinstance(each, ast.Tuple | ast.List) else [] for each in call.args]
    for values in columns[1:] if name_of(call.func) == "zip" else ():
        for name, value in zip(columns[0], values):
            yield from named(text_of(name), value)


def returned(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.expr]:
    """Yield what a function with the name of a secret returns."""
    if is_secret(function.name):
        for node in ast.walk(function):
            if isinstance(node, ast.Return | ast.Yield):
                yield from literals(node.value)


def _parameters(arguments: ast.arguments) -> list[str]:
    names = [each.arg for each in (*arguments.posonlyargs, *arguments.args)]
    return names[1:] if names[:1] and names[0] in _OWN else names


def _fields(node: ast.ClassDef) -> list[str]:
    """Return the parameters of a class: those of ``__init__``, else its fields with types."""
    for each in node.body:
        if isinstance(each, ast.FunctionDef) and each.name in {"__init__", "__new__"}:
            return _parameters(each.args)
    return [
        each.target.id for each in node.body if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
    ]


def _of_expression(node: ast.expr) -> list[str]:
    """Return the parameters of a lambda, or the fields of a call such as ``namedtuple("C", "user password")``."""
    if isinstance(node, ast.Lambda):
        return _parameters(node.args)
    if not isinstance(node, ast.Call) or name_of(node.func) not in CLASS_MAKERS or len(node.args) < 2:
        return []
    fields = node.args[1]
    if text_of(fields):
        return text_of(fields).replace(",", " ").split()
    entries = fields.elts if isinstance(fields, ast.Tuple | ast.List) else []
    return [text_of(each.elts[0] if isinstance(each, ast.Tuple) and each.elts else each) for each in entries]
