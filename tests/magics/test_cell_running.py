"""The user's cell runs inside `%%pin_model` as if it stood alone."""

from __future__ import annotations

import contextlib
import io
import re
import traceback
from typing import Any

import pytest
from IPython.core.error import UsageError

from mlops_magics.magics.cell import running

FAILING = "%%pin_model penguins\n\nfirst = 1\nsecond = first / 0\nthird = 3"


def test_a_training_error_keeps_its_class_and_stops_run_all(shell: Any) -> None:
    """What the cell raises is what the notebook sees: `run_cell` reports failure."""
    result = shell.ip.run_cell(FAILING)

    assert isinstance(result.error_in_exec, ZeroDivisionError)
    assert shell["first"] == 1
    assert "third" not in shell.ip.user_ns


def test_a_traceback_shows_the_users_own_lines_under_their_own_numbers(shell: Any) -> None:
    """The magic's line counts as the first, as in the editor."""
    result = shell.ip.run_cell(FAILING)

    frames = traceback.extract_tb(result.error_in_exec.__traceback__)
    assert frames[-1].lineno == 4
    assert frames[-1].line == "second = first / 0"


def test_a_shown_traceback_hides_our_frames(shell: Any) -> None:
    """The reader sees the cell, not the machinery."""
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        shell.ip.run_cell(FAILING)

    text = re.sub(r"\x1b\[[0-9;]*m", "", shown.getvalue())
    assert "----> 4 second = first / 0" in text
    assert "mlops_magics/magics" not in text


def test_a_syntax_error_is_the_users_own(shell: Any) -> None:
    """Python says where."""
    result = shell.ip.run_cell("%%pin_model penguins\nmodel = = 1")

    assert isinstance(result.error_in_exec, SyntaxError)


def test_awaiting_at_the_top_level_is_refused_before_anything_runs(shell: Any) -> None:
    """One line, with the way around."""
    with pytest.raises(UsageError, match=r"awaits at its top level.*%pin_model NAME VARIABLE"):
        shell.run("%%pin_model penguins\nran = True\nimport asyncio\nawait asyncio.sleep(0)")

    assert "ran" not in shell.ip.user_ns


def test_magics_and_shell_escapes_work_inside_the_cell(shell: Any) -> None:
    """The cell is transformed as IPython does it."""
    ran = running.run(shell.ip, running.prepare(shell.ip, "here = %pwd\nhere"))

    assert ran.last == shell["here"]
    assert ran.last_name == "here"


def test_the_cell_leaves_only_its_own_names(shell: Any) -> None:
    """What watches the fits is gone afterwards, also when the cell fails."""
    before = set(shell.ip.user_ns)
    for cell in ("a = 1", "1 / 0"):
        prepared = running.prepare(shell.ip, cell)
        with contextlib.suppress(ZeroDivisionError):
            running.run(shell.ip, prepared)

    assert set(shell.ip.user_ns) - before == {"a"}


def test_functions_of_the_cell_outlive_it(birds: Any) -> None:
    """Code that may run later is not rewritten."""
    running.run(birds.ip, running.prepare(birds.ip, "def train():\n    return LogisticRegression().fit(X, y)"))

    assert birds.run("train().classes_.tolist()") == ["adelie", "gentoo"]


def test_the_time_is_that_of_the_cell(shell: Any) -> None:
    """Seconds of training become lineage."""
    ran = running.run(shell.ip, running.prepare(shell.ip, "import time\ntime.sleep(0.05)"))

    assert 0.05 <= ran.seconds < 2
