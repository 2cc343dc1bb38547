"""A live view of one record, whose buttons call Python through a short list of allowed verbs."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from mlops_magics.core.wire.encoding import to_json
from mlops_magics.errors import DataMismatch, MlopsError

BUNDLES = Path(__file__).parents[1] / "static"
Verb = Callable[..., Any]

_open: weakref.WeakSet[RecordView] = weakref.WeakSet()


class RecordView(anywidget.AnyWidget):
    """Base of the views.

    Attributes
    ----------
    record
        The record that is shown, as JSON. A change in Python is shown at once.
    verbs
        The verbs that the browser may call, by name. Everything else is refused.
    """

    record = traitlets.Dict().tag(sync=True)

    def __init__(self, record: Any, verbs: Mapping[str, Verb] | None = None, **traits: Any) -> None:
        self.verbs = dict(verbs or {})
        self._turn = threading.Lock()
        super().__init__(record=to_json(record), **traits)
        self.on_msg(self._on_question)
        _open.add(self)

    def _on_question(self, _: Any, content: Any, __: Any) -> None:
        if isinstance(content, dict) and isinstance(content.get("id"), int | str):
            self.send(self.answer(content))

    def answer(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """Return the reply to ``{id, verb, args}``: ``ok`` with a result, or one line with the reason why not."""
        verb, arguments = self.verbs.get(str(question.get("verb"))), question.get("args") or {}
        if verb is None or not isinstance(arguments, dict):
            return {"id": question["id"], "ok": False, "error": f"This view cannot {question.get('verb')!r}."}
        try:
            with self._turn:  # front ends may call from several threads at once
                return {"id": question["id"], "ok": True, "result": to_json(verb(**arguments))}
        except MlopsError as error:
            return {"id": question["id"], "ok": False, "error": str(error), "problems": problems_of(error)}
        except Exception as error:
            return {"id": question["id"], "ok": False, "error": f"{type(error).__name__}: {error}"}


def problems_of(error: MlopsError) -> list[dict[str, str]]:
    """Return the misfits by column, nothing for an error of another kind."""
    if not isinstance(error, DataMismatch):
        return []
    found = ((each.get("loc"), each.get("msg")) for each in error.problems)
    return [
        {"column": str(loc[-1]), "message": str(message)}
        for loc, message in found
        if isinstance(loc, list | tuple) and loc
    ]


def bundle(name: str) -> Path | str:
    """Return the built JavaScript of a view, or a module that names the missing part where it was never built."""
    path = BUNDLES / f"{name}.js"
    return path if path.is_file() else MISSING


def stylesheet(name: str) -> Path | str:
    """Return the built style sheet of a view, nothing where it was never built."""
    path = BUNDLES / f"{name}.css"
    return path if path.is_file() else ""


MISSING = """
export default { render({ el }) {
    el.textContent = "The views are not built: `npm ci && npm run build` in a clone. The same facts stand in the text.";
} };
"""


def close_all() -> None:
    """Close every view of this process, and its watchers."""
    for view in list(_open):
        view.close()
