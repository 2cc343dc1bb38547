"""Safe forms of words and numbers from users for drawing: names of features, labels, categories, verdicts."""

from __future__ import annotations

import hashlib
import math
import re
from typing import Any

UNDRAWABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
"""The two separators are text in JSON and the end of a line in the JavaScript of the still picture's renderer."""
TAKEN = frozenset(
    [
        "if",
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
TWO_UNITS = re.compile(r"[\U00010000-\U0010ffff]")
FEW = 6  # letters that fit at every axis
LONGEST = 120
LONGEST_SENTENCE = 600


def drawable(value: Any) -> Any:
    """Return a record with unchanged keys, of which every text can be drawn and every number written as JSON."""
    if isinstance(value, dict):
        return {key: _sentence(item) if key == "verdict" else drawable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [drawable(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return name(value) if isinstance(value, str) else value


def name(text: str) -> str:
    """Return a text that can be drawn, equal for equal texts only, and unchanged for all but a few.

    Control characters end the renderer of the still picture. Names of every JavaScript object's members are taken for
    functions by the interactive one, and ``if`` by Vega's expressions. A name of thousands of letters leaves no room
    for the chart. Vega cuts labels that are too long between the halves of an emoji, of which no picture can be made:
    longer names have none.
    """
    shown = UNDRAWABLE.sub("\ufffd", text)
    shown = TWO_UNITS.sub("\ufffd", shown) if len(shown) > FEW else shown
    if shown != text or len(shown) > LONGEST:
        mark = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:7]
        shown = f"{shown[: LONGEST - 8]}…{mark}"
    return f"{shown}\u200b" if shown in TAKEN else shown


def _sentence(text: str) -> str:
    shown = UNDRAWABLE.sub("\ufffd", text)
    return shown if len(shown) <= LONGEST_SENTENCE else f"{shown[:LONGEST_SENTENCE]}…"
