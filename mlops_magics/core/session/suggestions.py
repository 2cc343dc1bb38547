"""The names that exist, for completion: models, versions, aliases, boards, endpoints, features, formats, statistics."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from mlops_magics.core import known_boards
from mlops_magics.core.versioning import open_board
from mlops_magics.core.versioning.stores import trash_names

if TYPE_CHECKING:
    from mlops_magics.core.deploying import Endpoint
    from mlops_magics.core.session.open_boards import OpenBoards
    from mlops_magics.core.versioning import Board

MOST = 200
"""Suggestions of one kind. A board may hold many thousand versions."""
USUAL_ALIASES = ("champion", "challenger")


class Suggestions:
    """The names of a session's boards. It creates no board and changes nothing.

    Parameters
    ----------
    session
        The session, with the boards that it opened.
    endpoints
        Returns the endpoints that run.
    board
        The board to list: its label, a folder or a URL. The current one by default.
    """

    def __init__(self, session: OpenBoards, endpoints: Callable[[], list[Endpoint]], board: str | None = None) -> None:
        self._session, self._endpoints, self._place = session, endpoints, board

    def models(self) -> list[str]:
        """Return the models of the board."""
        return self._board().names()

    def references(self, started: str) -> list[str]:
        """Return references that begin as ``started`` does: names, or after an @ the aliases and versions of one."""
        name, at, _ = started.partition("@")
        label, colon, bare = name.rpartition(":")
        board = self._board(label if colon else None)
        if not at:
            return [f"{label}{colon}{each}" for each in board.names()]
        newest = board.versions(bare).head(MOST)
        selectors = [*board.aliases(bare), *newest["version"], *(f"v{number}" for number in newest["number"])]
        return [f"{name}@{selector}" for selector in selectors]

    def deleted(self, started: str) -> list[str]:
        """Return references to the versions in the trash, last deleted first, and after an @ their numbers too."""
        name, at, _ = started.partition("@")
        label, colon, bare = name.rpartition(":")
        board = self._board(label if colon else None)
        refs = list(dict.fromkeys(filter(None, map(trash_names.ref_in, reversed(board.store.trash())))))[:MOST]
        numbers = board.all_numbers(bare) if at else {}
        numbered = [f"{bare}@v{number}" for version, number in numbers.items() if f"{bare}@{version}" in refs]
        return [f"{label}{colon}{each}" for each in (*refs, *numbered)]

    def aliases(self, ref: str) -> list[str]:
        """Return the aliases of the model that a reference names, then the usual ones."""
        name, board = ref.partition("@")[0], self._board()
        known = list(board.aliases(name)) if name in board.names() else []
        return list(dict.fromkeys([*known, *USUAL_ALIASES]))

    def boards(self) -> list[str]:
        """Return the boards of this session by label, then by URL those that other sessions opened."""
        opened = self._session.boards
        here = {board.url for board in opened.values()}
        return [*opened, *(each.url for each in known_boards.known() if each.url not in here)]

    def endpoints(self) -> list[str]:
        """Return the models that have an endpoint."""
        return [endpoint.name for endpoint in self._endpoints()]

    def features(self, ref: str) -> list[str]:
        """Return the features of a version."""
        prototype = self._session.version(ref).prototype
        return [column.name for column in prototype.columns] if prototype is not None else []

    @staticmethod
    def exports() -> list[str]:
        """Return the orchestrators for which a policy can be exported."""
        from mlops_magics.core.retraining.export import export_registry

        return list(export_registry.targets())

    @staticmethod
    def targets() -> list[str]:
        """Return the forms and places for which a version can be packaged."""
        from mlops_magics.core.deploying.targets import target

        return ["onnx", *target.targets()]

    @staticmethod
    def formats() -> list[str]:
        """Return the formats in which a model can be written."""
        from mlops_magics.core.versioning.formats import registry

        return [registry.AUTO, *registry.handlers()]

    @staticmethod
    def statistics() -> list[str]:
        """Return the names of the drift statistics."""
        from mlops_magics.core.monitoring.statistics import declarations

        return list(declarations.STATISTICS)

    def _board(self, label: str | None = None) -> Board:
        """Return the board of a label, else the one that this object lists."""
        wanted = label if label is not None else self._place
        if wanted is None:
            return self._session.board
        elsewhere = {each.label: each.url for each in reversed(known_boards.known())}
        return self._session.boards.get(wanted) or open_board(elsewhere.get(wanted, wanted), create=False)
