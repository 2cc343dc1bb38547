"""Rules about the shape of the code: circles, layers, signatures, and where its tests are."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[1]
CORE = ROOT / "mlops_magics" / "core"
MOST_PARAMETERS = 8
PUBLIC_VERBS = {
    "core/session": None,
    "core/monitoring/comparing/frames.py": "drift",
    "core/monitoring/scoring/performance.py": "performance",
}
"""Where a signature may be longer: the verbs that users call with options by name."""
WHOLE = {"test_golden.py", "test_fuzz.py", "test_fuzz_targets.py"}
"""Tests of old data and of foreign bytes, each over many rooms."""
TESTED_WITH = {"folder_handles": "file_layer"}
"""A module that is reached by one other only, and that one."""


def test_there_is_no_import_circle() -> None:
    """Lazy and type-only imports count too, so a room is read from the bottom to the top."""
    graph = grimp.build_graph("mlops_magics", exclude_type_checking_imports=False, cache_dir=None)
    left = {
        name: {each for each in graph.find_modules_directly_imported_by(name) if not graph.find_children(each)}
        for name in graph.modules
        if not graph.find_children(name)
    }
    while free := {name for name, imported in left.items() if not imported & left.keys()}:
        left = {name: imported for name, imported in left.items() if name not in free}

    assert not left, "a circle is among: " + ", ".join(sorted(left))


def test_a_signature_of_the_core_has_eight_parameters_at_most() -> None:
    """More facts than that are a record."""
    long = [
        f"{place}: {function.name}"
        for path in CORE.rglob("*.py")
        for function in _functions(path)
        if _parameters(function) > MOST_PARAMETERS
        for place in [path.relative_to(CORE.parent).as_posix()]
        if not any(place.startswith(room) and name in (None, function.name) for room, name in PUBLIC_VERBS.items())
    ]

    assert not long


def test_the_tests_of_a_module_are_found_by_its_name() -> None:
    """The tests of ``core/R/S/x.py`` are in ``tests/core/R/S/test_x.py``, or in ``test_S.py`` of one of its rooms."""
    without = [
        path.relative_to(CORE).as_posix()
        for path in CORE.rglob("*.py")
        if not path.name.startswith("__") and not any(place.exists() for place in _test_files(path))
    ]

    assert not without


def test_a_test_file_bears_the_name_of_what_it_tests() -> None:
    """It is that of a module or room at or below the folder that the tests mirror."""
    astray = []
    for path in (ROOT / "tests" / "core").rglob("test_*.py"):
        folder = CORE / path.parent.relative_to(ROOT / "tests" / "core")
        name = path.stem.removeprefix("test_")
        if path.name not in WHOLE and name != folder.name and not any(_called(folder, name)):
            astray.append(path.relative_to(ROOT).as_posix())

    assert not astray


def _functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the number of parameters, without ``self`` or ``cls``."""
    given = function.args
    names = [each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    return len(names) - (names[:1] in (["self"], ["cls"]))


def _test_files(path: Path) -> Iterator[Path]:
    """Yield where tests of a module may be."""
    module = path.relative_to(CORE)
    tests = ROOT / "tests" / "core"
    yield tests / module.parent / f"test_{TESTED_WITH.get(module.stem, module.stem)}.py"
    for room in module.parents[:-1]:
        yield tests / room / f"test_{room.name}.py"
        yield tests / room.parent / f"test_{room.name}.py"
        yield tests.parent / room / f"test_{room.name}.py"  # of the wire, beside the examples that vitest reads


def _called(folder: Path, name: str) -> Iterator[Path]:
    yield from folder.rglob(f"{name}.py")
    yield from (each for each in folder.rglob(name) if each.is_dir())
