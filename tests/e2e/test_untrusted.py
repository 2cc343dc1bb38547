"""A notebook from a stranger, opened beside the panel: our views in it do nothing until it is trusted."""

from __future__ import annotations

from typing import Any

import anywidget
import nbformat

from .conftest import Lab, open_notebook

VIEW, WIDGET = "application/vnd.mlops-magics.view+json", "application/vnd.jupyter.widget-view+json"
VERSION = f"~{anywidget.__version__}"
STATE = "application/vnd.jupyter.widget-state+json"
PROGRAM = """
export default {
    render({ model, el }) {
        window.__pwned = 'program';
        el.textContent = 'alive';
        fetch('/mlops-magics/boards');
        model.send({ id: 1, verb: 'stop', args: {} });
    },
};
"""
HTML = "<p>the saved facts</p><img src=x onerror=\"window.__pwned = 'html'\">"
ASKING = (b"comm_open", b"comm_msg", b"execute_request")
ANY_NOTEBOOK = (b"jupyter.widget.control", b"request_states")  # JupyterLab asks each kernel once which widgets it has


def stranger(lab: Lab, name: str) -> str:
    """Write a notebook whose output is a saved view of ours, and whose widget is somebody's program."""
    made_by = {"model_module": "anywidget", "model_module_version": VERSION, "model_name": "AnyModel"}
    state = {
        "_anywidget_id": "mlops_magics.panel.PanelView", "_esm": PROGRAM, "_view_module": "anywidget",
        "_view_module_version": VERSION, "_view_name": "AnyView", "_model_module": "anywidget",
        "_model_module_version": VERSION, "_model_name": "AnyModel",
    }  # fmt: skip
    output = nbformat.v4.new_output(
        "display_data",
        {
            VIEW: {"kind": "panel", "model_id": "evil"},
            WIDGET: {"version_major": 2, "version_minor": 0, "model_id": "evil"},
            "text/html": HTML,
        },
    )
    cell = nbformat.v4.new_code_cell("%mlops", outputs=[output], execution_count=1)
    widgets = {STATE: {"version_major": 2, "version_minor": 0, "state": {"evil": {**made_by, "state": state}}}}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"widgets": widgets, "kernelspec": kernel})
    nbformat.write(notebook, lab.folder / name)
    return name


def test_T17_a_strangers_notebook_asks_for_nothing_until_it_is_trusted(page: Any, lab: Lab) -> None:
    """T17: Its saved view is HTML without a program: no request to the server, no message to the kernel. The very
    same view comes to life when its reader trusts the notebook."""
    requests: list[str] = []
    said: list[bytes] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: said.append(_bytes(frame))))
    open_notebook(page, lab, stranger(lab, "stranger.ipynb"))
    saved = page.locator(".mlops-saved-view")
    saved.get_by_text("the saved facts").wait_for(timeout=20_000)
    page.wait_for_timeout(8000)  # longer than the view tries to come to life
    pwned = page.evaluate("window.__pwned")
    asked = [url for url in requests if url.startswith(f"{lab.url}/mlops-magics/")]
    ours = [frame for frame in said if not any(word in frame for word in ANY_NOTEBOOK)]
    told = [frame for frame in ours if any(word in frame for word in ASKING)]
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:trust'); }")
    page.click(".jp-Dialog button.jp-mod-accept")
    saved.get_by_text("alive").wait_for(timeout=20_000)

    assert (pwned, asked, told) == (None, [], [])
    assert any(b"kernel_info_request" in frame for frame in said), "what is said to the kernel was heard"
    assert page.foreign_requests == []


def _bytes(frame: str | bytes) -> bytes:
    return frame if isinstance(frame, bytes) else frame.encode()
