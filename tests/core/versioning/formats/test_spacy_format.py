"""The format of spaCy, in a process of its own."""

from __future__ import annotations

from pathlib import Path

from tests.core.versioning.formats import networks


def test_a_pipeline_of_spacy_comes_back_with_its_rules(tmp_path: Path) -> None:
    """What was found is found again; a pipeline that forgets is refused."""
    networks.run(networks.spacy_comes_back, str(tmp_path / "board"))
