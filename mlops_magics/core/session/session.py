"""The verbs as plain Python, one method each. Magics, command line, widgets and sidebar call only these.

Each class of this room adds the verbs of one step of the journey to those of the step before:
boards ─► trust ─► versioning ─► deploying elsewhere ─► deploying ─► monitoring ─► retraining ─► documents.
"""

from __future__ import annotations

from typing import Any, Self

from mlops_magics.core.recipe_guard import in_recipe
from mlops_magics.core.session.documents_verbs import DocumentsVerbs
from mlops_magics.core.session.recipe_session import RecipeSession


class Session(DocumentsVerbs):
    """One notebook's, shell's or job's view of its boards and endpoints.

    Parameters
    ----------
    board
        A folder, an fsspec URL (``s3://``, ``gs://``, ``abfs://``, ``memory://``) or a pins board. By default the board
        of the settings (see `mlops_magics.core.settings`).
    config
        The values that ``%config MLOpsMagics`` set: a mapping of setting names to values.

    Examples
    --------
    >>> from sklearn.linear_model import LinearRegression
    >>> session = Session(board="memory://doctest-session")
    >>> version = session.pin(LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0]), "line", data=[[0.0], [1.0]])
    >>> session.load("line").predict([[3.0]]).round(6).tolist()
    [3.0]
    """

    def __new__(cls, *given: Any, **options: Any) -> Self:
        """Make a session, and in a process that runs a recipe, one that changes nothing but the version of the run."""
        if cls is Session and in_recipe():
            return RecipeSession(*given, **options)  # type: ignore[return-value]
        return object.__new__(cls)
