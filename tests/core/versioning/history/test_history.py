"""Forgeries of a board's history, on a folder and in a bucket, as three readers find them."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mlops_magics.core import state
from mlops_magics.core.versioning import Board, Facts, open_board
from mlops_magics.core.versioning.history.events import Event
from mlops_magics.core.versioning.stores import log_pin
from mlops_magics.errors import IntegrityError
from tests.core.versioning.places import LOG, BucketPlace, FolderPlace, Place

Harm = Callable[[Place, list[str]], None]

IDENTITY = f"{LOG}/log.json"
"""The file that says which board it is."""


def _cut(*numbers: int) -> Harm:
    def harm(place: Place, versions: list[str]) -> None:
        for number in numbers:
            place.remove_event(number)

    return harm


def _move(number: int, target: int) -> Harm:
    def harm(place: Place, versions: list[str]) -> None:
        place.write_event(target, place.event(number))
        place.remove_event(number)

    return harm


def _bytes(number: int, data: bytes) -> Harm:
    return lambda place, versions: place.write_event(number, data)


def _fields(number: int, **fields: Any) -> Harm:
    def harm(place: Place, versions: list[str]) -> None:
        place.write_event(number, json.dumps({**json.loads(place.event(number)), **fields}).encode())

    return harm


def _swap(place: Place, versions: list[str]) -> None:
    first, second = place.event(2), place.event(3)
    place.write_event(2, second)
    place.write_event(3, first)


def _swap_with_numbers(place: Place, versions: list[str]) -> None:
    """Swap two events, each with the number of its new place and with its old link."""
    first, second = (json.loads(place.event(number)) for number in (2, 3))
    place.write_event(2, json.dumps({**second, "sequence": 2}).encode())
    place.write_event(3, json.dumps({**first, "sequence": 3}).encode())


def _another_champion(place: Place, versions: list[str]) -> None:
    place.write_event(3, place.event(3).replace(versions[2].encode(), versions[0].encode()))


def _rewrite(first: int, **fields: Any) -> Harm:
    """Write the events from one on anew, with a chain that is right in itself."""

    def harm(place: Place, versions: list[str]) -> None:
        link = hashlib.sha256(place.event(first - 1)).hexdigest() if first > 1 else "0" * 64
        for number in range(first, 4):
            event = dataclasses.replace(Event.from_bytes(place.event(number), number), link=link, **fields)
            place.write_event(number, event.to_bytes())
            link = hashlib.sha256(event.to_bytes()).hexdigest()

    return harm


def _append(**fields: Any) -> Harm:
    def harm(place: Place, versions: list[str]) -> None:
        event = Event.promote("line", "champion", versions[0], versions[2])
        event = dataclasses.replace(event, **{"sequence": 4, "time": "2026-11-23T00:00:00+00:00", **fields})
        place.write_event(4, event.to_bytes())

    return harm


def _repeat(place: Place, versions: list[str]) -> None:
    place.write_event(4, place.event(3))


def _remove_the_log(place: Place, versions: list[str]) -> None:
    place.remove_below("mlops-magics-log")


def _new_identity(place: Place, versions: list[str]) -> None:
    place.write(IDENTITY, json.dumps({"board": "0" * 32, "layout": 1}).encode())


def _both(*harms: Harm) -> Harm:
    def harm(place: Place, versions: list[str]) -> None:
        for each in harms:
            each(place, versions)

    return harm


HARMS: dict[str, Harm] = {
    "the last is gone": _cut(3), "two are gone": _cut(2, 3), "all are gone": _cut(1, 2, 3),
    "the first is gone": _cut(1), "the middle is gone": _cut(2),
    "the log is gone": _remove_the_log, "the last is renamed": _move(3, 9),
    "the last is numbered 4": _move(3, 4), "two are swapped": _swap,
    "two are swapped with their numbers": _swap_with_numbers,
    "one is repeated": _repeat, "another champion": _another_champion, "the author": _fields(1, by="another"),
    "the same event in other bytes": _fields(2), "rewritten from the first": _rewrite(1, by="another"),
    "rewritten from the second": _rewrite(2, note="forged"), "one more without a link": _append(),
    "one more with a foreign link": _append(link="f" * 64), "one more with a wrong number": _append(sequence=5),
    "no bytes": _bytes(2, b""), "no bytes in the last": _bytes(3, b""), "a null": _bytes(2, b"null"),
    "a list": _bytes(3, b"[]"), "no fields": _bytes(1, b"{}"), "half": _bytes(3, b'{"alias":"champion","by":"an'),
    "not UTF-8": _bytes(2, b"\xff\xfe{}"), "zeros": _bytes(2, b"\0" * 500), "nested": _bytes(2, b"[" * 200_000),
    "nested in a field": _bytes(3, b'{"details":' * 100_000), "too large": _bytes(2, b" " * (log_pin.LARGEST + 1)),
    "a long number": _bytes(2, b'{"sequence":' + b"9" * 10_000 + b"}"),
    "not a number": _fields(2, sequence=float("nan")),
    "details of a list": _fields(2, details=[1]), "a version of a number": _fields(3, version=7),
    "a version that climbs": _fields(3, version="../../x"), "a name that climbs": _fields(2, name="../line"),
    "no time": _fields(2, time=""), "an alias that is a path": _fields(3, alias="../../champion"),
    "a number as its name": _fields(1, name=1), "a kind that is a list": _fields(1, event=["promote"]),
    "another identity": _new_identity, "another identity, the last gone": _both(_cut(3), _new_identity),
    "another identity, another champion": _both(_another_champion, _new_identity),
    "another identity, all are gone": _both(_cut(1, 2, 3), _new_identity),
}  # fmt: skip

OF_THE_STORE = {
    "the last is gone", "the middle is gone", "all are gone", "the log is gone", "the last is renamed", "no bytes",
    "another champion", "rewritten from the first", "one more without a link", "too large", "another identity",
    "another identity, another champion",
}  # fmt: skip
"""The harms that a bucket lists or reads in its own way. `make faults` tries the others there too."""

ALL = os.environ.get("MLOPS_MAGICS_FAULTS") == "all"

CASES = [("folder", harm) for harm in HARMS] + [("bucket", harm) for harm in HARMS if ALL or harm in OF_THE_STORE]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, bytes], list[str]]:
    """The files of a board whose champion moved three times, and its first three versions."""
    board = open_board(tmp_path_factory.mktemp("template") / "board")
    versions = [board.publish({"value": value}, "line", Facts(format="joblib")).version for value in range(3)]
    for version in versions:
        board.promote(f"line@{version}", to="champion")
    board.publish({"value": 3}, "line", Facts(format="joblib"))
    return FolderPlace(Path(board.url)).read_all(), versions


@pytest.fixture
def place(
    request: pytest.FixtureRequest, kind: str, tmp_path: Path, template: tuple[dict[str, bytes], list[str]]
) -> Iterator[Place]:
    """The board of the template, in a folder or in a bucket."""
    found: Place
    if kind == "folder":
        found = FolderPlace(tmp_path / "board")
    else:
        found = BucketPlace(request.getfixturevalue("bucket"), "board")
    found.replace_all(template[0])
    yield found
    found.replace_all({})


def _refuse_to_rely_on(board: Board, versions: list[str]) -> None:
    """Check that reading goes on, that the log is named, and that no alias is resolved or moved."""
    for act in (
        lambda: board.promote(f"line@{versions[0]}", to="champion"),
        lambda: board.rollback("line"),
        lambda: board.version("line"),
        lambda: board.load("line"),
    ):
        with pytest.raises(IntegrityError, match="%verify --accept") as refused:
            act()
        assert "\n" not in str(refused.value)
    assert len(board.versions("line")) == 4
    assert list(board.models()["name"]) == ["line"]
    assert len(board.history("line")) >= 4
    assert board.version(f"line@{versions[0]}").version == versions[0]
    assert [each.kind for each in board.verify().findings] == ["log"]


@pytest.mark.parametrize(("kind", "harm"), CASES)
def test_T20_a_forged_history_is_named_and_nothing_is_promoted_until_it_is_accepted(
    place: Place,
    template: tuple[dict[str, bytes], list[str]],
    kind: str,
    harm: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """T20, T4: by a session that was open before, by who saw the board before, and by a newcomer.

    Another log beside the same versions is another board for a newcomer, who cannot know which log it had.
    """
    versions = template[1]
    session = open_board(place.url)
    assert session.version("line").version == versions[2]
    HARMS[harm](place, versions)

    for board in (session, open_board(place.url)):
        _refuse_to_rely_on(board, versions)
    mine, newcomers = str(state.directory()), str(tmp_path / "newcomer")
    monkeypatch.setenv("MLOPS_MAGICS_STATE", newcomers)
    if not harm.startswith("another identity,"):
        _refuse_to_rely_on(open_board(place.url), versions)

    monkeypatch.setenv("MLOPS_MAGICS_STATE", mine)
    accepted = open_board(place.url).verify(accept=True).findings
    assert [(each.kind, each.repaired) for each in accepted] == [("log", "accepted")]
    assert session.promote(f"line@{versions[1]}", to="champion").version == versions[1]
    for who in (mine, newcomers):
        monkeypatch.setenv("MLOPS_MAGICS_STATE", who)
        for board in (session, open_board(place.url)):
            assert board.version("line").version == versions[1]
            assert board.verify().findings == ()
