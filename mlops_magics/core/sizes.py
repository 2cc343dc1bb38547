"""Human-readable sizes."""

from __future__ import annotations

KILO = 1000
UNITS = ("B", "kB", "MB", "GB", "TB")


def readable_size(size: float) -> str:
    """Return a number of bytes in the largest unit that leaves a digit before the point, with three digits.

    >>> readable_size(12_345), readable_size(5), readable_size(3e8)
    ('12.3 kB', '5 B', '300 MB')
    """
    value, unit = float(size), 0
    while round(value) >= KILO and unit < len(UNITS) - 1:
        value, unit = value / KILO, unit + 1
    return f"{value:.3g} {UNITS[unit]}"
