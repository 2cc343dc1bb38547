"""Execute notebooks from top to bottom and keep their outputs in them, so that they read well where nothing runs.

    python notebooks/keep_outputs.py notebooks/02-versions.ipynb …

Each runs in a fresh folder with a state of its own. Paths, user and host are replaced by those of a made-up person.
"""

from __future__ import annotations

import getpass
import json
import os
import re
import socket
import sys
import tempfile
from pathlib import Path

import nbformat
from run_demo import run

FOLDER = "~/demo"
LONGEST = 400_000
"""Bytes of a notebook: a page on GitHub."""


def keep(path: Path) -> None:
    """Execute a notebook and write it back with its outputs."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place).resolve()
        os.environ |= {"MLOPS_MAGICS_STATE": str(folder / "state"), "LOGNAME": "ana", "USER": "ana"}
        executed = nbformat.read(run(path, folder), as_version=4)
        for cell in executed.cells:
            cell.metadata.pop("execution", None)
            if cell.cell_type == "code":
                cell.outputs = [_shown(output, str(folder)) for output in cell.outputs if not _is_timing(output)]
        text = nbformat.writes(executed)
        if len(text) > LONGEST:
            raise SystemExit(f"{path.name} has {len(text):,} bytes with its outputs; {LONGEST:,} are the limit.")
        path.write_text(text + "\n", encoding="utf-8")


def _is_timing(output: nbformat.NotebookNode) -> bool:
    """Return whether an output says how long each step took on this machine."""
    return str(output.get("data", {}).get("text/plain", "")).startswith("Took ")


def _shown(output: nbformat.NotebookNode, folder: str) -> nbformat.NotebookNode:
    """Return an output without what belongs to the machine that ran it."""
    data = output.get("data", {})
    if "image/png" in data:
        data.pop("application/vnd.vegalite.v5+json", None)  # GitHub shows the picture, and a run makes the chart again
    text = json.dumps(output).replace(folder, FOLDER).replace(sys.prefix, "~/venv")
    text = re.sub(rf"\b{re.escape(socket.gethostname())}\b", "laptop", text)
    return nbformat.from_dict(json.loads(re.sub(rf"\b{re.escape(getpass.getuser())}\b", "ana", text)))


if __name__ == "__main__":
    for each in sys.argv[1:]:
        keep(Path(each))
