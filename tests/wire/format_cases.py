"""Values and how they are written, for both writers: `widgets/saved/formats.py` and `js/src/format.ts`."""

from __future__ import annotations

from typing import Any

from mlops_magics.widgets.saved import formats

NUMBERS = [0, 1, -1, 0.5, 0.12345, 12.3456, 123.456, 1234.5678, 98765.4321, 1e-7, 1.5e-9, -0.000123456, 1e15, 2.5e21]
NUMBERS += [None, 1_000_000, 12_345_678, 0.9999, 0.99999, -12, 1 / 3]
CASES: dict[str, list[list[Any]]] = {
    "number": [[value] for value in NUMBERS],
    "fixed": [[value, digits] for value in (0, 0.5, -0.049, 1234.5, 1e-9, None, 99.996) for digits in (0, 2, 3)],
    "signed": [[value, 3] for value in (0.011, -0.049, 0, 1e-9)],
    "decimals": [
        [[0.91, 0.9]],
        [[0.12341, 0.12342]],
        [[12.5, 13.5]],
        [[120, 130]],
        [[5000, 6000]],
        [[]],
        [[None, 0.5]],
    ],
    "count": [[value] for value in (0, 999, 1000, 96_420, 1_240_000, 12_345_678, None)],
    "plural": [[0, "row"], [1, "row"], [2, "row"], [1200, "row"], [2, "entry", "entries"]],
    "percent": [[0.961], [0.5, 0], [None], [0.0004], [12.5]],
    "probability": [[None], [0.0001], [0.001], [0.0456], [0.5], [1]],
    "effect": [[None], [0.314], [12.5], [1234.5], [-0.05]],
    "times": [[0.4], [1], [9.67], [12.4], [12_400]],
    "milliseconds": [[None], [0.998], [5.13], [12.6], [1234.5]],
    "duration": [[0.25], [4.1], [12.4], [119], [300], [3725], [200_000]],
    "sentence": [["by hand"], ["wind_gust drifted"], ["It drifted."], [""]],
    "exact": [["2026-11-21T09:18:12+00:00"], ["2026-11-21T10:18:12.123456+01:00"], ["2026-11-21 09:18:12"], ["then"]],
    "period": [["2026-11-02"], ["2026-11"], ["2026-11-02T13:00"], ["0 to 500"], ["2026-13"], ["all"]],
    "unit": [
        [["2026-11-02", "2026-11-09", "2026-11-23"]],
        [["2026-11-02", "2026-11-03", "2026-11-10"]],
        [["2026-10", "2026-12"]],
        [["2026-11-02T13:00", "2026-11-02T15:00"]],
        [["2026-11-02T13:00", "2026-11-02T15:30"]],
        [["0 to 500", "500 to 1000"]],
        [["2026-11-02"]],
        [["2026-13-02", "2026-13-09"]],
        [["all"]],
        [[]],
    ],
    "within": [
        ["2026-11-09", ["2026-11-02", "2026-11-09"]],
        ["2026-11-03", ["2026-11-02", "2026-11-03"]],
        ["2026-11", ["2026-10", "2026-11"]],
        ["0 to 500", ["0 to 500", "500 to 900"]],
    ],
    "readable": [["a"], [True], [None], [0.5], [[1, 2]]],
}
"""Of each function, the arguments of its cases."""


def cases() -> dict[str, list[list[Any]]]:
    """Return arguments and result of each case."""
    return {name: [[given, getattr(formats, name)(*given)] for given in listed] for name, listed in CASES.items()}
