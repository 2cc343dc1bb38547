"""A real JupyterLab in a real Chromium, with folders, token and port of its own."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
BROWSER_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
TOKEN = "e2e"
START_SECONDS = 60
CELLS_SECONDS = 180


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what lies here as e2e; without a browser it is skipped in plain words, and an error under CI."""
    for item in items:
        if Path(__file__).parent not in item.path.parents:
            continue
        item.add_marker(pytest.mark.e2e)
        if CHROMIUM is None and not os.environ.get("CI"):
            item.add_marker(
                pytest.mark.skip(reason="no Chromium: `sudo apt-get install chromium` to run the browser tests")
            )


@dataclass(frozen=True, slots=True)
class Lab:
    """A running Jupyter front end: where it answers, and the folder whose notebooks it shows."""

    url: str
    folder: Path
    environment: dict[str, str]
    app: str

    def address(self, notebook: str) -> str:
        place = "lab/tree" if self.app == "lab" else "notebooks"
        return f"{self.url}/{place}/{notebook}?reset&token={TOKEN}"  # reset: no other test's tabs are opened again

    def write(self, name: str, cells: list[str]) -> str:
        """Write a notebook of these code cells into the folder."""
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(notebook, self.folder / name)
        return name


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """JupyterLab, once for all browser tests."""
    yield from _served(tmp_path_factory.mktemp("lab"), "lab", "LabApp")


@pytest.fixture(scope="session")
def notebook7(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Notebook 7, once for all browser tests."""
    yield from _served(tmp_path_factory.mktemp("notebook7"), "notebook", "JupyterNotebookApp")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One headless Chromium for a module: its event loop must not outlive the browser tests."""
    from playwright.sync_api import sync_playwright

    assert CHROMIUM is not None, "CI needs a browser: apt-get install chromium"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=BROWSER_ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A fresh browser context; the addresses it asked outside this machine are in ``page.foreign_requests``."""
    with fresh_page(browser) as opened:
        yield opened


@contextlib.contextmanager
def fresh_page(browser: Any) -> Iterator[Any]:
    """Open a page that notes what it asks outside this machine; the kernel of its notebook ends with it."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    opened = context.new_page()
    opened.foreign_requests = []
    opened.on("request", lambda request: _note_foreign(opened, request.url))
    try:
        yield opened
        opened.evaluate("async () => { await window.openedNotebook?.sessionContext.shutdown(); }")
    finally:
        context.close()


def _note_foreign(page: Any, url: str) -> None:
    if url.startswith("http") and not url.startswith(("http://127.0.0.1", "http://localhost")):
        page.foreign_requests.append(url)


def _served(folder: Path, app: str, traitlet: str) -> Iterator[Lab]:
    environment = _environment(folder)
    port = _free_port()
    work = folder / "work"
    work.mkdir()
    with open(folder / "server.log", "wb") as log:
        process = subprocess.Popen(
            [
                sys.executable, "-m", "jupyter", app, "--no-browser", "--allow-root", "--ip=127.0.0.1",
                f"--port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}",
                f"--notebook-dir={work}",
                f"--{traitlet}.expose_app_in_browser=True",
            ],
            env=environment, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        _wait_until_it_answers(f"http://127.0.0.1:{port}/api?token={TOKEN}", process, folder / "server.log")
        yield Lab(f"http://127.0.0.1:{port}", work, environment, app)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _environment(folder: Path) -> dict[str, str]:
    """Give the server configuration, data and runtime folders that no other Jupyter shares."""
    places = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "IPYTHONDIR": "ipython",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "MLOPS_MAGICS_STATE": "state",
    }
    for name in places.values():
        (folder / name).mkdir()
    labconfig = folder / "config" / "labconfig"
    labconfig.mkdir()
    (labconfig / "page_config.json").write_text(
        json.dumps({"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}})
    )
    return {**os.environ, **{variable: str(folder / name) for variable, name in places.items()}}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_it_answers(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    limit = time.monotonic() + START_SECONDS
    while time.monotonic() < limit:
        assert process.poll() is None, log.read_text()[-2000:]
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"no answer within {START_SECONDS} s:\n{log.read_text()[-2000:]}")


def wait_for_lab(page: Any) -> None:
    """Wait until the front end has started, and what was open before is open again."""
    page.wait_for_function("() => window.jupyterapp !== undefined", timeout=START_SECONDS * 1000)
    page.evaluate("async () => { await window.jupyterapp.restored; }")


def open_notebook(page: Any, lab: Lab, name: str) -> None:
    """Open a notebook and wait until its kernel is ready; clicks before that do nothing."""
    page.goto(lab.address(name))
    wait_for_lab(page)
    page.evaluate(
        """async name => {
            const app = window.jupyterapp;
            const found = () => [...app.shell.widgets('main')].find(w => w.sessionContext && w.context?.path === name);
            for (let tries = 0; tries < 300 && !found(); tries++) await new Promise(r => setTimeout(r, 100));
            const panel = window.openedNotebook = found();
            await panel.context.ready;
            await panel.sessionContext.ready;
            await panel.sessionContext.session.kernel.info;
        }""",
        name,
    )


def run_all_cells(page: Any) -> None:
    """Run the open notebook from top to bottom and wait until it is done."""
    page.evaluate("async () => { await window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
    page.wait_for_function(
        """() => {
            const panel = window.openedNotebook;
            const cells = panel.content.widgets.filter(cell => cell.model.type === 'code');
            const failed = cells.some(cell => cell.model.outputs.toJSON().some(each => each.output_type === 'error'));
            const ran = cell => cell.model.executionCount !== null && cell.model.executionState !== 'running';
            const done = cells.every(ran);
            return (failed || done) && panel.sessionContext.session.kernel.status === 'idle';
        }""",
        timeout=CELLS_SECONDS * 1000,
    )


def run_last(page: Any, source: str, *, wait: bool = True) -> None:
    """Append a cell to the open notebook, run it, and wait for it where that is wanted."""
    page.evaluate(
        """async ({source, wait}) => {
            const app = window.jupyterapp;
            const notebook = window.openedNotebook.content;
            notebook.activeCellIndex = notebook.widgets.length - 1;
            await app.commands.execute('notebook:insert-cell-below');
            notebook.activeCell.model.sharedModel.setSource(source);
            const ran = app.commands.execute('notebook:run-cell');
            if (wait) await ran;
        }""",
        {"source": source, "wait": wait},
    )


def cell_outputs(page: Any) -> list[list[dict[str, Any]]]:
    """Return each code cell's outputs as the notebook's model holds them."""
    outputs = page.evaluate(
        """() => {
            const cells = window.openedNotebook.content.widgets;
            return cells.filter(cell => cell.model.type === 'code').map(cell => cell.model.outputs.toJSON());
        }"""
    )
    return list(outputs)


def set_theme(page: Any, name: str) -> None:
    """Switch JupyterLab to 'JupyterLab Light' or 'JupyterLab Dark'."""
    page.evaluate(
        "async name => { await window.jupyterapp.commands.execute('apputils:change-theme', {theme: name}); }", name
    )
    page.wait_for_timeout(800)
