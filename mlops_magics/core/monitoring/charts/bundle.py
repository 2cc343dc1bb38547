"""A chart as every viewer can show it without a network: Vega-Lite for JupyterLab, PNG for the rest, one line of
text."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

from mlops_magics.core.monitoring.charts import palette

if TYPE_CHECKING:
    import altair as alt

VEGALITE = "application/vnd.vegalite.v5+json"  # the newest that JupyterLab 4 renders itself
SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"  # an identifier; nobody fetches it
UNDRAWABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
OBJECT_MEMBERS = frozenset(
    [
        "__proto__",
        "constructor",
        "hasOwnProperty",
        "isPrototypeOf",
        "propertyIsEnumerable",
        "toLocaleString",
        "toString",
        "valueOf",
        "__defineGetter__",
        "__defineSetter__",
        "__lookupGetter__",
        "__lookupSetter__",
    ]
)
LONGEST_TEXT = 120
HEAVIEST = 290_000  # bytes of specification and picture together
LIGHTEST_PNG = 60_000  # bytes that a picture always may have


def chart_bundle(chart: alt.TopLevelMixin, text: str = "", *, png: bool = True) -> dict[str, Any]:
    """Return the MIME bundle of a chart.

    Parameters
    ----------
    text
        What the chart says, in one line: the text/plain of the bundle.
    png
        Draw the still picture too (0.1 to 0.5 s).
    """
    spec = specification(chart)
    bundle: dict[str, Any] = {VEGALITE: spec, "text/plain": text or "Vega-Lite chart"}
    if png:
        left = (HEAVIEST - len(json.dumps(spec))) * 3 // 4  # base64 makes four characters of three bytes
        bundle["image/png"] = base64.b64encode(to_png(spec, max(left, LIGHTEST_PNG))).decode()
    return bundle


def specification(chart: alt.TopLevelMixin) -> dict[str, Any]:
    """Return the Vega-Lite 5 specification, compact, with texts that every renderer can draw."""
    spec: dict[str, Any] = json.loads(json.dumps(chart.to_dict(validate=False), default=str))
    rows = (row for rows in spec.get("datasets", {}).values() for row in rows)
    names = {value for row in rows for value in row.values() if isinstance(value, str)}
    spec = _renamed(spec, {name: shown for name in names if (shown := drawable(name)) != name})
    spec["$schema"] = SCHEMA
    spec["config"] = {**spec.get("config", {}), **palette.ON_ANY_GROUND}
    return spec


def _renamed(value: Any, names: dict[str, str]) -> Any:
    """Return a specification in which data and whatever names them (selections, domains) are called otherwise."""
    if isinstance(value, dict):
        return {key: _renamed(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [_renamed(item, names) for item in value]
    if isinstance(value, str):
        return names.get(value, UNDRAWABLE.sub("\ufffd", value))
    return value


def drawable(text: str) -> str:
    """Return a text that can be drawn, equal for equal texts, and unchanged for all but a few.

    Control characters end the renderer of the still picture; names of every JavaScript object's members are taken for
    functions by the interactive one; a name of thousands of letters leaves no room for the chart.
    """
    shown = UNDRAWABLE.sub("\ufffd", text)
    if len(shown) > LONGEST_TEXT:
        shown = f"{shown[: LONGEST_TEXT - 8]}…{hashlib.sha256(text.encode(errors='replace')).hexdigest()[:7]}"
    return f"{shown}\u200b" if shown in OBJECT_MEMBERS else shown


def to_png(spec: dict[str, Any], heaviest: int | None = None) -> bytes:
    """Draw a specification as PNG, smaller where it would weigh more than ``heaviest`` bytes."""
    drawn = bytes(_renderer().vegalite_to_png(spec, vl_version=_newest_of_five(), scale=1.0))
    if heaviest is not None and len(drawn) > heaviest:
        scale = (heaviest / len(drawn)) ** 0.8
        drawn = bytes(_renderer().vegalite_to_png(spec, vl_version=_newest_of_five(), scale=scale))
    return drawn


def to_svg(spec: dict[str, Any]) -> str:
    """Draw a specification as SVG."""
    return str(_renderer().vegalite_to_svg(spec, vl_version=_newest_of_five()))


def _renderer() -> Any:
    import vl_convert

    return vl_convert


def _newest_of_five() -> str:
    known = [version for version in _renderer().get_vegalite_versions() if version.startswith(("5.", "v5"))]
    return str(max(known, key=lambda version: [int(part) for part in version.lstrip("v").replace("_", ".").split(".")]))
