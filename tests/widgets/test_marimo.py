"""Records show their views in marimo: a notebook of marimo's is run as its own command line runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

marimo = pytest.importorskip("marimo", reason="marimo does not install on this Python")
NOTEBOOK = Path(__file__).with_name("marimo_notebook.py")


def test_records_show_their_views_in_marimo(tmp_path: Path) -> None:
    """A table, a comparison and a report are live views, a pinned version is its page; no cell fails."""
    exported = tmp_path / "exported.html"
    command = [sys.executable, "-m", "marimo", "export", "html", str(NOTEBOOK), "-o", str(exported), "--force"]
    environment = {**os.environ, "MLOPS_MAGICS_STATE": str(tmp_path / "state")}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)

    assert done.returncode == 0, done.stderr
    page = exported.read_text(encoding="utf-8")
    assert page.count("marimo-anywidget") >= 4
    assert "mlops-view mlops-saved" in page
