"""Secrets in Python code: the literals that are assigned, passed or compared under the name of a secret."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterable, Iterator

from mlops_magics.core.versioning.describing.secret_names import (
    PLAIN_SECRETS,
    is_secret,
    looks_random,
    may_be_secret,
    words_of,
)
from mlops_magics.core.versioning.describing.secret_shapes import Span

LONGEST_PASSPHRASE = 5
"""The most words of a secret. A longer text under the name of a secret is a sentence about it."""

_IDENTIFIER = re.compile(r"-{0,2}[A-Za-z_][\w.-]*")

_OPTION = re.compile(r"--?[A-Za-z][\w-]*=")

_WRAPPERS = frozenset(
    """
    SecretStr SecretBytes Secret str bytes bytearray b64decode b64encode quote quote_plus unquote unhexlify
    fromhex cast Value dict list tuple
    """.split()
)
"""Calls that return a secret made of their literals. Any other call under a secret's name looks the secret up."""

_PATH = re.compile(r"(?:[.~]|[A-Za-z]:)?(?:[/\\][\w.-]+){2,}")

_PAIR_NAMES = frozenset({"name", "key", "field", "variable"})
"""Keys of a dict whose value is the name of its ``value``."""

_LAST_ARGUMENT = frozenset(
    """
    login authenticate set_token set_api_key set_password set_secret HTTPBasicAuth HTTPDigestAuth HTTPProxyAuth
    BasicAuth DigestAuth BearerAuth TokenAuth Fernet AzureKeyCredential PlainText AzureSasCredential
    AzureNamedKeyCredential ClientSecretCredential UsernamePasswordCredential SecretStr SecretBytes
    HTTPBasicCredentials PlainTextAuthProvider basic_auth bearer_auth kerberos_auth ApiKeyAuth HTTPBearer
    use_token_auth set_access_token set_bearer_token setpassword
    """.split()
)
"""Calls whose last positional argument is a secret."""

_KEY_ARGUMENT = {"jwt.encode": 1, "jwt.decode": 1, "hmac.new": 0, "hmac.digest": 0}
"""Calls, each with the place of its key among the positional arguments."""


_COMMANDS = frozenset(
    """
    system popen getoutput getstatusoutput run call check_call check_output Popen create_subprocess_shell
    create_subprocess_exec run_line_magic run_cell_magic run_cell magic sx
    """.split()
)
"""Calls whose texts are commands of a shell, or magics."""

_SCHEMES = frozenset({"none", "basic", "bearer", "digest", "oauth", "oauth2", "ntlm", "kerberos", "anonymous", "iam"})
"""Values of ``auth`` that name how a client proves itself."""


def spans(tree: ast.AST, offsets: Offsets) -> Iterator[Span]:
    """Yield the spans of the literals of a module that are secrets by their place.

    Parameters
    ----------
    offsets
        The positions of the lines in the text that was parsed.
    """
    for node in ast.walk(tree):
        for literal in _found(node):
            yield offsets.span(literal)


def commands(tree: ast.AST, offsets: Offsets) -> Iterator[Span]:
    """Yield the spans of the texts of a module that are commands, or an option with its value: ``"--password=…"``.

    Parameters
    ----------
    offsets
        The positions of the lines in the text that was parsed.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in _COMMANDS:
            yield from (offsets.span(each) for each in node.args if _text(each) or isinstance(each, ast.JoinedStr))
        elif isinstance(node, ast.List | ast.Tuple):
            yield from (offsets.span(each) for each in node.elts if _OPTION.match(_text(each)))


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


def _found(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield from _assigned(target, node.value)
    elif isinstance(node, ast.AnnAssign | ast.NamedExpr | ast.AugAssign) and node.value is not None:
        yield from _assigned(node.target, node.value)
    elif isinstance(node, ast.keyword) and node.arg:
        yield from _named(node.arg, node.value)
    elif isinstance(node, ast.Dict):
        yield from _in_dict(node)
    elif isinstance(node, ast.Tuple | ast.List):
        yield from _in_sequence(node.elts)
    elif isinstance(node, ast.Call):
        yield from _in_call(node)
    elif isinstance(node, ast.Compare):
        yield from _compared(node)
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        yield from _defaults(node.args)
    elif isinstance(node, ast.BoolOp):
        yield from _alternatives(node)


def _assigned(target: ast.expr, value: ast.expr) -> Iterator[ast.expr]:
    if isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List):
        for each, its_value in zip(target.elts, value.elts):
            yield from _assigned(each, its_value)
    elif isinstance(target, ast.Starred):
        yield from _assigned(target.value, value)
    else:
        yield from _named(_name(target), value)


def _named(name: str, value: ast.expr) -> Iterator[ast.expr]:
    """Yield the secrets of a value that has a name."""
    if is_secret(name):
        yield from _literals(value, numbers=_is_plain(name))
    elif words_of(name)[-1:] == ["auth"] and isinstance(value, ast.Tuple) and len(value.elts) == 2:
        yield from _literals(value.elts[1], numbers=True)
    elif may_be_secret(name):
        alone = words_of(name) == ["auth"]
        yield from (each for each in _literals(value) if looks_random(_text(each)) or (alone and not _is_scheme(each)))


def _literals(value: ast.expr | None, numbers: bool = False) -> Iterator[ast.expr]:
    """Yield the literals that a value is made of, but not those by which it is looked up elsewhere."""
    if isinstance(value, ast.Constant):
        if (isinstance(value.value, str | bytes) and value.value and not _is_marker(value.value)) or (
            numbers and type(value.value) is int and abs(value.value) > 999
        ):
            yield value
    elif isinstance(value, ast.JoinedStr):
        if any(isinstance(part, ast.Constant) and re.search(r"\w", str(part.value)) for part in value.values):
            yield value
    else:
        for part in _parts(value):
            yield from _literals(part, numbers)


def _parts(value: ast.expr | None) -> Iterable[ast.expr | None]:
    if isinstance(value, ast.BinOp):
        return value.left, value.right
    if isinstance(value, ast.BoolOp):
        return value.values
    if isinstance(value, ast.IfExp):
        return value.body, value.orelse
    if isinstance(value, ast.Tuple | ast.List | ast.Set):
        return value.elts
    if isinstance(value, ast.Dict):
        return value.values
    if isinstance(value, ast.Await | ast.Starred | ast.NamedExpr):
        return (value.value,)
    if isinstance(value, ast.Call):
        return _wrapped(value)
    return ()


def _wrapped(call: ast.Call) -> Iterable[ast.expr]:
    """Return the arguments of a call that only wraps a secret: ``SecretStr("…")``, ``"…".encode()``, ``"".join(…)``."""
    if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Constant | ast.BinOp | ast.JoinedStr):
        return (call.func.value, *(call.args if call.func.attr == "join" else ()))
    if _name(call.func).rpartition(".")[2] in _WRAPPERS:
        return (*call.args, *(each.value for each in call.keywords))
    return ()


def _in_call(call: ast.Call) -> Iterator[ast.expr]:
    """Yield the secrets of a call: after the name of a secret, as its default, or as the last argument of a login."""
    for name, value in zip(call.args, call.args[1:]):
        yield from _named(_identifier(name), value)
    if call.args:
        defaults = (each.value for each in call.keywords if each.arg in {"default", "fallback", "value"})
        for value in defaults:
            yield from _named(_identifier(call.args[0]), value)
    function = _name(call.func).rpartition(".")[2]
    if function in _LAST_ARGUMENT and call.args:
        yield from _literals(call.args[-1])
    owner = _name(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    place = _KEY_ARGUMENT.get(f"{owner}.{function}")
    if place is not None and len(call.args) > place:
        yield from _literals(call.args[place])
    if function in {"login", "init", "Client", "authenticate"}:
        for each in call.keywords:
            if each.arg in {"key", "token", "auth"}:
                yield from _literals(each.value)


def _in_sequence(elements: list[ast.expr]) -> Iterator[ast.expr]:
    """Yield the secrets of a pair ``("password", "…")``, and those after an option of a command."""
    if len(elements) == 2 and _is_plain(_text(elements[0])):
        yield from _literals(elements[1])
    for name, value in itertools.pairwise(elements):
        if _text(name).startswith("-") and not _text(value).startswith("-"):
            yield from _named(_identifier(name), value)


def _in_dict(node: ast.Dict) -> Iterator[ast.expr]:
    """Yield the secrets of a dict: under their names, and in pairs such as ``{"name": "DB_PASS", "value": "…"}``."""
    items = {_text(key).lower(): value for key, value in zip(node.keys, node.values) if key is not None}
    for name, value in zip(node.keys, node.values):
        yield from _named(_text(name), value)
    for label in _PAIR_NAMES & items.keys():
        yield from _named(_identifier(items[label]), items.get("value", ast.Constant(None)))


def _alternatives(node: ast.BoolOp) -> Iterator[ast.expr]:
    """Yield the replacement of a secret that was not entered: ``getpass() or "…"``."""
    if any(isinstance(each, ast.Call) and _name(each.func) == "getpass" for each in node.values):
        yield from _literals(node)


def _compared(node: ast.Compare) -> Iterator[ast.expr]:
    sides = [node.left, *node.comparators]
    names = [_name(side) for side in sides]
    for side in sides:
        if any(map(_is_plain, names)):
            yield from _literals(side)
        elif any(map(may_be_secret, names)):
            yield from (each for each in _literals(side) if looks_random(_text(each)))


def _defaults(arguments: ast.arguments) -> Iterator[ast.expr]:
    positional = [*arguments.posonlyargs, *arguments.args]
    # defaults belong to the last parameters
    for argument, default in zip(positional[::-1], arguments.defaults[::-1]):
        yield from _named(argument.arg, default)
    for argument, value in zip(arguments.kwonlyargs, arguments.kw_defaults):
        if value is not None:
            yield from _named(argument.arg, value)


def _name(node: ast.expr | None) -> str:
    """Return the name of an expression: a name, an attribute, or the key of a subscript."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript):
        return _identifier(node.slice)
    return ""


def _text(node: ast.AST | None) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
        return node.value if isinstance(node.value, str) else node.value.decode("utf-8", "replace")
    return ""


def _identifier(node: ast.expr) -> str:
    """Return a text that could be the name of a setting. A sentence that mentions a password could not."""
    text = _text(node)
    return text if _IDENTIFIER.fullmatch(text) else ""


def _is_scheme(node: ast.expr) -> bool:
    return _text(node).lower() in _SCHEMES


def _is_plain(name: str) -> bool:
    return bool(PLAIN_SECRETS & set(words_of(name))) and is_secret(name)


def _is_marker(value: str | bytes) -> bool:
    """Return whether a literal is not a secret: a mark such as ``<pad>``, a sentence, a path, or redacted already."""
    text = value if isinstance(value, str) else value.decode("utf-8", "replace")
    return len(text.split()) > LONGEST_PASSPHRASE or bool(
        re.fullmatch(r"<[^<>]*>|\[[A-Za-z ]+\]|\{[^{}]*\}|\$\{?\w+\}?|\W*", text)
        or (_PATH.fullmatch(text) and not looks_random(text))
    )
