"""A chart as every viewer can show it without a network: Vega-Lite for JupyterLab, PNG for the rest, one line of
text."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import altair as alt

VEGALITE = "application/vnd.vegalite.v5+json"  # the newest that JupyterLab 4 renders itself
SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"  # an identifier; nobody fetches it
HEAVIEST_PNG = 80_000  # bytes


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
        bundle["image/png"] = base64.b64encode(to_png(spec)).decode()
    return bundle


def specification(chart: alt.TopLevelMixin) -> dict[str, Any]:
    """Return the Vega-Lite 5 specification, compact."""
    spec: dict[str, Any] = json.loads(json.dumps(chart.to_dict(validate=False), default=str))
    spec["$schema"] = SCHEMA
    return spec


def to_png(spec: dict[str, Any]) -> bytes:
    """Draw a specification as PNG, smaller where it would weigh more than the interactive chart."""
    drawn = bytes(_renderer().vegalite_to_png(spec, vl_version=_newest_of_five(), scale=1.0))
    if len(drawn) > HEAVIEST_PNG:
        drawn = bytes(
            _renderer().vegalite_to_png(spec, vl_version=_newest_of_five(), scale=(HEAVIEST_PNG / len(drawn)) ** 0.8)
        )
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
