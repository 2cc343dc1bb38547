"""A chart for every viewer without a network: Vega-Lite for JupyterLab, a picture for the rest, one line of text."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlops_magics.core.documents import page_file
from mlops_magics.core.monitoring.charts import renderer
from mlops_magics.errors import InvalidInput

VEGALITE = "application/vnd.vegalite.v5+json"  # the newest that JupyterLab 4 renders itself
FORMATS = ("png", "svg", "html", "json")


@dataclass(frozen=True, slots=True, eq=False)
class Chart:
    """A drawn report, which every notebook shows, and which can be saved as a picture or changed with altair.

    Attributes
    ----------
    spec
        The specification in Vega-Lite 5, with its data.
    text
        The content, in one line.
    lists
        Title to lines: alerts and notes, which a saved page has below the chart.
    """

    spec: Mapping[str, Any]
    text: str
    lists: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def __repr__(self) -> str:
        return self.text

    def to_dict(self) -> dict[str, Any]:
        """Return the specification."""
        return dict(self.spec)

    def to_json(self) -> str:
        """Return the specification as text."""
        return json.dumps(self.spec, separators=(",", ":"), allow_nan=False)

    def to_altair(self) -> Any:
        """Return the chart as one of altair, to combine it with others or change it.

        Altair writes texts into the script of a page as they are, so a word joiner is put into ``</`` and ``<!``.
        """
        import altair

        spec = json.loads(self.to_json().replace("</", "<\u2060/").replace("<!", "<\u2060!"))
        return altair.VConcatChart.from_dict({**spec, "$schema": altair.SCHEMA_URL}, validate=False)

    def draw(self, kind: str = "png", scale: float = 1.0) -> bytes | None:
        """Return the still picture (``png``, ``svg``), or a page that needs no network (``html``).

        ``None`` where nothing can be drawn here. A png has a white ground: resvg gives half transparent colours others.
        """
        ground = {"background": "white"} if kind == "png" else {}
        drawn = renderer.draw(json.dumps({**self.spec, **ground}, allow_nan=False), kind, scale)
        return drawn if kind != "html" or drawn is None else self._with_lists(drawn)

    def _with_lists(self, page: bytes) -> bytes:
        """Return a page with the lists at its end, as text."""
        before, end, after = page.rpartition(b"</body>")
        parts = [
            f"<h2>{html.escape(title)}</h2><ul>{''.join(f'<li>{html.escape(line)}</li>' for line in lines)}</ul>"
            for title, lines in self.lists.items()
            if lines
        ]
        return before + "".join(parts).encode(errors="replace") + end + after

    def save(self, path: str | Path, scale: float = 2.0) -> Path:
        """Write the chart to a file in the format of its ending: png, svg, html or json.

        Raises
        ------
        InvalidInput
            The ending is unknown, nothing can be drawn here, or the place cannot be written.
        """
        place = Path(path)
        kind = place.suffix.removeprefix(".").lower()
        if kind not in FORMATS:
            raise InvalidInput(f"A chart cannot be saved as {place.name!r}. Known endings: {', '.join(FORMATS)}.")
        page_file.check_replaceable(place)
        drawn = self.to_json().encode() if kind == "json" else self.draw(kind, scale)
        if drawn is None:
            raise InvalidInput(f"{place.name} could not be drawn on this machine. chart.json can be saved everywhere.")
        page_file.write(place, drawn)
        return place

    def bundle(self) -> dict[str, Any]:
        """Return the MIME bundle, with chart and text even where no picture can be drawn."""
        picture = self.draw()
        return {
            VEGALITE: self.to_dict(),
            **({"image/png": base64.b64encode(picture).decode()} if picture is not None else {}),
            "text/plain": self.text,
        }

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict[str, Any], dict[str, Any]]:
        return self.bundle(), {VEGALITE: {"embed_options": {"actions": False}}, "image/png": {"alt": self.text}}
