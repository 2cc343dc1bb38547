"""Versioning beside pins and MLflow, in one run: `python bench/versioning.py [equal] [different] [listing] [large]`.

MLflow runs in a virtual environment of its own, `mlflow` below `.venv-peers` or below `MLOPS_MAGICS_TEST_VENVS`; it is
left out where that is missing. Figures are the best of several rounds, in the order of the columns within each round.
"""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.metadata
import multiprocessing
import os
import platform
import queue
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROUNDS = 5
PROCESSES, PINS = 8, 100
VERSIONS, MODELS = 10_000, 2_000
LARGE = 500_000_000
MOST_SECONDS = 240
MLFLOW = Path(os.environ.get("MLOPS_MAGICS_TEST_VENVS") or ".venv-peers") / "mlflow" / "bin" / "python"


def main(parts: list[str]) -> None:
    """Run the chosen parts and print their tables."""
    import pins

    os.environ["PINS_ALLOW_PICKLE_READ"] = "1"
    with tempfile.TemporaryDirectory(dir=".") as folder:
        os.environ["MLOPS_MAGICS_STATE"] = f"{folder}/state"
        print(f"Python {platform.python_version()}, pins {pins.__version__}, {os.cpu_count()} cores, ", end="")
        print(f"load average {os.getloadavg()[0]:.1f}, scikit-learn {importlib.metadata.version('scikit-learn')}\n")
        for name, part in {"equal": writers, "different": writers, "listing": listing, "large": large}.items():
            if not parts or name in parts:
                part(Path(folder) / name)


def table(head: list[str], rows: list[list[str]]) -> None:
    """Print a Markdown table."""
    print(
        "| " + " | ".join(head) + " |",
        "|" + "---|" * len(head),
        *("| " + " | ".join(row) + " |" for row in rows),
        "",
        sep="\n",
    )


# Writers


def writers(place: Path) -> None:
    """Let processes pin one name at once, and count what came of it; the place is called as the bytes are."""
    rows, same = [], place.name == "equal"
    for name, write in {"mlops_magics": _write_ours, "pins": _write_pins}.items():
        (place / name).mkdir(parents=True)
        rows.append([name, place.name, *_contended(write, str(place / name), same)])
    for store in ("sqlite", "file") if MLFLOW.exists() else ():
        rows.append([f"MLflow, {store} store", place.name, *_mlflow(place / f"mlflow-{store}", store, same)])
    table(
        [f"{PROCESSES} processes × {PINS} pins of one name", "bytes", "ok", "errors", "unique versions", "seconds"],
        rows,
    )


def _contended(write: Callable[[str, int, bool, Any, Any], None], board: str, same: bool) -> list[str]:
    context = multiprocessing.get_context("spawn")
    barrier, answers = context.Barrier(PROCESSES + 1), context.Queue()
    people = [context.Process(target=write, args=(board, seed, same, barrier, answers)) for seed in range(PROCESSES)]
    for person in people:
        person.start()
    barrier.wait(timeout=MOST_SECONDS)
    start = time.perf_counter()
    told = _answers(people, answers)
    seconds = time.perf_counter() - start
    for person in people:
        person.join()
    ok = [version for version in told if version]
    return [str(len(ok)), str(len(told) - len(ok)), str(len(set(ok))), f"{seconds:.1f}"]


def _answers(people: list[Any], answers: Any) -> list[str | None]:
    """Return each pin's version, None for an error; what a writer that died left undone counts as errors."""
    told: list[str | None] = []
    while len(told) < PROCESSES * PINS:
        alive = any(person.is_alive() for person in people)  # asked first: what the dead said is in the queue by now
        try:
            told.append(answers.get(timeout=1))
        except queue.Empty:
            if not alive:
                break
    return told + [None] * (PROCESSES * PINS - len(told))


def _write_ours(place: str, seed: int, same: bool, barrier: Any, answers: Any) -> None:
    from mlops_magics.core.versioning import Facts, Lineage, open_board

    bare = Facts(format="joblib", lineage=Lineage())
    board = open_board(place)
    barrier.wait(timeout=MOST_SECONDS)
    for number in range(PINS):
        value = {} if same else {"seed": seed, "number": number}
        try:
            answers.put(board.publish(value, "shared", bare).version)
        except Exception:  # whatever goes wrong counts as an error
            answers.put(None)


def _write_pins(place: str, seed: int, same: bool, barrier: Any, answers: Any) -> None:
    import pins

    pins.config.pins_options.quiet = True
    board = pins.board_folder(place, allow_pickle_read=True)
    barrier.wait(timeout=MOST_SECONDS)
    for number in range(PINS):
        value = {} if same else {"seed": seed, "number": number}
        try:
            written = board.pin_write(value, "shared", type="joblib", force_identical_write=True)
            answers.put(str(written.version.version))
        except Exception:  # whatever goes wrong counts as an error
            answers.put(None)


def _mlflow(place: Path, store: str, same: bool) -> list[str]:
    place.mkdir(parents=True)
    command = [str(MLFLOW.absolute()), str(Path(__file__).with_name("versioning_mlflow.py").absolute()), store]
    environment = {**os.environ, "MLFLOW_ALLOW_FILE_STORE": "true"}
    with subprocess.Popen(
        [*command, str(PROCESSES), str(PINS), str(int(same))],
        cwd=place, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        start_new_session=True,
    ) as registry:  # fmt: skip
        try:
            told, _ = registry.communicate(timeout=MOST_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(registry.pid, signal.SIGKILL)  # its writers too: they hold the pipe
            return ["–", "–", "–", f"not done after {MOST_SECONDS}"]
    return told.split()[-4:] if registry.returncode == 0 else ["–", "–", "–", "failed"]


# Listing


def listing(place: Path) -> None:
    """List, look up, write and search on boards with many versions and many models."""
    import pins

    from mlops_magics.core.versioning import Facts, Lineage, open_board

    bare = Facts(format="joblib", lineage=Lineage())
    many = board_of(place / "versions", [("model", VERSIONS)])
    broad = board_of(place / "models", [(f"model-{number}", 1) for number in range(MODELS)])
    pins.config.pins_options.quiet = True
    theirs = {at: pins.board_folder(str(at), allow_pickle_read=True) for at in (many, broad)}
    open_board(many).versions("model")  # the derived index is built once, by whoever lists first
    open_board(broad).models()
    rows = [
        _row(
            f"list {VERSIONS:,} versions, cold index",
            lambda: open_board(many).versions("model"),
            lambda: theirs[many].pin_versions("model"),
        ),
        _row(
            "newest version",
            _again(open_board(many), lambda board: board.version("model")),
            lambda: theirs[many].pin_meta("model"),
        ),
        _row(
            "newest version, board just opened",
            lambda: open_board(many).version("model"),
            lambda: theirs[many].pin_meta("model"),
        ),
        _row(
            "one more version",
            _again(
                open_board(many),
                lambda board: board.publish(_unique(), "model", bare),
            ),
            lambda: theirs[many].pin_write(_unique(), "model", type="joblib", force_identical_write=True),
        ),
        _row(
            "one more version where there are few",
            _again(
                open_board(many),
                lambda board: board.publish(_unique(), "few", bare),
            ),
            lambda: theirs[many].pin_write(_unique(), "few", type="joblib", force_identical_write=True),
        ),
        _row(
            f"search {MODELS:,} models, board just opened",
            lambda: open_board(broad).models("r2>0.4 model-7"),
            lambda: theirs[broad].pin_search("model-7"),
        ),
    ]
    table(["on one board", "mlops_magics, ms", "pins, ms"], rows)


def _unique() -> dict[str, int]:
    return {"time": time.perf_counter_ns()}


def _again(board: Any, act: Callable[[Any], object]) -> Callable[[], object]:
    return lambda: act(board)


def _row(what: str, ours: Callable[[], object], theirs: Callable[[], object]) -> list[str]:
    best = [float("inf"), float("inf")]
    for _ in range(ROUNDS):
        for place, act in enumerate((ours, theirs)):
            start = time.perf_counter()
            act()
            best[place] = min(best[place], time.perf_counter() - start)
    return [what, *(f"{seconds * 1000:.1f}" for seconds in best)]


def board_of(place: Path, models: list[tuple[str, int]]) -> Path:
    """Write many versions fast: real metadata, one small file each, no syncing."""
    from mlops_magics.core.versioning import Facts, open_board
    from mlops_magics.core.versioning.describing import data_txt

    seed = open_board(place).publish({}, "seed", Facts(format="joblib", metrics={"r2": 0.5}, tags=("eu",)))
    data = (place / "seed" / seed.version / seed.file).read_bytes()
    start = datetime(2025, 1, 1, tzinfo=UTC)
    for name, count in models:
        for number in range(count):
            created = start + timedelta(seconds=number)
            called = f"{created:%Y%m%dT%H%M%SZ}-{seed.stamps['pin_hash'][:5]}"
            version = dataclasses.replace(seed, name=name, version=called, created=created)
            folder = place / name / called
            folder.mkdir(parents=True)
            (folder / seed.file).write_bytes(data)
            (folder / "data.txt").write_bytes(data_txt.encode(version, ["scikit-learn"]))
    time.sleep(0.2)  # a folder that changed this very moment is listed anew by design
    return place


# A large model


def large(place: Path) -> None:
    """Write and read models of 500 MB, an array and a forest, and one of small objects."""
    import pins

    from mlops_magics.core.versioning import open_board

    pins.config.pins_options.quiet = True
    (place / "pins").mkdir(parents=True)
    ours, theirs = open_board(place / "ours"), pins.board_folder(str(place / "pins"), allow_pickle_read=True)
    models = {"one array": _array, "a forest": _forest, "small objects": _objects}
    table(
        ["model", "pin", "pins' pin", "load", "bare joblib.load", "bare read and sha256"],
        [_large(name, make(), ours, theirs) for name, make in models.items()],
    )


def _large(name: str, model: Any, ours: Any, theirs: Any) -> list[str]:
    from mlops_magics.core.versioning import Facts, Lineage

    bare = Facts(format="joblib", lineage=Lineage())
    word = name.replace(" ", "-")
    write = _row(
        "pin",
        lambda: ours.publish(model, word, bare),
        lambda: theirs.pin_write(model, word, type="joblib", force_identical_write=True),
    )
    version = ours.version(word)
    path = Path(ours.url) / word / version.version / version.file
    read = _row("load", lambda: ours.load(version), lambda: _bare(path))
    limit = _row("read and hash", lambda: _read_and_hash(path), lambda: None)[1]
    return [f"{name}, {version.size // 1_000_000} MB", *write[1:], *read[1:], limit]


def _array() -> Any:
    import numpy as np
    from sklearn.linear_model import LinearRegression

    model = LinearRegression()
    model.coef_, model.intercept_ = np.random.default_rng(0).random(LARGE // 8), 0.0
    return model


def _forest() -> Any:
    """Return a forest of equal trees: one is fitted, the others are its copies."""
    import copy

    import numpy as np
    from sklearn.ensemble import RandomForestRegressor

    draw = np.random.default_rng(0)
    model = RandomForestRegressor(1).fit(draw.random((60_000, 8)), draw.random(60_000))
    tree = model.estimators_[0]
    model.estimators_ = [copy.deepcopy(tree) for _ in range(LARGE // (72 * tree.tree_.node_count))]
    return model


def _objects() -> Any:
    return {"nodes": [(float(number), str(number)) for number in range(100_000)]}


def _bare(path: Path) -> Any:
    import joblib

    return joblib.load(path)


def _read_and_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    main(sys.argv[1:])
