"""Plug-ins: a class in a folder is found by its file alone, and one of another package by its entry point."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from mlops_magics.core import plug_ins


class Interface:
    """Something that has implementations."""

    name: str


def test_a_new_file_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Classes of modules with the ending are made, in the order of modules and lines; bases and imports are not."""
    folder = tmp_path / "plugged_in"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "b_format.py").write_text(
        "from tests.core.test_plug_ins import Interface\n"
        "class Base(Interface): pass\nclass Second(Base): name = 'second'\nclass First(Base): name = 'first'\n"
    )
    (folder / "a_format.py").write_text(
        "from plugged_in.b_format import First\n"
        "from tests.core.test_plug_ins import Interface\nclass Zeroth(Interface): name = 'zeroth'\n"
    )
    (folder / "other.py").write_text("raise ImportError('not looked at')\n")
    monkeypatch.syspath_prepend(tmp_path)

    try:
        found = plug_ins.of_folder("plugged_in", "_format", Interface)
    finally:
        for name in [each for each in sys.modules if each.partition(".")[0] == "plugged_in"]:
            del sys.modules[name]

    assert [each.name for each in found] == ["zeroth", "second", "first"]


class Named:
    """A class that another package registers."""

    name = "named"


class Nameless:
    """One without a name."""


def test_a_class_of_another_package_that_cannot_be_used_is_left_out(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The others are found, and the log has the reason."""
    places = ("tests.core.test_plug_ins:Nameless", "missing_package:Format", "tests.core.test_plug_ins:Named")
    entries = [EntryPoint(place, place, "group") for place in places]

    def entry_points(**chosen: Any) -> list[EntryPoint]:
        return entries if chosen == {"group": "group"} else []

    monkeypatch.setattr("importlib.metadata.entry_points", entry_points)

    assert [each.name for each in plug_ins.of_packages("group")] == ["named"]
    assert all(place in caplog.text for place in places[:2])
