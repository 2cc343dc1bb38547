"""Resolution of a user's text to a version of an endpoint's model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlops_magics.core import known_boards
from mlops_magics.errors import InvalidInput

if TYPE_CHECKING:
    from mlops_magics.core.versioning import ModelVersion


@dataclass(frozen=True, slots=True)
class VersionChoice:
    """A version by its whole name, and the alias by which it was meant."""

    name: str
    version: str
    alias: str | None = None


def resolve(wanted: ModelVersion | str, board: str, names: Sequence[str]) -> VersionChoice:
    """Return the version that a record, a reference or a selector means.

    Parameters
    ----------
    wanted
        A `ModelVersion`, a reference such as ``penguins@champion`` or ``penguins``, or a selector of the endpoint's
        model, with or without ``@``: a version or an alias.
    board
        The URL of the endpoint's board.
    names
        The models that the endpoint serves. A selector alone belongs to the first.

    Raises
    ------
    InvalidInput
        For a version of another board.
    InvalidName, NotFound, Ambiguous
        When the text is not a reference, or the board has no such version, or several.
    """
    if not isinstance(wanted, str):
        _check_board(wanted.board, board)
        return VersionChoice(wanted.name, wanted.version)
    from mlops_magics.core.versioning import ModelRef, open_board

    text = wanted.strip()
    if text.startswith("@"):
        text = f"{names[0]}{text}"
    elif "@" not in text and text not in names:
        text = f"{names[0]}@{text}"
    ref = ModelRef.parse(text)
    if ref.board is not None:
        # reversed, so that the first of several boards with one label is kept
        labels = {each.label: each.url for each in reversed(known_boards.known())}
        _check_board(labels.get(ref.board, ref.board), board)
    opened = open_board(board, create=False)
    found = opened.version(ModelRef(None, ref.name, ref.selector))
    aliases = opened.aliases(found.name)
    return VersionChoice(found.name, found.version, ref.selector if ref.selector in aliases else None)


def _check_board(given: str, board: str) -> None:
    if given != board:
        raise InvalidInput(
            f"The endpoint serves versions of {board}. This one is on {given}. "
            "Copy it there with `Session.copy`, or deploy it: `%deploy`."
        )
