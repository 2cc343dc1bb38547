"""Serving beside the peers: one run on one machine, printed as a Markdown table.

    python bench/serving.py                                  # beside vetiver
    python bench/serving.py --peers vetiver flask litserve bentoml mlflow --venvs VENVS

Each peer is looked for in VENVS/NAME/bin/python; one that is not there is left out, and the table says so.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import platform
import subprocess
import tempfile
from contextlib import AbstractContextManager
from pathlib import Path

import serving_load as load
from serving_models import MANY, Subject, subjects
from serving_servers import PEERS, Server, ours, peer

FIRST_PEER_PORT = 9460
CROWD_SECONDS = 6
"""Long enough that the first requests of a thousand connections, which wait for all of them to be accepted, are few."""
Row = dict[str, float]


def measure(server: Server, subject: Subject, seconds: int) -> Row:
    """Run every load against one server."""
    found: Row = {"cold start, s": server.seconds, "memory at rest, MiB": server.memory()}
    load.rate(server, subject, connections=8, seconds=1)
    for connections in (1, 64):
        used = server.cpu_seconds()
        measured = load.rate(server, subject, connections=connections, seconds=seconds)
        used = (server.cpu_seconds() - used) / (measured["rate"] * seconds)
        found[f"1 row, {connections} conn., server CPU µs/req"] = 1e6 * used
        found[f"1 row, {connections} conn., req/s"] = measured["rate"]
        found[f"1 row, {connections} conn., p99 ms"] = measured["p99"]
    found["1,000 rows, rows/s"] = 1000 * load.rate(server, subject, connections=1, rows=1000, seconds=seconds)["rate"]
    for form, content_type in {server.form: server.content_type, **server.more}.items():
        label = "records" if form in {"records", "split", "named"} else form
        found[f"100,000 rows as {label}, rows/s"] = load.large(
            server, subject, form=form, content_type=content_type, rows=MANY
        )
    crowd = load.rate(server, subject, connections=1000, seconds=max(seconds, CROWD_SECONDS))
    found["1,000 conn., p99 ms"], found["1,000 conn., errors"] = crowd["p99"], crowd["errors"]
    if server.path == "/predict" and server.form == "records":
        found["/ping p99 beside 100,000 rows, ms"] = load.ping_beside_large(server, subject, rows=MANY)
    return found


def table(subject: Subject, rows: dict[str, Row]) -> str:
    """Write one model's measurements: a column for each server, and our ratio to the first peer."""
    names = list(rows)
    loads = list(rows[names[0]])
    against = next((name for name in names if name in PEERS), None)
    lines = [f"| {subject.name} | {' | '.join(names)} |" + (f" ours / {against} |" if against else "")]
    lines.append("|---" * (len(names) + 1 + bool(against)) + "|")
    for name in loads:
        cells = [_number(rows[server].get(name)) for server in names]
        lines.append(
            f"| {name} | {' | '.join(cells)} |"
            + (f" {_ratio(rows[names[0]], rows[against], name)} |" if against else "")
        )
    return "\n".join(lines)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}" if value >= 100 else f"{value:,.2f}"


def _ratio(ours_: Row, theirs: Row, name: str) -> str:
    compared = theirs.get(name)
    if compared is None and name.startswith("100,000 rows as"):
        compared = theirs.get("100,000 rows as records, rows/s")
    return "–" if not compared else f"{ours_[name] / compared:.1f} ×"


def machine(venvs: Path, peers: list[str]) -> str:
    """Say where and with what this was measured."""
    names = ("scikit-learn", "numpy", "pandas", "flask", "httptools", "msgspec", "orjson")
    versions = [f"{name} {importlib.metadata.version(name)}" for name in names]
    for name in peers:
        code = f"import importlib.metadata; print(importlib.metadata.version({name!r}))"
        done = subprocess.run(
            [str(venvs / name / "bin" / "python"), "-c", code], capture_output=True, text=True, check=False
        )
        versions.append(f"{name} {done.stdout.strip()}")
    load_average = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return (
        f"{platform.platform()}, {os.cpu_count()} CPUs, load {load_average}, Python {platform.python_version()}; "
        + ", ".join(versions)
    )


def servers(subject: Subject, peers: list[str], venvs: Path, folder: Path) -> list[AbstractContextManager[Server]]:
    """Return every server of the run, ours first."""
    started: list[AbstractContextManager[Server]] = [ours(subject, folder / "board")]
    if subject.name == "forest":
        started.append(ours(subject, folder / "board", name="mlops_magics exact", exact=True))
    else:
        started.append(ours(subject, folder / "board", name="mlops_magics, no log", log=False))
    return started + [peer(name, subject, venvs, FIRST_PEER_PORT + place) for place, name in enumerate(peers)]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--peers", nargs="*", default=["vetiver"], choices=sorted(PEERS), help="whom to measure beside us"
    )
    parser.add_argument("--venvs", type=Path, default=Path(os.environ.get("MLOPS_MAGICS_TEST_VENVS", ".venv-peers")))
    parser.add_argument("--seconds", type=int, default=3, help="of each load")
    parser.add_argument("--models", nargs="*", default=["lin", "forest"], choices=["lin", "forest"])
    chosen = parser.parse_args()
    present = [name for name in chosen.peers if (chosen.venvs / name / "bin" / "python").exists()]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        os.environ["MLOPS_MAGICS_STATE"] = str(folder / "state")
        print(machine(chosen.venvs.resolve(), present))
        for subject in (each for each in subjects(folder) if each.name in chosen.models):
            rows: dict[str, Row] = {}
            for each in servers(subject, present, chosen.venvs.resolve(), folder):
                with each as server:
                    rows[server.name] = measure(server, subject, chosen.seconds)
            print(f"\n{table(subject, rows)}\n\nIn process, 1 row: {load.in_process(subject):,.0f} calls/s")
    absent = sorted(set(chosen.peers) - set(present))
    if absent:
        print(f"\nNot measured, no environment in {chosen.venvs}: {', '.join(absent)}.")


if __name__ == "__main__":
    main()
