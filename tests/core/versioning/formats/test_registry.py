"""A format of another package, found by its entry point."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from mlops_magics.core.versioning import Board, Facts, Prototype
from mlops_magics.core.versioning.formats import registry

PACKAGE = '''
"""A model of one number, written as text."""


class Constant:
    def __init__(self, value):
        self.value = value

    def predict(self, rows):
        return [self.value] * len(rows)


class ConstantFormat:
    name, suffix, magic, runs_code = "constant", ".constant", (b"constant ",), False

    def accepts(self, model):
        return isinstance(model, Constant)

    def write(self, model, stream):
        stream.write(b"constant %d" % model.value)

    def read(self, stream):
        return Constant(int(stream.read().split()[1]))

    def untrusted(self, stream):
        return []
'''


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package that registers two formats, of which the second does not import."""
    facts = tmp_path / "constant_format-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: constant-format\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text(
        "[mlops_magics.formats]\nconstant = constant_format:ConstantFormat\nbroken = constant_format:Missing\n"
    )
    (tmp_path / "constant_format.py").write_text(PACKAGE)
    monkeypatch.syspath_prepend(str(tmp_path))
    registry.handlers.cache_clear()
    yield
    registry.handlers.cache_clear()
    sys.modules.pop("constant_format", None)


@pytest.mark.usefixtures("installed")
def test_a_format_of_another_package_is_chosen_for_its_models(
    board: Board, rows: pd.DataFrame, caplog: pytest.LogCaptureFixture
) -> None:
    """`format="auto"` takes it, its bytes lie on the board, and one that does not import is left out, loudly."""
    kind = importlib.import_module("constant_format").Constant
    version = board.publish(kind(7), "seven", Facts(prototype=Prototype.from_data(rows)))

    assert version.format == "constant"
    assert (Path(board.url) / "seven" / version.version / version.file).read_bytes() == b"constant 7"
    assert board.load("seven").predict(rows) == [7] * len(rows)
    assert "'broken' of constant_format:Missing (mlops_magics.formats) was left out" in caplog.text
