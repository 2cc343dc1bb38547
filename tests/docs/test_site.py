"""The documentation builds without a warning, and its pages load nothing from elsewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOADED = re.compile(r"<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)=[\"']?https?://[^\"'\s>]+", re.IGNORECASE)


def test_the_site_builds_and_is_read_offline(tmp_path: Path) -> None:
    """`make docs` has no dead link; every magic, notebook and route has its place; no page names another host."""
    site = tmp_path / "site"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", site],
        capture_output=True, text=True, check=False, timeout=280, cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr

    pages = {page.relative_to(site).as_posix(): page.read_text(encoding="utf-8") for page in site.rglob("*.html")}
    assert not [(name, LOADED.findall(text)) for name, text in pages.items() if LOADED.findall(text)]
    for notebook in (ROOT / "notebooks").glob("*.ipynb"):
        assert f"tutorials/{notebook.stem}.html" in pages
    for verb in ("pin_model", "readiness", "run-policies"):
        assert f'id="{verb}"' in pages["reference/commands.html"]
    assert "/v2/models" in pages["reference/http.html"]
    assert "mlops_magics.Session.monitor" in pages["reference/python.html"]
