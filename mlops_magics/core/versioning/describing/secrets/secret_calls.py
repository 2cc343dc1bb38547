"""Secrets in calls of Python: logins, ciphers, checks of passwords, and the arguments after a secret's name."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator

from mlops_magics.core.versioning.describing.secrets.secret_literals import (
    CLASS_MAKERS,
    identifier_of,
    literals,
    name_of,
    named,
    text_of,
)
from mlops_magics.core.versioning.describing.secrets.secret_names import (
    AMBIGUOUS,
    PLAIN_SECRETS,
    is_made_of_words,
    is_plain_secret,
    is_secret,
    looks_like_password,
    looks_random,
    words_of,
)

_LAST_ARGUMENT = frozenset(
    """
    login authenticate set_token set_api_key set_password set_secret HTTPBasicAuth HTTPDigestAuth HTTPProxyAuth
    BasicAuth DigestAuth BearerAuth TokenAuth Fernet AzureKeyCredential PlainText AzureSasCredential
    AzureNamedKeyCredential ClientSecretCredential UsernamePasswordCredential SecretStr SecretBytes
    HTTPBasicCredentials PlainTextAuthProvider basic_auth bearer_auth kerberos_auth ApiKeyAuth HTTPBearer
    use_token_auth set_access_token set_bearer_token setpassword PlainCredentials username_pw_set BasicAuthentication
    simple_bind_s simple_bind bind_s JWTAuthentication OAuth2Authentication from_private_key_file
    ServicePrincipalAuthentication
    set_basic_auth basicAuth httpauth
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
    "URL.create": 2,
    "url.URL": 2,
    "sqlalchemy.URL": 2,
    "redis.Redis": 3,
    "redis.StrictRedis": 3,
    "StrictRedis": 3,
    "yagmail.SMTP": 1,
    "pymysql.connect": 2,
    "MySQLdb.connect": 2,
    "mariadb.connect": 2,
    "aiomysql.connect": 2,
    "oracledb.connect": 1,
    "cx_Oracle.connect": 1,
    "ldap3.Connection": 2,
    "Github": 0,
    "b64encode": 0,
}
"""Calls, each with the place of its secret among the positional arguments."""

_VENDORS = frozenset(
    "Pinecone OpenAI Anthropic Groq Mistral Cohere Together Replicate Weaviate Qdrant Stripe SendGrid WebClient".split()
)
"""Clients of vendors, whose key is their argument."""

_USER_AND_PASSWORD = re.compile(r"[^\s:]+:[^\s:]+")

_CHOSEN = re.compile(r"[!$^#]")

_OF_ORACLE = re.compile(r"[\w$#]+/[^\s/@]+@[\w./:-]+")
"""User, password and host in one argument."""

_CHECKS = frozenset(
    """
    checkpw hashpw check_password verify_password check_password_hash generate_password_hash hash_password
    make_password compare_digest encrypt_password
    """.split()
)
"""Calls that hash a password or compare it with its hash."""

_ACCESS_KEY = re.compile(r"A[KS]IA[A-Z0-9]{16}|AC[0-9a-f]{32}")
"""Amazon's and Twilio's, which their secret follows."""

_ALL_ARGUMENTS = frozenset({"OAuthHandler", "OAuth1UserHandler", "OAuth1", "OAuth1Session", "OAuth1Auth"})

_OF_CLIENTS = frozenset("client auth authenticator authentication credentials sdk".split())
"""Last words of classes whose argument is a key, where it looks like one."""


def in_call(call: ast.Call) -> Iterator[ast.expr]:
    """Yield the secrets of a call: after the name of a secret, as its default, or at its place in a login."""
    for before, value in itertools.pairwise(call.args if name_of(call.func) not in CLASS_MAKERS else ()):
        yield from named(identifier_of(before) or (name_of(before) if isinstance(before, ast.Attribute) else ""), value)
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
        found = literals(call.args[place])
        yield from (each for each in found if function != "b64encode" or _USER_AND_PASSWORD.fullmatch(text_of(each)))
    hashed = function == "verify" and any(is_secret(name_of(each)) for each in call.args)
    hashed = hashed or (function in {"hash", "verify", "needs_rehash"} and is_plain_secret(owner))
    if function in _CHECKS or hashed or function in _ALL_ARGUMENTS or _is_redis_login(call):
        for value in call.args:
            yield from literals(value)
    yield from _looks_of_keys(call, function)
    if function in {"login", "init", "Client", "authenticate"} or owner == "jwt":
        for each in call.keywords:
            if each.arg in {"key", "token", "auth"}:
                yield from literals(each.value)


def _looks_of_keys(call: ast.Call, function: str) -> Iterator[ast.expr]:
    """Yield the arguments that look like a key or a password where a client, or a connection, is made."""
    words = words_of(function)
    client = words[-1:] and (words[-1] in _OF_CLIENTS or words[-2:] == ["client", "v2"] or function in _VENDORS)
    for each in call.args:
        text = text_of(each)
        chosen = function == "connect" and len(call.args) > 1 and _CHOSEN.search(text)
        key = client and "://" not in text and not is_made_of_words(text)
        if ((key or chosen) and looks_random(text)) or (function == "connect" and _OF_ORACLE.fullmatch(text)):
            yield each
    if function == "connect" and len(call.args) > 3 and isinstance(getattr(call.args[1], "value", None), int):
        yield from literals(call.args[3])  # of SSH: host, port, user, password
    if function == "set" and name_of(getattr(call.func, "value", None)) == "cookies":
        yield from (each for each in call.args[1:2] if looks_random(text_of(each)))
    if function == "auth" and isinstance(call.func, ast.Attribute) and call.args:
        yield from (each for each in literals(call.args[-1]) if looks_like_password(text_of(each)))


def _is_redis_login(call: ast.Call) -> bool:
    return name_of(call.func) == "execute_command" and bool(call.args) and text_of(call.args[0]).upper() == "AUTH"


def in_sequence(elements: list[ast.expr]) -> Iterator[ast.expr]:
    """Yield the secrets of a pair ``("password", "…")``, and those after an option of a command."""
    if len(elements) == 2 and is_secret(text_of(elements[0])):
        plain = is_plain_secret(text_of(elements[0])) and not (
            # two names of columns, and no name with its value
            set(words_of(text_of(elements[1]))) <= PLAIN_SECRETS | AMBIGUOUS
        )
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
