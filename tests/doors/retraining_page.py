"""The page about retraining: its tasks for orchestrators, and its lines for a notebook and a shell."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "retraining.md"


def snippets() -> dict[str, str]:
    """Return the code below each title of the third level, by its title."""
    return dict(re.findall(r"^### (.+?)\n\n```python\n(.+?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL))


def lines() -> list[str]:
    """Return the lines of the blocks that begin with a magic or the command."""
    blocks = re.findall(r"^```\w*\n(.+?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    said = [re.sub(r"^\w+ = %", "%", line) for block in blocks for line in block.splitlines()]
    return [line.partition("  #")[0].strip() for line in said if line.startswith(("%", "mlops-magics "))]
