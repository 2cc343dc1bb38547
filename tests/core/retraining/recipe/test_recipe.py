"""Thirty small notebooks: each is made again in a fresh process and gives the same model, or said that it cannot."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from mlops_magics.core.retraining.recipe.recipe import FILE, Recipe
from mlops_magics.core.retraining.running import history_check
from mlops_magics.core.retraining.running.job import Job
from tests.core.retraining.fresh_processes import FreshProcesses

FIRST = """
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
"""
FIT, ASCII = LogisticRegression.fit, ascii
SAME: dict[str, tuple[list[str], str]] = {
    "imports": ([], "model = LogisticRegression().fit(X, y)"),
    "a literal": (["N = 20"], "model = LogisticRegression(C=N).fit(X, y)"),
    "a literal changed later": (["N = 20", "N = 0.01"], "model = LogisticRegression(C=N).fit(X, y)"),
    "a function": (["def clean(rows):\n    return rows.clip(-1, 1)"], "model = LogisticRegression().fit(clean(X), y)"),
    "a function that reads a global changed later": (
        ["LIMIT = 3", "def clean(rows):\n    return rows.clip(-LIMIT, LIMIT)", "LIMIT = 0.5"],
        "model = LogisticRegression().fit(clean(X), y)",
    ),
    "functions that call each other": (
        ["def half(x):\n    return x / 2", "def clean(rows):\n    return half(rows).clip(-TOP, TOP)", "TOP = 1"],
        "model = LogisticRegression().fit(clean(X), y)",
    ),
    "a lambda": (["scale = lambda rows: rows * 3"], "model = LogisticRegression().fit(scale(X), y)"),
    "a decorated function": (
        [
            "import functools",
            "def twice(f):\n    @functools.wraps(f)\n    def inner(rows):\n        return f(f(rows))\n    return inner",
            "@functools.lru_cache\ndef power(n):\n    return 2 ** n",
        ],
        "model = LogisticRegression(C=power(3)).fit(X, y)",
    ),
    "a class": (
        ["class Clip:\n    top = 1\n    def __call__(self, rows):\n        return rows.clip(-self.top, self.top)"],
        "model = LogisticRegression().fit(Clip()(X), y)",
    ),
    "a class whose instance was pickled, as a pin does": (
        [
            "class Clip:\n    top = 1\n    def __call__(self, rows):\n        return rows.clip(-self.top, self.top)",
            "import copy\ncopy.copy(Clip())",
        ],
        "model = LogisticRegression().fit(Clip()(X), y)",
    ),
    "a class and its base": (
        [
            "class Base:\n    top = 1",
            "class Clip(Base):\n    def go(self, rows):\n        return rows.clip(-self.top, 1)",
        ],
        "model = LogisticRegression().fit(Clip().go(X), y)",
    ),
    "an estimator of one's own": (
        [
            "from sklearn.base import BaseEstimator, TransformerMixin",
            "class Cut(BaseEstimator, TransformerMixin):\n    def __init__(self, top=1):\n        self.top = top\n"
            "    def fit(self, X, y=None):\n        return self\n    def transform(self, X):\n"
            "        return X.clip(-self.top, self.top)",
            "cut = Cut(top=0.7)",
        ],
        "model = make_pipeline(cut, LogisticRegression()).fit(X, y)",
    ),
    "an unfitted pipeline": (
        ["pipe = make_pipeline(StandardScaler(), LogisticRegression(C=0.3))"],
        "model = pipe.fit(X, y)",
    ),
    "an estimator that is fitted again": (
        ["model = LogisticRegression(C=0.3).fit(X[:50], y[:50])"],
        "model.fit(X, y)",
    ),
    "a grid": (
        [
            "grid = {'C': [0.1, 1.0], 'fit_intercept': [True, False]}",
            "from sklearn.model_selection import GridSearchCV",
        ],
        "model = GridSearchCV(LogisticRegression(), grid, cv=3).fit(X, y)",
    ),
    "a small array": (
        ["grid = {'C': np.logspace(-2, 1, 4)}", "from sklearn.model_selection import GridSearchCV"],
        "model = GridSearchCV(LogisticRegression(), grid, cv=3).fit(X, y)",
    ),
    "a seed of numpy": (
        ["np.random.seed(3)", "_ignored = np.random.rand(5)"],
        "model = RandomForestClassifier(5).fit(X, y)",
    ),
    "a seed of Python": (
        ["import random", "random.seed(4)", "random.random()"],
        "model = LogisticRegression(C=random.random()).fit(X, y)",
    ),
    "no seed at all": ([], "model = RandomForestClassifier(5).fit(X, y)"),
    "a random state": (["STATE = 7"], "model = RandomForestClassifier(5, random_state=STATE).fit(X, y)"),
    "a loop": (
        ["rates = [0.1, 1.0, 10.0]"],
        "best = None\nfor rate in rates:\n    tried = LogisticRegression(C=rate).fit(X, y)\n"
        "    best = tried if best is None or tried.score(X, y) > best.score(X, y) else best\nbest",
    ),
    "a name that was deleted": (["N = 3", "M = N * 2", "del N"], "model = LogisticRegression(C=M).fit(X, y)"),
    "two names of one list": (
        ["columns = []", "also = columns"],
        "also += ['a', 'b']\nmodel = LogisticRegression().fit(X[columns], y)",
    ),
    "a frame that the cell splits": (
        ["df = X.assign(target=y)"],
        "from sklearn.model_selection import train_test_split\n"
        "left, right = train_test_split(df, random_state=0)\n"
        "model = LogisticRegression().fit(left[['a', 'b']], left['target'])",
    ),
    "arrays": (["A, t = X.to_numpy(), y.to_numpy()"], "model = LogisticRegression().fit(A, t)"),
    "lists": (["t = y.tolist()"], "model = LogisticRegression().fit(X, t)"),
    "magics that change nothing": (["%config InlineBackend.rc = {}"], "%time model = LogisticRegression().fit(X, y)"),
    "a magic of a block": ([], "%%time\nmodel = LogisticRegression().fit(X, y)"),
    "a submodule by its path": (
        ["import sklearn.linear_model"],
        "model = sklearn.linear_model.RidgeClassifier(alpha=2).fit(X, y)",
    ),
    "a partial": (
        ["from functools import partial", "make = partial(LogisticRegression, C=0.2)"],
        "model = make().fit(X, y)",
    ),
    "an option of scikit-learn": (
        ["import sklearn", "sklearn.set_config(transform_output='pandas')"],
        "model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)",
    ),
    "a star import": (
        ["from sklearn.linear_model import *"],
        "model = RidgeClassifier(alpha=3).fit(X, y)",
    ),
    "a builtin's name for a function, and states of numpy and decimals": (
        [
            "def max(*given):\n    return 0.01",
            "import decimal\ndecimal.getcontext().prec = 2\n_before = np.seterr(divide='raise')",
        ],
        "try:\n    np.ones(1) / 0\n    c = 5.0\nexcept FloatingPointError:\n"
        "    c = max(1, 2) + float(decimal.Decimal(1) / 7) + len(open('ownmodule.py').read())\n"
        "model = LogisticRegression(C=c).fit(X, y)",
    ),
    "a warning that is an error, an enumeration, and a folder of modules": (
        [
            "import enum, os, sys, warnings",
            "class Kind(enum.IntEnum):\n    A = enum.auto()\n    B = enum.auto()",
            "os.makedirs('own', exist_ok=True)\nopen('own/shelf.py', 'w').write('Z = 3.0')\nsys.path.insert(0, 'own')",
            "import shelf\nnp.set_printoptions(precision=2)\nwarnings.simplefilter('error')",
        ],
        "try:\n    warnings.warn('x')\n    c = 1.0\nexcept UserWarning:\n    c = shelf.Z + int(Kind.B)\n"
        "model = LogisticRegression(C=c + float(str(np.array([1.234]))[1:-1])).fit(X, y)",
    ),
    "dates and paths": (
        ["import datetime, pathlib", "day, place = datetime.date(2026, 1, 3), pathlib.Path('x') / 'y'"],
        "model = LogisticRegression(C=day.day / len(place.parts)).fit(X, y)",
    ),
}
MADE_EARLIER: dict[str, tuple[list[str], str, int]] = {
    "a fitted transformer": (
        [
            "old = pd.DataFrame({'a': [1.0, 2.0, 4.0], 'b': [0.0, 1.0, 5.0]})",
            "scaler = StandardScaler().fit(old)",
            "scaler.mean_",
        ],
        "model = LogisticRegression().fit(scaler.transform(X), y)",
        3,
    ),
    "a generator": (["rng = np.random.default_rng(0)"], "model = LogisticRegression(C=rng.random()).fit(X, y)", 2),
    "a closure": (
        ["def maker(k):\n    def scale(rows):\n        return rows * k\n    return scale", "scale = maker(3)"],
        "model = LogisticRegression().fit(scale(X), y)",
        2,
    ),
    "a class changed later": (
        ["class Limits:\n    top = 3\n    def get(self):\n        return self.top", "Limits.top = 0.5"],
        "model = LogisticRegression(C=Limits().get()).fit(X, y)",
        2,
    ),
    "a default that was bound before a change": (
        ["K = 5", "def scale(rows, k=K):\n    return rows * k", "K = 0.01"],
        "model = LogisticRegression().fit(scale(X), y)",
        3,
    ),
    "draws of a seeded generator": (
        [
            "np.random.seed(5)",
            "low, high = np.sort(np.random.rand(2))",
            "class Box:\n    pass",
            "box = Box()",
            "box.low, box.high = low, high",
        ],
        "model = LogisticRegression(C=box.high + box.low).fit(X, y)",
        6,
    ),
}
REFUSED: dict[str, tuple[list[str], str, str]] = {
    "draws without a seed": (
        ["class Box:\n    pass", "box = Box()", "box.c = np.random.rand()"],
        "model = LogisticRegression(C=box.c).fit(X, y)",
        "box is not what it was when the version was pinned",
    ),
    "a change through an alias": (
        ["scale = [lambda rows, k=k: rows * k for k in (1, 2)]", "also = scale", "also.reverse()"],
        "model = LogisticRegression().fit(scale[0](X), y)",
        "scale is not what it was when the version was pinned",
    ),
    "an earlier cell that writes": (
        [
            "scaler = StandardScaler().fit(np.eye(3))",
            "np.save('mean.npy', scaler.mean_)",
            "scaler.mean_ = np.load('mean.npy'); np.save('twice.npy', scaler.mean_)",
        ],
        "model = LogisticRegression().fit(X - scaler.mean_[0], y)",
        "an earlier cell cannot run again: it calls save()",
    ),
    "rows inside an object": (
        ["class Data:\n    def __init__(self, rows):\n        self.rows = rows", "held = Data([[0.0], [1.0]])"],
        "model = LogisticRegression().fit(held.rows, ['no', 'yes'])",
        "held (Data)",
    ),
    "a fitted transformer": (
        ["scaler = StandardScaler().fit(X)"],
        "model = LogisticRegression().fit(scaler.transform(X), y)",
        "scaler (StandardScaler, fitted)",
    ),
    "a connection": (
        ["import sqlite3", "con = sqlite3.connect(':memory:')"],
        "con.execute('select 1')\nmodel = LogisticRegression().fit(X, y)",
        "con (sqlite3.Connection)",
    ),
    "input": ([], "answer = input()\nmodel = LogisticRegression().fit(X, y)", "it needs a person's input (input())"),
    "a command": ([], "!true\nmodel = LogisticRegression().fit(X, y)", "it runs a command (!true)"),
    "the history": (["3"], "c = _\nmodel = LogisticRegression(C=c).fit(X, y)", "it reads _, the history"),
    "a script": ([], "%run nothing.py\nmodel = LogisticRegression().fit(X, y)", "it uses %run"),
    "names at run time": (
        ["N = 3"],
        "model = LogisticRegression(C=globals()['N']).fit(X, y)",
        "it calls globals()",
    ),
    "a secret": ([], "password = 'hunter2'\nmodel = LogisticRegression().fit(X, y)", "it holds a secret"),
    "a module of one's own that was changed": (
        ["import sys", "sys.path.insert(0, '.')", "import ownmodule", "ownmodule.TOP = 0.1"],
        "model = LogisticRegression(C=ownmodule.TOP).fit(X, y)",
        "ownmodule (module, changed by ownmodule.TOP = 0.1)",
    ),
    "a module of a library that was changed": (
        ["import math as m", "import math", "m.e = 5.0"],
        "model = LogisticRegression(C=math.e).fit(X, y)",
        "math (module, changed by m.e = 5.0)",
    ),
    "a class of a library that was changed": (
        ["setattr(LogisticRegression, 'fit', lambda self, X, y: self)"],
        "from sklearn.svm import LinearSVC\nLogisticRegression()\nmodel = LinearSVC().fit(X, y)",
        "LogisticRegression (type, changed by setattr(LogisticRegression, 'fit'",
    ),
    "a module that only the cell imports, changed": (
        ["import math", "math.e = 5.0"],
        "from math import e\nmodel = LogisticRegression(C=e).fit(X, y)",
        "math (module, changed by math.e = 5.0)",
    ),
    "a module of one's own whose file was edited": (
        [
            "import sys, os",
            "sys.path.insert(0, os.getcwd())",
            "import ownmodule",
            "_ignored = open('ownmodule.py', 'w').write('TOP = 0.25\\n')",
        ],
        "model = LogisticRegression(C=ownmodule.TOP).fit(X, y)",
        "ownmodule.py, edited after its import: restart the kernel",
    ),
    "a builtin function that was replaced": (
        ["import builtins", "builtins.ascii = lambda text: 'x'"],
        "model = LogisticRegression(C=len(ascii('abc'))).fit(X, y)",
        "builtins (module, changed by builtins.ascii",
    ),
    "a cache of results that an old value gave": (
        ["import functools\nK = 5", "@functools.lru_cache\ndef c(n):\n    return n * K", "c(1)", "K = 0.001"],
        "model = LogisticRegression(C=c(1)).fit(X, y)\n%run nothing.py",
        "with results of earlier calls: c.cache_clear()",
    ),
    "a variable of the environment that a magic set": (
        ["%env MLOPS_REG=3"],
        "import os\nmodel = LogisticRegression(C=float(os.environ.get('MLOPS_REG', 1))).fit(X, y)",
        "the environment, changed by",
    ),
    "a variable of the environment that a cell set": (
        ["import os", "os.environ['MLOPS_REG'] = '3'"],
        "model = LogisticRegression(C=float(os.environ.get('MLOPS_REG', 1))).fit(X, y)",
        "the environment, changed by os.environ['MLOPS_REG'] = '3'",
    ),
}


@pytest.fixture(scope="module")
def fresh() -> Iterator[FreshProcesses]:
    """Runs recipes in fresh processes."""
    processes = FreshProcesses()
    yield processes
    processes.close()


@pytest.fixture
def checks_in_forks(fresh: FreshProcesses, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the checks of earlier cells run in forks, which are fresh processes without the seconds of their start."""

    class Forked:
        def __init__(self, job: Job) -> None:
            self._job = job

        def start(self, folder: str) -> None:
            fresh.run(self._job.folder, folder)

        def wait(self, limit: float, notice: Any) -> bool:
            for each in self._job.reports():
                notice(each)
            return True

    monkeypatch.setattr(history_check, "RecipeProcess", Forked)


@pytest.fixture
def notebook(bare_shell: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A shell as a new notebook, with its data."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ownmodule.py").write_text("TOP = 1.0\n")
    shell = bare_shell
    monkeypatch.setitem(sys.modules, "__main__", shell.user_module)
    shell.reset(new_session=True)
    shell.run_line_magic("load_ext", "mlops_magics")
    choice = np.random.default_rng(0)
    rows = pd.DataFrame(choice.normal(size=(200, 2)), columns=["a", "b"])
    truth = pd.Series(np.where(rows["a"] + choice.normal(scale=0.3, size=200) > 0, "yes", "no"), name="target")
    shell.user_ns.update(X=rows, y=truth)
    run(shell, FIRST)
    try:
        yield shell
    finally:
        shell.run_line_magic("unload_ext", "mlops_magics")
        sys.modules.pop("ownmodule", None)
        sys.modules.pop("shelf", None)
        np.set_printoptions(precision=8)
        import builtins
        import decimal
        import math
        import os

        import sklearn

        builtins.ascii = ASCII
        decimal.getcontext().prec = 28
        np.seterr(divide="warn")

        sklearn.set_config(transform_output="default")
        os.environ.pop("MLOPS_REG", None)
        math.e = math.exp(1)  # type: ignore[misc]
        LogisticRegression.fit = FIT  # type: ignore[method-assign]


def run(shell: Any, cell: str) -> Any:
    """Run a cell and return its value."""
    result = shell.run_cell(cell, store_history=True)
    result.raise_error()
    return result.result


def pinned(shell: Any, cells: list[str], cell: str) -> tuple[Any, Any, Recipe]:
    """Run a notebook whose last cell is pinned; return session, version and recipe."""
    for each in cells:
        run(shell, each)
    version = run(shell, f"%%pin_model m\n{cell}")
    session = shell._mlops_magics_extension.notebook.session
    return session, version, Recipe.from_bytes(session.board.read_file(version, FILE))


def again(fresh: FreshProcesses, session: Any, version: Any, recipe: Recipe, values: dict[str, Any]) -> Any:
    """Run a recipe in a fresh process on the same data, and return the version that it pinned."""
    job = Job.of(session.board.url, "m", "r")
    job.create()
    names = {each.name: f"name-{place}" for place, each in enumerate(recipe.data)}
    for name, file in names.items():
        job.write_rows(file, values[name])
    job.write_order(
        {
            "kind": "cell", "board": session.board.url, "name": "m", "parent": version.version, "facts": {"run": "r"},
            "source": recipe.source, "line": list(recipe.line), "parameters": dict(recipe.parameters), "names": names,
            **history_check.cells_of(recipe),
        }
    )  # fmt: skip
    status = fresh.run(job.folder, recipe.folder)
    reports = job.reports()
    assert status == 0, reports
    return session.version(f"m@{reports[-1]['version']}")


@pytest.mark.parametrize("name", SAME)
def test_a_recipe_gives_the_same_model_in_a_fresh_process(name: str, notebook: Any, fresh: FreshProcesses) -> None:
    """Imports, functions, classes, values, seeds and options come back as they were when the cell ran."""
    cells, cell = SAME[name]
    before = {key: notebook.user_ns.get(key) for key in ("X", "y")}
    for each in cells:
        run(notebook, each)
    values = dict(notebook.user_ns)
    session, version, recipe = pinned(notebook, [], cell)
    assert recipe.possible, recipe.sentence
    assert not recipe.bound_by_hand
    repeated = again(fresh, session, version, recipe, values)
    first, second = (session.load(each) for each in (version, repeated))
    of_array = version.prototype is not None and version.prototype.input_kind == "array"
    rows = before["X"].to_numpy() if of_array else before["X"]

    assert repeated.parent == version.version
    assert repeated.lineage.data_fingerprint == version.lineage.data_fingerprint
    for method in ("predict_proba", "decision_function"):
        if hasattr(first, method):
            np.testing.assert_array_equal(getattr(first, method)(rows), getattr(second, method)(rows))


@pytest.mark.usefixtures("checks_in_forks")
@pytest.mark.parametrize("name", MADE_EARLIER)
def test_earlier_cells_are_believed_where_a_fresh_process_made_the_same_values(
    name: str, notebook: Any, fresh: FreshProcesses
) -> None:
    """A value that no line of code rebuilds comes from the cells before, which are run and compared at the pin."""
    cells, cell, count = MADE_EARLIER[name]
    session, version, recipe = pinned(notebook, cells, cell)
    assert recipe.possible, recipe.sentence
    assert recipe.checked is True
    assert recipe.history is not None
    assert len(recipe.history.cells) == count, recipe.history.cells
    assert "as it was at the pin" in recipe.sentence
    repeated = again(fresh, session, version, recipe, notebook.user_ns)
    first, second = (session.load(each) for each in (version, repeated))
    np.testing.assert_array_equal(first.coef_, second.coef_)

    made = Recipe.from_bytes(session.board.read_file(repeated, FILE))
    assert made.possible
    assert made.history is not None
    assert made.history.values == recipe.history.values


def test_the_check_of_earlier_cells_has_a_process_of_its_own(notebook: Any, fresh: FreshProcesses) -> None:
    """The same cells are believed there, and a recipe whose file changed since the pin fails before it trains."""
    Path("old.csv").write_text("a,b\n1,0\n2,1\n4,5\n")
    cells = ["old = pd.read_csv('old.csv')", "scaler = StandardScaler().fit(old)"]
    session, version, recipe = pinned(notebook, cells, "model = LogisticRegression().fit(scaler.transform(X), y)")
    assert recipe.possible
    assert recipe.checked is True

    Path("old.csv").write_text("a,b\n1,0\n2,1\n4,6\n")
    job = Job.of(session.board.url, "m", "r")
    with pytest.raises(AssertionError, match="scaler is not what it was when the version was pinned"):
        again(fresh, session, version, recipe, notebook.user_ns)
    assert [each["step"] for each in job.reports()] == ["failed"]


@pytest.mark.usefixtures("checks_in_forks")
@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_made_again_is_said_when_it_is_pinned(name: str, notebook: Any) -> None:
    """No recipe gives another model in silence: the reason and the line that mends it are shown at the pin."""
    cells, cell, reason = REFUSED[name]
    if name in ("input", "a script"):
        cell = f"if False:\n    {cell.splitlines()[0]}\n" + cell.splitlines()[1]
    cell = cell.replace("\n%run", "\nif False:\n    %run")
    _, version, recipe = pinned(notebook, cells, cell)

    assert not recipe.possible
    assert reason in recipe.sentence
    assert version.lineage.recipe == recipe.sentence
    assert "To fix it" in recipe.sentence
