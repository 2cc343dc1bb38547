"""Reads mutated model files in processes of their own: each file is refused, or gives a model that answers.

``python -m tests.core.versioning.formats.fuzz --files 10000 --out FOLDER`` runs it for every kind, ``--kinds`` for
some. A process that is killed by a signal, runs out of time or of memory counts as a crash; its file is kept in
``FOLDER``.
"""

from __future__ import annotations

import argparse
import collections
import faulthandler
import gc
import io
import json
import os
import pickle
import random
import resource
import signal
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

from mlops_magics.core.versioning.formats import registry
from mlops_magics.errors import SerializationError
from tests.core.versioning.formats import mutations, safe_models

SECONDS = 60
"""Of the processor, for one file: a busy machine is not a crash."""
MEMORY = 12 * 1024**3
"""Bytes of address space of a process. The libraries alone reserve a third of it."""
CHECKED_MEMORY = {
    "PYTHONMALLOC": "debug",
    "MALLOC_PERTURB_": "165",
    "LD_PRELOAD": "libc_malloc_debug.so.0",
    "GLIBC_TUNABLES": "glibc.malloc.check=3",
}
"""Python's and glibc's checks of the bytes around each block, when it is freed."""
BATCH = 6_000
"""Files of a process: its imports take as long as 500 of them."""
ROUND = 100
"""Files of a kind before the next kind: a run that is ended early has read as many of each."""
MODULE = "tests.core.versioning.formats.fuzz"
ROOT = Path(__file__).parents[4]


def native(kind: str) -> tuple[Any, Any]:
    """Return the booster of a wrapper, and rows for its own ``predict``."""
    model, rows = safe_models.build(kind.removesuffix(" alone"))
    return (model.get_booster() if kind.startswith("xgboost") else model.booster_), rows


KINDS = (*safe_models.BUILDERS, "xgboost of categories alone", "lightgbm of categories alone")


def prepare(kind: str, folder: Path) -> None:
    """Write a valid file of a kind, and the rows that are predicted with what is read from its mutations."""
    model, rows = native(kind) if kind.endswith(" alone") else safe_models.build(kind)
    handler = registry.candidates(model)[0]
    stream = io.BytesIO()
    handler.write(model, stream)
    (folder / f"{kind}.file").write_bytes(stream.getvalue())
    (folder / f"{kind}.rows").write_bytes(pickle.dumps((handler.name, rows)))


def run(kinds: list[str], files: int, folder: Path, batch: int = BATCH) -> dict[str, collections.Counter[str]]:
    """Read ``files`` mutated files of each kind; return kind → outcome → number of files."""
    for kind in kinds:
        prepare(kind, folder)
    found: dict[str, collections.Counter[str]] = {kind: collections.Counter() for kind in kinds}
    for start in range(0, files, ROUND):
        numbers = range(start, min(start + ROUND, files))
        waiting = [(kind, number) for kind in kinds for number in numbers]
        while waiting:
            waiting = waiting[_batch(waiting[:batch], folder, found) :]
        (folder / "counts.json").write_text(json.dumps(found, indent=1))
        crashed = sum(counts["crashed"] for counts in found.values())
        print(f"{numbers.stop} files of each of {len(kinds)} kinds, {crashed} crashes", flush=True)
    return found


def _batch(jobs: list[tuple[str, int]], folder: Path, found: dict[str, collections.Counter[str]]) -> int:
    """Run a process for some files; return how many of them it read before it ended, the one that ended it included."""
    settings = {**CHECKED_MEMORY, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    state, given = folder / "state.txt", folder / "jobs.json"
    state.write_text("")
    given.write_text(json.dumps(jobs))
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-m", MODULE, "--child", "--out", str(folder)],
        env={**os.environ, **settings}, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    outcomes = state.read_text().split()
    for (kind, _), outcome in zip(jobs, outcomes):
        found[kind][outcome] += 1
    if done.returncode == 0:
        return len(jobs)
    # memory that a file corrupted may end the process when it ends: the last file of its batch is named then
    kind, number = jobs[min(len(outcomes), len(jobs) - 1)]
    found[kind]["crashed"] += 1
    (folder / f"crash {kind} {number}.txt").write_text(f"{done.returncode}\n{done.stderr[-20_000:]}")
    (folder / f"crash {kind} {number}.bin").write_bytes(mutated(kind, number, folder))
    (folder / f"crash {kind} {number}.json").write_text(json.dumps(jobs))
    return min(len(outcomes) + 1, len(jobs))


def mutated(kind: str, number: int, folder: Path) -> bytes:
    """Return the mutated file of a number: the same in each run."""
    files = sorted(folder.glob("*.file"))
    chance = random.Random(f"{kind} {number}")
    other = chance.choice(files).read_bytes()
    return mutations.mutate((folder / f"{kind}.file").read_bytes(), other, chance)


def child(folder: Path) -> None:
    """Read the files of a batch, and note after each what became of it."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    warnings.simplefilter("ignore")
    faulthandler.register(signal.SIGPROF, chain=True)  # whose default ends the process
    jobs = json.loads((folder / "jobs.json").read_text())
    rows_of = {
        kind: pickle.loads((folder / f"{kind}.rows").read_bytes()) for kind in dict.fromkeys(kind for kind, _ in jobs)
    }
    with (folder / "state.txt").open("w", buffering=1) as state:
        for kind, number in jobs:
            name, rows = rows_of[kind]
            data = mutated(kind, number, folder)
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            state.write(f"{outcome(name, data, rows)}\n")
            signal.setitimer(signal.ITIMER_PROF, 0)
        gc.collect()


def outcome(name: str, data: bytes, rows: Any) -> str:
    """Return what becomes of a file: ``refused``, ``answered``, or ``raised`` by the model's own checks."""
    handler, stream = registry.handler(name), io.BytesIO(data)
    try:
        if not data.startswith(handler.magic) or handler.untrusted(stream):
            return "refused"
        stream.seek(0)
        model = registry.with_predict(handler.read(stream))
    except (SerializationError, Exception):
        return "refused"
    try:
        safe_models.answers(model, rows)
    except Exception:  # the model's own checks of its input
        return "raised"
    return "answered"


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--kinds", nargs="*", default=list(KINDS))
    parser.add_argument("--out", type=Path)
    parser.add_argument("--child", action="store_true")
    given = parser.parse_args()
    if given.child:
        child(given.out)
        return 0
    folder = given.out or Path(tempfile.mkdtemp(prefix="fuzz-"))
    folder.mkdir(parents=True, exist_ok=True)
    found = run(given.kinds, given.files, folder)
    crashed = sum(counts["crashed"] for counts in found.values())
    print(f"{sum(map(sum, (counts.values() for counts in found.values())))} files, {crashed} crashes, in {folder}")
    return min(crashed, 1)


if __name__ == "__main__":
    sys.exit(main())
