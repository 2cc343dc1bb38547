"""Drift beside Evidently and NannyML, each in a venv where it works; prints a Markdown table with machine and versions.

    python bench/drift.py [ROWS] [--venvs FOLDER] [--only TASK …]

The folder holds ``evidently/`` and ``nannyml/`` (``pip install 'evidently==0.7.23' 'pandas<3' pyarrow`` and
``pip install 'nannyml==0.13.1' 'pandas<3' statsmodels pyarrow``); a peer without a venv is left out. Every measurement
is a process of its own on the same Parquet files: frames in memory, libraries warm, data cold.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from drift_data import write, write_scores

HERE = Path(__file__).parent
PAIRS = (  # our task, the peer's venv, the peer's task, what is compared
    ("exact", "evidently", "evidently", "all exact statistics, cold / Evidently's default preset"),
    ("profiled", "evidently", "evidently", "default from the stored profile / Evidently's default preset"),
    ("nannyml", "nannyml", "nannyml", "10 periods, all methods / NannyML's all methods"),
    ("nannyml-cbpe", "nannyml", "nannyml-cbpe", "CBPE, six metrics / NannyML's"),
)


def measure(python: str, script: str, task: str, paths: tuple[Path, Path]) -> dict[str, Any]:
    """Run one measurement in its own process."""
    environment = {**os.environ, "NML_DISABLE_USAGE_LOGGING": "1", "DO_NOT_TRACK": "1"}
    done = subprocess.run(
        [python, str(HERE / script), task, *map(str, paths)],
        check=True,
        capture_output=True,
        text=True,
        env=environment,
    )
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def versions(venvs: Path) -> list[str]:
    """Say what was measured: the libraries that we stand on here, and each peer in its own environment."""
    told = [f"{name} {importlib.metadata.version(name)}" for name in ("numpy", "pandas", "scipy")]
    for name in sorted({venv for _, venv, _, _ in PAIRS}):
        python = venvs / name / "bin" / "python"
        if python.exists():
            code = f"import importlib.metadata; print(importlib.metadata.version({name!r}))"
            done = subprocess.run([str(python), "-c", code], check=True, capture_output=True, text=True)
            told.append(f"{name} {done.stdout.strip()}")
    return told


def main() -> None:
    """Measure every pair and print the table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("rows", type=int, nargs="?", default=100_000)
    asked.add_argument("--venvs", type=Path, default=Path("venvs"))
    asked.add_argument("--only", nargs="+", choices=[pair[0] for pair in PAIRS], default=[pair[0] for pair in PAIRS])
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        features = tuple(write(Path(folder) / f"features-{seed}.parquet", options.rows, seed) for seed in (0, 1))
        scores = tuple(write_scores(Path(folder) / f"scores-{seed}.parquet", options.rows, seed) for seed in (0, 1))
        print(
            f"{options.rows:,} + {options.rows:,} rows, 20 columns; {platform.processor() or platform.machine()}, "
            f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}, Python {platform.python_version()}; "
            f"{', '.join(versions(options.venvs))}\n"
        )
        print(
            "| what | ours s | peer s | ratio | our peak MB (frames loaded) | peer's peak MB "
            "|\n|---|---|---|---|---|---|"
        )
        known: dict[str, dict[str, Any]] = {}
        for ours, venv, theirs, told in (pair for pair in PAIRS if pair[0] in options.only):
            paths = scores if "cbpe" in ours else features
            mine = measure(sys.executable, "drift_ours.py", ours, paths)
            peer_python = options.venvs / venv / "bin" / "python"
            if theirs not in known and peer_python.exists():
                known[theirs] = measure(str(peer_python), "drift_peers.py", theirs, paths)
            peer = known.get(theirs)
            memory = f"{mine['peak']:.0f} ({mine['before']:.0f})"
            row = (
                (f"{peer['seconds']:.2f}", f"{peer['seconds'] / mine['seconds']:.1f}×", f"{peer['peak']:.0f}")
                if peer
                else ("not installed", "", "")
            )
            print(f"| {told} | {mine['seconds']:.3f} | {row[0]} | {row[1]} | {memory} | {row[2]} |", flush=True)
            if peer and peer.get("scores"):
                print(f"\nCBPE of the first chunk: ours {mine['scores']}, NannyML's {peer['scores']}")


if __name__ == "__main__":
    main()
