"""The demo notebooks: each runs from top to bottom and holds what it says; its kept outputs read well and are small."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9][0-9]-*.ipynb"))
EVERY = pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
LARGEST = 400_000
"""Bytes of a notebook with its outputs."""
PRIVATE = re.compile(r"/tmp/(?!state)|/root\b|root@|/work/|Traceback|\[IPKernelApp\]")
"""What belongs to the machine on which the outputs were made."""


@EVERY
def test_a_notebook_runs_and_its_claims_hold(path: Path, tmp_path: Path) -> None:
    """In a process and a folder of its own; the last cell asserts what the text says."""
    cells = nbformat.read(path, as_version=4).cells  # type: ignore[no-untyped-call]
    claims = [cell for cell in cells if "claims" in cell.metadata.get("tags", ())]
    done = subprocess.run(
        [sys.executable, "-m", "tests.notebooks.run_cells", str(path)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-3000:]
    assert len(claims) == 1
    assert claims[0].source.count("assert ") >= 3


@EVERY
def test_a_notebook_reads_well_without_running(path: Path) -> None:
    """It has a title, names the licence of its data, and every output that a run shows, without an error."""
    text = path.read_text(encoding="utf-8")
    notebook = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]

    assert notebook.cells[0].source.startswith("# ")
    assert "licence" in notebook.cells[0].source
    assert len(outputs) >= 6
    assert not [output for output in outputs if output.output_type == "error"]
    views = [html for output in outputs if "mlops-view" in (html := output.get("data", {}).get("text/html", ""))]
    assert all("--m-bg:" in "".join(html) for html in views), "made without the built styles"
    assert not PRIVATE.findall(re.sub(r'"image/png": "[^"]*"', "", text))
    assert len(text) < LARGEST
