"""Rules that hold for the whole house: exported names, lazy imports, arrows, no foreign addresses, no machine paths."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import mlops_magics
from mlops_magics import errors
from mlops_magics.core.session import records

ROOT = Path(__file__).parents[1]
MODULES = sorted(module.name for module in pkgutil.walk_packages(mlops_magics.__path__, "mlops_magics."))
HEAVY = ("numpy", "pandas", "sklearn", "scipy", "altair", "pins", "pyarrow", "flask", "anywidget", "IPython")


def test_exported_names_are_exactly_the_documented_ones() -> None:
    """The public names are few, and each can be had."""
    assert sorted(mlops_magics.__all__) == ["Session", "__version__", "drift", "performance"]
    for name in mlops_magics.__all__:
        assert getattr(mlops_magics, name) is not None


def test_importing_the_package_loads_nothing_heavy() -> None:
    """`import mlops_magics` costs milliseconds: the libraries come with the verb that needs them."""
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, mlops_magics, mlops_magics.extension; print(*sys.modules)"],
        check=True, capture_output=True, text=True,
    ).stdout.split()  # fmt: skip

    assert not [name for name in HEAVY if name in loaded and name != "IPython"]


@pytest.mark.parametrize("name", records.HOMES)
def test_every_record_is_defined_where_displays_look_for_it(name: str) -> None:
    """IPython finds a view by the module and the name of the record's class; the table of records names both."""
    assert getattr(records, name).__module__ == records.HOMES[name]


@pytest.mark.parametrize("name", MODULES)
def test_every_module_imports(name: str) -> None:
    """No module needs another to have been imported before it."""
    assert importlib.import_module(name)


def test_every_module_starts_with_a_sentence() -> None:
    """A reader learns from the first line what a module is about."""
    for path in (ROOT / "mlops_magics").rglob("*.py"):
        assert path.read_text(encoding="utf-8").lstrip().startswith(('"""', "'''")), path


def test_no_source_names_a_folder_of_some_machine() -> None:
    """Nothing in the project depends on where it was written."""
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    foreign = re.compile(r"/(?:work|home|Users)/\w|\.\./shared")
    for name in tracked:
        path = ROOT / name
        if (
            path.suffix in {".py", ".ts", ".md", ".toml", ".json", ".ipynb"}
            and path != Path(__file__)
            and "lock" not in path.name
        ):
            assert not foreign.search(path.read_text(encoding="utf-8")), name


def test_no_file_name_stands_twice_in_core() -> None:
    """A search by file name finds one file."""
    names = [path.name for path in (ROOT / "mlops_magics" / "core").rglob("*.py") if not path.name.startswith("__")]

    assert sorted(names) == sorted(set(names))


MOST_PARAMETERS = 8
"""More than this is read as a list, and not as a call: the facts become a record."""
PUBLIC_VERBS = {"drift", "performance"}
"""Beside the methods of `Session`: their parameters are the options of a user's line."""


def test_no_signature_in_core_has_more_than_eight_parameters() -> None:
    """Apart from the public verbs, whose parameters are what a user may say."""
    for path in (ROOT / "mlops_magics" / "core").rglob("*.py"):
        is_session = path.parent.name == "session" and path.stem.endswith("_verbs")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            given = node.args
            names = [each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
            count = len(names) + bool(given.vararg) + bool(given.kwarg) - (names[:1] in (["self"], ["cls"]))
            is_public = node.name in PUBLIC_VERBS or (is_session and not node.name.startswith("_"))
            assert count <= MOST_PARAMETERS or is_public, f"{path.name}: {node.name} has {count} parameters"


MOST_LINES = 40
"""Of the code of a function: it is read without scrolling."""
MOST_LINES_OF_A_MODULE = 350
"""A longer one has two subjects."""


def test_functions_fit_on_a_screen_and_modules_have_one_subject() -> None:
    """A function has at most 40 lines without its docstring, and a module at most 350."""
    for path in (ROOT / "mlops_magics").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert text.count("\n") <= MOST_LINES_OF_A_MODULE, path.name
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = node.body[1:] if ast.get_docstring(node) is not None else node.body
                lines = (node.end_lineno or 0) - body[0].lineno + 1 if body else 0
                assert lines <= MOST_LINES, f"{path.name}: {node.name} has {lines} lines"


EXPLAINED_FROM = 4
"""Parameters of a public function from which its docstring explains them."""
ERRORS = {name for name, kind in vars(errors).items() if isinstance(kind, type)} | {"HttpError"}


def test_public_functions_of_the_core_explain_their_errors_and_parameters() -> None:
    """*Raises* where a function raises an error of ours, *Parameters* from four on, there or in the interface."""
    found = [each for path in (ROOT / "mlops_magics").rglob("*.py") for each in _public_functions(path)]
    explained = {(node.name, names) for _, node, names in found if "Parameters\n---" in _docstring(node)}
    for path, node, names in found:
        raised = {_raised(each) for each in _own_nodes(node) if isinstance(each, ast.Raise)} & ERRORS
        place = f"{path.name}: {node.name}"
        assert not raised or "Raises\n---" in _docstring(node), f"{place} raises {raised}"
        if "core" in path.parts and len(names) >= EXPLAINED_FROM:
            assert (node.name, names) in explained, f"{place} does not explain {', '.join(names)}"


def _public_functions(path: Path) -> Iterator[tuple[Path, ast.FunctionDef | ast.AsyncFunctionDef, tuple[str, ...]]]:
    """Yield the functions and methods with a public name, but no verbs, whose parameters have a help each."""
    waiting = list(ast.parse(path.read_text(encoding="utf-8")).body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.ClassDef | ast.If | ast.Try) and not getattr(node, "name", "").startswith("_"):
            waiting += node.body
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.name.startswith("_"):
            continue
        if not any(isinstance(each, ast.Call) and ast.unparse(each.func) == "verb" for each in node.decorator_list):
            every = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
            yield path, node, tuple(each.arg for each in every if each.arg not in ("self", "cls"))


def _own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a function, without those of functions inside it."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            yield child
            yield from _own_nodes(child)


def _raised(node: ast.Raise) -> str:
    error = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    return "" if error is None else ast.unparse(error).rpartition(".")[2]


def _docstring(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    return ast.get_docstring(node) or ""


def test_tests_mirror_the_tree() -> None:
    """The test of `core/R/S/x.py` is `tests/core/R/S/test_x.py`, and that of a whole room is named after it."""
    core, tests = ROOT / "mlops_magics" / "core", ROOT / "tests" / "core"
    for path in tests.rglob("test_*.py"):
        place, subject = path.parent.relative_to(tests), path.stem.removeprefix("test_")
        is_room = (core / place / subject).is_dir() or place.name == subject
        assert (core / place / f"{subject}.py").is_file() or is_room or subject == "golden", path
