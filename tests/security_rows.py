"""The rows of docs/security.md: what is promised against each threat and fault, and the tests that show it.

A test belongs to a row when its docstring begins with the row, as in ``R9: …`` or ``T1, T4: …``. The file is written by
``python -m tests.security_rows``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent
FILE = TESTS.parent / "docs" / "security.md"

FAULTS = {
    "R1": "Several writers of one model: every success is one version of its own, whole.",
    "R2": "Versions of one second keep the order in which they were committed.",
    "R3": "A writer that is killed leaves the old state or the new one; the next write works.",
    "R4": "Every file operation fails in turn, and what was not synced is lost: the state is before or after.",
    "R5": "Ctrl-C or an exception while a model is written leaves no version and no staging files.",
    "R6": "A full disk is one line, and nothing of the new version is visible.",
    "R7": "A write is reported as done only when the disk has it.",
    "R8": "A board that cannot be written is read, and a write is refused in one line.",
    "R9": "Bytes that were changed are named before they are deserialised, in models and in the prediction log.",
    "R10": "A clock that jumps changes no order; times are in UTC.",
    "R11": "A listing reads an index that can be rebuilt, and a large board does not make the panel wait.",
    "R12": "Files that do not belong to a board, or are damaged, are named and end no listing.",
    "R13": "A reader beside a writer gets a whole version or NotFound.",
    "R14": "Of two promotions at once one is first; both are in the history.",
    "R15": "A swap or rollback under traffic fails no request, and each answer names its version.",
    "R16": "An endpoint that died, is suspended or lost its announcement is named, and comes back or ends.",
    "R17": "A store that fails at any request leaves the state before or after.",
    "R18": "The index is a cache: without it, or with a damaged one, a board lists the same.",
    "R19": "Boards, logs and settings of every released format are read; a newer one is refused by name.",
    "R20": "The prediction log loses at most the last moment of a process that is killed, and has no torn row.",
    "R21": "What is replaced is written as a new version first; no mode deletes the old one before.",
    "R22": "One retraining at a time; one that fails leaves the champion.",
}
"""What may go wrong by itself."""

THREATS = {
    "T1": "Another user's pickle runs only after the user has trusted that version, by its hash.",
    "T2": "A file is read as what its bytes and its manifest both say, never as a pickle instead.",
    "T3": "Types that may be loaded are listed in our code, not in the file.",
    "T4": "The bytes that are loaded are those of the manifest; exchanged versions and histories are named.",
    "T5": "No name, link or file of a board leads outside it, neither for reading nor for removing.",
    "T6": "Text of a board or of data is text in every page, view and panel.",
    "T7": "An endpoint refuses other hosts, other origins and requests without its token, on every route.",
    "T8": "Other users and processes of the machine get neither token nor rows.",
    "T9": "A request costs bounded memory and time, and is refused in one line.",
    "T10": "A request ends where HTTP/1.1 says; what is not clear is refused and ends the connection.",
    "T11": "A value in a generated file is an argument, and nothing else.",
    "T12": "Images run as a user of their own, on a base that is pinned by digest.",
    "T13": "Secrets in a cell are removed before it is stored anywhere.",
    "T14": "A webhook reaches no inner address and follows no redirect. No redirect of a file leads to one either.",
    "T15": "A magic expands variables as IPython's own magics do, and evaluates nothing else.",
    "T16": "Each route of the server extension needs the server's token and its own origin.",
    "T17": "A saved notebook shows what it shows without a request and without code.",
    "T18": "Archives are read within limits, also archives inside them.",
    "T19": "A rebuilt environment has exactly the pinned packages.",
    "T20": "A history that was cut, changed or forged is named, and refused for promotion.",
}
"""What others may try."""

_ROWS = re.compile(r"((?:[RT]\d{1,2}, )*[RT]\d{1,2}): ")
_HEAD = """# Security and faults

What is promised, and the tests that show it. This page is written by `python -m tests.security_rows` from the
docstrings of the tests; a test of its own holds that it is up to date. How to report a weakness, and what is not
promised: see `SECURITY.md`.
"""


def tests_by_row() -> dict[str, list[str]]:
    """Return the tests of each row, as ``path::name``."""
    found: dict[str, list[str]] = {row: [] for row in (*FAULTS, *THREATS)}
    for path in sorted(TESTS.rglob("*.py")):
        for name, docstring in _documented(path):
            rows = _ROWS.match(docstring)
            for row in rows[1].split(", ") if rows else ():
                found[row].append(f"{path.relative_to(TESTS.parent).as_posix()}::{name}")
    return found


def _documented(path: Path) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield node.name, ast.get_docstring(node) or ""


def page() -> str:
    """Return docs/security.md."""
    found = tests_by_row()
    parts = [_HEAD]
    for title, rows in (("What others may try", THREATS), ("What may go wrong by itself", FAULTS)):
        parts.append(f"## {title}\n\n| row | promise | tests |\n|---|---|---|\n")
        for row, promise in rows.items():
            tests = "<br>".join(f"`{name}` ({path})" for path, _, name in (each.partition("::") for each in found[row]))
            parts[-1] += f"| {row} | {promise} | {tests} |\n"
    return "\n".join(parts)


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
