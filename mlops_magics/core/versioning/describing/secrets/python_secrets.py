"""Secrets in Python code: the literals that are assigned, passed or compared under the name of a secret."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from mlops_magics.core.versioning.describing.secrets import secret_commands, secret_signatures
from mlops_magics.core.versioning.describing.secrets.secret_calls import asked, in_call, in_sequence
from mlops_magics.core.versioning.describing.secrets.secret_literals import (
    identifier_of,
    literals,
    name_of,
    named,
    text_of,
)
from mlops_magics.core.versioning.describing.secrets.secret_names import (
    is_plain_secret,
    is_secret,
    looks_random,
    may_be_secret,
)
from mlops_magics.core.versioning.describing.secrets.secret_shapes import Span
from mlops_magics.core.versioning.describing.secrets.source_offsets import Offsets

_OPTION = re.compile(r"--?[A-Za-z][\w-]*=")

_PAIR_NAMES = frozenset({"name", "key", "field", "variable"})
"""Keys of a dict whose value is the name of its ``value``."""

_OF_TABLES = frozenset(
    "rename astype agg aggregate replace map drop groupby sort_values select namedtuple make_dataclass".split()
)
"""Calls whose dicts and lists name columns or fields."""

_OF_COLUMNS = frozenset("columns index mapper dtype dtypes converters schema usecols feature_names parse_dates".split())
"""Keyword arguments with names of columns."""

_COMMANDS = frozenset(
    """
    system popen getoutput getstatusoutput run call check_call check_output Popen create_subprocess_shell
    create_subprocess_exec run_line_magic run_cell_magic run_cell magic sx
    """.split()
)
"""Calls whose texts are commands of a shell, or magics."""


def spans(tree: ast.AST, offsets: Offsets) -> Iterator[Span]:
    """Yield the spans of the literals of a module that are secrets by their place.

    Parameters
    ----------
    offsets
        The positions of the lines in the text that was parsed.
    """
    known = secret_signatures.signatures(tree)
    columns = set(_names_of_columns(tree))
    for node in ast.walk(tree):
        for literal in _found(node) if node not in columns else ():
            yield offsets.span(literal)
        if isinstance(node, ast.Call):
            for literal in secret_signatures.in_known_call(node, known):
                yield offsets.span(literal)
    for literal in (*_in_variables(tree), *secret_commands.inputs(tree)):
        yield offsets.span(literal)


def commands(tree: ast.AST, offsets: Offsets) -> Iterator[Span]:
    """Yield the spans of the texts of a module that are commands, or an option with its value: ``"--password=…"``.

    Parameters
    ----------
    offsets
        The positions of the lines in the text that was parsed.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and name_of(node.func) in _COMMANDS:
            yield from (offsets.span(each) for each in node.args if text_of(each) or isinstance(each, ast.JoinedStr))
        elif isinstance(node, ast.List | ast.Tuple):
            yield from (offsets.span(each) for each in node.elts if _OPTION.match(text_of(each)))


def _found(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield from _assigned(target, node.value)
    elif isinstance(node, ast.AnnAssign | ast.NamedExpr | ast.AugAssign) and node.value is not None:
        yield from _assigned(node.target, node.value)
    elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
        yield from _iterated(node.target, node.iter)
    elif isinstance(node, ast.keyword) and node.arg:
        yield from named(node.arg, node.value)
    elif isinstance(node, ast.Dict):
        yield from _in_dict(node)
    elif isinstance(node, ast.Tuple | ast.List):
        yield from in_sequence(node.elts)
    elif isinstance(node, ast.Call):
        yield from in_call(node)
        yield from secret_signatures.in_zip(node)
    elif isinstance(node, ast.Compare):
        yield from _compared([node.left, *node.comparators], [node.left, *node.comparators])
    elif isinstance(node, ast.Match):
        yield from _compared([node.subject], _patterns(node))
        for case in node.cases:
            yield from _in_patterns(case.pattern)
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        yield from _defaults(node.args)
        yield from () if isinstance(node, ast.Lambda) else secret_signatures.returned(node)
    elif isinstance(node, ast.BoolOp):
        yield from _alternatives(node)


def _assigned(target: ast.expr, value: ast.expr) -> Iterator[ast.expr]:
    if isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List):
        for each, its_value in zip(target.elts, value.elts):
            yield from _assigned(each, its_value)
    elif isinstance(target, ast.Tuple | ast.List):
        if any(is_secret(name_of(each)) for each in target.elts):
            yield from literals(value)
    elif isinstance(target, ast.Starred):
        yield from _assigned(target.value, value)
    else:
        yield from named(name_of(target), value)


def _iterated(target: ast.expr, values: ast.expr) -> Iterator[ast.expr]:
    """Yield the secrets of a loop over literals: ``for user, password in [("ann", "…")]``."""
    for value in values.elts if isinstance(values, ast.Tuple | ast.List | ast.Set) else ():
        yield from _assigned(target, value)


def _patterns(node: ast.Match) -> list[ast.expr]:
    """Return the literals of the cases of a ``match``."""
    return [each.value for case in node.cases for each in ast.walk(case.pattern) if isinstance(each, ast.MatchValue)]


def _in_patterns(pattern: ast.pattern) -> Iterator[ast.expr]:
    """Yield the secrets of ``case {"password": "…"}`` and of ``case Login(password="…")``."""
    for each in ast.walk(pattern):
        pairs: list[tuple[str, ast.pattern]] = []
        if isinstance(each, ast.MatchMapping):
            pairs = [(text_of(key), value) for key, value in zip(each.keys, each.patterns)]
        elif isinstance(each, ast.MatchClass):
            pairs = list(zip(each.kwd_attrs, each.kwd_patterns))
        for name, value in pairs:
            for literal in ast.walk(value):
                if isinstance(literal, ast.MatchValue):
                    yield from named(name, literal.value)


def _in_variables(tree: ast.AST) -> Iterator[ast.expr]:
    """Yield the literals of variables that are used as secrets: ``a = "…"; connect(password=a)``."""
    values: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    values.setdefault(target.id, []).append(node.value)
    for node in ast.walk(tree):
        name, used = "", None
        if isinstance(node, ast.keyword) and isinstance(node.value, ast.Name):
            name, used = node.arg or "", node.value
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Name):
            name, used = name_of(node.targets[0]), node.value
        elif isinstance(node, ast.For) and isinstance(node.iter, ast.Name):
            for value in values.get(node.iter.id, []):
                yield from _iterated(node.target, value)
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values):
                for each in values.get(value.id, []) if isinstance(value, ast.Name) else ():
                    yield from named(text_of(key), each)
        for value in values.get(used.id, []) if used is not None else ():
            yield from named(name, value)


def _names_of_columns(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the dicts and lists that are about columns of a table: ``rename(columns={"pass": "passed"})``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            of_table = name_of(node.func) in _OF_TABLES
            yield from (each.value for each in node.keywords if each.arg in _OF_COLUMNS)
            yield from (each for each in node.args if of_table and isinstance(each, ast.Dict | ast.List))


def _in_dict(node: ast.Dict) -> Iterator[ast.expr]:
    """Yield the secrets of a dict: under their names, and in pairs such as ``{"name": "DB_PASS", "value": "…"}``."""
    items = {text_of(key).lower(): value for key, value in zip(node.keys, node.values) if key is not None}
    for name, value in zip(node.keys, node.values):
        if "value" not in items or text_of(name).lower() not in _PAIR_NAMES:
            yield from named(text_of(name), value)
    for label in _PAIR_NAMES & items.keys():
        yield from named(identifier_of(items[label]), items.get("value", ast.Constant(None)))


def _alternatives(node: ast.BoolOp) -> Iterator[ast.expr]:
    """Yield the replacement of a secret that was not entered: ``getpass() or "…"``."""
    if any(isinstance(each, ast.Call) and name_of(each.func) == "getpass" for each in node.values):
        yield from literals(node)


def _compared(sides: list[ast.expr], values: list[ast.expr]) -> Iterator[ast.expr]:
    """Yield the literals that are compared with a secret."""
    names = [asked(side) for side in sides]
    for value in values:
        if any(map(is_plain_secret, names)):
            yield from literals(value)
        elif any(map(may_be_secret, names)):
            yield from (each for each in literals(value) if looks_random(text_of(each)))


def _defaults(arguments: ast.arguments) -> Iterator[ast.expr]:
    positional = [*arguments.posonlyargs, *arguments.args]
    # defaults belong to the last parameters
    for argument, default in zip(positional[::-1], arguments.defaults[::-1]):
        yield from named(argument.arg, default)
    for argument, value in zip(arguments.kwonlyargs, arguments.kw_defaults):
        if value is not None:
            yield from named(argument.arg, value)
