"""What the notebook pays: `python bench/notebook.py [rows] [features] [--venvs FOLDER]`; 1,000,000 and 200 unless told.

The time of `%load_ext mlops_magics` beside a bare shell, the weight of each widget, and the weight in the notebook file
of a report, beside Evidently's HTML where the folder has an environment for it (of 2,000 rows: it grows with rows).
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
STATIC = HERE.parent / "mlops_magics" / "static"
TIMES = 9
PERIODS = 30

_LOAD = """
import time
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
began = time.perf_counter()
shell.run_line_magic("load_ext", "{extension}")
print(time.perf_counter() - began)
"""

_EVIDENTLY = """
import numpy as np, pandas as pd, sys
from evidently import Report
from evidently.presets import DataDriftPreset
draw = np.random.default_rng(0)
before, after = (pd.DataFrame(draw.normal(size=(2000, {features}))).rename(columns=str) for _ in range(2))
Report([DataDriftPreset()]).run(after, before).save_html(sys.argv[1])
"""


def main(rows: int, features: int, venvs: Path) -> None:
    """Print the three."""
    ours, bare = _load("mlops_magics"), _load("autoreload")
    print(f"%load_ext mlops_magics {1000 * ours:.0f} ms; %load_ext autoreload {1000 * bare:.0f} ms")
    for path in sorted(STATIC.glob("*.js")):
        print(f"{path.name}: {path.stat().st_size / 1000:.1f} kB")
    weight, seconds = _report(rows, features)
    told = f"{rows:,} rows and {features} features in {PERIODS} periods"
    print(f"a report over {told}: {weight / 1000:.0f} kB, {seconds:.1f} s")
    peer = venvs / "evidently" / "bin" / "python"
    if peer.is_file():
        target = HERE / "evidently.html"
        subprocess.run([peer, "-c", _EVIDENTLY.format(features=features), target], check=True)
        print(f"Evidently's HTML of 2,000 rows: {target.stat().st_size / 1000:,.0f} kB")
        target.unlink()


def _load(extension: str) -> float:
    """Return the median of seconds that loading takes in a fresh shell."""
    command = [sys.executable, "-c", _LOAD.format(extension=extension)]
    found = [float(subprocess.run(command, capture_output=True, check=True, text=True).stdout) for _ in range(TIMES)]
    return statistics.median(found)


def _report(rows: int, features: int) -> tuple[int, float]:
    """Return the bytes that a report's outputs take in a notebook file, and the seconds to compute and draw it."""
    import numpy as np
    import pandas as pd
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    from mlops_magics.core import monitoring
    from mlops_magics.widgets.views import display_bundle

    draw = np.random.default_rng(0)
    names = [f"feature_{place}" for place in range(features)]
    reference = pd.DataFrame(draw.normal(size=(20_000, features)).astype("float32"), columns=names)
    current = pd.DataFrame(draw.normal(size=(rows, features)).astype("float32"), columns=names)
    current[names[: features // 10]] += 0.5
    profile = monitoring.profile(reference)
    InteractiveShell.instance()
    began = time.perf_counter()
    report = monitoring.monitor(profile, current, name="wide", by=rows // PERIODS)
    with capture_output() as chart:
        view, _ = display_bundle(report, None)  # type: ignore[arg-type]
    seconds = time.perf_counter() - began
    written = [view, *(output.data for output in chart.outputs)]
    return sum(len(json.dumps(data)) for data in written), seconds


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("rows", type=int, nargs="?", default=1_000_000)
    parser.add_argument("features", type=int, nargs="?", default=200)
    parser.add_argument("--venvs", type=Path, default=HERE.parent / ".venv-peers")
    main(**vars(parser.parse_args()))
