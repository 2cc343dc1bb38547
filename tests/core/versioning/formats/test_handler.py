"""Handlers: a format declares its own safety, and the rest of the package reads it there."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from typing import Any

import pytest

from mlops_magics.core.versioning import formats
from mlops_magics.core.versioning.formats import registry
from mlops_magics.core.versioning.formats.handler import ForeignHandler, Handler

DECLARED = ("name", "suffix", "runs_code", "checks_bytes", "threads")


@pytest.mark.parametrize("name", registry.handlers())
def test_every_format_declares_its_safety(name: str) -> None:
    """Whether reading runs code, whether bytes are checked and which threads it starts is written on each handler."""
    kind = type(registry.handlers()[name])

    assert [each for each in DECLARED if each not in vars(kind)] == []
    assert not (kind.runs_code and kind.checks_bytes)


def test_every_handler_is_found() -> None:
    """A handler in a module without the ending `_format` would never be tried."""
    modules = [
        importlib.import_module(f"{formats.__name__}.{each.name}") for each in pkgutil.iter_modules(formats.__path__)
    ]
    written = {
        kind
        for module in modules
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Handler) and kind.__module__ == module.__name__
    }

    assert written - {Handler, ForeignHandler} == set(map(type, registry.handlers().values()))


def test_the_most_particular_format_is_tried_first() -> None:
    """Formats of one library come before skops, which reads several libraries, and joblib writes any object."""
    names = list(registry.handlers())

    assert names[-2:] == ["skops", "joblib"]
    assert names.index("catboost-json") < names.index("catboost")


def test_libraries_that_a_fork_breaks_are_those_that_formats_declare() -> None:
    """Workers are forked only where none of these is loaded."""
    assert registry.threaded_libraries() >= {"xgboost", "lightgbm", "catboost", "onnxruntime", "torch", "jax"}


def test_what_a_foreign_handler_does_not_declare_is_cautious() -> None:
    """A class of another package that declares nothing needs trust; a bare function still gets ``predict``."""

    class Plain:
        name, suffix = "plain", ".plain"

        def accepts(self, model: Any) -> bool:
            return model == 7

    handler = ForeignHandler(Plain())

    assert handler.accepts(7)
    assert (handler.runs_code, handler.checks_bytes, handler.threads, handler.magic) == (True, False, (), ())
    assert handler.with_predict(lambda rows: rows).predict([1]) == [1]


def test_the_documentation_lists_every_format() -> None:
    """Its table says of each whether it runs code and whether it is read without trust, as the handler declares."""
    page = (Path(__file__).parents[4] / "docs" / "formats.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in page.splitlines() if line.startswith("| `")]
    found = {row[0].strip("`"): (row[3] == "yes", row[4].startswith("read")) for row in rows}

    assert found == {name: (each.runs_code, each.checks_bytes) for name, each in registry.handlers().items()}
    assert list(found) == list(registry.handlers())
