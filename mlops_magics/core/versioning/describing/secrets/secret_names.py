"""The names of secrets: identifiers, options and keys that hold a password, a token or a key."""

from __future__ import annotations

import itertools
import re

PLAIN_SECRETS = frozenset(
    """
    password passwords passwd passwds pass passphrase passcode pwd pw secret secrets credential credentials cred
    creds apikey apikeys authtoken accesskey secretkey privatekey sastoken connstr bearer otp passwort kennwort
    storepass keypass dbpass userpass rootpass adminpass sshpass ldappass smtppass mailpass ftppass proxypass getpass
    clientsecret userpwd senha contraseña wachtwoord lösenord hasło heslo motdepasse mdp пароль 密码 パスワード
    """.split()
)
"""Words that mean a secret wherever they are in a name."""

AMBIGUOUS = frozenset(
    """
    token auth authorization authentication sas jwt pat cookie cookies key sig
    """.split()
)
"""Words that mean a secret with another word, or with a value like one, because a token is also part of a text."""

KEYS = frozenset(
    """
    api access secret private account auth encryption encrypt decryption signing master storage shared ssh gpg pgp
    rsa aes hmac fernet consumer subscription admin deploy license licence webhook sas service client app
    application host function openai anthropic azure aws gcp google stripe wandb comet neptune mlflow hf
    huggingface github gitlab slack sendgrid twilio datadog sentry databricks snowflake cohere mistral groq
    pinecone kaggle maps mapbox cloudflare heroku mailgun
    """.split()
)
"""Words before ``key`` that make it a secret. A sort key or a primary key is not one."""

TOKENS = KEYS | frozenset(
    """
    bearer refresh id session csrf xsrf oauth personal bot my user login security hub npm pypi registry jwt x
    device join push telegram discord vault jupyter
    """.split()
)
"""Words before ``token`` that make it a secret, and not a part of a text."""

HARMLESS_ENDS = frozenset(
    """
    column columns col cols field fields label labels name names file files path paths policy length len type types
    count kind kinds state status reset header headers question error santa sauce
    pattern regex format mode prompt limit size max min hint title help index idx ids required enabled visible
    strength rules rule url uri endpoint env var variable backend manager provider store scope class expires
    expiry ttl age date time at by level score rate usage used budget
    """.split()
)
"""Words at the end of a name that make it a fact about a secret, and not the secret."""

WITH_SECRET = frozenset(
    """
    key keys token tokens value values string str access api phrase word text pass password passwd code pin hash salt
    seed db database prod production dev test staging stage local default old new backup user admin root client app
    account service server env config data part id url uri sql aws azure gcp jwt session cookie signing encryption
    """.split()
)
"""Words after a leading ``secret`` with which it is one. In ``secret_ingredient`` it only describes the next word."""

_RUN_TOGETHER = re.compile(r"(?:password|passwd|passphrase|passwort|secret|apikey|accesskey|privatekey|authtoken)s?$")
"""``PGPASSWORD`` is one word."""

_SIGN_OF_PASSWORD = re.compile(r"(?<=\w)(?:[!$^#]|@(?!.*\.))")
"""With a letter and a digit a sign makes a password of a word."""

_NAME_OF_CODEC = re.compile(r"(?i)(?:utf|rot|latin|iso|cp|sha|md|hs|rs|es|aes|base|b|ascii|mbcs|unicode|hex)[\w-]*")

_WORD_AND_NUMBER = re.compile(r"(?:[A-Z]?[a-z]{2,}|[A-Z]+|[a-z])\d{0,4}(?:[a-z]+\d{0,2})?|\d{1,8}")

_SMALL = "a-zß-öø-ÿĀ-ſ"
_WORDS = re.compile(rf"[A-Z]+(?![{_SMALL}])|[A-Z]?[{_SMALL}]+|[^\W\d_A-Z{_SMALL}]+|\d+")


def words_of(name: str) -> list[str]:
    """Return the words of an identifier in lower case: ``dbPassword``, ``DB_PASSWORD`` and ``db-password`` alike.

    >>> words_of("awsSecretAccessKey"), words_of("DB_PASS2")
    (['aws', 'secret', 'access', 'key'], ['db', 'pass', '2'])
    """
    return [word.lower() for word in _WORDS.findall(name)]


def is_secret(name: str) -> bool:
    """Return whether a name always means a secret.

    >>> [is_secret(name) for name in ("DB_PASS", "api_key", "hf_token", "sort_key", "tokenizer", "author", "token_url")]
    [True, True, True, False, False, False, False]
    """
    words = words_of(name)
    if not words or words[-1] in HARMLESS_ENDS or _is_described(words):
        return False
    if PLAIN_SECRETS & set(words) or any(map(_RUN_TOGETHER.search, words)):
        return not _is_harmless_pass(words)
    pairs = set(itertools.pairwise(words))
    return (
        any(second in {"key", "keys"} and first in KEYS for first, second in pairs)
        or any(second in {"token", "tokens"} and first in TOKENS for first, second in pairs)
        or ("connection", "string") in pairs
        or ("conn", "str") in pairs
        or ("account", "key") in pairs
        or {"access", "key"} <= set(words)
        or {"mot", "passe"} <= set(words)
    )


def is_plain_secret(name: str) -> bool:
    """Return whether a name means a secret by one of its words alone, as ``password`` does and ``api_key`` does not."""
    words = words_of(name)
    return is_secret(name) and bool(PLAIN_SECRETS & set(words) or any(map(_RUN_TOGETHER.search, words)))


def may_be_secret(name: str) -> bool:
    """Return whether a name means a secret where its value looks like one: ``token``, ``auth``, ``OPENAI_KEY``."""
    words = words_of(name)
    meant = AMBIGUOUS & set(words) or _is_described(words)
    return bool(words) and words[-1] not in HARMLESS_ENDS and bool(meant)


def looks_random(value: str) -> bool:
    """Return whether a text looks like a token: without spaces, and no word of a language.

    >>> [looks_random(text) for text in ("a1b2c3d4e5", "<pad>", "statistics", "dGhpcyBpcyBh", "2026-11-23", "v1.2.3")]
    [True, False, False, True, False, False]
    """
    if len(value) < 8 or not re.fullmatch(r"[\w.~+/=:@!$%^&*#?-]+", value) or re.fullmatch(r"[\d.:/_-]+", value):
        return False
    body = re.sub(r"[^A-Za-z0-9]", "", value)
    digits, upper, lower = (len(re.findall(kind, body)) for kind in ("[0-9]", "[A-Z]", "[a-z]"))
    if digits >= 2 and (upper or lower) and len(body) >= 8:
        return not re.fullmatch(r"[vV]?\d+(?:[._-]\w{1,5})*", value)
    if digits and (upper or lower) and _SIGN_OF_PASSWORD.search(value):
        return True
    changes = len(re.findall(r"[a-z][A-Z]", body))
    return len(body) >= 10 and upper > 1 and lower > 1 and changes >= 2


def looks_like_password(value: str) -> bool:
    """Return whether a text looks like a token, or like a password that people choose.

    >>> [looks_like_password(text) for text in ("hunter2", "utf-8", "rot13", "a2.csv", "Enter it")]
    [True, False, False, False, False]
    """
    if looks_random(value):
        return True
    chosen = re.fullmatch(r"[^\s/\\]{6,}", value) and re.search("[A-Za-z]", value) and re.search(r"[\d!$^#]", value)
    return bool(chosen) and not _NAME_OF_CODEC.fullmatch(value) and not re.search(r"\.[A-Za-z]\w{0,6}$", value)


def looks_secret(name: str, value: str) -> bool:
    """Return whether a value under a name such as ``token`` or ``key`` is a secret: it looks like one.

    >>> [looks_secret("sort_key", text) for text in ("date_2024", "resnet50v2", "a1b2c3d4e5")]
    [False, False, True]
    """
    only_key = AMBIGUOUS & set(words_of(name)) <= {"key", "sig"}
    return may_be_secret(name) and looks_random(value) and not (only_key and is_made_of_words(value))


def is_made_of_words(value: str) -> bool:
    """Return whether a text is words and numbers, such as the name of a file, a column or a model."""
    parts = [part for part in re.split(r"[^A-Za-z0-9]+", value) if part]
    return all(map(_WORD_AND_NUMBER.fullmatch, parts)) and any(re.search("[A-Za-z]{3}", part) for part in parts)


def _is_described(words: list[str]) -> bool:
    """Return whether ``secret`` describes the word after it, as in ``secret_ingredient``."""
    first, following, *_ = [*words, "", ""]
    described = first == "secret" and len(following) > 2 and not following.isdigit() and following not in WITH_SECRET
    return described and not PLAIN_SECRETS & set(words[1:])


def _is_harmless_pass(words: list[str]) -> bool:
    """Return whether ``pass`` is the verb or the run through data: ``n_pass``, ``first_pass``, ``pass_through``."""
    others = set(words) - {"pass", "pw"}
    if PLAIN_SECRETS & others or not {"pass", "pw"} & set(words):
        return False
    run = {
        "n",
        "num",
        "first",
        "second",
        "one",
        "two",
        "single",
        "low",
        "high",
        "band",
        "through",
        "by",
        "on",
        "max",
        "filter",
    }
    return bool(run & others)
