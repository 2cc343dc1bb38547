"""Run the cells of a notebook in this process: `python -m tests.notebooks.run_cells NOTEBOOK`; an error ends it."""

from __future__ import annotations

import sys

import nbformat
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config


def main(path: str) -> int:
    """Run every cell of code; return 1 at the first one that fails, and name it."""
    settings = Config({"HistoryManager": {"enabled": False}, "InteractiveShell": {"colors": "NoColor"}})
    shell = InteractiveShell.instance(config=settings)
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        result = shell.run_cell(cell.source, store_history=True)
        if not result.success:
            print(f"\nThis cell failed:\n{cell.source}", flush=True)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
