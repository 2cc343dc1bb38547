"""Secrets in commands that Python code runs: lists of words, texts that are split, magics, and answers to prompts."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from mlops_magics.core.versioning.describing.secrets import secret_shapes, shell_secrets
from mlops_magics.core.versioning.describing.secrets.secret_literals import literals, name_of, text_of
from mlops_magics.core.versioning.describing.secrets.secret_names import is_plain_secret, words_of
from mlops_magics.core.versioning.describing.secrets.secret_texts import Part, spans_in_parts

if TYPE_CHECKING:
    from mlops_magics.core.versioning.describing.secrets.secret_shapes import Span
    from mlops_magics.core.versioning.describing.secrets.source_offsets import Offsets

_MAGICS = frozenset({"run_line_magic", "run_cell_magic", "magic"})

_ENTRIES = frozenset(
    """
    fill type send_keys sendline sendLine send set_value set_text press_sequentially write_text input_text
    """.split()
)
"""Calls that fill in a field, or answer a prompt."""

_PROMPT = re.compile(r"(?i)assw|passphrase|\bpin\b|secret|token")

_READS_A_SECRET = re.compile(r"sudo -S|--password-stdin|--with-token|--passphrase-fd|chpasswd|(?<!\w)passwd(?!\w)")
"""Commands whose input is a secret."""


def spans_in_word_lists(tree: ast.AST, offsets: Offsets, code: str) -> Iterator[Span]:
    """Yield the secrets of commands that are lists of words, or one text that is split.

    Parameters
    ----------
    offsets
        The positions of the lines in the code.
    code
        The text that was parsed.
    """
    for node in ast.walk(tree):
        if parts := _command(node):
            yield from spans_in_parts(parts, _secrets, offsets, code)


def _secrets(command: str) -> Iterator[Span]:
    yield from shell_secrets.spans_in_commands(command)
    yield from secret_shapes.spans_in_text(command)


def inputs(tree: ast.AST) -> Iterator[ast.expr]:
    """Yield the secrets that are entered: in a field of a form, at a prompt, or as the input of a command."""
    asked = False
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    for call in sorted(calls, key=lambda each: (each.end_lineno or 0, each.end_col_offset or 0)):
        function = name_of(call.func)
        if function in {"expect", "expect_exact", "read_until", "recvuntil"}:
            asked = any(_PROMPT.search(text_of(each)) for each in call.args)
        elif function in _ENTRIES and call.args:
            if asked or _names_a_secret(call):
                yield from literals(call.args[-1], numbers=True)
            asked = False
        command = " ".join(text_of(each) for each in ast.walk(call) if isinstance(each, ast.Constant))
        for each in call.keywords:
            if each.arg == "input" and _READS_A_SECRET.search(command):
                yield from literals(each.value)


def _command(node: ast.AST) -> list[Part]:
    """Return the words of a command with spaces between them, or nothing for another expression."""
    if isinstance(node, ast.List | ast.Tuple) and len(node.elts) > 1:
        words = [text_of(each) for each in node.elts]
        if words[0] and any(word.startswith("-") for word in words):
            # a word of several is quoted in a shell
            return [part for word, each in zip(words, node.elts) for part in ((word or "{x}", each), (" ", None))]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
        function = name_of(node.func)
        if function == "split":
            text = node.func.value if isinstance(node.func, ast.Attribute) and text_of(node.func.value) else None
            text = text or (node.args[0] if node.args else None)
            return [(text_of(text), text)] if text is not None and text_of(text) else []
        if function in _MAGICS and all(map(text_of, node.args)):
            marks = ["%" if function != "run_cell_magic" else "%%", " ", "\n"]
            return [part for mark, each in zip(marks, node.args) for part in ((mark, None), (text_of(each), each))]
    return []


def _names_a_secret(call: ast.Call) -> bool:
    """Return whether the field that a call fills in has the name of a secret: ``page.fill("#password", …)``."""
    of_receiver = ast.walk(call.func.value) if isinstance(call.func, ast.Attribute) else ()
    texts = (text_of(each) for each in (*call.args[:-1], *of_receiver))
    return any(is_plain_secret("_".join(words_of(text))) for text in texts if text)
