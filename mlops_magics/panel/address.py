"""The declaration of a verb of the panel: its address in the server extension, and whether it changes anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Run = TypeVar("Run", bound=Callable[..., Any])


def reading(address: str) -> Callable[[Run], Run]:
    """Declare a verb that changes nothing, which a browser may ask again.

    Parameters
    ----------
    address
        Below the extension's root. Fields in braces are parts of it; others travel in the query.
    """
    return _declared("GET", address)


def changing(address: str) -> Callable[[Run], Run]:
    """Declare a verb that changes something. Fields that the address does not name travel in the body."""
    return _declared("POST", address)


def _declared(method: str, address: str) -> Callable[[Run], Run]:
    def declare(run: Run) -> Run:
        run.__dict__["address"] = (method, address)
        return run

    return declare
