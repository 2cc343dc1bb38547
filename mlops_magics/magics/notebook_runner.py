"""A notebook as a recipe: its parameters are injected as by papermill, and it runs until it has pinned."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlops_magics.core.session.records import Job

INJECTED = "injected-parameters"
EXECUTED = "executed.ipynb"


class RecipeStopped(BaseException):
    """The recipe has pinned: the rest of its notebook is not run."""


def run_notebook(job: Job, order: dict[str, Any]) -> None:
    """Execute the notebook of a job in a kernel of this interpreter, until its version is pinned.

    Raises
    ------
    MissingDependency
        nbclient or ipykernel is not installed.
    """
    from mlops_magics.errors import MissingDependency

    try:
        import nbformat
        from ipykernel import kernelspec  # noqa: F401 - checked before a kernel is started
        from nbclient import NotebookClient
    except ImportError as missing:
        raise MissingDependency(
            "A notebook as a recipe needs nbclient and ipykernel", "mlops-magics[retrain]"
        ) from missing
    notebook = nbformat.read(job.folder / "notebook.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    inject(notebook, order["parameters"], nbformat.v4.new_code_cell)
    os.environ |= {"MLOPS_MAGICS_WIDGETS": "never", "JPY_SESSION_NAME": str(order["notebook"] or "notebook.ipynb")}

    def executed(**_: Any) -> None:
        save(job, notebook)
        if any(each["step"] == "pinned" for each in job.reports()):
            raise RecipeStopped

    with tempfile.TemporaryDirectory(prefix="mm-") as short:  # sockets have short names
        client = NotebookClient(
            notebook,
            km=_kernel(short),
            timeout=None,
            store_widget_state=False,
            resources={"metadata": {"path": _folder(job, order)}},
            on_cell_executed=executed,
        )
        try:
            client.execute()
        finally:
            _shut_down(client)
            save(job, notebook)
    raise RuntimeError(f"the notebook pinned no version of {order['name']}")


def inject(notebook: Any, parameters: dict[str, str], new_cell: Any) -> None:
    """Put a cell with the parameters after the one with that tag."""
    place = next(
        place for place, cell in enumerate(notebook.cells) if "parameters" in cell.get("metadata", {}).get("tags", ())
    )
    cell = new_cell("\n".join(f"{name} = {text}" for name, text in parameters.items()))
    cell.metadata["tags"] = [INJECTED]
    notebook.cells.insert(place + 1, cell)


def save(job: Job, notebook: Any) -> None:
    """Write the notebook so far in one step, its secrets replaced."""
    path = job.folder / EXECUTED
    beside = path.with_suffix(".part")
    beside.write_text(json.dumps(job.without_secrets(dict(notebook))), encoding="utf-8")
    # the pin reads it while the notebook runs
    os.replace(beside, path)


def _folder(job: Job, order: dict[str, Any]) -> str:
    """Return the notebook's own folder, where it is still there."""
    return order["folder"] if order["folder"] and Path(order["folder"]).is_dir() else str(job.folder)


def _kernel(folder: str) -> Any:
    """Return a manager of a kernel of this interpreter, over sockets of the file system."""
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager

    class Own(KernelSpecManager):
        def get_kernel_spec(self, kernel_name: str) -> Any:
            argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
            return KernelSpec(argv=argv, display_name="Python", language="python")

    # sockets of the file system: other users of the machine cannot reach them, as they can a port
    transport = "tcp" if sys.platform == "win32" else "ipc"
    return AsyncKernelManager(kernel_spec_manager=Own(), transport=transport, connection_file=f"{folder}/kernel.json")


def _shut_down(client: Any) -> None:
    """End the kernel: nbclient leaves one running that it was given."""
    from jupyter_core.utils import run_sync

    if client.km is not None and client.km.has_kernel:
        run_sync(client.km.shutdown_kernel)(now=True)
