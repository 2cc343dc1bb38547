"""The numbers of versions (v1, v2, …) in their order on the board, where a deleted version keeps its number."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from mlops_magics.core.versioning.names import number_in
from mlops_magics.errors import Ambiguous


def number_of(version: str, present: Sequence[str], deleted: Iterable[str]) -> int:
    """Return the number of a version.

    Parameters
    ----------
    present
        The versions of the model, oldest first.
    deleted
        The deleted versions, whose numbers are not used again.
    """
    return 1 + bisect_left(present, version) + sum(each < version for each in deleted)


def numbers(present: Sequence[str], deleted: Iterable[str]) -> dict[str, int]:
    """Return the number of each version, deleted ones included."""
    return {version: place for place, version in enumerate(sorted({*present, *deleted}), start=1)}


def version_at(selector: str, present: Sequence[str], deleted: Iterable[str]) -> str | None:
    """Return the version of a number such as ``v12``, or None for another selector or an unknown number."""
    number = number_in(selector)
    known = sorted({*present, *deleted}) if number else []
    return known[number - 1] if number and number <= len(known) else None


def version_like(part: str, name: str, present: Sequence[str]) -> str | None:
    """Return the version whose id begins or ends so, or None.

    Raises
    ------
    Ambiguous
        Several versions begin or end so.
    """
    found = [version for version in present if version.startswith(part) or version.endswith(part)]
    if len(found) > 1:
        shown = ", ".join(found[::-1][:4]) + (", …" if len(found) > 4 else "")
        hint = f"Use more of the id, or a number such as v{len(present)}."
        raise Ambiguous(f"{len(found)} versions of {name} begin or end with {part!r}: {shown}. {hint}", found)
    return found[0] if found else None
