"""What loading costs a notebook: `python bench/notebook.py`.

The time of `%load_ext mlops_magics` in a fresh shell, beside that of IPython's own `autoreload`, and the weight of each
widget. What a report costs is in `drift_notebook.py`.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from pathlib import Path

STATIC = Path(__file__).parents[1] / "mlops_magics" / "static"
TIMES = 9

_LOAD = """
import time
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
began, worked = time.perf_counter(), time.process_time()
shell.run_line_magic("load_ext", "{extension}")
print(time.perf_counter() - began, time.process_time() - worked)
"""


def main() -> None:
    """Print both."""
    for extension in ("mlops_magics", "autoreload"):
        seconds, worked = _load(extension)
        print(f"%load_ext {extension}: {1000 * seconds:.0f} ms, {1000 * worked:.0f} ms of them CPU time")
    for path in sorted(STATIC.glob("*.js")):
        print(f"{path.name}: {path.stat().st_size / 1000:.1f} kB")


def _load(extension: str) -> tuple[float, float]:
    """Return the medians of the seconds that loading takes in a fresh shell, and of its CPU time."""
    command = [sys.executable, "-c", _LOAD.format(extension=extension)]
    told = [subprocess.run(command, capture_output=True, check=True, text=True).stdout.split() for _ in range(TIMES)]
    return statistics.median(float(each[0]) for each in told), statistics.median(float(each[1]) for each in told)


if __name__ == "__main__":
    main()
