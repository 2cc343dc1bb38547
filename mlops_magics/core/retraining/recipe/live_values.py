"""Code that rebuilds a live value: a literal, an import, an unfitted estimator, a small array.

The live value of a name decides, not the statement that once bound it.
"""

from __future__ import annotations

import importlib.util
import math
import sys
import types
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from mlops_magics.core.retraining.recipe.recipe import Shape

LONGEST = 4000
"""Characters of a value that is kept as code."""
MOST_CELLS = 1000
"""Elements of an array that is kept as code. A larger one is data."""
DEEPEST = 8
MAIN = "__main__"


@dataclass(frozen=True, slots=True)
class Code:
    """An expression, and the modules that it needs."""

    text: str
    modules: frozenset[str] = field(default_factory=frozenset)

    @property
    def lines(self) -> list[str]:
        """The imports that go before the expression."""
        return [f"import {module}" for module in sorted(self.modules)]


def shape_of(value: Any) -> Shape | None:
    """Return the kind of data that a value is, or None for a value that is not data."""
    home = type(value).__module__.partition(".")[0]
    name = type(value).__name__
    if home == "pandas" and hasattr(value, "columns"):
        return "frame"
    if home == "pandas" and hasattr(value, "to_frame") and hasattr(value, "index"):
        return "series"
    if home == "polars" and name in ("DataFrame", "Series"):
        return "polars"
    if home == "pyarrow" and name == "Table":
        return "arrow"
    if home == "numpy" and hasattr(value, "dtype") and getattr(value, "ndim", 0) > 0:
        return "array"
    return None


def columns_of(value: Any) -> tuple[str, ...]:
    """Return the columns of data, or the name of a single column."""
    if hasattr(value, "columns"):
        return tuple(str(each) for each in value.columns)
    if hasattr(value, "column_names"):
        return tuple(map(str, value.column_names))
    name = getattr(value, "name", None)
    return (str(name),) if name is not None else ()


def is_small(value: Any) -> bool:
    """Return whether an array is small enough to be kept as code."""
    return shape_of(value) == "array" and int(value.size) <= MOST_CELLS and value.dtype.kind in "biufUS"


def expression_of(value: Any) -> Code | None:
    """Return code that gives an equal value, or None where there is none that can be trusted."""
    code = _expression(value, 0)
    return code if code is not None and len(code.text) <= LONGEST else None


def importable(value: Any) -> Code | None:
    """Return the path of a module, class or function that a fresh process finds where this one does."""
    if isinstance(value, types.ModuleType):
        return Code(value.__name__, frozenset({value.__name__})) if _is_installed(value.__name__) else None
    found = home_of(value)
    if found is None:
        return None
    module, name = found
    return Code(name) if module == "builtins" else Code(f"{module}.{name}", frozenset({module}))


def home_of(value: Any) -> tuple[str, str] | None:
    """Return the module and the name under which a class or function is imported, the most public one."""
    module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", getattr(value, "__name__", None))
    if not isinstance(module, str) or not isinstance(name, str) or module == MAIN or "<" in name:
        return None
    if not _leads_to(module, name, value) or not (module == "builtins" or _is_installed(module)):
        return None
    while "._" in module and _leads_to(module.rpartition(".")[0], name, value):
        module = module.rpartition(".")[0]
    return module, name


def _leads_to(module: str, name: str, value: Any) -> bool:
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    return found is value


def _is_installed(name: str) -> bool:
    """Return whether a fresh process would import the module from the same file."""
    module = sys.modules.get(name)
    if name == MAIN or module is None:
        return False
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError, AttributeError):
        return False
    return spec is not None and spec.origin == getattr(getattr(module, "__spec__", None), "origin", None)


def _expression(value: Any, depth: int) -> Code | None:
    if depth > DEEPEST:
        return None
    for accepts, build in _BUILDERS:
        if accepts(value):
            return build(value, depth)
    found = importable(value) if callable(value) or isinstance(value, types.ModuleType) else None
    return found if found is not None else _estimator(value, depth)


def _float(value: float, depth: int) -> Code:
    # repr gives `nan` and `inf`, which are not literals
    return Code(repr(value) if math.isfinite(value) else f"float({str(value)!r})")


def _items(values: Iterable[Any], depth: int) -> tuple[list[str], frozenset[str]] | None:
    found = [_expression(each, depth + 1) for each in values]
    if any(each is None for each in found):
        return None
    known = [each for each in found if each is not None]
    return [each.text for each in known], frozenset().union(*(each.modules for each in known))


def _wrapped(opening: str, closing: str) -> Callable[[Any, int], Code | None]:
    def build(value: Any, depth: int) -> Code | None:
        items = _items(value, depth)
        return None if items is None else Code(f"{opening}{', '.join(items[0])}{closing}", items[1])

    return build


def _tuple(value: tuple[Any, ...], depth: int) -> Code | None:
    items = _items(value, depth)
    if items is None:
        return None
    return Code(f"({', '.join(items[0])}{',' if len(value) == 1 else ''})", items[1])


def _set(value: set[Any], depth: int) -> Code | None:
    # by repr: a set may hold values that cannot be compared, and hashes of texts differ between processes
    items = _items(sorted(value, key=repr), depth)
    return None if items is None else Code(f"{type(value).__name__}([{', '.join(items[0])}])", items[1])


def _dict(value: dict[Any, Any], depth: int) -> Code | None:
    keys, values = _items(value, depth), _items(value.values(), depth)
    if keys is None or values is None:
        return None
    pairs = ", ".join(f"{key}: {item}" for key, item in zip(keys[0], values[0]))
    return Code(f"{{{pairs}}}", keys[1] | values[1])


def _array(value: Any, depth: int) -> Code | None:
    if not is_small(value) or type(value).__name__ != "ndarray":
        return None
    inner = _expression(value.tolist(), depth + 1)
    return (
        None if inner is None else Code(f"numpy.array({inner.text}, dtype={value.dtype.str!r})", _with(inner, "numpy"))
    )


def _scalar(value: Any, depth: int) -> Code | None:
    inner = _expression(value.item(), depth + 1)
    return (
        None if inner is None else Code(f"numpy.dtype({value.dtype.str!r}).type({inner.text})", _with(inner, "numpy"))
    )


def _with(code: Code, *modules: str) -> frozenset[str]:
    return code.modules | frozenset(modules)


def _called(path: str) -> Callable[[Any, int], Code]:
    """Return a builder of ``path('text')`` for types whose text is complete."""
    return lambda value, depth: Code(f"{path}({str(value)!r})", frozenset({path.rpartition(".")[0]}))


def _partial(value: Any, depth: int) -> Code | None:
    parts = _items([value.func, *value.args, *value.keywords.values()], depth)
    if parts is None:
        return None
    texts, modules = parts
    count = 1 + len(value.args)
    named = [f"{key}={text}" for key, text in zip(value.keywords, texts[count:])]
    return Code(f"functools.partial({', '.join([*texts[:count], *named])})", modules | {"functools"})


def _estimator(value: Any, depth: int) -> Code | None:
    """Return the constructor of an estimator that follows scikit-learn's contract. A fitted one comes back unfitted."""
    get, kind = getattr(value, "get_params", None), importable(type(value))
    if not callable(get) or kind is None or isinstance(value, type):
        return None
    try:
        given = get(deep=False)
    except Exception:  # the estimator's own code
        return None
    items = _items(given.values(), depth)
    if items is None:
        return None
    words = ", ".join(f"{name}={text}" for name, text in zip(given, items[0]))
    return Code(f"{kind.text}({words})", items[1] | kind.modules)


def _named(module: str, *names: str) -> Callable[[Any], bool]:
    return lambda value: type(value).__module__.partition(".")[0] == module and type(value).__name__ in names


def _exactly(*kinds: type) -> Callable[[Any], bool]:
    return lambda value: type(value) in kinds


def _repr(module: str) -> Callable[[Any, int], Code]:
    return lambda value, depth: Code(repr(value), frozenset({module}) if module else frozenset())


def _moment(value: Any, depth: int) -> Code:
    zone = f", tz={str(value.tz)!r}" if getattr(value, "tz", None) is not None else ""
    text = value.tz_localize(None).isoformat() if zone else value.isoformat()
    return Code(f"pandas.{type(value).__name__}({text!r}{zone})", frozenset({"pandas"}))


_BUILDERS: tuple[tuple[Callable[[Any], bool], Callable[[Any, int], Code | None]], ...] = (
    (_exactly(type(None), bool, int, str, bytes, range, type(...)), _repr("")),
    (_exactly(float), _float),
    (_exactly(complex, slice), _repr("")),
    (_exactly(list), _wrapped("[", "]")),
    (_exactly(tuple), _tuple),
    (_exactly(set, frozenset), _set),
    (_exactly(dict), _dict),
    (_named("numpy", "ndarray"), _array),
    (lambda value: type(value).__module__ == "numpy" and hasattr(value, "dtype") and hasattr(value, "item"), _scalar),
    (_named("datetime", "date", "datetime", "time", "timedelta"), _repr("datetime")),
    (_named("pandas", "Timestamp", "Timedelta"), _moment),
    (_named("decimal", "Decimal"), _called("decimal.Decimal")),
    (_named("fractions", "Fraction"), _called("fractions.Fraction")),
    (_named("pathlib", "PosixPath", "WindowsPath"), _called("pathlib.Path")),
    (_named("functools", "partial"), _partial),
)
"""Writers of values by type. A value of no such type is imported, or an estimator, or cannot be rebuilt."""
