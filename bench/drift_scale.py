"""How time grows with rows and columns, and files larger than memory: printed as Markdown.

    python bench/drift_scale.py [fit] [files] [--rows 20000000] [--folder FOLDER]

``fit`` takes the CPU time of an exact comparison of two frames in memory over four sizes each and fits
seconds = c·size^k; 1 is linear.
``files`` writes Parquet files of so many rows one after the other, profiles the first and compares the second with it,
each in a process of its own whose peak memory is told, and removes them.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

ROWS = (125_000, 250_000, 500_000, 1_000_000)
COLUMNS = (5, 10, 20, 40)
FIXED_ROWS, FIXED_COLUMNS = 250_000, 10
REPEATS = 3
PROFILED = """
import json, resource, sys, time
from pathlib import Path
from mlops_magics.core.monitoring import ReferenceProfile, drift, profile
data, stored, task = sys.argv[1:]
start = time.perf_counter()
if task == "profile":
    Path(stored).write_bytes(profile(data).to_bytes())
    drifted = []
else:
    answer = drift(ReferenceProfile.from_bytes(Path(stored).read_bytes()), data)
    drifted = answer["feature"][answer["drifted"]].tolist()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"seconds": time.perf_counter() - start, "peak": peak, "drifted": drifted}))
"""


def seconds(rows: int, columns: int) -> float:
    """Return the least CPU time of a few exact comparisons: on a shared machine it says more than the clock."""
    import pandas as pd

    from mlops_magics.core.monitoring import drift

    numbers = np.random.default_rng(rows)
    frames = [
        pd.DataFrame({f"x{k}": numbers.normal(size=rows) for k in range(columns)}) for _ in ("reference", "current")
    ]
    best = float("inf")
    for _ in range(REPEATS):
        start = time.process_time()
        drift(*frames, statistics=["ks", "wasserstein", "psi", "jensenshannon"])
        best = min(best, time.process_time() - start)
    return best


def fit(sizes: Iterable[int], measured: Iterable[float]) -> tuple[float, float]:
    """Return k of seconds = c·size^k, and the share of the variance that a straight line explains."""
    x, y = np.array(list(sizes), dtype=float), np.array(list(measured))
    power = float(np.polyfit(np.log(x), np.log(y), 1)[0])
    return power, float(np.corrcoef(x, y)[0, 1] ** 2)


def print_fit() -> None:
    """Print times and fits."""
    seconds(10_000, 5)
    for told, sizes, cells in (
        ("rows", ROWS, [(rows, FIXED_COLUMNS) for rows in ROWS]),
        ("columns", COLUMNS, [(FIXED_ROWS, columns) for columns in COLUMNS]),
    ):
        measured = [seconds(*cell) for cell in cells]
        power, explained = fit(sizes, measured)
        print(
            f"| {told} | {' '.join(f'{size:,}' for size in sizes)} | {' '.join(f'{s:.3f}' for s in measured)} | ",
            end="",
        )
        print(f"{power:.2f} | {explained:.4f} |", flush=True)


def print_files(rows: int, folder: Path) -> None:
    """Print seconds and peak memory of a profile, and of a comparison with it."""
    from drift_data import write

    with tempfile.TemporaryDirectory(dir=folder) as place:
        stored = Path(place) / "profile.json"
        for seed, task in enumerate(("profile", "compare")):
            data = write(Path(place) / "side.parquet", rows, seed)
            size = data.stat().st_size / 2**20
            found = run(str(data), str(stored), task)
            print(f"| {task} | {rows:,} | {size:,.0f} | {found['seconds']:.1f} | {found['peak']:,.0f} | ", end="")
            print(f"{', '.join(found['drifted'])} |", flush=True)


def run(*arguments: str) -> dict[str, Any]:
    """Measure in a process of its own."""
    done = subprocess.run([sys.executable, "-c", PROFILED, *arguments], check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    """Print what was asked for."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("what", nargs="*", help="both by default")
    asked.add_argument("--rows", type=int, default=20_000_000)
    asked.add_argument("--folder", type=Path, default=None)
    options = asked.parse_args()
    what = options.what or ["fit", "files"]
    if "fit" in what:
        print("| over | sizes | CPU seconds | power | R² of a straight line |\n|---|---|---|---|---|")
        print_fit()
    if "files" in what:
        print("\n| file | rows | MB of Parquet | seconds | peak MB | drifted |\n|---|---|---|---|---|---|")
        print_files(options.rows, options.folder)


if __name__ == "__main__":
    main()
