"""Secrets in calls of Python: logins, ciphers, checks of passwords, and the arguments after a secret's name."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator

from mlops_magics.core.versioning.describing.secret_literals import identifier_of, literals, name_of, named, text_of
from mlops_magics.core.versioning.describing.secret_names import is_plain_secret, is_secret, looks_random

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


_PLACES = {
    "jwt.encode": 1,
    "jwt.decode": 1,
    "hmac.new": 0,
    "hmac.digest": 0,
    "AES.new": 0,
    "DES3.new": 0,
    "ARC4.new": 0,
    "secrets.put": 2,
    "FTP": 2,
    "FTP_TLS": 2,
    "Minio": 2,
    "AESGCM": 0,
    "ChaCha20Poly1305": 0,
    "add_password": 3,
    "pbkdf2_hmac": 1,
    "scrypt": 0,
    "decrypt": 0,
    "URLSafeSerializer": 0,
    "URLSafeTimedSerializer": 0,
    "TimestampSigner": 0,
}
"""Calls, each with the place of its secret among the positional arguments."""

_CHECKS = frozenset(
    """
    checkpw hashpw check_password verify_password check_password_hash generate_password_hash hash_password
    make_password compare_digest encrypt_password
    """.split()
)
"""Calls that hash a password or compare it with its hash."""

_ACCESS_KEY = re.compile(r"A[KS]IA[A-Z0-9]{16}")
"""Amazon's, which its secret follows."""


def in_call(call: ast.Call) -> Iterator[ast.expr]:
    """Yield the secrets of a call: after the name of a secret, as its default, or at its place in a login."""
    for before, value in itertools.pairwise(call.args):
        yield from named(identifier_of(before), value)
        if _ACCESS_KEY.fullmatch(text_of(before)):
            yield from literals(value)
    if call.args:
        defaults = (each.value for each in call.keywords if each.arg in {"default", "fallback", "value"})
        for value in defaults:
            yield from named(identifier_of(call.args[0]), value)
    yield from _by_function(call, name_of(call.func))


def _by_function(call: ast.Call, function: str) -> Iterator[ast.expr]:
    """Yield the secrets of a call whose function is known to take one."""
    owner = name_of(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    place = _PLACES.get(f"{owner}.{function}", _PLACES.get(function))
    if function in _LAST_ARGUMENT and call.args:
        yield from literals(call.args[-1])
    if place is not None and len(call.args) > place:
        yield from literals(call.args[place])
    hashed = function == "verify" and any(is_secret(name_of(each)) for each in call.args)
    if function in _CHECKS or hashed:
        for value in call.args:
            yield from literals(value)
    if function in {"login", "init", "Client", "authenticate"}:
        for each in call.keywords:
            if each.arg in {"key", "token", "auth"}:
                yield from literals(each.value)


def in_sequence(elements: list[ast.expr]) -> Iterator[ast.expr]:
    """Yield the secrets of a pair ``("password", "…")``, and those after an option of a command."""
    if len(elements) == 2 and is_secret(text_of(elements[0])):
        plain = is_plain_secret(text_of(elements[0]))
        yield from (each for each in literals(elements[1]) if plain or looks_random(text_of(each)))
    for name, value in itertools.pairwise(elements):
        if text_of(name).startswith("-") and not text_of(value).startswith("-"):
            yield from named(identifier_of(name), value)


def asked(node: ast.expr) -> str:
    """Return the name of an expression, and ``password`` for a call that asks for one."""
    if isinstance(node, ast.Call):
        function, prompt = name_of(node.func), text_of(node.args[0]) if node.args else ""
        if function == "getpass" or ("input" in function and is_plain_secret(re.sub(r"\W+", "_", prompt).strip("_"))):
            return "password"
    return name_of(node)
