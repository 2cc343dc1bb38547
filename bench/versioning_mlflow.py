"""MLflow's part of `versioning.py`, run in its own environment: many processes register versions of one model."""

from __future__ import annotations

import multiprocessing
import sys
import time
from pathlib import Path
from typing import Any


def write(uri: str, pins: int, same: bool, seed: int, barrier: Any, answers: Any) -> None:
    """Register versions, each with a small artifact of its own."""
    import joblib
    from mlflow import MlflowClient

    client = MlflowClient(tracking_uri=uri, registry_uri=uri)
    barrier.wait()
    for number in range(pins):
        path = Path(f"artifacts/{seed}-{number}/model.joblib").absolute()
        try:
            path.parent.mkdir(parents=True)
            joblib.dump({} if same else {"seed": seed, "number": number}, path)
            answers.put(str(client.create_model_version("shared", path.parent.as_uri()).version))
        except Exception:  # whatever goes wrong counts as an error
            answers.put(None)


def main(store: str, processes: int, pins: int, same: bool) -> None:
    """Print: successes, errors, unique versions, seconds."""
    from mlflow import MlflowClient

    uri = "sqlite:///registry.db" if store == "sqlite" else Path("registry").absolute().as_uri()
    MlflowClient(tracking_uri=uri, registry_uri=uri).create_registered_model("shared")
    context = multiprocessing.get_context("spawn")
    barrier, answers = context.Barrier(processes + 1), context.Queue()
    people = [
        context.Process(target=write, args=(uri, pins, same, seed, barrier, answers)) for seed in range(processes)
    ]
    for person in people:
        person.start()
    barrier.wait()
    start = time.perf_counter()
    told = [answers.get() for _ in range(processes * pins)]
    seconds = time.perf_counter() - start
    for person in people:
        person.join()
    ok = [version for version in told if version]
    print(len(ok), len(told) - len(ok), len(set(ok)), f"{seconds:.1f}")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), bool(int(sys.argv[4])))
