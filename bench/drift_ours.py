"""One measurement of our side, in a process of its own: prints seconds and peak memory as JSON.

    python bench/drift_ours.py TASK REFERENCE.parquet CURRENT.parquet
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

EXACT = ["ks", "wasserstein", "psi", "kl", "jensenshannon", "hellinger", "chi2", "tvd", "linf"]


def exact(reference: Any, current: Any) -> Any:
    """Every exact statistic of two frames in memory, cold."""
    from mlops_magics.core.monitoring import drift

    return lambda: drift(reference, current, statistics=EXACT)


def default(reference: Any, current: Any) -> Any:
    """The calibrated default of two frames in memory."""
    from mlops_magics.core.monitoring import drift

    return lambda: drift(reference, current)


def profiled(reference: Any, current: Any) -> Any:
    """The calibrated default of a frame in memory against the stored profile."""
    from mlops_magics.core.monitoring import drift, profile

    stored = profile(reference)
    return lambda: drift(stored, current)


def peak_megabytes() -> float:
    """Return the largest resident size so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(task: str, reference_path: str, current_path: str) -> None:
    """Load, warm up the libraries on a few rows, measure."""
    import pandas as pd

    frames = [pd.read_parquet(Path(path)) for path in (reference_path, current_path)]
    tasks = {"exact": exact, "default": default, "profiled": profiled}
    tasks[task](*(frame.head(2_000) for frame in frames))()
    before = peak_megabytes()
    run = tasks[task](*frames)
    start = time.perf_counter()
    run()
    print(json.dumps({"seconds": time.perf_counter() - start, "before": before, "peak": peak_megabytes(), "data": _data_megabytes(frames)}))


def _data_megabytes(frames: list[Any]) -> float:
    return sum(float(frame.memory_usage(deep=True).sum()) for frame in frames) / 2**20


if __name__ == "__main__":
    main(*sys.argv[1:4])
