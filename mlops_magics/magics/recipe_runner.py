"""`python -m mlops_magics.magics.recipe_runner FOLDER PID STARTED`: run the recipe of a retraining in this process.

The process that started it watches the steps that are reported in the folder. Where that process is gone, this one
ends before it pins anything.
"""

from __future__ import annotations

import atexit
import json
import os
import re
import sys
import threading
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlops_magics.magics.notebook_runner import RecipeStopped, run_notebook

if TYPE_CHECKING:
    from mlops_magics.core.session.records import Job

LONGEST = 300
"""Characters of an error."""
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
GRACE_SECONDS = 5.0
"""Time that the functions of `atexit` have: that of multiprocessing waits for its processes."""


def main(folder: str, pid: str, started: str) -> int:
    """Run the recipe of a job and return the exit status."""
    from mlops_magics.core.session.records import Job

    job = Job(Path(folder))
    threading.Thread(target=job.end_with, args=(int(pid), float(started)), daemon=True).start()
    order = job.order()
    try:
        if order["kind"] == "notebook":
            run_notebook(job, order)
        elif order["kind"] == "check":
            _restore(make_shell(), job, order)
            job.report("checked")
        else:
            _run_cell(job, order)
    except RecipeStopped:
        return 0
    except BaseException as fault:
        traceback.print_exc()
        job.report("failed", **job.without_secrets(error_of(fault)))
        return 1
    return 0


def error_of(fault: BaseException) -> dict[str, Any]:
    """Return the type, the message and the line of the recipe at which it failed."""
    frames = traceback.extract_tb(fault.__traceback__)
    # IPython and ipykernel name the file of a cell differently
    own = [each for each in frames if each.filename.startswith("<ipython-input") or "ipykernel" in each.filename]
    where = {"line": own[-1].lineno, "code": own[-1].line or ""} if own else {}
    # nbclient's error repeats the cell and its coloured traceback, and has the name and the text of the error beside it
    name, text = getattr(fault, "ename", type(fault).__name__), getattr(fault, "evalue", str(fault))
    return {"error": str(name), "message": " ".join(_COLOUR.sub("", str(text)).split())[:LONGEST], **where}


def _run_cell(job: Job, order: dict[str, Any]) -> None:
    shell = make_shell()
    (job.folder / "executed.ipynb").write_text(json.dumps(job.without_secrets(as_notebook(order))), encoding="utf-8")
    _restore(shell, job, order)
    from mlops_magics.magics.execution import run_words
    from mlops_magics.magics.verbs import VERBS

    notebook = shell._mlops_magics_extension.notebook
    magic = shell.find_cell_magic("pin_model")
    run_words(notebook, VERBS["pin_model"], magic, order["line"], order["source"], name=order["name"])
    if not any(each["step"] == "pinned" for each in job.reports()):
        raise RuntimeError("the recipe pinned nothing")


def _restore(shell: Any, job: Job, order: dict[str, Any]) -> None:
    """Bring the notebook back as it was before the cell: earlier cells, definitions, parameters, rows, generators.

    Earlier cells come first, since they may bind the names of rows to the old ones. The definitions may bind a name
    again that only these cells make as it was.
    """
    job.restore_import_folders(order)
    shell.run_line_magic("load_ext", "mlops_magics")
    rows = {name: job.rows(file) for name, file in order["names"].items()}
    for cell in order.get("history", ()):
        must(shell.run_cell(cell))
    made = {name: shell.user_ns[name] for name in order.get("values", ()) if name in shell.user_ns}
    job.check_values(order, made)
    for name, text in order["parameters"].items():
        must(shell.run_cell(f"{name} = {text}"))
    shell.user_ns.update(rows)
    if order["preamble"]:
        must(shell.run_cell(order["preamble"]))
    shell.user_ns.update(made)
    job.restore_process(order)


def make_shell() -> Any:
    """Return a shell of text alone, without a history and without colours: what it shows is a log."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    # the history is an SQLite file of the user, in which a run has nothing to write
    settings = Config(
        {
            "HistoryManager": {"enabled": False},
            "InteractiveShell": {"colors": "NoColor"},
            "DisplayFormatter": {"active_types": ["text/plain"]},  # else each second of a step is a line
        }
    )
    shell = InteractiveShell.instance(config=settings)
    sys.path[:0] = [] if os.getcwd() in sys.path else [os.getcwd()]
    return shell


def must(result: Any) -> None:
    """Raise the error of a cell."""
    result.raise_error()


def as_notebook(order: dict[str, Any]) -> dict[str, Any]:
    """Return the code of a recipe as a notebook: its parameters, their needs, and the cell."""
    parameters = "\n".join(f"{name} = {text}" for name, text in order["parameters"].items())
    cells = [
        ("# the new rows are bound to: " + ", ".join(order["names"]), []),
        (parameters, ["injected-parameters"]),
        *((cell, []) for cell in order.get("history", ())),
        (order["preamble"], []),
        (f"%%pin_model {' '.join(order['line'])}\n{order['source']}", []),
    ]
    return {
        "cells": [
            {"cell_type": "code", "execution_count": None, "id": f"cell-{place}", "metadata": {"tags": tags},
             "outputs": [], "source": source}
            for place, (source, tags) in enumerate(cells) if source
        ],
        "metadata": {"mlops_magics": order["facts"]},
        "nbformat": 4,
        "nbformat_minor": 5,
    }  # fmt: skip


def leave(status: int) -> None:
    """End this process, whatever threads and processes the recipe has left: Python itself waits for them."""
    # a function of atexit may wait for ever for what the recipe left
    timer = threading.Timer(GRACE_SECONDS, os._exit, [status])
    timer.daemon = True
    timer.start()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    leave(main(*sys.argv[1:]))
