"""The verbs of versioning, called as plain Python."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from mlops_magics import Session

ROWS = pd.DataFrame(np.random.default_rng(0).normal(size=(400, 2)), columns=["a", "b"])
TRUTH = np.where(ROWS["a"] + np.random.default_rng(1).normal(size=400) > 0, "yes", "no")


class Counting(LogisticRegression):  # type: ignore[misc]
    """Counts the rows of every call."""

    calls: tuple[tuple[str, int], ...] = ()

    def predict(self, X: pd.DataFrame) -> np.ndarray:  # type: ignore[type-arg]
        """Predict, and note the call."""
        Counting.calls += (("predict", len(X)),)
        return super().predict(X)  # type: ignore[no-any-return]

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:  # type: ignore[type-arg]
        """The same for probabilities."""
        Counting.calls += (("predict_proba", len(X)),)
        return super().predict_proba(X)  # type: ignore[no-any-return]


def test_a_pin_predicts_the_training_rows_and_the_held_out_rows_once(tmp_path: Path) -> None:
    """Metrics, profile and calibration read the same answers; only the rows of the round trip are predicted apart."""
    model = Counting().fit(ROWS[:300], TRUTH[:300])
    Counting.calls = ()
    version = Session(tmp_path).pin(
        model, "m", data=ROWS[:300], truth=TRUTH[:300], test=(ROWS[300:], TRUTH[300:]), format="joblib"
    )

    large = [call for call in Counting.calls if call[1] > 50]
    assert sorted(large) == [("predict", 100), ("predict", 300), ("predict_proba", 100)]
    assert set(version.metrics) == {"accuracy", "f1_macro", "roc_auc", "log_loss"}
