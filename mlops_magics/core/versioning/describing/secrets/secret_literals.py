"""The literals of an expression that are secrets by the name before them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from mlops_magics.core.versioning.describing.secrets.secret_names import (
    AMBIGUOUS,
    HARMLESS_ENDS,
    PLAIN_SECRETS,
    is_plain_secret,
    is_secret,
    looks_like_password,
    looks_random,
    looks_secret,
    may_be_secret,
    words_of,
)

LONGEST_PASSPHRASE = 5
"""The most words of a secret. A longer text under the name of a secret is a sentence about it."""

_IDENTIFIER = re.compile(r"-{0,2}[A-Za-z_][\w.-]*")

_WRAPPERS = frozenset(
    """
    SecretStr SecretBytes Secret str bytes bytearray b64decode b64encode quote quote_plus unquote unhexlify
    fromhex cast Value dict list tuple
    """.split()
)
"""Calls that return a secret made of their literals. Any other call under a secret's name looks the secret up."""

CLASS_MAKERS = frozenset(
    {"namedtuple", "NamedTuple", "make_dataclass", "TypedDict", "create_model", "NewType", "TypeVar"}
)
"""Calls whose texts are the names of a class and of its fields."""

_PATH = re.compile(r"(?:[.~]|[A-Za-z]:)?(?:[/\\][\w.-]+){2,}")

_DEFAULTS = frozenset({"default", "default_value", "default_factory", "fallback", "value"})
"""Arguments of a call that are used where nothing else is given."""

_FIELDS = frozenset("Field field Option Argument Query Header Body Cookie Form attrib ib Param Parameter".split())
"""Calls that declare a field of a class or a command, whose first argument is its default."""

_LOOKUPS = frozenset(
    """
    get load read fetch find lookup look resolve open from secret secrets vault env environ getenv config param
    parameter parameters retrieve access query select input getpass prompt path pop value version settings
    """.split()
)
"""Words in the names of calls that look a secret up by their arguments."""

_WORDS_OF_LIBRARIES = frozenset({"passthrough", "drop", "auto", "none"})
"""Values that scikit-learn takes in place of a transformer."""

_SCHEMES = frozenset({"none", "basic", "bearer", "digest", "oauth", "oauth2", "ntlm", "kerberos", "anonymous", "iam"})
"""Values of ``auth`` that name how a client proves itself."""


def named(name: str, value: ast.expr) -> Iterator[ast.expr]:
    """Yield the secrets of a value that has a name."""
    if is_secret(name):
        yield from literals(value, numbers=is_plain_secret(name))
        yield from _in_other_call(value) if isinstance(value, ast.Call) else ()
    elif words_of(name)[-1:] == ["auth"] and isinstance(value, ast.Tuple) and len(value.elts) == 2:
        yield from literals(value.elts[1], numbers=True)
    elif may_be_secret(name):
        alone = words_of(name) == ["auth"]
        found = literals(value)
        yield from (each for each in found if _looks_secret(name, each) or (alone and not _is_scheme(each)))


def _looks_secret(name: str, node: ast.expr) -> bool:
    """Return whether a literal, or one within an f-string, is a secret under its name."""
    return any(looks_secret(name, text_of(each)) for each in ast.walk(node))


def literals(value: ast.expr | None, numbers: bool = False) -> Iterator[ast.expr]:
    """Yield the literals that a value is made of, but not those by which it is looked up elsewhere."""
    if isinstance(value, ast.Constant):
        if (isinstance(value.value, str | bytes) and value.value and not _is_marker(value.value)) or (
            numbers and type(value.value) is int and abs(value.value) > 999
        ):
            yield value
    elif isinstance(value, ast.JoinedStr):
        if any(map(_shows, value.values)):
            yield value
    else:
        for part in _parts(value):
            yield from literals(part, numbers)


def _shows(part: ast.expr) -> bool:
    """Return whether a part of an f-string is written in it, also within braces: ``f"{'…'}"``."""
    if isinstance(part, ast.FormattedValue):
        return any(True for _ in literals(part.value))
    return bool(re.search(r"\w", text_of(part)))


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
    if isinstance(value, ast.Lambda):
        return (value.body,)
    if isinstance(value, ast.Subscript) and not isinstance(value.value, ast.Name | ast.Attribute | ast.Call):
        return (value.value,)
    if isinstance(value, ast.Call):
        return (*_wrapped(value), *_defaults(value))
    return ()


def _wrapped(call: ast.Call) -> Iterable[ast.expr]:
    """Return the arguments of a call that only wraps a secret: ``SecretStr("…")``, ``"…".encode()``, ``"".join(…)``."""
    if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Constant | ast.BinOp | ast.JoinedStr):
        return (call.func.value, *(call.args if call.func.attr == "join" else ()))
    if name_of(call.func).rpartition(".")[2] in _WRAPPERS:
        return (*call.args, *(each.value for each in call.keywords))
    return ()


def _defaults(call: ast.Call) -> Iterator[ast.expr]:
    """Yield what a call returns where nothing else is given: ``Field("…")``, ``prompt(default="…")``."""
    yield from (each.value for each in call.keywords if each.arg in _DEFAULTS)
    function = name_of(call.func)
    if function in _FIELDS and call.args and not text_of(call.args[0]).startswith("-"):
        yield call.args[0]
    elif (words_of(function)[:1] == ["getpass"] and function != "getpass") or "default" in words_of(function):
        yield from (each for each in call.args if not re.search(r"[\s:?]", text_of(each)))


def _in_other_call(value: ast.AST) -> Iterator[ast.expr]:
    """Yield the literals that look like secrets in calls that do not look one up: ``decode(x, "…").strip()``."""
    function = name_of(value.func) if isinstance(value, ast.Call) else ""
    if function in CLASS_MAKERS:
        return
    if isinstance(value, ast.Call) and _LOOKUPS & set(words_of(function)) and function not in _WRAPPERS:
        value = value.func  # `b64decode("…").get()` is no look-up of its receiver
    for each in ast.iter_child_nodes(value):
        if isinstance(each, ast.Constant):
            if looks_like_password(text_of(each)) and not _is_marker(text_of(each)):
                yield each
        elif isinstance(each, ast.expr | ast.keyword):
            yield from _in_other_call(each)


def name_of(node: ast.expr | None) -> str:
    """Return the name of an expression: a name, an attribute, or the key of a subscript."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript):
        keys = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        return next((name for name in map(identifier_of, keys[::-1]) if name), "")
    return ""


def text_of(node: ast.AST | None) -> str:
    """Return the text of a literal, or "" for any other expression."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
        return node.value if isinstance(node.value, str) else node.value.decode("utf-8", "replace")
    return ""


def identifier_of(node: ast.expr) -> str:
    """Return a text that could be the name of a setting. A sentence that mentions a password could not."""
    text = text_of(node)
    return text if _IDENTIFIER.fullmatch(text) else ""


def _is_scheme(node: ast.expr) -> bool:
    return text_of(node).lower() in _SCHEMES


def _is_marker(value: str | bytes) -> bool:
    """Return whether a literal is not a secret: a mark such as ``<pad>``, a sentence, a path, or redacted already."""
    text = value if isinstance(value, str) else value.decode("utf-8", "replace")
    if text in _WORDS_OF_LIBRARIES or (_IDENTIFIER.fullmatch(text) and _is_column(text)):
        return True
    return len(text.split()) > LONGEST_PASSPHRASE or bool(
        re.fullmatch(r"<[^<>]*>|\[[A-Za-z ]+\]|\{[^{}]*\}|\$\{?\w+\}?|\W*", text)
        or (_PATH.fullmatch(text) and not looks_random(text))
    )


def _is_column(text: str) -> bool:
    """Return whether a text is the name of something about a secret: ``pw_column``, ``X-Api-Key-Header``."""
    *before, last = words_of(text) or [""]
    return last in HARMLESS_ENDS and bool((PLAIN_SECRETS | AMBIGUOUS) & set(before)) and not looks_random(text)
