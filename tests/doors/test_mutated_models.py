"""A small part of the fuzzing of model files; ``make fuzz-formats`` runs all of it, and says how many files it read."""

from __future__ import annotations

from pathlib import Path

from tests.core.versioning.formats import fuzz

FILES = 8
"""Of each kind, all in one process."""


def test_a_mutated_file_is_refused_or_gives_a_model_that_answers(tmp_path: Path) -> None:
    """No process is killed, runs out of time or of memory, whatever was changed in the file."""
    found = fuzz.run(list(fuzz.KINDS), FILES, tmp_path)

    assert {kind: counts["crashed"] for kind, counts in found.items() if counts["crashed"]} == {}
    assert all(sum(counts.values()) == FILES for counts in found.values())
    refused, answered = (sum(counts[outcome] for counts in found.values()) for outcome in ("refused", "answered"))
    assert refused > answered > 0
