"""Loading: nothing unsafe is read from a board that is not trusted, and no file is read as another format."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest

from mlops_magics.core.versioning import Board, Facts, open_board
from mlops_magics.errors import IntegrityError, NotTrusted
from tests.core.versioning.formats.fitted_models import MODELS


class Exploding:
    """What a stranger's pickle does."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.marker),)


def _strangers(place: Path, marker: Path, format: str = "joblib") -> Board:
    """Return a board that somebody else made, with a model that runs code when it is read."""
    board = open_board(place)
    board.publish(Exploding(marker), "gift", Facts(format="joblib"))
    board.distrust()
    return open_board(place)


def test_nothing_of_an_untrusted_board_is_unpickled(tmp_path: Path) -> None:
    """The refusal names the option that trusts; the code did not run."""
    board = _strangers(tmp_path / "board", tmp_path / "ran")
    with pytest.raises(NotTrusted, match="--trust"):
        board.load("gift")
    assert not (tmp_path / "ran").exists()


def test_skops_of_its_own_list_is_read_from_an_untrusted_board(board: Board, rows: pd.DataFrame, model: Any) -> None:
    """A format that runs no code needs no trust."""
    board.publish(model, "line", Facts(format="skops"))
    board.distrust()

    np.testing.assert_array_equal(board.load("line").predict(rows), model.predict(rows))


@pytest.mark.parametrize("kind", ["catboost", "onnx"])
@pytest.mark.filterwarnings("ignore")
def test_formats_whose_bytes_are_not_checked_need_trust(board: Board, rows: pd.DataFrame, kind: str) -> None:
    """They contain no code, but their libraries trust what they read. The listing says so too."""
    board.publish(MODELS[kind][0](rows), "line", Facts(format=kind))
    board.distrust()

    with pytest.raises(NotTrusted, match=f"a {kind} file is read by a library that trusts"):
        board.load("line")
    assert not board.versions("line")["trusted"].any()


@pytest.mark.parametrize(("kind", "format"), [("forest", "skops"), ("xgboost", "skops"), ("lightgbm", "lightgbm")])
@pytest.mark.filterwarnings("ignore")
def test_the_models_that_people_pin_most_need_no_trust(
    board: Board, rows: pd.DataFrame, kind: str, format: str
) -> None:
    """`auto` writes them so that a colleague's board is read without consent to run its code."""
    fitted = MODELS[kind][0](rows)
    version = board.publish(fitted, "line", Facts(example=rows))
    board.distrust()

    assert version.format == format
    np.testing.assert_array_equal(board.load("line").predict(rows), fitted.predict(rows))
    assert board.versions("line")["trusted"].all()


def test_a_class_of_ones_own_in_skops_needs_trust(board: Board, rows: pd.DataFrame) -> None:
    """From a trusted board it is read; from another one it is refused by its name."""
    fitted = MODELS["own transformer"][0](rows)
    board.publish(fitted, "own", Facts(format="skops"))

    np.testing.assert_array_equal(board.load("own").predict(rows), fitted.predict(rows))
    board.distrust()
    with pytest.raises(NotTrusted, match="Doubling"):
        board.load("own")


@pytest.mark.parametrize("format", ["skops", "xgboost", "lightgbm", "catboost", "keras", "torch"])
def test_a_pickle_that_claims_another_format_is_never_unpickled(tmp_path: Path, format: str) -> None:
    """Declared type × actual bytes: the reader goes by both, and never falls back."""
    from mlops_magics.core.versioning.formats.registry import handlers

    board = open_board(tmp_path / "board")
    marker = tmp_path / "ran"
    bytes_ = pickle.dumps(Exploding(marker))

    class Lying:
        name, suffix, magic, runs_code = format, handlers()[format].suffix, (), False

        def write(self, model: Any, stream: Any) -> None:
            stream.write(bytes_)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mlops_magics.core.versioning.formats.registry.handler", lambda name: Lying())
        board.publish(object(), "gift", Facts(format=format))
    with pytest.raises(IntegrityError, match=f"is not a {format} file"):
        board.load("gift")
    assert not marker.exists()


def test_a_board_that_replaced_a_trusted_one_is_not_trusted(tmp_path: Path, model: Any) -> None:
    """Trust belongs to the board, not to its place."""
    ours = open_board(tmp_path / "board")
    ours.publish(model, "line")
    strangers = _strangers(tmp_path / "other", tmp_path / "ran")
    (tmp_path / "board").rename(tmp_path / "aside")
    Path(strangers.url).rename(tmp_path / "board")

    assert not open_board(tmp_path / "board").trusted
    with pytest.raises(NotTrusted):
        open_board(tmp_path / "board").load("gift")


@pytest.mark.parametrize("place", [100, 5_000_000, 17_000_000, 29_999_990])
def test_a_damaged_block_of_a_large_model_never_reaches_the_unpickler(board: Board, place: int) -> None:
    """Large files are verified block by block while they are read, wherever the damage is."""
    values = np.random.default_rng(0).integers(0, 255, 30_000_000, dtype=np.uint8)
    version = board.publish({"values": values, "after": [1]}, "large", Facts(format="joblib"))
    path = Path(board.url) / "large" / version.version / version.file

    with path.open("r+b") as stream:
        stream.seek(place + 150)
        stream.write(b"\0\1\2\3")
    with pytest.raises(IntegrityError):
        board.load(version)
    assert joblib.load(path) is not None
