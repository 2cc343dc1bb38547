"""Rules about the shape of the code: circles, layers, signatures, and where its tests are."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[1]
CORE = ROOT / "mlops_magics" / "core"
DYNAMIC = ("importlib.import_module", "import_module", "__import__")
OWN_BY_NAME = {
    "__init__.py",
    "lazy_exports.py",
    "marimo_views.py",
    "core/plug_ins.py",
    "magics/verbs.py",
    "widgets/views.py",
}
"""The files that import modules of ours by a text."""
FOREIGN_BY_NAME = {
    "core/deploying/server/processes/warm_up.py",
    "core/retraining/recipe/warning_filters.py",
    "core/versioning/describing/secrets/secret_shapes.py",
    "core/versioning/formats/formula_names.py",
    "core/versioning/formats/nodes/library_objects.py",
    "core/versioning/integrity/signatures.py",
}
"""Those that import other libraries by a text."""
WHOLE = {"test_golden.py", "test_fuzz.py", "test_fuzz_targets.py"}
"""Tests of old data and of foreign bytes, each over many rooms."""
TESTED_WITH = {"folder_handles": "file_layer"}
"""A module that is reached by one other only, and that one."""


def test_there_is_no_import_circle() -> None:
    """Lazy and type-only imports count too, so a room is read from the bottom to the top."""
    graph = grimp.build_graph("mlops_magics", exclude_type_checking_imports=False, cache_dir=None)
    left = {name: set(graph.find_modules_directly_imported_by(name)) for name in graph.modules}
    while free := {name for name, imported in left.items() if not imported & left.keys()}:
        left = {name: imported for name, imported in left.items() if name not in free}

    assert not left, "a circle is among: " + ", ".join(sorted(left))


def test_every_part_of_the_core_has_its_layer() -> None:
    """A new room or module is placed in the contract, else its imports would point anywhere."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = next(each["layers"] for each in contracts if each["name"] == "Imports point one way")
    placed = {name for layer in layers for name in re.split(r" [|:] ", layer)}
    parts = {path.stem for path in CORE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}

    assert {f"mlops_magics.core.{part}" for part in parts - {"__init__"}} - placed == set()


def test_no_import_is_hidden_from_these_rules() -> None:
    """A module of ours is imported by name, where a contract sees it, but for records, plug-ins and the notebook."""
    hidden = {
        path.relative_to(ROOT / "mlops_magics").as_posix()
        for path in (ROOT / "mlops_magics").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in DYNAMIC
        if not isinstance(node.args[0], ast.Constant) or str(node.args[0].value).startswith("mlops_magics")
    }

    assert hidden <= OWN_BY_NAME | FOREIGN_BY_NAME


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
