"""What a notebook shows of an error of ours is one line."""

from __future__ import annotations

import inspect

import pytest

from mlops_magics import errors
from tests.magics.conftest import Shell

CELL = """
import mlops_magics.errors
def deep(depth):
    if depth:
        return deep(depth - 1)
    raise mlops_magics.errors.NotFound("model", "pengiuns", ["penguins"])
deep(20)
"""


def test_a_notebook_shows_one_line(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    """The line that says what is wrong is all that is shown; how deep the call was does not matter."""
    shell.ip.run_cell(CELL)
    shown = "".join(capsys.readouterr())

    assert shown.strip().startswith("NotFound: ")
    assert "penguins" in shown
    assert len(shown.strip().splitlines()) == 1


def test_every_error_is_one_line() -> None:
    """Every class of this module shows itself in the same way."""
    classes = [each for _, each in inspect.getmembers(errors, inspect.isclass)]
    found = [each for each in classes if issubclass(each, Exception) and not issubclass(each, Warning)]

    assert len(found) > 10
    assert all(hasattr(each, "_render_traceback_") for each in found)
