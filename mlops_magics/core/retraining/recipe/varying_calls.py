"""Reads that give another result in another run: clock, environment, random numbers without a seed, order of a set."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

CLOCK = "the clock"
ENVIRONMENT = "the environment"
ENTROPY = "random numbers without a seed"
ADDRESSES = "numbers of this process"
ORDER = "a set in its order"
ALWAYS = {
    CLOCK: ("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "Timestamp.now", "Timestamp.utcnow",
            "Timestamp.today", "time.time", "time.time_ns"),
    ENVIRONMENT: ("os.getenv", "environ.get", "os.getpid", "socket.gethostname", "platform.node", "getpass.getuser"),
    ADDRESSES: ("hash", "id"),
    ENTROPY: ("uuid.uuid1", "uuid.uuid4", "os.urandom", "secrets.randbelow", "secrets.randbits", "secrets.choice",
              "secrets.token_hex", "secrets.token_bytes", "random.SystemRandom"),
}  # fmt: skip
"""The last two names of a call."""
WITHOUT_ARGUMENTS = {
    CLOCK: ("time.localtime", "time.gmtime", "time.ctime", "time.asctime"),
    ENTROPY: ("random.default_rng", "random.RandomState", "random.Random", "random.SeedSequence", "random.seed"),
}
"""Calls that vary where nothing is given."""
TAKES_ORDER = frozenset({"list", "tuple", "enumerate", "zip", "iter", "array", "asarray", "Index", "Series", "join",
                         "DataFrame", "chain", "from_iterable", "fromkeys"})  # fmt: skip
"""Functions that take the items of their arguments in order."""
SET_OPERATORS = (ast.Sub, ast.BitOr, ast.BitAnd, ast.BitXor)
SET_METHODS = frozenset({"union", "difference", "intersection", "symmetric_difference", "copy"})
LONGEST = 40
"""Characters of a call in a sentence."""
MOMENTS = ("numpy.datetime64", "pandas.to_datetime", "pandas.Timestamp")
NOW = ("now", "today")
SPANS = ("time.time", "time.time_ns")
"""Clocks that code often reads to measure a duration, which changes no model."""


def varying_calls(source: str, sets: Collection[str] = ()) -> tuple[str, ...]:
    """Return what code reads that may differ in another run, such as ``the clock (datetime.now())``.

    Parameters
    ----------
    source
        Python code. Magics are calls of ``get_ipython()``.
    sets
        The names of sets of the notebook, whose order Python chooses anew in each process.
    """
    tree = ast.parse(source)
    names, spans = _imported(tree), _spans(tree)
    ordered = next(_ordered_sets(tree, {*sets, *_names_of_sets(tree, sets)}), None)
    found: dict[str, str] = {} if ordered is None else {ORDER: ast.unparse(ordered)[:LONGEST]}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = _full(node.func, names)
            kind = "" if node in spans and _last(called) in SPANS else _kind_of(called, node)
        elif isinstance(node, ast.Subscript) and _last(_full(node.value, names)).endswith("environ"):
            kind = ENVIRONMENT
        else:
            continue
        if kind:
            found.setdefault(kind, ast.unparse(node)[:LONGEST])
    return tuple(f"{kind} ({text})" for kind, text in found.items())


def _kind_of(called: str, node: ast.Call) -> str:
    last = _last(called)
    bare = not node.args and not node.keywords
    for table in (ALWAYS, WITHOUT_ARGUMENTS) if bare else (ALWAYS,):
        for kind, calls in table.items():
            if last in calls:
                return kind
    first = node.args[0] if node.args else None
    return CLOCK if called in MOMENTS and isinstance(first, ast.Constant) and first.value in NOW else ""


def _imported(tree: ast.AST) -> dict[str, str]:
    """Return the whole names of imported modules and functions, by the names that the code gives them."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {each.asname: each.name for each in node.names if each.asname}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {each.asname or each.name: f"{node.module}.{each.name}" for each in node.names}
    return names


def _full(node: ast.AST, names: dict[str, str]) -> str:
    """Return the whole name of a function: ``datetime.datetime.now`` for ``dt.datetime.now``."""
    first, dot, rest = ast.unparse(node).partition(".")
    return f"{names.get(first, first)}{dot}{rest}"


def _last(called: str) -> str:
    """Return the last two names."""
    return ".".join(called.rsplit(".", 2)[-2:])


def _spans(tree: ast.AST) -> set[ast.AST]:
    """Return the calls that only a difference reads: ``time.time() - began``."""
    subtracted = {
        side for node in ast.walk(tree) if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub)
        for side in (node.left, node.right)
    }  # fmt: skip
    others = {
        node.id for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node not in subtracted
    }  # fmt: skip
    return {*subtracted, *(call for call, name in _assigned(tree) if name not in others)}


def _assigned(tree: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            yield node.value, node.targets[0].id


# Sets: a set of texts has another order in each process


def _ordered_sets(tree: ast.AST, names: Collection[str]) -> Iterator[ast.AST]:
    """Yield the sets whose items code takes in their order."""
    for node in ast.walk(tree):
        if isinstance(node, ast.For):
            taken = [node.iter]
        elif isinstance(node, ast.ListComp | ast.GeneratorExp | ast.DictComp):
            taken = [each.iter for each in node.generators]
        elif isinstance(node, ast.Starred):
            taken = [node.value]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in TAKES_ORDER:
            taken = node.args
        else:
            continue
        yield from (each for each in taken if _is_set(each, names))


def _is_set(node: ast.AST, names: Collection[str]) -> bool:
    """Return whether an expression is a set, as far as its text says."""
    if isinstance(node, ast.Set | ast.SetComp):
        return not all(isinstance(each, ast.Constant) and isinstance(each.value, int) for each in _items(node))
    if isinstance(node, ast.Name):
        return node.id in names
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, SET_OPERATORS) and (_is_set(node.left, names) or _is_set(node.right, names))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in SET_METHODS:
        return _is_set(node.func.value, names)
    return isinstance(node, ast.Call) and ast.unparse(node.func) in ("set", "frozenset") and bool(node.args)


def _items(node: ast.Set | ast.SetComp) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.Set) else [node.elt]


def _names_of_sets(tree: ast.AST, sets: Collection[str]) -> set[str]:
    return {name for value, name in _assigned(tree) if _is_set(value, sets)}
