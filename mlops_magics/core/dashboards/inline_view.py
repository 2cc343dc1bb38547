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
_EXPORT = re.compile(r"export\s*\{\s*([\w$]+)\s+as\s+default\s*\}\s*;?\s*$")
START = """
const record = JSON.parse(document.getElementById("mlops-record").textContent);
const model = {
  get: (name) => (name === "record" ? record : {}),
  set() {}, save_changes() {}, on() {}, off() {}, send() {},
};
VIEW.render({ model, el: document.getElementById("mlops-view") });
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
    module, style = BUNDLES / f"{view}.js", BUNDLES / f"{view}.css"
    if not module.is_file():
        return None
    source = module.read_text(encoding="utf-8").rstrip()
    found = _EXPORT.search(source)
    if found is None:
        return None
    script = (source[: found.start()] + START.replace("VIEW", found[1])).replace("</script", "<\\/script")
    data = json.dumps(record, allow_nan=False).replace("<", "\\u003c")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    body = (
        f'<div id="mlops-view"></div><script type="application/json" id="mlops-record">{data}</script>'
        f'<script type="module">{script}</script>'
    )
    rules = style.read_text(encoding="utf-8").replace("</style", "") if style.is_file() else ""
    return InlineView(body, rules, f"script-src 'sha256-{digest}'; img-src data:")
