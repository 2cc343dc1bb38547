"""The cells of a shell that ran without an error, as a recipe needs them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any


class CellLog:
    """The cells of a shell that ran without an error, from `add` to `remove`. Earlier ones are taken as they are."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._before = 0
        self._cells: list[str] = []

    def add(self) -> None:
        """Begin to listen."""
        # `In` also has the cells that failed, so what runs from now on is noted here
        self._before = len(self._shell.user_ns.get("In", ()))
        self._shell.events.register("post_run_cell", self._note)

    def remove(self) -> None:
        """Stop listening."""
        with contextlib.suppress(ValueError):
            self._shell.events.unregister("post_run_cell", self._note)

    def _note(self, result: Any) -> None:
        if result.success and result.info is not None and result.info.raw_cell:
            self._cells.append(str(result.info.raw_cell))

    def code(self) -> tuple[str, ...]:
        """Return the cells as Python code, oldest first, without those of ours and those that fail to
        parse."""
        return tuple(self._transformed())

    def _transformed(self) -> Iterator[str]:
        # In[0] is always empty: cells are counted from 1
        earlier = list(self._shell.user_ns.get("In", ()))[1 : self._before]
        for cell in (*earlier, *self._cells):
            if cell.lstrip().startswith("%%pin_model"):
                cell = cell.lstrip().partition("\n")[2]
            with contextlib.suppress(Exception):  # a cell that IPython cannot read made nothing
                yield self._shell.transform_cell(cell)
