"""The boards that a session opened, and the lookup of references on them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from mlops_magics.core import known_boards, settings
from mlops_magics.core.versioning import ModelRef, open_board
from mlops_magics.core.versioning.names import BoardLabel
from mlops_magics.errors import Ambiguous, InvalidInput, NotFound

if TYPE_CHECKING:
    from mlops_magics.core.known_boards import KnownBoard
    from mlops_magics.core.versioning import Board, ModelVersion


class OpenBoards:
    """The boards of a session by label, the current one among them, and its settings."""

    def __init__(self, board: Any = None, *, config: Mapping[str, Any] | None = None) -> None:
        named = str(board) if isinstance(board, str | Path) else None
        self.settings = settings.load({"board": named}, config)
        self._boards: dict[str, Board] = {}
        self._current: Board | None = None
        if board is not None:
            self.use(board)

    @classmethod
    def visiting(cls, url: str) -> Self:
        """Open a board that a session noted before, for a view of many boards. The list of boards stays as it is."""
        session = cls()
        session._current = session._opened(url)
        session._boards[session._current.label] = session._current
        return session

    @staticmethod
    def known_boards() -> list[KnownBoard]:
        """Return the boards that this user's sessions opened, the last one first."""
        return known_boards.known()

    @staticmethod
    def known_board(key: str) -> KnownBoard:
        """Return the board with this key.

        Raises
        ------
        NotFound
        """
        return known_boards.at(key)

    @staticmethod
    def forget_board(key: str) -> None:
        """Take a board off the list of known boards, without a change to the board itself.

        Raises
        ------
        NotFound
        """
        known_boards.forget(known_boards.at(key).key)

    @property
    def board(self) -> Board:
        """The current board, opened on first use."""
        return self._current if self._current is not None else self.use(self.settings.board)

    @property
    def boards(self) -> dict[str, Board]:
        """Every board that this session opened, by its label."""
        return dict(self._boards)

    def use(self, board: Any, *, name: str | None = None, trust: bool = False, check: bool = False) -> Board:
        """Open a board, make it the current one, and answer to ``name:`` in references from now on.

        Parameters
        ----------
        board
            A folder, a URL, a pins board, or the label of a board that this session already knows.
        trust
            Record, for this user, that models of this board may be deserialised.
        check
            List its models first, so that a board that does not answer leaves the current one as it is.

        Raises
        ------
        InvalidName
            When no reference could hold ``name``.
        BoardError
            When the board is checked and does not answer.
        """
        asked = str(BoardLabel(name)) if name else None
        opened = self._boards.get(board) if isinstance(board, str) else None
        if opened is None:
            opened = self._opened(board)
        if check:
            opened.names()
        if trust:
            opened.trust()
        label = asked or opened.label
        self._boards[label] = opened
        self._current = opened
        known_boards.remember(label, opened.url)
        return opened

    def version(self, ref: str | ModelVersion) -> ModelVersion:
        """Look a version up: ``name``, ``name@alias`` or ``name@version``, with ``board:`` before it where wanted.

        Raises
        ------
        NotFound
            When there is no such board, model or version. The message names those that exist.
        """
        return self._locate(ref)[1]

    def board_of(self, version: ModelVersion) -> Board:
        """Return the board of a version."""
        return self._board_at(version.board)

    def _locate(self, ref: str | ModelVersion) -> tuple[Board, ModelVersion]:
        if not isinstance(ref, str):
            if not hasattr(ref, "board"):
                raise InvalidInput(f"{ref!r} is not a reference. Write name, name@alias or name@version.")
            return self._board_at(ref.board), ref
        parsed = ModelRef.parse(self._named(ref))
        board = self._board_named(parsed.board)
        return board, board.version(parsed)

    def _named(self, ref: str) -> str:
        """Return a reference with the model's name, which ``@4a17a``, ``@champion`` or ``@v3`` leave to the board."""
        if not ref.startswith("@"):
            return ref
        found = self.board.named_like(ref.removeprefix("@"))
        if len(found) > 1:
            raise Ambiguous(f"{ref!r} may be {', '.join(found[:6])}. Add the model's name.", found)
        if not found:
            raise NotFound("version", ref, self.board.names(), hint="Add the model's name: `NAME@VERSION`.")
        return found[0]

    def _board_named(self, label: str | None) -> Board:
        if label is None:
            return self.board
        if label not in self._boards:
            elsewhere = {each.label: each.url for each in reversed(known_boards.known())}  # by another session
            if label not in elsewhere:
                hint = "Open it with `%board PATH_OR_URL --name NAME`."
                raise NotFound("board", label, {**self._boards, **elsewhere}, hint=hint)
            self._boards[label] = self._opened(elsewhere[label], create=False)
        return self._boards[label]

    def labelled(self, ref: str, board: str) -> str:
        """Return a reference that means this board, given by its URL, whichever is current. Labels may change hands."""
        known = next((label for label, each in self._boards.items() if each.url == board), None)
        if known is None:
            opened = self._board_at(board)
            labels = (opened.label, *(f"{opened.label}-{number}" for number in range(2, len(self._boards) + 3)))
            known = next(label for label in labels if label not in self._boards)
            self._boards[known] = opened
        return f"{known}:{ref}"

    def _board_at(self, url: str) -> Board:
        known = next((board for board in (self.board, *self._boards.values()) if board.url == url), None)
        return known or self._opened(url)

    def _opened(self, place: Any, *, create: bool = True) -> Board:
        """Open a board, and trust it by the settings where this user created it."""
        opened = open_board(place, create=create)
        opened.trust_founded = self.settings.trust == "board"
        opened.adopt()
        return opened
