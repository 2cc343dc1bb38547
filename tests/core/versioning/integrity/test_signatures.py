"""Signatures with offline EC keys, and the policy that demands them."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from mlops_magics.core.versioning import Board, Facts
from mlops_magics.errors import InvalidInput, NotTrusted

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def keys(tmp_path: Path) -> tuple[Path, Path]:
    """A private key and its public one."""
    pytest.importorskip("model_signing")
    private, public = tmp_path / "private.pem", tmp_path / "public.pem"
    make = ["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", str(private)]
    subprocess.run(make, check=True, capture_output=True)
    subprocess.run(
        ["openssl", "ec", "-in", str(private), "-pubout", "-out", str(public)], check=True, capture_output=True
    )
    return private, public


def test_a_policy_lets_only_signed_versions_be_read(board: Board, model: Any, keys: tuple[Path, Path]) -> None:
    """Unsigned is refused before anything is read; signed loads; taking the policy back loads again."""
    private, public = keys
    version = board.publish(model, "line", Facts(format="joblib", profile=b"{}"))
    board.require_signature(public)
    with pytest.raises(NotTrusted, match="no signature"):
        board.load(version)
    signed = board.sign(version.ref, private)
    assert "profile.json" in signed.files
    assert repr(signed).startswith(f"{version.ref} is signed, with {len(signed.files)} files.")
    assert board.load(version).coef_.tolist() == model.coef_.tolist()
    board.require_signature(None)
    assert board.load(version) is not None


def test_a_signature_of_another_version_or_of_changed_files_does_not_fit(
    board: Board, model: Any, keys: tuple[Path, Path]
) -> None:
    """The signature covers every file of exactly this version."""
    private, public = keys
    signed = board.publish(model, "line", Facts(format="joblib", profile=b"{}"))
    board.sign(signed.ref, private)
    board.require_signature(public)
    (Path(board.url) / "line" / signed.version / "profile.json").write_bytes(b"[]")
    with pytest.raises(NotTrusted, match="none fits"):
        board.load(signed)
    with pytest.raises(InvalidInput, match=r"missing\.pem does not exist"):
        board.sign(signed.ref, "missing.pem")
