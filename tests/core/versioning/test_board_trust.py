"""Trust is per version: pinned by me, looked at by me, or signed by a signer whom I trust. A board is on request."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pins
import pytest

from mlops_magics.core.session import Session
from mlops_magics.core.versioning import Board, Facts, open_board
from mlops_magics.errors import InvalidInput, NotTrusted

As = Callable[[str], None]


class Exploding:
    """Makes a folder while it is read."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> Any:
        import os

        return os.mkdir, (str(self.marker),)


@pytest.fixture
def as_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> As:
    """Become somebody with a state folder of their own."""

    def become(name: str) -> None:
        monkeypatch.setenv("MLOPS_MAGICS_STATE", str(tmp_path / f"state of {name}"))
        monkeypatch.setenv("LOGNAME", name)

    become("me")
    return become


@pytest.fixture
def mine(board: Board, as_user: As) -> Board:
    """A board that I created, with a version of mine, and with a newer one of a colleague's that runs code."""
    board.publish({"mine": 1}, "line", Facts(format="joblib"))
    as_user("bob")
    open_board(board.url).publish(Exploding(Path(board.url).parent / "ran"), "line", Facts(format="joblib"))
    as_user("me")
    return open_board(board.url)


def _ran(board: Board) -> bool:
    return (Path(board.url).parent / "ran").exists()


def test_T01_a_colleagues_pickle_on_my_own_board_is_asked_for_once(mine: Board) -> None:
    """T1: the refusal names author, time and types, and the line that trusts it; then it loads, and no other does."""
    oldest, newest = mine.catalogue.versions("line")  # type: ignore[arg-type]
    assert mine.load(f"line@{oldest}") == {"mine": 1}
    with pytest.raises(NotTrusted) as refused:
        mine.load("line")

    for word in ("joblib", "by bob", "UTC", "posix.mkdir", f"%trust line@{newest}", "--trust"):
        assert word in str(refused.value)
    assert "\n" not in str(refused.value)
    assert not _ran(mine)
    shown = mine.trust_version(f"line@{newest}")
    assert (shown.author, shown.types, shown.trusted) == ("bob", ("posix.mkdir",), True)
    mine.load("line")
    assert _ran(mine)


def test_T01_looking_at_a_pickle_runs_nothing_of_it(mine: Board) -> None:
    """T1: names are found without importing; taking the trust back refuses it again."""
    mine.trust_version("line")
    assert not _ran(mine)
    mine.trust_version("line", revoke=True)
    with pytest.raises(NotTrusted):
        open_board(mine.url).load("line")


def test_T01_trust_is_in_the_bytes_of_one_board_and_not_in_the_name(mine: Board, as_user: As) -> None:
    """T1, T4: a copy that I make of what I trust is trusted; a colleague's, and a folder copied by hand, are not."""
    oldest, newest = (f"line@{each}" for each in mine.catalogue.versions("line"))  # type: ignore[arg-type]
    other = open_board(Path(mine.url).parent / "other")
    assert other.load(mine.copy(oldest, other)) == {"mine": 1}
    mine.copy(newest, other)
    shutil.copytree(mine.url, Path(mine.url).parent / "by hand")
    for board, ref in ((other, "line"), (open_board(Path(mine.url).parent / "by hand"), oldest)):
        with pytest.raises(NotTrusted):
            board.load(ref)
    as_user("bob")
    with pytest.raises(NotTrusted):
        open_board(mine.url).load(oldest)

    assert not _ran(mine)


def test_T03_no_list_on_the_board_adds_to_what_is_trusted(mine: Board) -> None:
    """T3: whatever the metadata claim, an author of my name included, only my state folder counts."""
    ref = f"line@{mine.catalogue.versions('line')[-1]}"  # type: ignore[arg-type]
    mine.annotate(ref, metadata={"trusted": True, "author": "me", "trusted_types": ["posix.mkdir"]})
    with pytest.raises(NotTrusted):
        mine.load(ref)

    assert not _ran(mine)


def test_the_list_says_which_versions_load(mine: Board) -> None:
    """In `%versions`, mine load and a colleague's needs trust; a format that is checked needs none."""
    mine.publish({"mine": 2}, "line", Facts(format="joblib"))

    assert list(mine.versions("line")["trusted"]) == [True, False, True]
    mine.trust_version(f"line@{mine.catalogue.versions('line')[1]}")  # type: ignore[arg-type]
    assert list(mine.versions("line")["trusted"]) == [True, True, True]


def test_a_whole_board_is_trusted_on_request_and_forgotten_again(mine: Board) -> None:
    """`%board … --trust` is for everything on it, now and later; taking it back forgets mine too."""
    mine.trust()
    mine.load("line")
    mine.distrust()
    for version in mine.catalogue.versions("line"):  # type: ignore[arg-type]
        with pytest.raises(NotTrusted):
            mine.load(f"line@{version}")


@pytest.mark.parametrize("before", [True, False])
def test_a_setting_trusts_all_of_the_boards_that_i_created(
    tmp_path: Path, as_user: As, before: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With `trust = "board"` a colleague's version on my board loads, as it did in version 0.1; not on theirs."""
    if before:
        monkeypatch.setenv("MLOPS_MAGICS_TRUST", "board")
    Session(board=tmp_path / "board").board.publish({"mine": 1}, "line", Facts(format="joblib"))
    as_user("bob")
    for place in ("board", "theirs"):
        open_board(tmp_path / place).publish({"bob": 1}, "line", Facts(format="joblib"))
    as_user("me")
    monkeypatch.setenv("MLOPS_MAGICS_TRUST", "board")

    assert Session(board=tmp_path / "board").load("line") == {"bob": 1}
    with pytest.raises(NotTrusted):
        Session(board=tmp_path / "theirs").load("line")


def test_a_board_that_version_0_1_trusted_is_trusted_whole(board: Board, as_user: As) -> None:
    """Its list did not say who created a board: nothing that loaded stops loading."""
    board.publish({"mine": 1}, "line", Facts(format="joblib"))
    as_user("bob")
    state = Path(board.url).parent / "state of bob"
    state.mkdir(mode=0o700)
    (state / "trusted_boards.json").write_text(json.dumps({board.url: board.store.board_id()}))

    assert open_board(board.url).load("line") == {"mine": 1}


def test_T02_a_pickle_of_another_program_is_trusted_by_a_hash_that_cannot_be_forged(
    tmp_path: Path, as_user: As
) -> None:
    """T2: pins writes a short hash; trust is in the sha256 of the bytes that are read."""
    (tmp_path / "board").mkdir()
    pins.board_folder(str(tmp_path / "board")).pin_write({"theirs": 1}, "line", type="joblib")
    board = open_board(tmp_path / "board")
    with pytest.raises(NotTrusted, match="unknown author"):
        board.load("line")
    shown = board.trust_version("line")

    assert len(shown.sha256) == 64
    assert board.load("line") == {"theirs": 1}


@pytest.mark.parametrize(("type_", "limit"), [("csv", ", but a pin of the type 'csv' is not loaded"), ("joblib", ": ")])
def test_trust_in_a_pin_that_is_not_a_model_says_that_nothing_is_loaded(tmp_path: Path, type_: str, limit: str) -> None:
    """Only what a format here reads may run code: "trusted" alone would say that the pin can be loaded now."""
    (tmp_path / "board").mkdir()
    pins.board_folder(str(tmp_path / "board")).pin_write(pd.DataFrame({"a": [1]}), "line", type=type_)
    session = Session(board=tmp_path / "board")
    for revoke in (False, True):
        consent = session.trust("line", revoke=revoke)

        assert consent is not None
        assert f"{'no longer ' if revoke else ''}trusted{limit}" in repr(consent)
        assert consent.is_model == (type_ == "joblib")


def test_a_session_trusts_a_version_or_a_key_and_says_which_is_missing(mine: Board) -> None:
    """`%trust` without either, or with both, is refused with the line that works."""
    session = Session(board=mine.url)
    for words in ({}, {"ref": "line", "key": "x.pem"}):
        with pytest.raises(InvalidInput, match="%trust NAME@VERSION"):
            session.trust(**words)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="is not a public key"):
        session.trust(key="missing.pem")
    consent = session.trust("line")

    assert consent is not None
    assert consent.trusted
    assert "posix.mkdir" in repr(consent)


@pytest.mark.filterwarnings("ignore")
def test_T01_a_signature_stands_in_for_asking(mine: Board, as_user: As, tmp_path: Path) -> None:
    """T1, T4: who trusts the signer's key reads what is signed, and nothing else, without being asked."""
    private, public = tmp_path / "private.pem", tmp_path / "public.pem"
    make = ["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", str(private)]
    subprocess.run(make, check=True, capture_output=True)
    subprocess.run(
        ["openssl", "ec", "-in", str(private), "-pubout", "-out", str(public)], check=True, capture_output=True
    )
    as_user("bob")
    theirs = Session(board=mine.url)
    signed = theirs.board.publish({"signed": 1}, "other", Facts(format="joblib"))
    theirs.sign(signed.ref, private)
    as_user("me")
    session = Session(board=mine.url)
    with pytest.raises(NotTrusted):
        session.load("other")
    session.trust(key=public)

    assert session.load("other") == {"signed": 1}
    with pytest.raises(NotTrusted):
        session.load("line")
    session.trust(revoke=True)
    with pytest.raises(NotTrusted):
        session.load("other")


def test_a_version_of_mine_is_trusted_from_the_moment_it_is_visible(
    board: Board, as_user: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another session of mine that meets it right after the commit can read it: pinned, and copied to another board."""
    copies = open_board(Path(board.url).parent / "copies")

    def look_after_commit(target: Board) -> None:
        commit = target.store.commit

        def commit_and_look(*words: Any) -> Any:
            done = commit(*words)
            assert open_board(target.url).load("line@latest") == {"mine": 2}
            return done

        monkeypatch.setattr(target.store, "commit", commit_and_look)

    for each in (board, copies):
        look_after_commit(each)
    board.copy(board.publish({"mine": 2}, "line", Facts(format="joblib")), copies)

    assert open_board(copies.url).load("line") == {"mine": 2}
