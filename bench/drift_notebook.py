"""What a report costs a notebook: its output in bytes, and the seconds of the first one. Prints Markdown.

    python bench/drift_notebook.py [size] [first]

``size``: the output of a report over 200 features and 26 weeks, as the notebook stores it, and its time. ``first``:
from `%load_ext` to the displayed report on 10,000 rows in a kernel that has pandas and scikit-learn loaded, as the one
in which a model was trained; five kernels, a process each, with a board that holds the version, and the CPU seconds of
the kernel and of the process that draws. With a session name, as JupyterLab gives one: then the output has its view.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

FEATURES, WEEKS, ROWS_A_WEEK = 200, 26, 200
WHAT = (
    "%load_ext",
    "and %monitor on 10,000 rows",
    "and its display",
    "CPU of the kernel in all of it",
    "CPU of the process that draws",
)
FIRST = """
import sys, time
import numpy as np, pandas as pd, psutil, sklearn.linear_model
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
shell = InteractiveShell.instance()
numbers = np.random.default_rng(1)
shell.user_ns["visits"] = pd.DataFrame({f"x{k}": numbers.normal(size=10_000) for k in range(10)})
start, worked = time.perf_counter(), time.process_time()
shell.run_line_magic("load_ext", "mlops_magics")
loaded = time.perf_counter()
shell.run_line_magic("board", sys.argv[1])
report = shell.run_line_magic("monitor", "visitors --data visits")
found = time.perf_counter()
with capture_output():
    data, _ = shell.display_formatter.format(report)
shown, worked = time.perf_counter() - start, time.process_time() - worked
drawing = sum(sum(child.cpu_times()[:2]) for child in psutil.Process().children(recursive=True))
print(loaded - start, found - start, shown, worked, drawing, len(report.drift))
"""


def print_size() -> None:
    """Print how large the output of the largest report is."""
    import pandas as pd
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    from mlops_magics.core.monitoring import monitor, profile

    numbers, rows = np.random.default_rng(0), WEEKS * ROWS_A_WEEK
    names = [f"feature_{k}" for k in range(FEATURES)]
    reference = pd.DataFrame(numbers.normal(size=(5_000, FEATURES)), columns=names)
    current = pd.DataFrame(numbers.normal(size=(rows, FEATURES)), columns=names)
    current[names[0]] += np.linspace(0, 2, rows)
    at = pd.date_range("2024-01-01", periods=rows, freq=f"{7 * 24 * 60 // ROWS_A_WEEK}min")
    stored = profile(reference)
    start = time.perf_counter()
    report = monitor(stored, current.assign(at=at), by="week", timestamp="at")
    compared = time.perf_counter()
    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "mlops_magics")
    with capture_output() as captured:
        data, _ = shell.display_formatter.format(report)
    drawn = time.perf_counter()
    outputs = [output.data for output in captured.outputs] + [data]
    print("| output of 200 features x 26 weeks | kB |\n|---|---|")
    for kind, body in (pair for output in outputs for pair in output.items()):
        print(f"| {kind} | {len(body if isinstance(body, str) else json.dumps(body)) / 1000:.1f} |")
    print(f"| all of it, as stored | {len(json.dumps(outputs)) / 1000:.1f} |")
    print(f"\ncompared in {compared - start:.2f} s, drawn in {drawn - compared:.2f} s\n")


def print_first() -> None:
    """Print the seconds of the first report of a kernel."""
    import pandas as pd
    from sklearn.linear_model import LogisticRegression

    import mlops_magics as mm

    numbers = np.random.default_rng(0)
    X = pd.DataFrame({f"x{k}": numbers.normal(size=5_000) for k in range(10)})
    y = (X["x0"] > 0).astype(int)
    with tempfile.TemporaryDirectory() as board:
        mm.Session(board=board).pin(LogisticRegression().fit(X, y), "visitors", data=X, truth=y)
        taken = []
        for _ in range(5):
            command, attended = [sys.executable, "-c", FIRST, board], {**os.environ, "JPY_SESSION_NAME": "a.ipynb"}
            done = subprocess.run(command, check=True, capture_output=True, text=True, env=attended)
            taken.append([float(word) for word in done.stdout.split()[-6:-1]])
    told = (statistics.median(column) for column in zip(*taken))
    print("| the first report of a kernel, median of 5 | seconds |\n|---|---|")
    for what, seconds in zip(WHAT, told):
        print(f"| {what} | {seconds:.2f} |")


def main() -> None:
    """Print what was asked for."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("what", nargs="*", help="both by default")
    options = asked.parse_args()
    what = options.what or ["size", "first"]
    for name in what:
        {"size": print_size, "first": print_first}[name]()


if __name__ == "__main__":
    main()
