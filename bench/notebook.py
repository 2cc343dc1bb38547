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
began = time.perf_counter()
shell.run_line_magic("load_ext", "{extension}")
print(time.perf_counter() - began)
"""


def main() -> None:
    """Print both."""
    ours, bare = _load("mlops_magics"), _load("autoreload")
    print(f"%load_ext mlops_magics {1000 * ours:.0f} ms; %load_ext autoreload {1000 * bare:.0f} ms")
    for path in sorted(STATIC.glob("*.js")):
        print(f"{path.name}: {path.stat().st_size / 1000:.1f} kB")


def _load(extension: str) -> float:
    """Return the median of seconds that loading takes in a fresh shell."""
    command = [sys.executable, "-c", _LOAD.format(extension=extension)]
    found = [float(subprocess.run(command, capture_output=True, check=True, text=True).stdout) for _ in range(TIMES)]
    return statistics.median(found)


if __name__ == "__main__":
    main()
