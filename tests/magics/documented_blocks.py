"""The fenced blocks of README and of the pages, as cells, commands and outputs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
ORDER = (
    "README.md", "docs/index.md", "docs/first-minutes.md", "docs/questions.md", "docs/documents.md",
    "docs/readiness.md", "docs/endpoints.md", "docs/batch.md", "docs/deploying-elsewhere.md", "docs/retraining.md",
)  # fmt: skip
"""The pages whose blocks run, in the order in which they are read."""
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w*)\n(.+?)^```", re.MULTILINE | re.DOTALL)
LINE = re.compile(r"^(?:\w+ = )?(?:%%?|mlops-magics )([a-z_-]+)(.*?)(?:  +#.*)?$")
CRON = re.compile(r"^(?:[\d*/,-]+ +){5}")


@dataclass(frozen=True, slots=True)
class Block:
    """A block of a page: its code, and the word behind its fence."""

    page: str
    language: str
    text: str

    @property
    def is_output(self) -> bool:
        """Whether it shows what a cell printed."""
        return self.language == "text" or (not self.language and not re.match(r"[%@]|mlops-magics |make ", self.text))

    @property
    def cells(self) -> list[str]:
        """Its cells: the whole block over a cell magic or plain Python, else its lines."""
        lines = self.text.strip().splitlines()
        if lines[0].startswith("%%") or not any(LINE.match(line) for line in lines):
            return [self.text.strip()]
        cells: list[str] = []
        for line in lines:
            if LINE.match(line) or not cells or not cells[-1].startswith("%%"):
                cells.append(line)
            else:
                cells[-1] += f"\n{line}"
        return [cell for cell in cells if cell.strip()]


def blocks(page: Path) -> list[Block]:
    """Return the blocks of a page in their order."""
    name = page.relative_to(ROOT).as_posix()
    return [Block(name, *found) for found in BLOCK.findall(page.read_text(encoding="utf-8"))]


def spans(page: Path) -> list[str]:
    """Return the code within the sentences of a page."""
    return re.findall(r"`([^`\n]+)`", BLOCK.sub("", page.read_text(encoding="utf-8")))


def shape(text: str) -> str:
    """Return an output with a sign in place of each number, version and address, and one blank for many."""
    text = re.sub(r"\d{8}T\d{6}Z-[0-9a-f]{5}", "ID", text)
    words = " ".join(re.sub(r"[+-]?\d+(?:[.,]\d+)*(?:e-?\d+)?", "N", text).split())
    return re.sub(r"once in N times|N times in N|hardly ever", "OFTEN", words)
