"""The parts of Vega-Lite that every chart uses. Panels are plain mappings, so that no library is loaded to make one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Panel = dict[str, Any]
TYPES = {"Q": "quantitative", "N": "nominal", "O": "ordinal"}


def on(shorthand: str, **more: Any) -> Panel:
    """Return a channel on a field: ``on("score:Q", title=None)``. ``Q`` is a quantity, ``N`` a name, ``O`` ordered."""
    name, _, kind = shorthand.rpartition(":")
    return {"field": name, "type": TYPES[kind], **more}


def data(rows: Sequence[Mapping[str, Any]]) -> Panel:
    """Return rows as the data of a panel."""
    return {"values": [dict(row) for row in rows]}


def mark(kind: str, **more: Any) -> Panel:
    """Return a mark with its looks."""
    return {"type": kind, **more}


def scale(domain: Sequence[Any], values: Sequence[Any], **more: Any) -> Panel:
    """Return a scale that gives each value of the domain its own."""
    return {"domain": list(domain), "range": list(values), **more}


def tooltip(*shorthands: str, **titles: str) -> list[Panel]:
    """Return the tooltip of a mark: quantities with four digits, fields under the given titles."""
    told = [on(shorthand) for shorthand in shorthands]
    for channel in told:
        channel["title"] = titles.get(channel["field"], channel["field"].replace("_", " "))
        if channel["type"] == "quantitative":
            channel["format"] = ".4~g"
    return told
