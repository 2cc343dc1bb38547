"""Warnings point at the line of the user, however many functions of ours are between."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import mlops_magics
from mlops_magics.core import user_warnings


def test_a_warning_points_out_of_the_package() -> None:
    """Without a user in the thread it has no line, and none of ours."""
    ours = {"warn": user_warnings.warn, "__name__": "mlops_magics.core.deep"}
    exec("def inner(): warn('told')\ndef outer(): inner()", ours)
    places = []
    for run in (ours["outer"], lambda: ThreadPoolExecutor(1).submit(ours["outer"]).result()):
        with pytest.warns(UserWarning, match="told") as caught:
            run()
        places += [Path(each.filename).name.strip("<>") for each in caught]

    assert places == [Path(__file__).name, "sys"]


def test_the_package_warns_by_one_function() -> None:
    """A stack level that is counted by hand points into the package as soon as a guard or a helper comes between."""
    package = Path(mlops_magics.__file__).parent
    warning = [
        path.name
        for path in package.rglob("*.py")
        if "warnings.warn(" in path.read_text().replace("user_warnings.warn(", "")
    ]

    assert warning == ["user_warnings.py"]
