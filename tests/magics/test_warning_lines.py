"""A warning is one line for the user of a magic, and points at the user's own line for everybody else."""

from __future__ import annotations

import warnings
from pathlib import Path

import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

from tests.magics.conftest import Shell

TOLD = "line: 1 version cannot be read (20990101T000000Z-abcde). Run `%verify`."


@pytest.fixture
def broken(shell: Shell) -> Shell:
    """Return a shell whose board has a version that cannot be read."""
    X = pd.DataFrame({"a": [1.0, 2.0, 3.0]})
    shell.session.pin(LinearRegression().fit(X, X["a"]), "line", data=X)
    version = Path(shell.session.board.url) / "line" / "20990101T000000Z-abcde"
    version.mkdir()
    (version / "data.txt").write_text("x: [1")
    return shell


@pytest.mark.usefixtures("printed_warnings")
def test_a_warning_of_a_magic_is_one_line_each_time(broken: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    """No line of our code, and none of IPython. Warnings of the user's own code stay as Python shows them."""
    for _ in range(2):
        capsys.readouterr()
        broken.run("%versions line")
        assert capsys.readouterr().err == f"Warning: {TOLD}\n"
    broken.run("import warnings\nwarnings.warn('own')")
    assert "UserWarning: own" in capsys.readouterr().err


def test_a_warning_points_at_the_line_that_the_user_wrote(broken: Shell) -> None:
    """In a cell, below a guard and a table of ours, and with a magic in between."""
    for cell in ("1\nsession.versions('line')", "1\n%versions line"):
        broken.give(session=broken.session)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            broken.run(cell)

        found = [each for each in caught if str(each.message) == TOLD]
        assert [(each.lineno, Path(each.filename).parts[:1]) for each in found] == [
            (2, Path(found[0].filename).parts[:1])
        ]
        assert "site-packages" not in found[0].filename
        assert "mlops_magics" not in found[0].filename
        assert issubclass(found[0].category, UserWarning)
