"""The state of a process that changes what a training gives."""

from __future__ import annotations

import decimal
import json
import random
import sys
from pathlib import Path

import numpy as np
import pytest

from mlops_magics.core.retraining.recipe import process_options


def test_folders_of_own_modules_come_back_where_they_were(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One before Python's own stays before it, an appended one stays behind, and none is there twice."""
    before = list(sys.path)
    monkeypatch.setattr(sys, "path", [str(tmp_path / "front"), *before, str(tmp_path / "back")])
    kept = json.loads(json.dumps(process_options.import_folders()))
    monkeypatch.setattr(sys, "path", list(before))
    process_options.restore_import_folders(kept)
    process_options.restore_import_folders(kept)

    assert sys.path == [str(tmp_path / "front"), *before, str(tmp_path / "back")]


def test_generators_and_options_come_back_as_they_were() -> None:
    """They are kept as JSON; options of an earlier release are scikit-learn's alone."""
    options = json.loads(json.dumps(process_options.library_options()))
    state = process_options.random_state()
    first = (random.random(), np.random.rand())
    before = np.seterr(all="ignore")
    decimal.getcontext().prec += 3
    process_options.restore_library_options(options)
    process_options.restore_random_state(state)

    assert (random.random(), np.random.rand()) == first
    assert np.geterr() == before
    assert process_options.library_options() == options
    process_options.restore_library_options({"sklearn": {}})
