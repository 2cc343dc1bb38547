"""The verbs as plain Python, one method each. Magics, command line, widgets and sidebar call only this.

Each class of this room adds the verbs of one step of the journey to those of the step before:
boards ─► versioning ─► deploying ─► monitoring.
"""

from __future__ import annotations

from mlops_magics.core.session.monitoring_verbs import MonitoringVerbs
from mlops_magics.core.session.suggestions import Suggestions


class Session(MonitoringVerbs):
    """One notebook's, shell's or job's view of its boards and endpoints.

    Parameters
    ----------
    board
        A folder, an fsspec URL (``s3://``, ``gs://``, ``abfs://``, ``memory://``) or a pins board. By default what the
        settings say (see `mlops_magics.core.settings`).
    config
        What ``%config MLOpsMagics`` set; a mapping of setting names to values.

    Examples
    --------
    >>> from sklearn.linear_model import LinearRegression
    >>> session = Session(board="memory://doctest-session")
    >>> version = session.pin(LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0]), "line", data=[[0.0], [1.0]])
    >>> session.load("line").predict([[3.0]]).round(6).tolist()
    [3.0]
    """

    def suggestions(self, board: str | None = None) -> Suggestions:
        """Return the names that exist, for completion.

        Parameters
        ----------
        board
            The board to list: its label, a folder or a URL; the current one by default.
        """
        return Suggestions(self, board)
