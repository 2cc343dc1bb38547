"""New rows are the same from every kind of source; what cannot be learned from is one line."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from mlops_magics import Session
from mlops_magics.core.deploying import prediction_log
from mlops_magics.core.retraining.new_rows import row_source
from mlops_magics.errors import InvalidInput, MlopsError, NotFound
from tests.core.retraining.conftest import rows


@pytest.fixture(scope="module")
def codes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, pd.DataFrame]:
    """A version with a text feature that looks like a number, and new rows for it; two have no truth."""
    frame = pd.DataFrame({"code": ["007", "NA", "12", "007"] * 10, "n": np.arange(40.0)})
    truth = pd.Series(["yes", "no"] * 20, name="truth")
    from sklearn.compose import make_column_transformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    encode = make_column_transformer((OneHotEncoder(), ["code"]), remainder="passthrough")
    model = make_pipeline(encode, LogisticRegression()).fit(frame, truth)
    with pytest.MonkeyPatch.context() as patch:  # a state folder of its own: that of a test comes later
        patch.setenv("MLOPS_MAGICS_STATE", str(tmp_path_factory.mktemp("state")))
        session = Session(tmp_path_factory.mktemp("board"))
        version = session.pin(model, "codes", data=frame, truth=truth, format="skops")
    return version, frame.assign(truth=truth.where(truth.index > 1))


def written(path: str, write: Callable[[pd.DataFrame, str], Any]) -> Callable[[pd.DataFrame], dict[str, Any]]:
    """Return what writes rows to a file and names it as the source."""

    def put(frame: pd.DataFrame) -> dict[str, Any]:
        write(frame, path)
        return {"data": path}

    return put


def in_duckdb(frame: pd.DataFrame) -> dict[str, Any]:
    """Put rows in a table of DuckDB."""
    with duckdb.connect("rows.duckdb") as connection:
        connection.execute("CREATE TABLE visits AS SELECT * FROM frame")
    return {"data": "SELECT * FROM visits ORDER BY n", "database": "rows.duckdb"}


def in_sqlite(frame: pd.DataFrame) -> dict[str, Any]:
    """Put rows in a table of SQLite."""
    with contextlib.closing(sqlite3.connect("rows.sqlite")) as connection:
        frame.to_sql("visits", connection, index=False)
    return {"data": "select * from visits order by n", "database": "rows.sqlite"}


SOURCES: dict[str, Callable[[pd.DataFrame], dict[str, Any]]] = {
    "a frame of pandas": lambda frame: {"data": frame},
    "a frame with another index": lambda frame: {"data": frame.set_index(frame.index[::-1])},
    "a frame of polars": lambda frame: {"data": pl.from_pandas(frame)},
    "a table of Arrow": lambda frame: {"data": pa.Table.from_pandas(frame)},
    "records": lambda frame: {"data": frame.to_dict("records")},
    "a mapping of columns": lambda frame: {"data": frame.to_dict("list")},
    "batches of Arrow": lambda frame: {"data": pa.Table.from_pandas(frame).to_reader()},
    "a lazy frame of polars": lambda frame: {"data": pl.from_pandas(frame).lazy()},
    "a relation of DuckDB": lambda frame: {"data": duckdb.from_df(frame)},
    "a path": lambda frame: {"data": Path(written("p.parquet", pd.DataFrame.to_parquet)(frame)["data"])},
    "Parquet": written("rows.parquet", pd.DataFrame.to_parquet),
    "CSV": written("rows.csv", lambda frame, path: frame.to_csv(path, index=False)),
    "JSON": written("rows.json", lambda frame, path: frame.to_json(path, orient="records")),
    "JSON lines": written("rows.jsonl", lambda frame, path: frame.to_json(path, orient="records", lines=True)),
    "Feather": written("rows.feather", pd.DataFrame.to_feather),
    "a query of a file": lambda frame: {
        "data": f"SELECT * FROM '{written('q.parquet', pd.DataFrame.to_parquet)(frame)['data']}'"
    },
    "a query of DuckDB": in_duckdb,
    "a query of SQLite": in_sqlite,
}


@pytest.mark.parametrize("name", SOURCES)
def test_every_source_gives_the_same_rows(
    name: str, codes: tuple[Any, pd.DataFrame], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``007`` stays a text, ``NA`` stays a code, and rows without truth are left out and counted."""
    monkeypatch.chdir(tmp_path)
    version, frame = codes
    found = row_source.read(truth="truth", version=version, **SOURCES[name](frame))

    assert found.truth == "truth"
    assert found.notes == ("2 rows without truth are left out",)
    assert [str(value) for value in found.frame["code"]] == list(frame["code"][2:])
    assert [float(value) for value in found.frame["n"]] == list(frame["n"][2:])
    assert list(found.frame["truth"]) == list(frame["truth"][2:])


WRONG: dict[str, tuple[dict[str, Any], type[MlopsError], str]] = {
    "no file": ({"data": "rows.parquet"}, NotFound, "No file 'rows.parquet'"),
    "no database": ({"data": "SELECT 1", "database": "no.duckdb"}, NotFound, "No file 'no.duckdb'"),
    "no such table": ({"data": "SELECT * FROM visits"}, InvalidInput, "The query fails"),
    "a query that writes": ({"data": "WITH x AS (SELECT 1) DELETE FROM visits"}, InvalidInput, "The query fails"),
    "an empty log": ({"data": "log"}, InvalidInput, "prediction log of codes is empty"),
    "another kind of file": ({"data": "broken.parquet"}, InvalidInput, "broken.parquet"),
    "broken JSON": ({"data": "broken.json"}, InvalidInput, "broken.json"),
    "an empty CSV": ({"data": "empty.csv"}, InvalidInput, "empty.csv"),
    "no rows at all": ({"data": 7}, InvalidInput, "int"),
    "a function": ({"data": len}, InvalidInput, "builtin_function_or_method"),
    "no records": ({"data": []}, InvalidInput, "list"),
    "a mapping of scalars": ({"data": {"n": 1}}, InvalidInput, "does not hold rows"),
    "columns of two lengths": ({"data": {"n": [1], "truth": [1, 2]}}, InvalidInput, "does not hold rows"),
    "text": ({"data": "the new rows"}, NotFound, "No file 'the new rows'"),
    "no truth column": ({"data": pd.DataFrame({"n": [1]})}, NotFound, "No column 'truth'"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_read_is_one_line(
    name: str, codes: tuple[Any, pd.DataFrame], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever library reads it."""
    monkeypatch.chdir(tmp_path)
    for path, text in {"broken.parquet": "PAR1?", "broken.json": "{", "empty.csv": ""}.items():
        Path(path).write_text(text)
    given, kind, words = WRONG[name]
    with pytest.raises(kind, match=words) as refused:
        row_source.read(truth="truth", version=codes[0], **given)

    assert "\n" not in str(refused.value)


def logged(session: Session, name: str, frame: pd.DataFrame, privacy: dict[str, str]) -> None:
    """Ask an endpoint and send it the truth of what it answered."""
    endpoint = session.deploy(name, privacy=privacy)
    records = frame[["a", "b"]].to_json(orient="records").encode()
    endpoint.client.send("POST", "/predict", records, {"X-Request-Id": "one"})
    endpoint.stop()
    prediction_log.feedback(name, list(frame["species"]), request_id="one", board=session.board.url)


def test_the_log_with_its_truth_is_a_source_and_private_values_are_refused(session: Session, pinned: Any) -> None:
    """Answered rows get the truth that arrived; a note names the selection; a hash is not a value to learn from."""
    frame = rows(60, seed=3)
    logged(session, "penguins", frame, {})
    found = row_source.read(None, None, pinned)

    assert len(found.frame) == 60
    np.testing.assert_allclose(found.frame[["a", "b"]], frame[["a", "b"]])
    assert list(found.frame[found.truth]) == list(frame["species"])
    assert found.time is not None
    assert row_source.SELECTIVE in found.notes
    for policy, words in {"hash": "'b' is hashed in", "drop": "'b' is left out of"}.items():
        version = session.pin(session.load("penguins"), f"private-{policy}", data=frame[["a", "b"]], format="skops")
        logged(session, version.name, frame, {"b": policy})
        with pytest.raises(InvalidInput, match=words):
            row_source.read(None, None, version)
