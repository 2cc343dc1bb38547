"""The notebook of a user: a shell with its variables and its session."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mlops_magics.magics.cell.cell_log import CellLog
from mlops_magics.magics.predictions import Predictions
from mlops_magics.magics.variables import Variables

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlops_magics.core.session import Session

PATHS_OF_NOTEBOOK = ("__session__", "__vsc_ipynb_file__")
FRONT_ENDS = (
    "VSCODE_PID",
    "COLAB_RELEASE_TAG",
    "KAGGLE_KERNEL_RUN_TYPE",
    "DATABRICKS_RUNTIME_VERSION",
    "KERNEL_GATEWAY",
    "KERNEL_ID",
)
"""Variables of starters of kernels for a front end that name no session."""


class Notebook:
    """One shell and its one session, which is opened when the first verb needs it.

    Parameters
    ----------
    shell
        IPython's shell.
    open_session
        Makes the session.
    """

    def __init__(self, shell: Any, open_session: Callable[[], Session]) -> None:
        self.shell = shell
        self.log = CellLog(shell)
        self._open = open_session
        self.open_view: Callable[[Any], tuple[Any, dict[str, Any]] | None] | None = None
        """Opens the live view of a record that changes, as the extension shows it."""
        self._session: Session | None = None
        self.predictions = Predictions()

    @property
    def session(self) -> Session:
        """The session of this notebook."""
        if self._session is None:
            self._session = self._open()
        return self._session

    @property
    def opened(self) -> Session | None:
        """The session, if a verb has needed it yet."""
        return self._session

    @property
    def path(self) -> str | None:
        """The path of the notebook, as far as its front end gives it."""
        told = (self.shell.user_ns.get(key) for key in PATHS_OF_NOTEBOOK)
        return os.environ.get("JPY_SESSION_NAME") or next((str(path) for path in told if path), None)

    @property
    def is_attended(self) -> bool:
        """Whether a person seems to look: runners of unattended notebooks (nbclient, papermill, nbconvert) name no
        session."""
        return self.path is not None or any(name in os.environ for name in FRONT_ENDS)

    @property
    def has_front_end(self) -> bool:
        """Whether a person may use a live view. Readers of an unattended notebook get the HTML, which needs nothing."""
        chosen = self.session.settings.widgets
        return self.is_attended if chosen == "auto" else chosen == "always"

    @property
    def is_terminal(self) -> bool:
        """Whether the shell shows nothing but text."""
        return bool(self.shell.display_formatter.active_types == ["text/plain"])

    def variables(self, local: Mapping[str, Any] | None = None) -> Variables:
        """Return the variables that a line may name. ``local`` are those of the function that it is in."""
        return Variables(self.shell, local)

    def session_at(self, board: str | None) -> Session:
        """Return a session on another board, or this notebook's without one."""
        if board is None:
            return self.session
        from mlops_magics.core.session import Session

        known = self.session.boards.get(board)
        return Session(board=known.url if known is not None else board)
