"""The documentation builds without a warning, and its pages load nothing from elsewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

ROOT = Path(__file__).parents[2]
LOADED = re.compile(r"<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)=[\"']?https?://[^\"'\s>]+", re.IGNORECASE)


class Page(HTMLParser):
    """The places of a page that can be linked, and its links."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.places: set[str] = {""}
        self.links: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.places |= {each for name in ("id", "name") if (each := found.get(name))}
        self.links |= {each for name in ("href", "src") if (each := found.get(name))}


def dead(site: Path, pages: dict[str, str]) -> list[str]:
    """Return the links to files or places of the site that are not there. A page of errors has links from the root."""
    parsed = {name: Page(text) for name, text in pages.items() if name != "404.html"}
    found = []
    for name, page in parsed.items():
        for link in page.links:
            if urlsplit(link).scheme or link.startswith("//"):
                continue
            target = urlsplit(urljoin(f"http://site/{name}", link))
            file = unquote(target.path).lstrip("/")
            file = f"{file}/index.html".lstrip("/") if (site / file).is_dir() else file
            gone = not (site / file).exists()
            if gone or (file in parsed and unquote(target.fragment) not in parsed[file].places):
                found.append(f"{name}: {link}")
    return found


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
    assert not dead(site, pages)
    for notebook in (ROOT / "notebooks").glob("*.ipynb"):
        assert f"tutorials/{notebook.stem}.html" in pages
    for verb in ("pin_model", "readiness", "run-policies"):
        assert f'id="{verb}"' in pages["reference/commands.html"]
    assert "/v2/models" in pages["reference/http.html"]
    assert "mlops_magics.Session.monitor" in pages["reference/python.html"]
