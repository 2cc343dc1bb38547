"""`%load_ext mlops_magics`: one session for the shell, its magics, completion, settings and displays; its undoing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlops_magics.core.session import records
from mlops_magics.errors import Interrupted
from mlops_magics.magics import predictions
from mlops_magics.magics.verbs import VERBS

if TYPE_CHECKING:
    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import ModelVersion
    from mlops_magics.magics.notebook import Notebook

KEPT_AS = "_mlops_magics_extension"  # the attribute of the shell that holds what `unload` needs

OVERVIEW = ("mlops_magics.magics.mlops", "Overview")
DISPLAYED = (*((module, name) for name, module in records.HOMES.items()), OVERVIEW)
"""Module and name of the records that may have a view, so that loading imports none of them."""
VERSION = (records.HOMES["ModelVersion"], "ModelVersion")


class Extension:
    """Everything that loading adds to one shell."""

    def __init__(self, shell: Any) -> None:
        from mlops_magics.magics.completion import Completion
        from mlops_magics.magics.configuration import MLOpsMagics
        from mlops_magics.magics.notebook import Notebook
        from mlops_magics.magics.registration import Registration

        self.shell = shell
        self.configuration = MLOpsMagics(parent=shell)
        self.notebook = Notebook(shell, self._open_session)
        self.notebook.open_view = self._view
        self.registration = Registration(self.notebook)
        self.completion = Completion(self.notebook, VERBS)
        self._covered: dict[tuple[str, str], Any] = {}
        self._array_before: Any = None

    def load(self) -> None:
        """Add magics, completion, settings and displays."""
        self.registration.add()
        self.completion.add()
        self.notebook.log.add()
        self.configuration.follow(self.notebook)
        self.shell.configurables.append(self.configuration)
        for module, name in DISPLAYED:
            self._covered[module, name] = self._formatter.for_type_by_name(module, name, self._bundle)
        self._plain.for_type_by_name(*VERSION, self._print)
        self._array_before = self._plain.for_type_by_name(*predictions.ARRAY, self.notebook.predictions.print)

    def unload(self) -> None:
        """Take all of it away again. What runs in processes of its own goes on."""
        for (module, name), before in self._covered.items():
            self._formatter.pop(f"{module}.{name}", None)
            if before is not None:
                self._formatter.for_type_by_name(module, name, before)
        self._plain.pop(".".join(VERSION), None)
        self._plain.pop(".".join(predictions.ARRAY), None)
        if self._array_before is not None:
            self._plain.for_type_by_name(*predictions.ARRAY, self._array_before)
        self.shell.configurables.remove(self.configuration)
        self.configuration.unfollow()
        self.notebook.log.remove()
        self.completion.remove()
        self.registration.remove()
        if self.notebook.opened is not None:
            self.notebook.opened.close()

    @property
    def _formatter(self) -> Any:
        return self.shell.display_formatter.mimebundle_formatter

    @property
    def _plain(self) -> Any:
        return self.shell.display_formatter.formatters["text/plain"]

    def _open_session(self) -> Session:
        from mlops_magics.core.session import Session

        return Session(config=self.configuration.chosen())

    def _bundle(self, record: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """Return a record's view. A terminal shows its text.

        Raises
        ------
        Interrupted
            The user interrupted it.
        """
        if self.notebook.is_terminal:
            return None
        try:
            return self._drawn(record)
        except KeyboardInterrupt:
            raise Interrupted("What was done is done; only its view was not drawn.") from None

    def _drawn(self, record: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        live = self.notebook.has_front_end
        if (type(record).__module__, type(record).__name__) == OVERVIEW:
            from mlops_magics.panel.widget import panel_bundle

            return panel_bundle(record, self.notebook.session, live=live)
        from mlops_magics.magics.cell.note import with_note
        from mlops_magics.widgets.saved.markup import prose
        from mlops_magics.widgets.views import DISPLAYED, display_bundle

        if type(record).__name__ not in DISPLAYED:
            return None
        data, metadata = display_bundle(record, self.notebook.session, live=live)
        return with_note(record, data, prose), metadata

    def _view(self, record: Any) -> tuple[Any, dict[str, Any]] | None:
        """Open the live view of a record that changes."""
        from mlops_magics.widgets.views import open_view

        return open_view(record, self.notebook.session)

    @staticmethod
    def _print(version: ModelVersion, printer: Any, cycle: bool) -> None:
        """Print a version in a terminal, with what was inferred for it."""
        from mlops_magics.magics.cell.note import note

        printer.text("\n".join(filter(None, (repr(version), note(version)))))


def load(shell: Any) -> Notebook:
    """Wire mlops_magics into a shell. Loading again begins afresh."""
    unload(shell)
    extension = Extension(shell)
    extension.load()
    setattr(shell, KEPT_AS, extension)
    return extension.notebook


def unload(shell: Any) -> None:
    """Undo what `load` did. Without it, nothing happens."""
    extension = shell.__dict__.pop(KEPT_AS, None)
    if extension is not None:
        extension.unload()
