"""What the pins package promises about its boards, asked of ours: names of versions, listing, writing, deleting.

The ideas are those of pins' own tests of boards, versions and compatibility; reading types of data is left to pins.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pins
import pytest
from pins.errors import PinsError
from pins.versions import Version

from mlops_magics.core.versioning import Board, Facts, open_board
from mlops_magics.core.versioning.names import VersionName
from mlops_magics.errors import InvalidName, NotFound, SerializationError

FRAME = pd.DataFrame({"x": [1, 2], "y": ["a", "b"]})


@pytest.fixture
def ours(tmp_path: Path) -> Board:
    """A board in a folder."""
    board = open_board(tmp_path / "board")
    Path(board.url).mkdir()
    return board


@pytest.fixture
def theirs(ours: Board) -> Any:
    """The same board as the pins package opens it."""
    return pins.board_folder(ours.url, allow_pickle_read=True)


def test_a_version_name_tells_when_and_which_bytes(ours: Board) -> None:
    """Our names are what pins makes of the same bytes and second."""
    version = ours.publish({"a": 1}, "line", Facts(format="joblib"))
    with open(Path(ours.url) / "line" / version.version / version.file, "rb") as stream:
        expected = Version.from_files([stream], version.created.replace(tzinfo=None))

    assert version.version == expected.version
    assert VersionName("20220209T220116Z-baf3f").created == datetime(2022, 2, 9, 22, 1, 16, tzinfo=UTC)


NOT_TIMED = ["20220209T220116Z-baf3f-1", "20220209T220116Zbaf3f", "bug-baf3f", "20221309T220116Z-baf3f"]


@pytest.mark.parametrize("name", NOT_TIMED)
def test_a_name_of_another_form_tells_no_time(name: str) -> None:
    """Too many hyphens, too few, no date, no such month."""
    assert VersionName(name).created is None


@pytest.mark.parametrize("kind", ["csv", "json", "arrow", "parquet", "joblib"])
def test_every_type_of_pin_is_listed_with_its_facts(ours: Board, theirs: Any, kind: str) -> None:
    """Time, hash, size and description are what pins says; data is left to pins, in one line."""
    theirs.pin_write({"a": 1} if kind == "json" else FRAME, "data", type=kind, description="Two rows.")
    meta = theirs.pin_meta("data")
    found = ours.version("data")

    assert ours.names() == theirs.pin_list() == ["data"]
    assert found.created.strftime("%Y%m%dT%H%M%SZ") == meta.created
    assert (found.hash, found.size, found.description) == (f"xxh64:{meta.pin_hash}", meta.file_size, "Two rows.")
    ours.trust()
    if kind == "joblib":
        pd.testing.assert_frame_equal(ours.load("data"), FRAME)
    else:
        with pytest.raises(SerializationError, match=kind):
            ours.load("data")


def test_versions_come_in_the_order_of_pins(ours: Board, theirs: Any) -> None:
    """Oldest last in our table; every one can be named."""
    for number in range(3):
        theirs.pin_write({"n": number}, "line", type="json", created=datetime(2024, 1, 1 + number))

    order = theirs.pin_versions("line")["version"].to_list()
    assert list(ours.versions("line")["version"]) == order[::-1]
    assert [ours.version("line", version).version for version in order] == order


def test_what_is_missing_is_named(ours: Board, theirs: Any) -> None:
    """The pin, or the version, that was asked for stands in the line."""
    theirs.pin_write(FRAME, "line", type="csv")

    with pytest.raises(NotFound, match="absent"):
        ours.version("absent")
    with pytest.raises(NotFound, match="20200101T000000Z-aaaaa"):
        ours.version("line@20200101T000000Z-aaaaa")


@pytest.mark.parametrize("name", ["_pins.yaml", "a/b", "/a", "", "data.txt"])
def test_names_that_pins_reserves_or_refuses_are_refused(ours: Board, name: str) -> None:
    """The manifest's name above all."""
    with pytest.raises(InvalidName):
        ours.publish({"a": 1}, name, Facts(format="joblib"))


def test_a_manifest_is_no_pin(ours: Board) -> None:
    """R's pins writes one beside the pins; it is neither listed nor a stray."""
    version = ours.publish({"a": 1}, "line", Facts(format="joblib"))
    (Path(ours.url) / "_pins.yaml").write_text(f"line:\n- line/{version.version}/\n")

    assert ours.names() == ["line"]
    assert ours.verify().findings == ()


def test_identical_bytes_are_a_new_version_with_us_and_none_with_pins(ours: Board, theirs: Any) -> None:
    """New metadata for the same bytes are kept, visibly; pins skips its own write of what is there."""
    first = ours.publish({"a": 1}, "line", Facts(format="joblib", metrics={"r2": 0.1}))
    second = ours.publish({"a": 1}, "line", Facts(format="joblib", metrics={"r2": 0.2}))
    assert first.hash == second.hash
    assert len(theirs.pin_versions("line")) == 2

    theirs.pin_write(FRAME, "frame", type="csv")
    theirs.pin_write(FRAME, "frame", type="csv")
    assert len(ours.versions("frame")) == 1


def test_the_title_is_what_pins_would_say(ours: Board, theirs: Any) -> None:
    """Name, and what it is."""
    ours.publish({"a": 1}, "line", Facts(format="joblib"))

    assert theirs.pin_meta("line").title == "line: a pinned dict"


@pytest.mark.parametrize("older", [True, False])
def test_a_version_deleted_here_is_gone_there_and_back_again(ours: Board, theirs: Any, older: bool) -> None:
    """The older or the newest: pins lists what remains, and reads the newest of that."""
    versions = [ours.publish({"n": number}, "line", Facts(format="joblib")) for number in range(2)]
    place = ours.delete(versions[0 if older else 1].ref)
    assert theirs.pin_versions("line")["version"].to_list() == [versions[1 if older else 0].version]
    assert theirs.pin_read("line") == {"n": 1 if older else 0}

    ours.restore(place)
    assert theirs.pin_read("line") == {"n": 1}


def test_what_pins_deletes_is_gone_here_and_its_alias_says_so(ours: Board, theirs: Any) -> None:
    """The history keeps the alias; asking for it names the version that is missing and those that are there."""
    versions = [ours.publish({"n": number}, "line", Facts(format="joblib")) for number in range(2)]
    ours.promote(versions[0].ref, "champion")
    theirs.pin_version_delete("line", versions[0].version)

    assert list(ours.versions("line")["version"]) == [versions[1].version]
    for ref in ("line@champion", "line"):
        with pytest.raises(NotFound, match="champion"):
            ours.version(ref)
    assert ours.version("line@latest").version == versions[1].version
    assert [finding.kind for finding in ours.verify().findings] == ["dangling"]


@pytest.mark.parametrize(("prune", "left"), [({"n": 1}, 1), ({"n": 2}, 2), ({"days": 1}, 1)])
def test_pruning_by_pins_leaves_a_whole_board(ours: Board, theirs: Any, prune: dict[str, int], left: int) -> None:
    """`pin_versions_prune` by number or by age keeps the newest."""
    for days in (9, 5, 3):
        created = (datetime.now(UTC) - timedelta(days=days)).replace(tzinfo=None)
        theirs.pin_write({"d": days}, "line", type="joblib", created=created)
    theirs.pin_versions_prune("line", **prune)

    assert len(ours.versions("line")) == left
    ours.trust()
    assert ours.load("line") == {"d": 3}
    assert ours.verify().findings == ()


def test_a_whole_pin_deleted_by_pins_is_gone(ours: Board, theirs: Any) -> None:
    """And its name is free again."""
    ours.publish({"n": 1}, "line", Facts(format="joblib"))
    theirs.pin_delete("line")

    assert ours.names() == []
    assert ours.load(ours.publish({"n": 2}, "line", Facts(format="joblib"))) == {"n": 2}


def test_a_board_without_versions_shows_its_one(ours: Board) -> None:
    """pins replaces the version of such a board on every write; we list what is there."""
    theirs = pins.board_folder(ours.url, versioned=False, allow_pickle_read=True)
    for number in range(2):
        theirs.pin_write({"n": number}, "line", type="joblib")
    ours.trust()

    assert len(ours.versions("line")) == 1
    assert ours.load("line") == {"n": 1}
    ours.publish({"n": 2}, "line", Facts(format="joblib"))
    with pytest.raises(PinsError):
        theirs.pin_write({"n": 3}, "line", type="joblib", versioned=False)
    assert len(ours.versions("line")) == 2


def test_pins_of_several_files_are_listed_and_left_to_pins(ours: Board, theirs: Any, tmp_path: Path) -> None:
    """`pin_upload`, names with many suffixes and with none."""
    files = [tmp_path / "a.tar.gz", tmp_path / "plain"]
    for file in files:
        file.write_bytes(b"x")
    theirs.pin_upload([str(file) for file in files], "several")
    theirs.pin_upload(str(files[0]), "one")

    assert ours.names() == ["one", "several"]
    for name in ("one", "several"):
        with pytest.raises(SerializationError, match="Read it with pins"):
            ours.load(name)


def test_pins_downloads_what_we_wrote(ours: Board, theirs: Any) -> None:
    """The model's file, and none of our side files in its way."""
    version = ours.publish({"a": 1}, "line", Facts(format="joblib", files={"notes.tar.gz": b"x"}))
    (path,) = theirs.pin_download("line")

    assert Path(path).name == version.file


@pytest.mark.parametrize(
    ("search", "names"), [("x", ["x-pin-1", "x-pin-2"]), ("-pin", ["x-pin-1", "x-pin-2", "y-pin-1"]), ("q", [])]
)
def test_a_search_by_part_of_a_name_finds_what_pins_finds(
    ours: Board, theirs: Any, search: str, names: list[str]
) -> None:
    """From its start or from its middle."""
    for name in ("x-pin-1", "x-pin-2", "y-pin-1", "y-z"):
        ours.publish({"a": 1}, name, Facts(format="joblib"))

    assert sorted(ours.models(search)["name"]) == names
    found = theirs.pin_search(search)
    assert sorted(found["name"] if len(found) else []) == names


def test_a_pickle_is_read_by_nobody_who_did_not_allow_it(ours: Board, tmp_path: Path) -> None:
    """pins asks for a flag, we for trust in the board."""
    pins.board_folder(ours.url).pin_write({"a": 1}, "line", type="joblib")

    with pytest.raises(PinsError):
        pins.board_folder(ours.url, allow_pickle_read=False).pin_read("line")
    with pytest.raises(Exception, match="--trust"):
        ours.load("line")
