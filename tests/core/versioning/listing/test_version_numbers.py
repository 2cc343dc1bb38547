"""Versions by number (v1, v2, …), and by the beginning or the end of their id."""

from __future__ import annotations

from pathlib import Path

import pytest
from sklearn.linear_model import LinearRegression

from mlops_magics import Session
from mlops_magics.core.versioning import Board
from mlops_magics.core.versioning.listing.version_numbers import number_of, numbers, version_like
from mlops_magics.errors import Ambiguous, NotFound


def test_a_number_is_the_order_of_pins(board: Board, pinned: list[str]) -> None:
    """The record, the table and the reference agree."""
    assert [board.version(f"line@{version}").number for version in pinned] == [1, 2, 3]
    assert [board.version(f"line@v{number}").version for number in (1, 2, 3)] == pinned
    assert list(board.versions("line")["number"]) == [3, 2, 1]


def test_a_deleted_version_keeps_its_number(board: Board, pinned: list[str]) -> None:
    """No other version gets it, and it has it again when it is restored by that number."""
    board.delete(f"line@{pinned[1]}")
    assert board.version(f"line@{pinned[2]}").number == 3
    with pytest.raises(NotFound, match=r"deleted.*%restore line@v2"):
        board.version("line@v2")
    with pytest.raises(NotFound, match="v3"):
        board.version("line@v9")

    assert board.restore("line@v2").version == pinned[1]
    assert board.version("line@v2").version == pinned[1]


@pytest.mark.parametrize("cut", [slice(None, -2), slice(-5, None), slice(-9, None)])
def test_a_part_of_an_id_that_only_one_version_has_is_a_reference(board: Board, pinned: list[str], cut: slice) -> None:
    """The beginning or the end."""
    assert board.version(f"line@{pinned[1][cut]}").version == pinned[1]


def test_a_part_that_several_versions_have_is_ambiguous(board: Board, pinned: list[str]) -> None:
    """The message lists them; nothing is guessed."""
    with pytest.raises(Ambiguous, match="3 versions of line begin or end with '20'") as refusal:
        board.version("line@20")

    assert refusal.value.choices == pinned


def test_an_alias_comes_before_a_part_of_an_id(board: Board, pinned: list[str]) -> None:
    """Whatever an alias is called, it is the alias."""
    board.promote(f"line@{pinned[0]}", to=pinned[2][-5:])

    assert board.version(f"line@{pinned[2][-5:]}").version == pinned[0]


def test_without_the_name_a_selector_means_the_only_model_that_has_it(tmp_path: Path) -> None:
    """`@4a17a`, `@champion` and `@v1`; several models are ambiguous, and in a comparison the first one's is meant."""
    session = Session(board=tmp_path / "models")
    a, b = (session.pin(LinearRegression().fit([[0.0]], [1.0]), name, data=[[0.0]]) for name in ("first", "other"))
    session.promote("other", to="champion")

    assert session.version(f"@{a.version[-5:]}").ref == a.ref
    assert session.version("@champion").ref == b.ref
    with pytest.raises(Ambiguous, match="first@v1, other@v1"):
        session.version("@v1")
    with pytest.raises(NotFound, match="NAME@VERSION"):
        session.version("@nothing")
    assert session.compare("first@v1", "@v1").b.endswith(a.version)


def test_numbers_do_not_depend_on_what_is_left() -> None:
    """Those of deleted versions stay taken."""
    assert numbers(["a", "c"], ["b"]) == {"a": 1, "b": 2, "c": 3}
    assert number_of("c", ["a", "c"], ["b"]) == 3
    assert version_like("x", "m", ["a", "c"]) is None
