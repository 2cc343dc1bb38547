"""One measurement of a peer, run by the Python of the peer's own venv: prints seconds and peak memory as JSON.

VENV/bin/python bench/drift_peers.py evidently|nannyml|nannyml-cbpe REFERENCE.parquet CURRENT.parquet
"""

from __future__ import annotations

import json
import resource
import sys
import time
import warnings
from typing import Any

METRICS = ["roc_auc", "f1", "precision", "recall", "specificity", "accuracy"]


def evidently(reference: Any, current: Any) -> Any:
    """Evidently's default drift preset, as a dictionary."""
    from evidently import Report
    from evidently.presets import DataDriftPreset

    return lambda: Report([DataDriftPreset()]).run(current, reference).dict()


def nannyml(reference: Any, current: Any) -> Any:
    """All univariate methods of NannyML over its default ten chunks."""
    import nannyml as nml

    calculator = nml.UnivariateDriftCalculator(
        column_names=list(reference.columns),
        continuous_methods=["kolmogorov_smirnov", "jensen_shannon", "wasserstein", "hellinger"],
        categorical_methods=["chi2", "jensen_shannon", "l_infinity", "hellinger"],
    )
    return lambda: calculator.fit(reference).calculate(current)


def nannyml_cbpe(reference: Any, current: Any) -> Any:
    """NannyML's CBPE with six metrics."""
    import nannyml as nml

    estimator = nml.CBPE(
        y_pred_proba="score",
        y_pred="predicted",
        y_true="truth",
        problem_type="classification_binary",
        metrics=METRICS,
        chunk_number=10,
    )
    return lambda: estimator.fit(reference).estimate(current)


def main(task: str, reference_path: str, current_path: str) -> None:
    """Load, warm up on a few rows, measure once."""
    import pandas as pd

    warnings.simplefilter("ignore")
    frames = [pd.read_parquet(path) for path in (reference_path, current_path)]
    run = {"evidently": evidently, "nannyml": nannyml, "nannyml-cbpe": nannyml_cbpe}[task]
    run(*(frame.head(2_000) for frame in frames))()
    measured = run(*frames)
    start = time.perf_counter()
    result = measured()
    seconds = time.perf_counter() - start
    scores = _estimates(result) if task == "nannyml-cbpe" else None
    print(
        json.dumps(
            {"seconds": seconds, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "scores": scores}
        )
    )


def _estimates(result: Any) -> dict[str, float]:
    """Return the estimate of each metric in the first analysed chunk."""
    found = result.filter(period="analysis").to_df()
    return {metric: float(found[(metric, "value")].iloc[0]) for metric in METRICS}


if __name__ == "__main__":
    main(*sys.argv[1:4])
