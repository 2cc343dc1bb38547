"""A retraining with real parts: rows, recipe in a process of its own, both models on held-out rows, alias, history."""

from __future__ import annotations

import dataclasses
import json
import threading
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mlops_magics import Session
from mlops_magics.core.deploying import prediction_log
from mlops_magics.core.retraining.new_rows import row_source
from mlops_magics.core.retraining.recipe import row_sketch
from mlops_magics.core.retraining.recipe.recipe import FILE, DataName
from mlops_magics.core.retraining.retraining import Retraining
from mlops_magics.errors import DataMismatch, InvalidInput, NotFound, NotTrusted, RetrainingFailed
from tests.core.retraining.conftest import FIT, pin, recipe, rows


def asked(endpoint: Any, board: str, frame: pd.DataFrame, word: str) -> None:
    """Ask an endpoint in batches, and send the truth of what it answered."""
    for place in range(0, len(frame), 50):
        batch, ask = frame.iloc[place : place + 50], f"{word}-{place}"
        records = batch[["a", "b"]].to_json(orient="records").encode()
        endpoint.client.send("POST", "/predict", records, {"X-Request-Id": ask})
        prediction_log.feedback("penguins", list(batch["species"]), request_id=ask, board=board)


def shifted(count: int, seed: int) -> pd.DataFrame:
    """Return rows of another rule, with another ``a``."""
    frame = rows(count, shift=2.0, seed=seed)
    return frame.assign(a=frame["a"] + 1.5)


def test_the_loop_closes_by_itself(session: Session, pinned: Any) -> None:
    """Shifted traffic, a policy on drift, a challenger that wins, a swap under load, and quiet afterwards.

    Alias, endpoint, lineage, side files and history agree, and no request fails.
    """
    endpoint = session.deploy("penguins")
    session.policy("penguins", when="drift")
    assert [run.outcome for run in session.run_policies()] == ["not due"]
    asked(endpoint, session.board.url, shifted(1500, 1), "new")
    answered: list[Any] = []
    stop = threading.Event()

    def ask() -> None:
        frame = shifted(1000, 3)[["a", "b"]]
        while not stop.is_set():
            answered.append(endpoint.predict(frame.iloc[[len(answered) % 1000]]))
            time.sleep(0.002)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        (done,) = session.run_policies()
    finally:
        stop.set()
        asking.join()
    run = done.retraining
    assert done.outcome == "promoted", done
    assert run is not None
    version, served = session.version("penguins@champion"), session.endpoint("penguins")
    asked(served, session.board.url, shifted(500, 4), "later")
    quiet = session.monitor("penguins")
    served.stop()

    assert (run.trigger["kind"], run.trigger["policy"]) == ("drift", "default")
    assert run.versions == (pinned.version, version.version)
    assert run.interval is not None
    assert run.interval[0] > 0
    assert [step.state for step in run.steps] == ["done"] * 5
    assert row_source.SELECTIVE in run.notes
    assert len(answered) > 50
    assert (served.version, served.alias) == (version.version, "champion")
    assert not quiet.drifted
    assert version.parent == version.lineage.parent == pinned.version
    assert version.lineage.retraining["run"] == run.run
    assert version.lineage.retraining["held_out_rows"] == 300
    assert {FILE, row_sketch.FILE, "executed.ipynb"} <= {stored.name for stored in version.files}
    assert [each.outcome for each in session.run_policies()] == ["not due"]
    assert list(session.history("penguins")["event"])[::-1] == [
        "pin", "retrain_claim", "promote", "pin", "promote", "retrain_end"
    ]  # fmt: skip


def test_a_challenger_that_is_not_better_moves_nothing(session: Session, pinned: Any, same: pd.DataFrame) -> None:
    """The champion stays; the challenger is kept under its alias.

    The reason names rows, interval, power, and the rows that the champion has learned.
    """
    run = session.retrain("penguins", data=pd.concat([same[:1200], rows(300)]), truth="species")

    assert run.decision == "kept"
    assert session.version("penguins").version == session.version("penguins@champion").version == pinned.version
    assert session.version("penguins@challenger").version == run.version
    assert "On the same 300 held-out rows" in run.why
    assert "would be seen" in run.why
    assert "% of these rows, which flatters it" in run.why
    assert Retraining.from_json(json.loads(json.dumps(run.to_json()))) == run
    assert session.retrainings("penguins") == [run]
    assert_shown(session, run)


def assert_shown(session: Session, run: Retraining) -> None:
    """Both models stand side by side, with interval, conditions and steps; words of others are text."""
    from mlops_magics.widgets import views

    shown = views.display_bundle(run, session)[0]
    assert shown["text/plain"] == repr(run)
    for words in ("decides", "within chance", "exact McNemar", "Enough rows", "Compare on the held-out rows", run.log):
        assert words in shown["text/html"].replace("<wbr>", ""), words
    hostile = dataclasses.replace(run, why="<script>", trigger={"reason": "<img src=x>"}, notes=("</table>",))
    markup = views.display_bundle(hostile, session)[0]["text/html"]
    assert not any(tag in markup for tag in ("<script", "<img"))
    assert "&lt;/table&gt;" in markup


@pytest.mark.parametrize(
    ("option", "status"),
    [({"approve": True}, "waiting"), ({"promote_if": "never", "shadow": 50}, "waiting"), ({"shadow": 50}, "waiting")],
)
def test_a_person_decides_where_that_is_wanted(
    session: Session, pinned: Any, new: pd.DataFrame, option: Any, status: str
) -> None:
    """The challenger waits under its alias, and one line promotes it."""
    run = session.retrain("penguins", data=new, truth="species", **option)

    assert run.decision == status
    assert session.version("penguins").version == pinned.version
    assert f"%promote penguins@{run.version} champion" in run.why
    assert "is champion now" not in run.why
    session.promote("penguins@challenger", to="champion")
    assert session.version("penguins").version == run.version


def test_floors_and_segments_keep_the_champion(session: Session, new: pd.DataFrame) -> None:
    """Better in all is not enough: a floor of the metric, and a segment that becomes worse, hold a promotion back."""
    pin(session, segments=())
    floor = session.retrain("penguins", data=new, truth="species", floors={"accuracy": 0.999})

    assert floor.decision == "kept"
    assert "floor of accuracy" in floor.why


def changed(frame: pd.DataFrame, **columns: Any) -> pd.DataFrame:
    """Return rows with changed columns."""
    return frame.assign(**columns)


BAD: dict[str, tuple[Any, dict[str, Any], type[Exception], str]] = {
    "a missing column": (lambda f: f.drop(columns="b"), {}, DataMismatch, "have no column 'b'"),
    "a retyped column": (lambda f: f.assign(a="x"), {}, DataMismatch, "'a' held number values"),
    "no truth column": (lambda f: f.drop(columns="species"), {}, NotFound, "No column 'species'"),
    "no truth at all": (lambda f: f.assign(species=None), {}, InvalidInput, "None of the 1,500 rows has a truth"),
    "encoded truth": (
        lambda f: f.assign(species=(f["species"] == "gentoo").astype(int)),
        {},
        DataMismatch,
        "holds 1, 0, and the model",
    ),
    "other labels": (
        lambda f: f.assign(species=f["species"] + "!"),
        {},
        DataMismatch,
        "the model learned adelie, gentoo",
    ),
    "one class": (lambda f: f.assign(species="adelie"), {}, InvalidInput, "truth of every held-out row is 'adelie'"),
    "few rows": (lambda f: f.head(40), {}, InvalidInput, "at least 30 are needed"),
    "no rows": (lambda f: f.head(0), {}, InvalidInput, "The new data have no rows"),
    "no such file": (lambda f: "nowhere.parquet", {}, NotFound, "No file 'nowhere.parquet'"),
    "a bad query": (lambda f: "SELECT * FROM nothing", {}, InvalidInput, "The query fails"),
    "an unknown parameter": (lambda f: f, {"parameters": {"M": 1}}, NotFound, "No parameter 'M'"),
    "an unknown name": (lambda f: f, {"bind": {"Z": 1}}, NotFound, "No name of data 'Z'"),
    "a bad share": (lambda f: f, {"hold_out": -1}, InvalidInput, "--hold-out is a share"),
    "all held out": (lambda f: f, {"hold_out": 1500}, InvalidInput, "would be left to learn"),
    "no such time": (lambda f: f, {"time": "when"}, NotFound, "No column 'when'"),
    "a level beyond 1": (lambda f: f, {"level": 95}, InvalidInput, "level of an interval"),
    "no time at all": (lambda f: f, {"limit": "0s"}, InvalidInput, "leaves no time for the recipe"),
    "a metric of numbers": (lambda f: f, {"metric": "rmse"}, InvalidInput, "this model answers adelie, gentoo"),
    "a floor of numbers": (lambda f: f, {"floors": {"mae": 1.0}}, InvalidInput, "mae is a metric of numbers"),
    "one group": (lambda f: f.assign(site="x"), {"group": "site"}, InvalidInput, "a --group of more values"),
    "times for numbers": (lambda f: f.assign(a=pd.Timestamp("2026-01-01")), {}, DataMismatch, "it holds datetime64"),
    "a bad limit": (lambda f: f, {"limit": "soon"}, InvalidInput, "is not a span of time"),
    "a bad rule": (lambda f: f, {"promote_if": "always"}, InvalidInput, "promote_if is one of"),
    "no such notebook": (lambda f: f, {"notebook": "no.ipynb"}, NotFound, "No file 'no.ipynb'"),
    "other truths": (lambda f: f, {"truth": ["adelie"]}, InvalidInput, "1 truths for 1500 rows"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_line_and_begins_nothing(name: str, session: Session, pinned: Any, new: pd.DataFrame) -> None:
    """Everything that can be checked is checked before the claim: the board is as it was."""
    change, options, kind, words = BAD[name]
    before = list(session.history("penguins")["event"])
    with pytest.raises(kind, match=words) as refused:
        session.retrain("penguins", **{"data": change(new), "truth": "species", **options})

    assert "\n" not in str(refused.value)
    assert list(session.history("penguins")["event"]) == before
    assert session.retrainings("penguins") == []


def test_a_version_that_cannot_be_made_again_says_what_mends_it(
    session: Session, new: pd.DataFrame, tmp_path: Path
) -> None:
    """Without a recipe, with obstacles, of another user, on a board of this process alone."""
    from sklearn.linear_model import LogisticRegression

    old = rows(100)
    model = LogisticRegression().fit(old[["a", "b"]], old["species"])
    session.pin(model, "plain", data=old[["a", "b"]])
    with pytest.raises(InvalidInput, match=r"has no recipe.*Pin it once more, with `%%pin_model plain`"):
        session.retrain("plain", data=new, truth="species")
    pin(session, recipe(obstacles=("con (sqlite3.Connection)",), remedy="To fix it: move its lines."))
    with pytest.raises(InvalidInput, match=r"Cannot be made again from this cell: con .*To fix it"):
        session.retrain("penguins", data=new, truth="species")
    pin(session)
    session.board.distrust()
    with pytest.raises(NotTrusted, match=r"recipe is code.*%trust penguins@"):
        session.retrain("penguins@latest", data=new, truth="species")
    memory = Session("memory://retraining")
    pin(memory)
    with pytest.raises(InvalidInput, match="this process alone"):
        memory.retrain("penguins", data=new, truth="species")


FAILING: dict[str, tuple[str, dict[str, Any], str]] = {
    "raises": ("raise KeyError('gust_3h')", {}, r"raised KeyError: 'gust_3h' \(line 2: raise KeyError"),
    "hangs": (f"import time\ntime.sleep(600)\n{FIT}", {"limit": "8s"}, "took longer than 8 s and was ended"),
    "asks": (f"input('how many?')\n{FIT}", {}, "needs input"),
    "pins nothing": ("model = 1", {}, "made no fitted model"),
    "ends its process": ("import os\nos._exit(9)", {}, "ended with status 9"),
    "is killed": ("import os\nos.kill(os.getpid(), 9)", {}, "was killed .SIGKILL.*runs out of memory"),
    "leaves rows out": (
        "model = LogisticRegression(C=N).fit(X[['a']], y)\nmodel.feature_names_in_ = None\ndel model.coef_",
        {},
        "raised",
    ),
}


@pytest.mark.parametrize("name", FAILING)
def test_a_recipe_that_fails_leaves_the_champion_and_the_way_free(
    name: str, session: Session, new: pd.DataFrame
) -> None:
    """R22: One line with the line of the cell and where its output is; nothing is pinned, the next run may begin."""
    source, options, words = FAILING[name]
    first = pin(session, recipe(source))
    with pytest.raises(RetrainingFailed, match=words) as failed:
        session.retrain("penguins", data=new, truth="species", **options)
    record = failed.value.retraining

    assert isinstance(record, Retraining)
    assert record.status == "failed"
    assert Path(record.log).exists()
    assert list(session.versions("penguins")["version"]) == [first.version]
    assert session.history("penguins")["event"].iloc[0] == "retrain_end"
    assert not list(Path(record.log).parent.glob("*.rows"))


def test_output_without_end_is_kept_by_its_beginning_and_its_end(session: Session, new: pd.DataFrame) -> None:
    """A recipe that prints a gigabyte fills no disk."""
    source = f"for k in range(400_000):\n    print('line', k, 'x' * 40)\nprint('the end')\n{FIT}"
    pin(session, recipe(source))
    run = session.retrain("penguins", data=new, truth="species")
    text = Path(run.log).read_text()

    assert run.promoted
    assert len(text) < 3_000_000
    assert "line 0 " in text
    assert "bytes are left out" in text
    assert "the end" in text


ACTIONS = {
    "%promote penguins winner": ["promote"],
    "%deploy penguins": ["deploy"],
    "%thresholds penguins": ["thresholds"],
    "%stop penguins": ["stop"],
    "import mlops_magics as mm": [],
    "own = mm.Session('/tmp/other')": ["a change of the board to /tmp/other"],
    "own.promote('penguins', to='winner').version": [],
    "own.deploy('penguins').swap('v1')": ["deploy.swap"],
    "own.board.promote('penguins', to='board')": [],
    "own.board.rollback('penguins')": ["rollback"],
    "own.board.delete('penguins@v1'); own.board.annotate('penguins', tags=['x'])": ["delete", "annotate"],
    "own.pin(1, 'other').version": ["the pin of other"],
    "from mlops_magics.core.versioning import open_board": [],
    "board = open_board(own.board.url)": [],
    "board.publish(1, 'other'); board.protect('penguins', 'champion'); board.trust()": ["publish", "protect", "trust"],
    "endpoint = own.endpoint('penguins')": [],
    "endpoint.swap('v1').rollback(); endpoint.restart(); endpoint.stop()": ["swap", "swap.rollback", "restart"],
    "import mlops_magics.core.deploying as deploying": [],
    "deploying.deploy(board, own.version('penguins'))": [],
    "deploying.running()[0].canary('v1', 0.5)": ["canary"],
    "import sys, subprocess": [],
    "line = [sys.executable, '-m', 'mlops_magics', 'promote', 'penguins', 'shell', '--board', board.url]": [],
    "print('shell:', subprocess.run(line, capture_output=True, text=True))": [],
}
"""The lines of a recipe, each with the actions that it says to have skipped."""


def test_actions_inside_a_recipe_do_nothing_and_say_so(session: Session, new: pd.DataFrame) -> None:
    """A recipe that promotes, deploys or deletes would act for a run that is not decided yet."""
    pin(session, recipe("\n".join([*ACTIONS, FIT]), line=("penguins", "--alias", "winner", "--tag", "eu")))
    first = session.deploy("penguins@v1")
    run = session.retrain("penguins", data=new, truth="species", promote_if="never")
    text = Path(run.log).read_text()

    assert run.status == "waiting"
    assert session.board.aliases("penguins") == {"champion": first.version, "challenger": run.version}
    assert [(each.pid, each.version) for each in session.endpoints_running()] == [(first.pid, first.version)]
    for words in ACTIONS.values():
        for word in words:
            assert f"In a retraining, {word} does nothing." in text
    assert "returncode=0, stdout='In a retraining, promote does nothing.\\n', stderr=''" in text
    assert session.version("penguins@v2").tags == ("eu",)
    first.stop()


def test_a_board_that_moves_during_a_run_is_not_made_anew(session: Session, new: pd.DataFrame) -> None:
    """The run names the board and the next step, writes nothing where the board was, and the next run works."""
    board = Path(session.board.url)
    away = board.with_name("elsewhere")
    pin(session, recipe(f"import os\nif os.path.exists({str(board)!r} + '-moves'):\n    os.rename({str(board)!r}, "
                        f"{str(away)!r})\n{FIT}"))  # fmt: skip
    flag = Path(f"{board}-moves")
    flag.touch()
    with pytest.raises(RetrainingFailed, match=r"moved or removed while penguins was retrained.*Bring the board back"):
        session.retrain("penguins", data=new, truth="species")
    assert not board.exists()

    flag.unlink()
    away.rename(board)
    assert session.retrain("penguins", data=new, truth="species").promoted
    assert len(session.versions("penguins")) == 2


def test_names_of_test_rows_get_rows_that_decide_nothing(session: Session, new: pd.DataFrame) -> None:
    """``--test X_test y_test`` is cut from the rows to learn from, so that the held-out rows stay unseen."""
    made = recipe()
    data = (
        *made.data,
        DataName("X_test", "test features", "frame", ("a", "b")),
        DataName("y_test", "test truth", "series", ("species",)),
    )
    pin(session, recipe(data=data, line=("penguins", "--test", "X_test", "y_test")))
    run = session.retrain("penguins", data=new, truth="species")

    assert run.held_out_rows == 300
    assert session.version("penguins@champion").metrics.keys() >= {"accuracy", "roc_auc"}


def test_a_changed_parameter_is_in_the_new_version(session: Session, pinned: Any, new: pd.DataFrame) -> None:
    """``--param N=0.5`` changes the value that the pin kept."""
    run = session.retrain("penguins", data=new, truth="species", parameters={"N": "0.5"})
    version = session.version(f"penguins@{run.version}")

    assert version.parameters["C"] == 0.5
    assert version.lineage.retraining["parameters"] == {"N": "0.5"}


def test_a_training_function_is_a_recipe_in_python(
    tmp_path: Path, new: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``s.pin(…, recipe=train)`` needs no notebook; the function is found again by its module."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "trainers.py").write_text(
        "from sklearn.linear_model import LogisticRegression\n\n"
        "def train(X, y):\n    return LogisticRegression().fit(X, y)\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    import trainers  # type: ignore[import-not-found]

    session, old = Session(tmp_path / "board"), rows(300)
    version = session.pin(
        trainers.train(old[["a", "b"]], old["species"]), "penguins", data=old[["a", "b"]], truth=old["species"],
        recipe=trainers.train,
    )  # fmt: skip
    assert "Can be made again" in str(version.lineage.recipe)
    assert session.retrain("penguins", data=new, truth="species").promoted
