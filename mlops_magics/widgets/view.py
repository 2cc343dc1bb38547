"""A live view of one record, whose buttons call Python through a short list of allowed verbs."""

from __future__ import annotations

import functools
import threading
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import anywidget
import traitlets

from mlops_magics.core.wire.encoding import to_json
from mlops_magics.errors import DataMismatch, MlopsError

BUNDLES = Path(__file__).parents[1] / "static"
COMPONENTS = "components"
"""Name of the files that all views share, and of the request for them."""
Verb = Callable[..., Any]

_open: weakref.WeakSet[RecordView] = weakref.WeakSet()


class Components(anywidget.AnyWidget):
    """The modules and the style that all views share. A notebook gets them once, before its first view."""

    _esm = "export default {};"
    code = traitlets.Unicode().tag(sync=True)
    rules = traitlets.Unicode().tag(sync=True)

    def __init__(self) -> None:
        super().__init__(**shared_source())


_components: list[Components] = []


def _shared() -> Components:
    """Return the shared components of this process, made again where they were closed."""
    # `Widget.close_all()` closes this one too
    if not _components or _components[0].comm is None:
        _components[:] = [Components()]
    return _components[0]


class RecordView(anywidget.AnyWidget):
    """Base of the views.

    Attributes
    ----------
    record
        The record that is shown, as JSON. A change in Python is shown at once.
    verbs
        The verbs that the browser may call, by name. Everything else is refused.
    components
        The id of the `Components` with the modules that the view needs.
    kind, rules
        The name of the view, and its own rules.
    """

    kind = traitlets.Unicode().tag(sync=True)
    rules = traitlets.Unicode().tag(sync=True)
    components = traitlets.Unicode().tag(sync=True)
    record = traitlets.Dict().tag(sync=True)

    view_kind = ""
    """The name of its built files."""
    view_styles: tuple[str, ...] = ()
    """The views whose rules it needs, where they are more than its own."""

    def __init_subclass__(cls, **options: Any) -> None:
        if "view_kind" in cls.__dict__:  # not in the classes that traitlets makes
            cls._esm = bundle(cls.view_kind)
        super().__init_subclass__(**options)

    def __init__(self, record: Any, verbs: Mapping[str, Verb] | None = None, **traits: Any) -> None:
        self.verbs: dict[str, Verb] = dict(verbs or {})
        self._turn = threading.Lock()
        super().__init__(
            record=to_json(record),
            kind=self.view_kind,
            rules=_style(self.view_styles or (self.view_kind,)),
            components=_shared().model_id,
            **traits,
        )
        self.on_msg(self._on_question)
        _open.add(self)

    def _on_question(self, _: Any, content: Any, __: Any) -> None:
        if isinstance(content, dict) and isinstance(content.get("id"), int | str):
            self.send(self.answer(content))

    def answer(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """Return the reply to ``{id, verb, args}``: ``ok`` with a result, or one line with the reason why not."""
        name, arguments = str(question.get("verb")), question.get("args") or {}
        verb = shared_source if name == COMPONENTS else self.verbs.get(name)
        if verb is None or not isinstance(arguments, dict):
            return {"id": question["id"], "ok": False, "error": f"This view cannot {question.get('verb')!r}."}
        try:
            with self._turn:  # front ends may call from several threads at once
                return {"id": question["id"], "ok": True, "result": to_json(verb(**arguments))}
        except MlopsError as error:
            kind = type(error).__name__
            return {
                "id": question["id"],
                "ok": False,
                "error": str(error),
                "kind": kind,
                "problems": problems_of(error),
            }
        except Exception as error:
            # an error in a message handler would go to the kernel's log, and the button would wait for ever
            return {"id": question["id"], "ok": False, "error": f"{type(error).__name__}: {error}"}


class Shown(NamedTuple):
    """A record's display before it is made: its kind, its text, its page, and the maker of its live view."""

    kind: str
    plain: str
    page: str
    view: Callable[[], RecordView] | None = None


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


@functools.cache
def _style(names: tuple[str, ...]) -> str:
    """Return the built rules of views, nothing where they were never built."""
    paths = [BUNDLES / f"{name}.css" for name in names]
    return "".join(path.read_text("utf-8").strip() for path in paths if path.is_file())


@functools.cache
def shared_source() -> dict[str, str]:
    """Return the code and the style that all views share, nothing where they were never built."""
    path = BUNDLES / f"{COMPONENTS}.js"
    return {"code": path.read_text("utf-8") if path.is_file() else "", "rules": _style((COMPONENTS,))}


MISSING = """
export default { render({ el }) {
    el.textContent = "The views are not built: `npm ci && npm run build` in a clone. The same facts stand in the text.";
} };
"""


def close_all() -> None:
    """Close every view of this process, and its watchers."""
    for view in list(_open):
        view.close()
