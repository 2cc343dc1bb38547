"""Calls that change files below a folder and fail in turn, for code that writes without the file layer."""

from __future__ import annotations

import builtins
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.core.failing_files import Plan

CHANGES = ("replace", "rename", "unlink", "remove", "mkdir", "chmod", "link")
"""Functions of `os` that are counted, beside those that open a file for writing."""

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def fail_calls(patch: pytest.MonkeyPatch, plan: Plan, below: Path) -> None:
    """Count the calls in a plan whose operations are those of the file layer, and let one of them fail."""

    def counted(real: Callable[..., Any], changes: Callable[..., bool]) -> Callable[..., Any]:
        def call(path: Any, *arguments: Any, **options: Any) -> Any:
            # a call relative to the handle of a folder is one of the file layer's, which has a shim of its own
            inside = isinstance(path, str | Path) and os.path.abspath(path).startswith(f"{below}{os.sep}")
            if inside and changes(*arguments, **options):
                plan.reach("create")
            return real(path, *arguments, **options)

        return call

    for name in CHANGES:
        patch.setattr(os, name, counted(getattr(os, name), lambda *arguments, **options: True))
    patch.setattr(os, "open", counted(os.open, lambda flags=0, *arguments, **options: bool(flags & WRITING)))
    opened = counted(open, lambda mode="r", *arguments, **options: bool(set(mode) & set("wax+")))
    patch.setattr(builtins, "open", opened)
    patch.setattr(io, "open", opened)
