"""The positions of lines and expressions in the text that a syntax tree was parsed from."""

from __future__ import annotations

import ast

from mlops_magics.core.versioning.describing.secrets.secret_shapes import Span


class Offsets:
    """A map from lines and columns of a syntax tree, which count bytes, to positions in the text."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def span(self, node: ast.expr) -> Span:
        """Return where an expression starts and ends."""
        return self._at(node.lineno, node.col_offset), self._at(node.end_lineno or 0, node.end_col_offset or 0)

    def at(self, line: int, column: int) -> int:
        """Return the position of a line, from 1, and a column in characters, as the tokenizer counts."""
        return self._starts[line - 1] + column

    def _at(self, line: int, column: int) -> int:
        text = self._lines[line - 1]
        return self.at(line, column if text.isascii() else len(text.encode()[:column].decode("utf-8", "ignore")))
