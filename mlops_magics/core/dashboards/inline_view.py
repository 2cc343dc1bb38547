"""A view of the notebook within a page: its built module and its record are in the page, no other script may run."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BUNDLES = Path(__file__).parents[2] / "static"
"""The views that the wheel holds."""
SHARED = "components"
"""The module with the components that all views share, and its rules."""
_VIEW = re.compile(r"export default delayed\((?P<make>.*)\);?\s*$", re.DOTALL)
"""A view as the build writes it: a function of an object that has the components by name."""
_EXPORTS = re.compile(r"export\s*\{(?P<names>[^{}]*)\}\s*;?\s*$")
START = """
const record = JSON.parse(document.getElementById("mlops-record").textContent);
const model = {
  get: (name) => (name === "record" ? record : {}),
  set() {}, save_changes() {}, on() {}, off() {}, send() {},
};
view.render({ model, el: document.getElementById("mlops-view") });
"""
"""The part of a front end that a widget needs, for one record that never changes."""


@dataclass(frozen=True, slots=True)
class InlineView:
    """A part of a page.

    Attributes
    ----------
    policy
        The source that the page's Content-Security-Policy allows: the hash of the one script.
    """

    body: str
    style: str
    policy: str


def of_record(view: str, record: Any) -> InlineView | None:
    """Return a view of a record, or None where the views are not built, as in a clone without Node.

    Parameters
    ----------
    view
        The name of a built view, such as ``drift``.
    record
        JSON values.
    """
    modules = [BUNDLES / f"{name}.js" for name in (SHARED, view)]
    if not all(module.is_file() for module in modules):
        return None
    components, source = (module.read_text(encoding="utf-8") for module in modules)
    exports, made = _EXPORTS.search(components), _VIEW.search(source)
    if exports is None or made is None:
        raise RuntimeError(f"The built view {view!r} has another form than this page reads.")
    script = (
        f"const parts = (() => {{{components[: exports.start()]}\nreturn {{{_as_object(exports['names'])}}};}})();\n"
        f"const view = ({made['make']})(parts);{START}"
    ).replace("</script", "<\\/script")
    data = json.dumps(record, allow_nan=False).replace("<", "\\u003c")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    body = (
        f'<div id="mlops-view"></div><script type="application/json" id="mlops-record">{data}</script>'
        f'<script type="module">{script}</script>'
    )
    styles = [path for name in (SHARED, view) if (path := BUNDLES / f"{name}.css").is_file()]
    rules = "\n".join(path.read_text(encoding="utf-8").replace("</style", "") for path in styles)
    return InlineView(body, rules, f"script-src 'sha256-{digest}'; img-src data:")


def _as_object(exports: str) -> str:
    """Return the names of an ``export {…}`` as those of an object: ``a as b`` is ``b: a``."""
    pairs = [each.split(" as ") for each in exports.split(",") if each.strip()]
    return ", ".join(f"{pair[-1].strip()}: {pair[0].strip()}" for pair in pairs)
