"""The boards that this user's sessions opened."""

from __future__ import annotations

import pytest

from mlops_magics.core import known_boards
from mlops_magics.errors import NotFound


def test_the_board_opened_last_is_the_first() -> None:
    """A board that is opened again moves to the front, and is listed once."""
    for url in ("/a", "/b", "/a"):
        known_boards.remember(url[1:], url)

    assert [each.url for each in known_boards.known()] == ["/a", "/b"]


def test_a_board_in_memory_is_not_listed() -> None:
    """It ends with its process, and another one would find an empty board."""
    known_boards.remember("m", "memory://m")

    assert known_boards.known() == []


def test_a_board_is_found_by_its_key_until_it_is_forgotten() -> None:
    """The error of a board that is not known lists those that are."""
    known_boards.remember("a", "/a")
    known_boards.remember("b", "/b")
    key = known_boards.key_of("/a")
    assert known_boards.at(key).label == "a"

    known_boards.forget(key)
    known_boards.forget(key)

    with pytest.raises(NotFound, match=r"\bb\b"):
        known_boards.at(key)


def test_a_key_that_is_the_label_of_a_board_is_not_suggested() -> None:
    """Keys are not names: "did you mean 'b'?" about 'b' helps nobody."""
    known_boards.remember("b", "/b")

    with pytest.raises(NotFound) as raised:
        known_boards.at("b")

    assert str(raised.value) == "No board with the key 'b'. Known: b. Open it with `%board PATH_OR_URL`."
