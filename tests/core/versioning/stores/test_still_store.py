"""A board at one moment: what is listed once is not asked for again."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

import mlops_magics as mm
from mlops_magics.core.catalogue import site
from mlops_magics.core.versioning.board import Board

LISTINGS = ("names", "versions", "all_versions", "stamp", "events", "event_marks")


class Counted:
    """A store that counts its listings, which an object store answers with requests."""

    def __init__(self, store: Any) -> None:
        self.store, self.asked = store, Counter[str]()

    def __getattr__(self, name: str) -> Any:
        """Return what the store has, counted."""
        if name in LISTINGS:
            self.asked[name] += 1
        return getattr(self.store, name)


def test_a_site_lists_each_model_once(tmp_path: Path) -> None:
    """The listings do not grow by a factor with the parts of a page, and a later event is seen by the next reader."""
    session = mm.Session(board=tmp_path / "board")
    rows = pd.DataFrame(np.random.default_rng(0).normal(size=(40, 2)), columns=["a", "b"])
    session.pin(LogisticRegression().fit(rows, rows["a"] > 0), "m0", data=rows, truth=rows["a"] > 0)
    for place in range(1, 4):
        session.copy("m0", session.board, name=f"m{place}")
    session.model_card("m1", {"owners": "Ana"})
    counted: Any = Counted(session.board.store)
    board = Board(counted, "board")
    written = site.write(board, tmp_path / "site", {})

    assert written.written == 4
    assert counted.asked["names"] == 1
    assert counted.asked["versions"] == 5  # four models and one card
    assert counted.asked["events"] <= 3
    session.promote("m2", to="champion")
    assert site.write(board, tmp_path / "site", {}).written == 1


def test_a_board_of_objects_is_listed_once_for_all_models(tmp_path: Path) -> None:
    """Each listing is a request: there are as many for eight models as for one."""
    session = mm.Session(board="memory://still-store")
    rows = pd.DataFrame(np.random.default_rng(0).normal(size=(40, 2)), columns=["a", "b"])
    version = session.pin(LogisticRegression().fit(rows, rows["a"] > 0), "m0", data=rows)
    session.promote("m0", to="champion")
    for place in range(1, 8):
        session.copy(version.ref, session.board, name=f"m{place}")
    counted = Counted(session.board.store)

    assert site.write(Board(counted, "counted"), tmp_path / "site", {}).written == 8
    assert counted.asked["all_versions"] == 1
    assert counted.asked["versions"] == 0
    assert max(counted.asked[name] for name in ("names", "events", "event_marks")) <= 2
