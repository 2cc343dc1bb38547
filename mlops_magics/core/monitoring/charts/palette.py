"""The colours of every chart: told apart by people of any colour vision, and never the only sign."""

from __future__ import annotations

REFERENCE = "#8a8f98"
CURRENT = "#0072b2"  # Okabe and Ito's blue and vermilion
ALERT = "#d55e00"
QUIET = "#f2f2f2"
WIDTH = 560  # pixels of a panel; the output cell of a notebook is about 800 wide
