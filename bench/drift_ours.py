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


def nannyml_like(reference: Any, current: Any) -> Any:
    """KS, Wasserstein, JS, Hellinger, chi-square and L-infinity in ten periods, as NannyML's all methods."""
    from mlops_magics.core.monitoring import drift

    names = ["ks", "wasserstein", "jensenshannon", "hellinger", "chi2", "linf"]
    return lambda: (
        drift(reference, reference, statistics=names, by="10 parts"),
        drift(reference, current, statistics=names, by="10 parts"),
    )


def cbpe(reference: Any, current: Any) -> Any:
    """Six metrics estimated in ten periods, calibrated on the reference."""
    import numpy as np

    from mlops_magics.core.monitoring.estimation import calibration
    from mlops_magics.core.monitoring.estimation import cbpe as estimation
    from mlops_magics.core.monitoring.reading import periods

    names = ("roc_auc", "f1", "precision", "recall", "specificity", "accuracy")

    def run() -> dict[str, float]:
        learned = calibration.calibrated(reference["score"].to_numpy(), reference["truth"].to_numpy())
        score, predicted, estimates = current["score"].to_numpy(), current["predicted"].to_numpy(), []
        scores = np.column_stack([1 - score, score])
        for window in periods.in_parts(len(current), 10):
            chances = estimation.Chances.of(scores[window.rows], predicted[window.rows], [learned, learned], 1)
            estimates.append({name: estimation.estimate(name, chances) for name in names})
        return estimates[0]

    return run


def peak_megabytes() -> float:
    """Return the largest resident size so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(task: str, reference_path: str, current_path: str) -> None:
    """Load, warm up the libraries on a few rows, measure."""
    import pandas as pd

    frames = [pd.read_parquet(Path(path)) for path in (reference_path, current_path)]
    tasks = {"exact": exact, "default": default, "profiled": profiled, "nannyml": nannyml_like, "nannyml-cbpe": cbpe}
    tasks[task](*(frame.head(2_000) for frame in frames))()
    before = peak_megabytes()
    run = tasks[task](*frames)
    start = time.perf_counter()
    result = run()
    seconds = time.perf_counter() - start
    scores = result if isinstance(result, dict) else None
    memory = {"before": before, "peak": peak_megabytes(), "data": _data_megabytes(frames)}
    print(json.dumps({"seconds": seconds, "scores": scores, **memory}))


def _data_megabytes(frames: list[Any]) -> float:
    return sum(float(frame.memory_usage(deep=True).sum()) for frame in frames) / 2**20


if __name__ == "__main__":
    main(*sys.argv[1:4])
