"""The rules of monitoring over every way to ask for a report, and every source of the rows: the same numbers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from IPython.core.interactiveshell import InteractiveShell
from sklearn import metrics as scikit
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import mlops_magics as mm
from mlops_magics import cli

NUMBERS = np.random.default_rng(17)
ROWS = 240


def _features(rows: int) -> pd.DataFrame:
    """Return a number that the models read, and columns whose types a reader of text could mistake."""
    return pd.DataFrame(
        {
            "x": NUMBERS.normal(size=rows),
            "zip": NUMBERS.choice(["01234", "00501", "90210"], rows),
            "region": NUMBERS.choice(["NA", "EU"], rows),
            "flag": (NUMBERS.random(rows) < 0.02).astype(int),
        }
    )


TRAIN, NOW = _features(1_000), _features(ROWS)
HIGH, TRUE = (rows["x"] + 0.7 * NUMBERS.normal(size=len(rows)) > 0 for rows in (TRAIN, NOW))
STARS, TRUE_STARS = (np.clip(np.round(rows["x"]) + 3, 1, 5).astype(int) for rows in (TRAIN, NOW))
IDS = 2**60 + 2 * np.arange(ROWS)
TARGETS: dict[str, Any] = {
    "bools": HIGH,
    "frauds": np.where(HIGH, "fraud", "ok"),
    "tens": np.where(HIGH, 10, 9),
    "stars": STARS,
}


def _model(name: str) -> Any:
    last = RandomForestRegressor(5, random_state=0) if name == "stars" else LogisticRegression()
    reads_x = make_column_transformer(("passthrough", ["x"]))
    return make_pipeline(reads_x, last).fit(TRAIN, TARGETS[name])


MODELS = {name: _model(name) for name in TARGETS}
GUESSED = {name: model.predict(NOW) for name, model in MODELS.items()}
CHANCE = MODELS["bools"].predict_proba(NOW)[:, 1]
WEEKS = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(ROWS) * 14 // ROWS, "D")


@dataclass(frozen=True)
class Case:
    """Rows, the options of the report, and the facts that it must have.

    Attributes
    ----------
    expected
        Metric to score, as scikit-learn has it.
    truth
        Truths that are joined by ``on``.
    holds
        What else must be true of the report.
    guess
        The column of predictions that `mlops_magics.performance` scores, where the case has no more than it can do.
    """

    model: str
    rows: pd.DataFrame
    options: Mapping[str, Any]
    expected: Mapping[str, float] = field(default_factory=dict)
    truth: pd.DataFrame | None = None
    holds: Callable[[Mapping[str, Any]], None] = lambda report: None
    guess: bool = False


def _of_truth(model: str, truth: Any, metrics: tuple[str, ...], expected: Mapping[str, float], **more: Any) -> Case:
    rows = NOW.assign(y=truth, guess=GUESSED[model])
    return Case(model, rows, {"truth": "y", "metrics": metrics}, expected, guess=True, **more)


ACCURACY = {"accuracy": scikit.accuracy_score(TRUE, GUESSED["bools"])}
IS_FRAUD = np.where(TRUE, "fraud", "ok")
FRAUDS = {
    "recall": scikit.recall_score(IS_FRAUD, GUESSED["frauds"], pos_label="fraud"),
    "precision": scikit.precision_score(IS_FRAUD, GUESSED["frauds"], pos_label="fraud"),
}
TENS = {"recall": scikit.recall_score(np.where(TRUE, 10, 9), GUESSED["tens"], pos_label=10)}
ERRORS = {
    "rmse": scikit.root_mean_squared_error(TRUE_STARS, GUESSED["stars"]),
    "mae": scikit.mean_absolute_error(TRUE_STARS, GUESSED["stars"]),
}
LATE = WEEKS.day >= 8


def _positive(word: str) -> Callable[[Mapping[str, Any]], None]:
    def holds(report: Mapping[str, Any]) -> None:
        assert report["task"]["positive"] == word

    return holds


def _regression(report: Mapping[str, Any]) -> None:
    assert report["task"]["kind"] == "regression"


def _band(report: Mapping[str, Any]) -> None:
    [row] = [each for each in report["performance"] if each["kind"] == "measured"]
    assert row["score"] == 1
    assert 0.8 < row["lower"] < 0.95


def _drifted(*names: str) -> Callable[[Mapping[str, Any]], None]:
    def holds(report: Mapping[str, Any]) -> None:
        assert sorted({each["feature"] for each in report["drift"] if each["drifted"]}) == sorted(names)

    return holds


def _segments(report: Mapping[str, Any]) -> None:
    found = {each["segment"] for each in report["segments"]}
    assert found == {"north", "(missing)"}


def _worse(report: Mapping[str, Any]) -> None:
    assert "brier_score" in report["smaller_is_better"]
    assert [alert["name"] for alert in report["alerts"] if alert["subject"] == "performance"] == ["brier_score"]


def _reason(report: Mapping[str, Any]) -> None:
    assert any("roc_auc" in note and "class" in note for note in report["notes"]), report["notes"]


PERFECT = NOW.assign(y=GUESSED["bools"]).head(20)
CASES: dict[str, Case] = {
    "1 truths of booleans": _of_truth("bools", TRUE, ("accuracy",), ACCURACY),
    "1 truths of digits": _of_truth("bools", np.where(TRUE, "1", "0"), ("accuracy",), ACCURACY),
    "1 truths of words": _of_truth("bools", np.where(TRUE, "true", "false"), ("accuracy",), ACCURACY),
    "1 truths of narrow floats": _of_truth("bools", TRUE.astype("float32"), ("accuracy",), ACCURACY),
    "2 whole numbers of a regression": _of_truth("stars", TRUE_STARS, ("rmse", "mae"), ERRORS, holds=_regression),
    "3 the usual word": _of_truth("frauds", IS_FRAUD, ("recall", "precision"), FRAUDS, holds=_positive("fraud")),
    "3 numbers in their order": _of_truth("tens", np.where(TRUE, 10, 9), ("recall",), TENS, holds=_positive("10")),
    "4 one class so far": Case(
        "bools",
        NOW.assign(y=TRUE, guess=GUESSED["bools"])[TRUE & GUESSED["bools"]],
        {"truth": "y", "metrics": ("precision", "recall", "f1")},
        {"precision": 1.0, "recall": 1.0, "f1": 1.0},
    ),
    "4 scorers of scikit-learn": Case(
        "bools",
        NOW.assign(y=TRUE),
        {"truth": "y", "metrics": ("balanced_accuracy", "average_precision", "matthews_corrcoef")},
        {
            "balanced_accuracy": scikit.balanced_accuracy_score(TRUE, GUESSED["bools"]),
            "average_precision": scikit.average_precision_score(TRUE, CHANCE),
            "matthews_corrcoef": scikit.matthews_corrcoef(TRUE, GUESSED["bools"]),
        },
    ),
    "4 a metric without a value": Case(
        "bools", NOW.assign(y=TRUE)[TRUE], {"truth": "y", "metrics": ("roc_auc",)}, holds=_reason
    ),
    "5 a rising error": Case(
        "bools",
        NOW.assign(y=np.where(LATE, ~TRUE, TRUE), when=WEEKS),
        {"truth": "y", "metrics": ("brier_score",), "by": "week", "timestamp": "when"},
        holds=_worse,
    ),
    "6 large ids as text": Case(
        "bools",
        NOW.assign(id=IDS),
        {"on": "id", "metrics": ("accuracy",)},
        ACCURACY,
        pd.DataFrame({"id": [f"{each}" for each in IDS], "y": TRUE})[::-1],
    ),
    "7 a perfect day": Case("bools", PERFECT, {"truth": "y", "metrics": ("accuracy",)}, {"accuracy": 1.0}, holds=_band),
    "8 types as at training": Case("bools", NOW, {}, holds=_drifted()),
    "8 a flag that becomes frequent": Case(
        "bools", NOW.assign(flag=(NUMBERS.random(ROWS) < 0.3).astype(int)), {}, holds=_drifted("flag")
    ),
    "8 the same by PSI": Case(
        "bools",
        NOW.assign(flag=(NUMBERS.random(ROWS) < 0.3).astype(int)),
        {"statistics": ("psi",)},
        holds=_drifted("flag"),
    ),
    "10 rows without a segment": Case(
        "bools",
        NOW.assign(y=TRUE, part=np.where(np.arange(ROWS) % 3, "north", None)),
        {"truth": "y", "metrics": ("accuracy",), "segment": "part"},
        ACCURACY,
        holds=_segments,
    ),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a board of all models, and the state that trusts it."""
    folder = tmp_path_factory.mktemp("doors")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLOPS_MAGICS_STATE", str(folder / "state"))
        session = mm.Session(board=folder / "board")
        for name, model in MODELS.items():
            session.pin(model, name, data=TRAIN, truth=TARGETS[name])
    return folder


@pytest.fixture
def folder(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the same folder, with its state as that of the test."""
    monkeypatch.setenv("MLOPS_MAGICS_STATE", str(place / "state"))
    monkeypatch.chdir(place)
    return place


def _written(frame: pd.DataFrame, name: str, ending: str) -> str:
    path = f"{name}.{ending}"
    if ending == "csv":
        frame.to_csv(path, index=False)
    else:
        frame.to_parquet(path)
    return path


SOURCES: dict[str, Callable[[pd.DataFrame, str], Any]] = {
    "pandas": lambda frame, name: frame,
    "polars": lambda frame, name: pl.from_pandas(frame.reset_index(drop=True)),
    "arrow": lambda frame, name: pa.Table.from_pandas(frame, preserve_index=False),
    "duckdb": lambda frame, name: duckdb.connect().from_arrow(pa.Table.from_pandas(frame, preserve_index=False)),
    "parquet": lambda frame, name: _written(frame, name, "parquet"),
    "csv": lambda frame, name: _written(frame, name, "csv"),
}


def _words(options: Mapping[str, Any]) -> list[str]:
    """Return options as a line has them."""
    words: list[str] = []
    for name, value in options.items():
        words += [f"--{name}", *(value if isinstance(value, tuple) else (str(value),))]
    return words


def _by_session(case: Case, data: Any, truth: Any) -> dict[str, Any]:
    joined = {} if truth is None else {"truth": truth}
    return mm.Session(board="board").monitor(case.model, data=data, **case.options, **joined).to_json()


def _by_shell(case: Case, data: str, truth: str | None) -> dict[str, Any]:
    joined = [] if truth is None else ["--truth", truth]
    written = Path("report.json")
    with written.open("w") as out, pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout", out)
        words = ["monitor", case.model, "--board", "board", "--data", data, *_words(case.options), *joined, "--json"]
        assert cli.main(words) == 0
    return json.loads(written.read_text())


def _by_magic(shell: InteractiveShell, case: Case, data: Any, truth: Any) -> dict[str, Any]:
    shell.user_ns.update(data=data, told=truth)
    named = data if isinstance(data, str) else "data"
    joined = [] if truth is None else ["--truth", truth if isinstance(truth, str) else "told"]
    line = ["%monitor", case.model, "--data", named, *_words(case.options), *joined]
    result = shell.run_cell(" ".join(line))
    result.raise_error()
    return dict(result.result.to_json())


def _check(case: Case, report: Mapping[str, Any], way: str) -> None:
    found = {each["metric"]: each["score"] for each in report["performance"] if each["kind"] == "measured"}
    assert {name: found.get(name) for name in case.expected} == pytest.approx(dict(case.expected)), way
    case.holds(report)


@pytest.fixture
def shell(bare_shell: InteractiveShell, folder: Path) -> Iterator[InteractiveShell]:
    """Return a notebook whose board is the folder's."""
    bare_shell.reset(new_session=True)
    bare_shell.run_line_magic("load_ext", "mlops_magics")
    bare_shell.run_line_magic("board", "board")
    yield bare_shell
    bare_shell.run_line_magic("unload_ext", "mlops_magics")


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("name", CASES)
def test_a_rule_holds_by_every_way_and_from_every_source(name: str, source: str, shell: InteractiveShell) -> None:
    """Session, magic and command line give scikit-learn's numbers, and so does the engine alone."""
    case = CASES[name]
    data = SOURCES[source](case.rows, "rows")
    truth = None if case.truth is None else SOURCES[source](case.truth, "truths")

    _check(case, _by_session(case, data, truth), "session")
    _check(case, _by_magic(shell, case, data, truth), "magic")
    if isinstance(data, str):
        _check(case, _by_shell(case, data, truth), "command line")
    if case.guess:
        found = mm.performance(data, "y", "guess", case.options["metrics"])
        assert dict(zip(found["metric"], found["score"])) == pytest.approx(dict(case.expected)), "engine"


@pytest.mark.parametrize("source", SOURCES)
def test_kept_metrics_have_the_same_keys_from_every_source(source: str, folder: Path) -> None:
    """9: Weeks do not replace days, and a period that is measured again, from wherever, replaces itself."""
    session = mm.Session(board="board")
    data = SOURCES[source](NOW.assign(y=TRUE, when=WEEKS), "kept")
    for by in ("week", "day", "week"):
        session.monitor("bools", data=data, truth="y", metrics=("accuracy",), by=by, timestamp="when", pin_metrics=True)

    kept = session.metrics("bools")
    measured = kept[(kept["kind"] == "measured") & (kept["metric"] == "accuracy")]
    assert len(measured) == 2 + 14
    assert sorted(set(measured["n"])) == sorted({ROWS // 2} | set(WEEKS.value_counts()))


def test_feedback_is_read_as_what_it_means(folder: Path) -> None:
    """Truths of each spelling in turn, by HTTP, are those of the booleans."""
    import httpx

    spellings: tuple[Callable[[bool], Any], ...] = (bool, int, float, lambda one: str(int(one)), lambda one: str(one))
    session = mm.Session(board="board")
    endpoint = session.deploy("bools")
    bearer = {"Authorization": f"Bearer {endpoint.token}"}
    try:
        for k, spelled in enumerate(spellings):
            part = NOW.iloc[k::5]
            rows = json.loads(part.to_json(orient="records"))
            answer = httpx.post(f"{endpoint.url}/predict", json=rows, headers=bearer)
            known = {"request_id": answer.headers["x-request-id"], "truth": [spelled(one) for one in TRUE.iloc[k::5]]}
            assert httpx.post(f"{endpoint.url}/feedback", json=known, headers=bearer).status_code == 200
    finally:
        endpoint.stop()

    report = session.monitor("bools", metrics=("accuracy",))

    found = report.performance[report.performance["kind"] == "measured"]
    assert found["score"].tolist() == pytest.approx([ACCURACY["accuracy"]])
    assert found["n"].tolist() == [ROWS]
