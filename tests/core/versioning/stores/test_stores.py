"""Every kind of store does the same, and two writers never get in each other's way."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pins
import pytest

from mlops_magics.core.versioning import Board, Facts, open_board
from mlops_magics.errors import NotFound

BUCKETS = {"s3": "bucket", "abfs": "container", "gs": "google_bucket"}


@pytest.fixture(params=["folder", "memory", *BUCKETS, "connect", "pins folder", "pins s3"])
def anywhere(request: pytest.FixtureRequest, tmp_path: Path) -> Board:
    """A new board of each kind."""
    if request.param == "folder":
        return open_board(tmp_path / "board")
    if request.param == "memory":
        return open_board(f"memory://{uuid.uuid4().hex}/board")
    if request.param == "connect":
        return open_board(request.getfixturevalue("connect").url)
    if request.param in BUCKETS:
        return open_board(f"{request.param}://{request.getfixturevalue(BUCKETS[request.param])}/team/board")
    if request.param == "pins s3":
        return open_board(pins.board_s3(f"{request.getfixturevalue('bucket')}/board"))
    (tmp_path / "board").mkdir()
    return open_board(pins.board_folder(str(tmp_path / "board")))


def test_every_kind_of_board_does_everything(anywhere: Board, model: Any) -> None:
    """Pin, list, promote, roll back, annotate, delete, restore, verify, load: the same words everywhere."""
    first = anywhere.publish(model, "line", Facts(format="joblib", profile=b"{}", metrics={"r2": 0.5}))
    second = anywhere.publish(model, "line", Facts(format="skops"))

    assert second.created > first.created
    assert list(anywhere.versions("line")["version"]) == [second.version, first.version]
    assert anywhere.promote(first.ref, "champion").version == first.version
    anywhere.promote(second.ref, "champion")
    assert anywhere.rollback("line").version == first.version
    assert anywhere.version("line").version == first.version
    assert anywhere.annotate(first.ref, tags=["eu"]).tags == ("eu",)
    assert list(anywhere.models("tag:eu")["name"]) == []
    assert anywhere.read_file(first, "profile.json") == b"{}"
    place = anywhere.delete(second.ref)
    with pytest.raises(NotFound):
        anywhere.version(second.ref)
    assert anywhere.restore(place).version == second.version
    assert anywhere.load(second).coef_.tolist() == model.coef_.tolist()
    assert anywhere.verify().findings == ()
    assert anywhere.collect_garbage().freed == 0
    assert open_board(anywhere.url if "pins" not in anywhere.label else anywhere).names() == ["line"]


@pytest.mark.parametrize("scheme", BUCKETS)
def test_two_writers_cannot_create_one_object(request: pytest.FixtureRequest, scheme: str) -> None:
    """The store decides between two: an event's number is given once, and the first one's bytes stay."""
    store = open_board(f"{scheme}://{request.getfixturevalue(BUCKETS[scheme])}/board").store

    assert store.append_event(1, b"first")
    assert not store.append_event(1, b"second")
    assert list(store.events(0)) == [b"first"]
