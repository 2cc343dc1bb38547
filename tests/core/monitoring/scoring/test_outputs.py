"""Several outputs are scored each and together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import sklearn.metrics

from mlops_magics.core.monitoring import performance

NUMBERS = np.random.default_rng(0)
TRUTH = NUMBERS.normal(size=(100, 2))
GUESS = TRUTH + NUMBERS.normal(size=(100, 2)) * [0.1, 1.0]
FRAME = pd.DataFrame({"height": TRUTH[:, 0], "weight": TRUTH[:, 1], "h": GUESS[:, 0], "w": GUESS[:, 1]})


@pytest.mark.parametrize(
    ("truth", "guess"),
    [
        (["height", "weight"], ["h", "w"]),
        (FRAME[["height", "weight"]], GUESS),
        (TRUTH, pd.DataFrame(GUESS)),
        (TRUTH.tolist(), GUESS.tolist()),
    ],
    ids=["names", "frame", "array", "lists"],
)
def test_regressions_of_two_outputs(truth: Any, guess: Any) -> None:
    """Together is the uniform average of scikit-learn; each output has its own row."""
    found = performance(FRAME, truth, guess, ["rmse", "mae", "r2"]).set_index("metric")["score"]

    assert found["rmse"] == pytest.approx(sklearn.metrics.root_mean_squared_error(TRUTH, GUESS))
    assert found["mae"] == pytest.approx(sklearn.metrics.mean_absolute_error(TRUTH, GUESS))
    assert found["r2"] == pytest.approx(sklearn.metrics.r2_score(TRUTH, GUESS))
    each = sorted(name for name in found.index if name.startswith("rmse["))
    assert found[each].tolist() == pytest.approx(
        sklearn.metrics.root_mean_squared_error(TRUTH, GUESS, multioutput="raw_values").tolist()
    )


def test_labels_of_two_outputs() -> None:
    """Together accuracy is the share of rows that are right in both, and averages are those of multilabel data."""
    truth, guess = TRUTH > 0, GUESS > 0
    found = performance(FRAME, truth, guess, ["accuracy", "f1_macro", "f1_micro"]).set_index("metric")

    assert found.loc["accuracy", "score"] == pytest.approx(sklearn.metrics.accuracy_score(truth, guess))
    assert found.loc["f1_macro", "score"] == pytest.approx(sklearn.metrics.f1_score(truth, guess, average="macro"))
    assert found.loc["f1_micro", "score"] == pytest.approx(sklearn.metrics.f1_score(truth, guess, average="micro"))
    assert found.loc["accuracy[0]", "score"] == pytest.approx((truth[:, 0] == guess[:, 0]).mean())
    assert (found["lower"] < found["upper"]).all()


@pytest.mark.parametrize("source", ["pandas", "polars", "arrow", "parquet"])
def test_a_column_of_lists_has_an_output_for_each_place(source: str, tmp_path: Any) -> None:
    """Rows without a list have no truth. Intervals, whose text also begins with a bracket, stay labels."""
    cells = pd.DataFrame({"y": TRUTH.tolist(), "p": GUESS.tolist()})
    cells.loc[[3, 5], "y"] = None
    cells.to_parquet(tmp_path / "rows.parquet")
    rows: dict[str, Any] = {
        "pandas": cells.assign(p=[tuple(each) for each in GUESS]),
        "polars": pl.from_pandas(cells),
        "arrow": pa.Table.from_pandas(cells),
        "parquet": str(tmp_path / "rows.parquet"),
    }
    known = np.delete(np.arange(100), [3, 5])

    found = performance(rows[source], "y", "p", ["rmse"])

    expected = sklearn.metrics.root_mean_squared_error(TRUTH[known], GUESS[known], multioutput="raw_values")
    assert dict(zip(found["metric"], found["score"])) == pytest.approx(
        {"rmse[0]": expected[0], "rmse[1]": expected[1], "rmse": expected.mean()}
    )
    bins = pd.DataFrame({"y": pd.cut(TRUTH[:, 0], [-9, 0, 9]), "p": pd.cut(GUESS[:, 0], [-9, 0, 9])})
    assert performance(bins, "y", "p", ["accuracy"])["metric"].tolist() == ["accuracy"]
