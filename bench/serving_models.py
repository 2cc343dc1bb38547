"""The two models and the bodies that every server is measured with: equal data, equal training, fixed seeds."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd

NUMBERS = [f"x{place}" for place in range(10)]
MANY = 100_000


@dataclass(frozen=True)
class Subject:
    """A fitted model, the rows to ask it with, and where a peer finds both."""

    name: str
    model: Any
    rows: pd.DataFrame
    folder: Path

    def body(self, form: str, count: int) -> Path:
        """Return the file that holds so many rows in a form: records, columns, arrow, or split (MLflow)."""
        path = self.folder / f"{self.name}-{count}.{form}"
        if not path.exists():
            path.write_bytes(_written(self.rows.iloc[np.arange(count) % len(self.rows)], form))
        return path


def subjects(folder: Path) -> list[Subject]:
    """Train both models and leave what peers need in a folder."""
    made = [_linear(folder), _forest(folder)]
    for subject in made:
        joblib.dump(subject.model, folder / f"{subject.name}.joblib")
        subject.rows[:50].to_json(
            folder / f"{subject.name}.rows.json", orient="records"
        )  # pandas' pickles differ by version
    return made


def constant(subject: Subject) -> Subject:
    """Return a model that answers every row of another's with the same number, at once."""
    from sklearn.dummy import DummyRegressor

    still = DummyRegressor(strategy="constant", constant=1.0).fit(subject.rows, np.ones(len(subject.rows)))
    return Subject(f"{subject.name}-constant", still, subject.rows, subject.folder)


def _numbers(count: int) -> pd.DataFrame:
    return pd.DataFrame(np.random.default_rng(0).normal(size=(count, len(NUMBERS))), columns=NUMBERS)


def _linear(folder: Path) -> Subject:
    from sklearn.linear_model import LinearRegression

    rows = _numbers(2000)
    return Subject("lin", LinearRegression().fit(rows, rows @ np.arange(10)), rows, folder)


def _forest(folder: Path) -> Subject:
    from sklearn.compose import ColumnTransformer
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    choice = np.random.default_rng(1)
    rows = _numbers(2000).assign(city=choice.choice(list("abcd"), 2000), size=choice.choice(["S", "M", "L"], 2000))
    parts = [("n", StandardScaler(), NUMBERS), ("c", OneHotEncoder(handle_unknown="ignore"), ["city", "size"])]
    truth = (rows["x0"] + rows["x1"] + (rows["city"] == "a") > 0).astype(int)
    model = make_pipeline(ColumnTransformer(parts), RandomForestClassifier(100, random_state=0))
    return Subject("forest", model.fit(rows, truth), rows, folder)


def _written(rows: pd.DataFrame, form: str) -> bytes:
    if form == "records":
        return rows.to_json(orient="records", double_precision=15).encode()
    if form == "columns":
        return json.dumps({"columns": rows.to_dict(orient="list")}).encode()
    if form == "split":
        split = rows.to_dict(orient="split")
        return json.dumps({"dataframe_split": {"columns": split["columns"], "data": split["data"]}}).encode()
    if form == "named":  # BentoML: the rows under the parameter's name
        return json.dumps({"rows": rows.to_dict(orient="records")}).encode()
    import pyarrow as pa

    table = pa.Table.from_pandas(rows, preserve_index=False)
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue()
