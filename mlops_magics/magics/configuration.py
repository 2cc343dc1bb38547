"""`%config MLOpsMagics`: the settings as traits. Unset ones are looked up in the documented order."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import traitlets
from traitlets.config import Configurable

from mlops_magics.core import settings

if TYPE_CHECKING:
    from mlops_magics.magics.notebook import Notebook

_TRAITS = {str: traitlets.Unicode, bool: traitlets.Bool, int: traitlets.Int}


def _traits() -> dict[str, traitlets.TraitType[Any, Any]]:
    """Return one trait for each setting, of its type and with its help. ``None`` means not set here."""
    return {
        entry.name: _TRAITS[type(entry.default)](None, allow_none=True, help=entry.metadata["help"]).tag(config=True)
        for entry in dataclasses.fields(settings.Settings)
    }


class MLOpsMagics(Configurable):
    """The settings of mlops_magics for this notebook."""

    locals().update(_traits())
    _notebook: Notebook | None = None

    def chosen(self) -> dict[str, Any]:
        """Return the values set here."""
        found = {name: getattr(self, name) for name in self.class_trait_names(config=True)}
        return {name: value for name, value in found.items() if value is not None}

    def follow(self, notebook: Notebook) -> None:
        """Let a change take effect at once in a session that is open."""
        self._notebook = notebook
        self.observe(self._changed, names=self.class_trait_names(config=True))

    def unfollow(self) -> None:
        """Stop `follow`."""
        self.unobserve_all()
        self._notebook = None

    def _changed(self, change: Any) -> None:
        session = self._notebook.opened if self._notebook is not None else None
        if session is None:
            return
        session.settings = settings.load(config=self.chosen())
        if change.name == "board":
            session.use(session.settings.board)
