"""The output of a recipe is kept in bounded length, and without the secrets that it prints."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mlops_magics.core.retraining.running import recipe_process

SECRET = "Amsel-im-Garten"
OUTPUTS = {
    "by its name": [f"password: {SECRET}7x\n"],
    "bare, from the environment": [f"login with {SECRET}\n"],
    "within an error": [f"OperationalError: postgresql://ann:{SECRET}@db\n"],
    "in two writes": ["login with Amsel-im", "-Garten\n"],
    "without a last line": [f"login with {SECRET}"],
    "beside a progress bar": [f"\r10 % {SECRET}", f"\r20 % {SECRET}\r"],
    "bytes that are not UTF-8": [b"\xff\xfe login with Amsel-im-Garten\n"],
    "after a long line": ["x" * 200_000, f"\nlogin with {SECRET}\n"],
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_T13_the_output_of_a_recipe_is_kept_without_secrets(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T13: also a secret of the environment that is printed without its name. The rest of a line stays."""
    monkeypatch.setenv("DB_PASSWORD", SECRET)
    kept = _kept([each if isinstance(each, bytes) else each.encode() for each in OUTPUTS[name]], tmp_path / "log.txt")

    assert SECRET.encode() not in kept
    assert b"[redacted]" in kept


def test_a_long_output_is_kept_without_its_middle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The beginning and the end, and how much is missing between them."""
    monkeypatch.setattr(recipe_process, "HEAD_BYTES", 10_000)
    monkeypatch.setattr(recipe_process, "TAIL_BYTES", 150_000)
    lines = [f"line {number:06d}\n".encode() * 100 for number in range(400)]
    kept = _kept(lines, tmp_path / "log.txt")

    assert kept.startswith(b"line 000000\n")
    assert kept.endswith(b"line 000399\n")
    assert b"bytes are left out" in kept
    assert len(kept) < 160_000 + 2 * recipe_process.PIECE


def _kept(pieces: list[bytes], log: Path) -> bytes:
    """Return what is kept of an output that a process writes in pieces."""
    reading, writing = os.pipe()
    if not (child := os.fork()):
        for piece in pieces:
            os.write(writing, piece)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        recipe_process.keep_output(stream, log)
    os.waitpid(child, 0)
    return log.read_bytes()
