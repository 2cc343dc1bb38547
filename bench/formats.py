"""Writing and reading models as checked data beside joblib and skops alone, in one run: `python bench/formats.py`.

Figures are the best of several rounds, each format in turn within a round. Reading includes all checks.
"""

from __future__ import annotations

import io
import time
import warnings
from collections.abc import Callable
from typing import Any

import joblib
import lightgbm
import skops.io
import xgboost
from sklearn.datasets import make_classification
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
)
from sklearn.neighbors import KNeighborsClassifier

from mlops_magics.core.versioning.formats.skops_format import SkopsFormat

ROUNDS = 5
ROWS, FEATURES = 4_000, 20
MODELS: dict[str, Callable[[], Any]] = {
    "random forest, 500 trees": lambda: RandomForestClassifier(500, random_state=0, n_jobs=2),
    "gradient boosting, 300 trees": lambda: GradientBoostingClassifier(n_estimators=300),
    "hist gradient boosting, 300 trees": lambda: HistGradientBoostingClassifier(max_iter=300),
    "isolation forest, 100 trees": lambda: IsolationForest(n_estimators=100),
    "nearest neighbours": lambda: KNeighborsClassifier(algorithm="kd_tree"),
    "xgboost, 300 trees": lambda: xgboost.XGBClassifier(n_estimators=300),
    "lightgbm, 300 trees": lambda: lightgbm.LGBMClassifier(n_estimators=300, verbose=-1),
}
Write, Read = Callable[[Any], bytes], Callable[[bytes], Any]


def _with_joblib(model: Any) -> bytes:
    stream = io.BytesIO()
    joblib.dump(model, stream)
    return stream.getvalue()


def _with_ours(model: Any) -> bytes:
    stream = io.BytesIO()
    SkopsFormat().write(model, stream)
    return stream.getvalue()


def _read_with_skops(data: bytes) -> Any:
    return skops.io.loads(data, trusted=skops.io.get_untrusted_types(data=data))


def _read_with_ours(data: bytes) -> Any:
    handler, stream = SkopsFormat(), io.BytesIO(data)
    assert handler.untrusted(stream) == []
    stream.seek(0)
    return handler.read(stream)


FORMATS: dict[str, tuple[Write, Read]] = {
    "joblib": (_with_joblib, lambda data: joblib.load(io.BytesIO(data))),
    "skops alone": (skops.io.dumps, _read_with_skops),
    "checked data": (_with_ours, _read_with_ours),
}


def measure(model: Any) -> dict[str, tuple[float, float, int]]:
    """Return format → seconds to write, seconds to read and bytes."""
    best = {name: (float("inf"), float("inf"), 0) for name in FORMATS}
    for _ in range(ROUNDS):
        for name, (write, read) in FORMATS.items():
            started = time.perf_counter()
            data = write(model)
            written = time.perf_counter()
            read(data)
            done = time.perf_counter()
            before = best[name]
            best[name] = min(before[0], written - started), min(before[1], done - written), len(data)
    return best


def main() -> None:
    """Print the table."""
    warnings.simplefilter("ignore")
    rows, labels = make_classification(ROWS, FEATURES, n_informative=8, random_state=0)
    print("| model | format | write, ms | read, ms | MB | read / joblib |\n|---|---|---|---|---|---|")
    for title, build in MODELS.items():
        found = measure(build().fit(rows, labels))
        for name, (write, read, size) in found.items():
            ratio = read / found["joblib"][1]
            print(f"| {title} | {name} | {write * 1e3:.0f} | {read * 1e3:.1f} | {size / 1e6:.2f} | {ratio:.2f} |")


if __name__ == "__main__":
    main()
