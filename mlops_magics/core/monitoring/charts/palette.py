"""The colours of every chart, which people of any colour vision can distinguish, and which are never the only sign."""

from __future__ import annotations

REFERENCE = "#8a8f98"
CURRENT = "#0072b2"  # Okabe and Ito's blue and vermilion
ALERT = "#d55e00"
QUIET = "#f2f2f2"
NEAR = "#b9d6ea"  # half way between quiet and current
SEVERAL = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#5b5b5b", "#f0e442")
DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [4, 2, 1, 2], [10, 4], [3, 5], [1, 3])
INK = "#767676"  # words and lines: 4.5 : 1 on white, 4.2 : 1 on JupyterLab's dark grey
FAINT = "#76767640"
WIDTH = 520  # pixels of a panel, without names and a legend (the output cell of a notebook is about 800 wide)
SQUARE = 225  # pixels of a curve, two of which are side by side

ON_ANY_GROUND = {
    "background": "transparent",
    "view": {"stroke": None},
    "title": {"color": INK, "subtitleColor": INK, "anchor": "start", "frame": "group"},
    "style": {"guide-label": {"fill": INK}, "guide-title": {"fill": INK}, "group-title": {"fill": INK}},
    "axis": {"domainColor": INK, "tickColor": INK, "gridColor": FAINT},
    "header": {"labelColor": INK, "titleColor": INK},
    "text": {"color": INK},
    "rule": {"color": INK},
}
"""A chart's configuration. The background is the page's own, so that switching the theme leaves it readable."""
