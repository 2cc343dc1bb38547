"""Run a demo notebook from top to bottom without a browser, and say in four lines what happened.

    python notebooks/run_demo.py notebooks/01-pin-deploy-monitor.ipynb

The executed copy, its board and its report lie in a fresh ``notebooks/executed/`` afterwards.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

CELL_SECONDS = 300


def run(path: Path, folder: Path) -> Path:
    """Execute the notebook inside ``folder`` and return the executed copy, written even when a cell fails."""
    notebook = nbformat.read(path, as_version=4)
    executed = folder / path.name
    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        kernel_name="python3",
        store_widget_state=False,
        resources={"metadata": {"path": str(folder)}},
    )
    try:
        client.execute()
    finally:
        nbformat.write(notebook, executed)
    return executed


def facts(notebook: nbformat.NotebookNode) -> list[tuple[str, str]]:
    """Return what the tagged cells answered, as (tag, first line of text)."""
    found = []
    for cell in notebook.cells:
        for tag in cell.metadata.get("tags", []):
            texts = [output.data["text/plain"] for output in cell.get("outputs", []) if "data" in output]
            found += [(tag, text.splitlines()[0]) for text in texts if text]
    return list(dict.fromkeys(found))  # a report shows its sentence twice: under the chart, and under the view


def main(path: Path) -> int:
    """Run one notebook in a fresh folder and print its facts; 1 when a cell failed."""
    folder = path.parent / "executed"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        executed = run(path, folder)
    except CellExecutionError as error:
        print(f"A cell failed:\n{error}", file=sys.stderr)
        return 1
    for tag, text in facts(nbformat.read(executed, as_version=4)):
        print(f"{tag:>9}: {text}")
    print(f"{'notebook':>9}: {executed}   (make lab opens it)")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
