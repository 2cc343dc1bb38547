"""The names that a cell reads before it binds them, and the constructs that cannot run again unattended."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from mlops_magics.core.retraining.recipe import cell_calls
from mlops_magics.core.retraining.recipe.cell_names import CellNames

OUTPUTS = ("_", "__", "___", "Out", "In", "_i", "_ii", "_iii", "_ih", "_oh", "_dh", "exit", "quit")
"""Names of IPython's history: a fresh process has none."""
LOAD, STORE = ast.Load, ast.Store


def names_of(source: str) -> CellNames:
    """Return the names of a cell, whose magics are already turned into calls of ``get_ipython()``.

    Raises
    ------
    SyntaxError
    """
    reader = _Reader()
    for statement in ast.parse(source).body:
        reader.visit(statement)
    names = reader.end()
    names.reads = [name for name in names.reads if name != "get_ipython"]
    names.obstacles = list(dict.fromkeys(names.obstacles))
    return names


def reads_of_function(node: ast.AST) -> list[str]:
    """Return the names that a function, class or lambda reads from the module around it, in order of first use."""
    reader = _Reader()
    reader.visit(node)
    return reader.end().reads


class _Reader(ast.NodeVisitor):
    """Reader of statements in the order in which they run. A name counts as bound once it surely is."""

    def __init__(self) -> None:
        self.names = CellNames()
        self._bound: set[str] = set()
        self._seen: set[str] = set()
        self._later: list[str] = []

    def end(self) -> CellNames:
        """Return the result: the names that functions read when they are called are those not bound by then."""
        for name in self._later:
            self._read(name)
        return self.names

    # Names

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, LOAD):
            self._read(node.id)
        elif isinstance(node.ctx, STORE):
            self._bind(node.id)
        else:
            self._read(node.id)
            self._bound.discard(node.id)

    def _read(self, name: str) -> None:
        self._seen.add(name)
        if name not in self._bound and name not in self.names.reads:
            self.names.reads.append(name)
            if name in OUTPUTS:
                self.names.obstacles.append(f"it reads {name}, the history of this notebook")

    def _bind(self, name: str) -> None:
        self._seen.add(name)
        self._bound.add(name)
        self.names.binds.add(name)

    # Order of evaluation: values before targets

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self.visit(target)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self._read(node.target.id)
        self.visit(node.value)
        self.visit(node.target)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)
            self.visit(node.target)
        self.visit(node.annotation)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        self.visit(node.target)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._bind(alias.asname or alias.name.partition(".")[0])

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name != "*":
                self._bind(alias.asname or alias.name)

    # A statement that may not run binds nothing for sure

    def visit_If(self, node: ast.If) -> None:
        self.visit(node.test)
        self._branches([node.body, node.orelse])

    def visit_For(self, node: ast.For) -> None:
        self.visit(node.iter)
        before = set(self._bound)
        self.visit(node.target)
        self._all(node.body)
        # a loop may run no time at all, and then binds nothing
        self._bound = before
        self._all(node.orelse)

    def visit_AsyncFor(self, node: ast.AsyncFor) -> None:
        self._refuse_await()
        self.visit_For(node)  # type: ignore[arg-type]

    def visit_While(self, node: ast.While) -> None:
        self.visit(node.test)
        before = set(self._bound)
        self._all(node.body)
        self._bound = before
        self._all(node.orelse)

    def visit_Try(self, node: ast.Try) -> None:
        before = set(self._bound)
        self._all(node.body)
        self._all(node.orelse)
        after = set(self._bound)
        for handler in node.handlers:
            self._bound = set(before)
            if handler.type is not None:
                self.visit(handler.type)
            if handler.name:
                self._bind(handler.name)
            self._all(handler.body)
            # a name is bound for sure only where each of the ways binds it
            after &= self._bound
        self._bound = after if node.handlers else self._bound
        self._all(node.finalbody)

    def visit_TryStar(self, node: ast.AST) -> None:
        self.visit_Try(node)  # type: ignore[arg-type]

    def visit_Match(self, node: ast.Match) -> None:
        self.visit(node.subject)
        before = set(self._bound)
        for case in node.cases:
            self._bound = set(before)
            self.generic_visit(case)
        self._bound = before

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        if node.pattern is not None:
            self.visit(node.pattern)
        if node.name:
            self._bind(node.name)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        if node.name:
            self._bind(node.name)

    def _branches(self, parts: Iterable[list[ast.stmt]]) -> None:
        before, ends = set(self._bound), []
        for part in parts:
            self._bound = set(before)
            self._all(part)
            ends.append(self._bound)
        self._bound = set.intersection(*ends)

    def _all(self, statements: Iterable[ast.AST]) -> None:
        for statement in statements:
            self.visit(statement)

    # Scopes of their own

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._all(node.decorator_list)
        arguments = node.args
        self._all([*arguments.defaults, *(each for each in arguments.kw_defaults if each is not None)])
        self._annotations(node)
        self._inner(node.body, _parameters(arguments), later=True)
        self._bind(node.name)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.visit_FunctionDef(node)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._all([*node.args.defaults, *(each for each in node.args.kw_defaults if each is not None)])
        self._inner([node.body], _parameters(node.args), later=True)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._all([*node.decorator_list, *node.bases, *(each.value for each in node.keywords)])
        self._inner(node.body, set(), later=False)
        self._bind(node.name)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        self._comprehension(node.generators, [node.elt])

    def visit_ListComp(self, node: ast.ListComp) -> None:
        self._comprehension(node.generators, [node.elt])

    def visit_SetComp(self, node: ast.SetComp) -> None:
        self._comprehension(node.generators, [node.elt])

    def visit_DictComp(self, node: ast.DictComp) -> None:
        self._comprehension(node.generators, [node.key, node.value])

    def _comprehension(self, generators: list[ast.comprehension], results: list[ast.expr]) -> None:
        inner = _Reader()
        inner._bound = set(self._bound)
        for generator in generators:
            inner.visit(generator.iter)
            inner.visit(generator.target)
            inner._all(generator.ifs)
        inner._all(results)
        self._take(inner)

    def _inner(self, body: Iterable[ast.AST], parameters: set[str], *, later: bool) -> None:
        """Read a scope of its own: its parameters and the names that it binds are not the module's."""
        statements = list(body)
        globals_ = {each for node in _walk(statements) if isinstance(node, ast.Global) for each in node.names}
        local = (parameters | set(_bound_in(statements))) - globals_
        inner = _Reader()
        # a function runs later, when other globals may be bound; a class body runs now
        inner._bound = local if later else set(self._bound) | local
        inner._all(statements)
        self._take(inner, later=later)
        for each in sorted(globals_ & inner.names.binds):
            self.names.binds.add(each)

    def _take(self, inner: _Reader, *, later: bool = False) -> None:
        reads = inner.end().reads if later else inner.names.reads
        if later:
            self._later += reads
        else:
            self._later += inner._later
            for name in reads:
                self._read(name)
        self.names.obstacles += inner.names.obstacles
        self.names.data_uses |= inner.names.data_uses

    def _annotations(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
        found = [each.annotation for each in every if each is not None and each.annotation is not None]
        self._all([*found, *([node.returns] if node.returns is not None else [])])

    # Statements that cannot run again

    def visit_Call(self, node: ast.Call) -> None:
        self._all(cell_calls.read(node, self.names, self._seen))
        self.generic_visit(node)

    def visit_Await(self, node: ast.Await) -> None:
        self._refuse_await()
        self.generic_visit(node)

    def _refuse_await(self) -> None:
        self.names.obstacles.append("it awaits")


def _parameters(arguments: ast.arguments) -> set[str]:
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    return {each.arg for each in every if each is not None}


def _walk(statements: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Yield the nodes of a scope, without those of the scopes inside it."""
    waiting = list(statements)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))


def _bound_in(statements: Iterable[ast.AST]) -> Iterator[str]:
    for node in _walk(statements):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, LOAD):
            yield node.id
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
        elif (isinstance(node, ast.ExceptHandler) and node.name) or (
            isinstance(node, ast.MatchAs | ast.MatchStar) and node.name
        ):
            yield node.name
