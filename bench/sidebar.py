"""The sidebar over a large board, in a real JupyterLab and Chromium: `python bench/sidebar.py [SECONDS_IDLE]`.

Needs the extras `lab` and `test`, the built JavaScript and Chromium. Of the 2,000 models one has 10,000 versions.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from versioning import MODELS, VERSIONS, board_of, table

IDLE_SECONDS = 20.0
START_SECONDS = 60.0
TOKEN = "bench"
SCROLL_FRAMES = 240
PROMOTIONS = 20
OPEN = """async selector => {
    const painted = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
    const began = performance.now();
    window.jupyterapp.commands.execute('mlops-magics:open-sidebar');
    while (!document.querySelector(selector)) await painted();
    await painted();
    return performance.now() - began;
}"""
SCROLL = """async frames => {
    const tree = document.querySelector('.mlops-tree');
    const step = (tree.scrollHeight - tree.clientHeight) / frames;
    const times = [];
    let before = await new Promise(requestAnimationFrame);
    for (let frame = 0; frame <= frames; frame++) {
        tree.scrollTop = frame * step;
        const now = await new Promise(requestAnimationFrame);
        times.push(now - before);
        before = now;
    }
    return times;
}"""


def main(idle_seconds: float) -> None:
    """Print the tables."""
    with tempfile.TemporaryDirectory(dir=".") as folder:
        root = Path(folder).resolve()
        place = board_of(root / "board", [("large", VERSIONS), *_single()])
        with _lab(root) as (url, server):
            quiet = _busy(server, idle_seconds)
            board = _known(place)
            with _page(url) as page:
                rows = [["first paint, nobody ever listed the board, ms", _first_paint(page)]]
        with _lab(root) as (url, server), _page(url) as page:
            rows += [*_figures(page, board), *_watching(page, server, quiet, idle_seconds)]
    table([f"{MODELS:,} models, one with {VERSIONS:,} versions", "seen"], rows)


def _single() -> list[tuple[str, int]]:
    return [(f"m{number:04d}", 1) for number in range(MODELS - 2)]  # and `large`, and the seed


def _known(place: Path) -> Any:
    from mlops_magics.core import known_boards
    from mlops_magics.core.versioning import open_board

    board = open_board(str(place))
    known_boards.remember(board.label, board.url)
    return board


def _figures(page: Any, board: Any) -> Iterator[list[str]]:
    before = _heap(page)
    yield ["first paint in a server that was just started, ms", _first_paint(page)]
    page.reload()
    _wait_for_lab(page)
    yield ["first paint after a reload, ms", _first_paint(page)]
    yield ["rows in the document", str(page.locator("[role=treeitem]").count())]
    opened = _heap(page)
    yield ["scrolled through the models: frame, ms (median, p95, most)", _frames(page)]
    page.fill(".mlops-panel-head input", "large")
    page.wait_for_selector(".mlops-item-board >> text=/1 of /")
    page.click(".mlops-item-model >> text=large")
    page.wait_for_selector(".mlops-item-version")
    yield ["scrolled through the versions: frame, ms (median, p95, most)", _frames(page)]
    yield ["the same once more: longest task of the page, ms of CPU time", f"{_longest_task(page):.0f}"]
    page.wait_for_timeout(1000)
    once = _heap(page)
    for _ in range(4):
        _frames(page)
    page.wait_for_timeout(1000)
    yield [
        "heap, MB: before, opened, scrolled through once, five times",
        ", ".join(f"{each / 1e6:.1f}" for each in (before, opened, once, _heap(page))),
    ]
    page.evaluate("() => { document.querySelector('.mlops-tree').scrollTop = 0; }")
    seen = [_promotion(page, board, version) for version in board.versions("large")["version"].iloc[:PROMOTIONS]]
    yield [f"{PROMOTIONS} promotions elsewhere are seen after, ms (median, most)", _middle_and_most(seen)]


def _promotion(page: Any, board: Any, version: str) -> float:
    """Return after how many ms the panel shows that a version was promoted elsewhere, at a moment of no round time."""
    page.wait_for_timeout(1000 + 137 * secrets.randbelow(8))
    began = time.perf_counter()
    board.promote(f"large@{version}", to="champion")
    page.wait_for_selector(
        f".mlops-item-version:has([title*='{version}']) .is-champion", timeout=10_000, state="attached"
    )
    return 1000 * (time.perf_counter() - began)


def _first_paint(page: Any) -> str:
    return f"{page.evaluate(OPEN, '.mlops-item-model'):.0f}"


def _watching(page: Any, server: psutil.Process, quiet: float, seconds: float) -> Iterator[list[str]]:
    from mlops_magics.core.session.snapshot import Watched

    watched = Watched()
    for kind, thorough in (("thorough", True), ("quick", False)):
        took = []
        for _ in range(20):
            began = time.perf_counter()
            watched.snapshot(thorough=thorough)
            took.append(1000 * (time.perf_counter() - began))
        yield [f"one {kind} look of the watcher, ms", f"{statistics.median(took):.2f}"]
    yield ["server idle, no board: share of one core", f"{100 * quiet:.1f} %"]
    yield ["server idle, this board and the panel in sight", f"{100 * _busy(server, seconds):.1f} %"]
    page.context.browser.close()
    time.sleep(2)
    yield ["server idle, this board and no browser", f"{100 * _busy(server, seconds):.1f} %"]


def _frames(page: Any) -> str:
    times = sorted(page.evaluate(SCROLL, SCROLL_FRAMES))
    return f"{statistics.median(times):.0f}, {times[int(0.95 * len(times))]:.0f}, {times[-1]:.0f}"


def _longest_task(page: Any) -> float:
    """Return the longest task while scrolling, in ms that the page's thread computed: what another program on the
    machine takes from it is not in it."""
    browser = page.context.browser
    browser.start_tracing(page=page, categories=["toplevel"])
    page.evaluate(SCROLL, SCROLL_FRAMES)
    events = json.loads(browser.stop_tracing())["traceEvents"]
    threads = {(each["pid"], each["tid"]) for each in events if each.get("args", {}).get("name") == "CrRendererMain"}
    return max(each["tdur"] / 1000 for each in events if "tdur" in each and (each["pid"], each["tid"]) in threads)


def _middle_and_most(times: list[float]) -> str:
    return f"{statistics.median(times):.0f}, {max(times):.0f}"


def _heap(page: Any) -> float:
    """Return the bytes of JavaScript that are in use after a collection."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    used: float = session.send("Runtime.getHeapUsage")["usedSize"]
    session.detach()
    return used


def _busy(process: psutil.Process, seconds: float) -> float:
    """Return which share of one core a process used."""
    spent = sum(process.cpu_times()[:2])
    time.sleep(seconds)
    return float(sum(process.cpu_times()[:2]) - spent) / seconds


@contextmanager
def _page(url: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        page.goto(f"{url}/lab?token={TOKEN}")
        _wait_for_lab(page)
        yield page
        browser.close()


def _wait_for_lab(page: Any) -> None:
    page.wait_for_function("() => window.jupyterapp !== undefined", timeout=START_SECONDS * 1000)
    page.evaluate("async () => { await window.jupyterapp.restored; window.jupyterapp.shell.collapseLeft(); }")
    page.wait_for_timeout(1500)


@contextmanager
def _lab(folder: Path) -> Iterator[tuple[str, psutil.Process]]:
    """Start a JupyterLab that shares nothing with others, and end it."""
    os.environ["MLOPS_MAGICS_STATE"] = str(folder / "state")
    places = ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")
    environment = {**os.environ, **{f"JUPYTER_{name}": str(folder / name.lower()) for name in places}}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "work").mkdir(exist_ok=True)
    command = [
        sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
        f"--IdentityProvider.token={TOKEN}", f"--notebook-dir={folder / 'work'}", "--LabApp.expose_app_in_browser=True",
    ]  # fmt: skip
    with open(folder / "server.log", "wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for_server(f"{url}/api?token={TOKEN}")
        yield url, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait_for_server(url: str) -> None:
    limit = time.monotonic() + START_SECONDS
    while True:
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return
        except urllib.error.URLError:
            if time.monotonic() > limit:
                raise
            time.sleep(0.2)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else IDLE_SECONDS)
