"""The shapes of secrets in any text: keys of vendors, blocks of keys, passwords in URLs and settings."""

from __future__ import annotations

import base64
import functools
import importlib
import itertools
import pkgutil
import re
from collections.abc import Iterator

from mlops_magics.core.versioning.describing.secrets.secret_names import is_secret, looks_random

Span = tuple[int, int]
"""Start and end of a secret in the text."""

_BLOCK = re.compile(
    r"-----BEGIN [A-Z0-9 ]*(?:PRIVATE KEY|PGP MESSAGE)[A-Z0-9 ]*-----.*?(?:-----END [A-Z0-9 ]+-----|\Z)", re.DOTALL
)
_VENDORS = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}"  # Amazon
    r"|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}"
    r"|gl(?:pat|dt|rt|cbt|ptt|ft|oas|soat|agent|imt|ffct)-[A-Za-z0-9_.=-]{16,}|GR1348941[A-Za-z0-9_-]{20,}"
    r"|sk-(?:ant-|proj-|svcacct-|or-v1-)?[A-Za-z0-9_-]{16,}|gsk_[A-Za-z0-9]{20,}|xai-[A-Za-z0-9]{20,}|pplx-[A-Za-z0-9]{20,}"
    r"|(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9+/=]{16,}"  # Stripe
    r"|hf_[A-Za-z0-9]{20,}|api_org_[A-Za-z0-9]{20,}|r8_[A-Za-z0-9]{20,}"
    r"|xox[abeoprs][.-][A-Za-z0-9.-]{10,}|xapp-\d-[A-Za-z0-9-]{10,}"  # Slack
    r"|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"  # SendGrid
    r"|AIza[A-Za-z0-9_-]{30,}|GOCSPX-[A-Za-z0-9_-]{20,}|ya29\.[A-Za-z0-9_-]{20,}|1//0[A-Za-z0-9_-]{20,}"  # Google
    r"|dapi[0-9a-f]{32}(?:-\d)?|dckr_pat_[A-Za-z0-9_-]{20,}|do[opr]_v1_[0-9a-f]{40,}"
    r"|pypi-[A-Za-z0-9_-]{30,}|npm_[A-Za-z0-9]{30,}|rubygems_[0-9a-f]{40,}"
    r"|shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}|sq0(?:atp|csp|idp)-[A-Za-z0-9_-]{20,}|EAAA[A-Za-z0-9_-]{40,}"
    r"|key-[0-9a-f]{32}|[0-9a-f]{32}-us\d{1,2}|S[KA]?[0-9a-f]{32}|AC[0-9a-f]{32}"  # Mailgun, Mailchimp, Twilio
    r"|(?:secret|ntn)_[A-Za-z0-9]{40,}|lin_api_[A-Za-z0-9]{30,}|fig[dou]_[A-Za-z0-9_-]{30,}|pat[A-Za-z0-9]{14}\.[0-9a-f]{40,}"
    r"|dp\.(?:pt|st|ct|scim|audit)\.[A-Za-z0-9.]{30,}|hv[sbr]\.[A-Za-z0-9_-]{20,}|[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{50,}"
    r"|gl(?:sa|c)_[A-Za-z0-9_=+/-]{20,}|NRAK-[A-Z0-9]{20,}|sntry[su]_[A-Za-z0-9_=+/-]{20,}|pscale_(?:tkn|pw|oauth)_[\w.-]{30,}"
    r"|PMAK-[0-9a-f-]{40,}|HRKU-[A-Za-z0-9_-]{30,}|lsv2_(?:pt|sk)_[0-9a-f]{20,}\w*|pcsk_[A-Za-z0-9_]{30,}|sbp_[0-9a-f]{40}"
    r"|tskey-[A-Za-z0-9-]{20,}|A3-[A-Z0-9-]{30,}|ops_eyJ[A-Za-z0-9+/=]{100,}|AGE-SECRET-KEY-1[A-Z0-9]{58}|[ps]k\.eyJ[\w.-]{20,}"
    r"|AT[AC]TT3[A-Za-z0-9_=-]{50,}|AKCp[A-Za-z0-9]{60,}|LTAI[A-Za-z0-9]{20}|[MNO][A-Za-z0-9_-]{23,27}\.[\w-]{6}\.[\w-]{27,40}"
    r"|FLWSECK(?:_TEST)?-[0-9a-f]{32}-X|nfp_[A-Za-z0-9]{36,}|tk-us-[A-Za-z0-9_-]{48}|(?<=['\"])s\.[A-Za-z0-9]{24}(?=['\"])"
    r"|\d{8,10}:AA[A-Za-z0-9_-]{32,34}|[\w~.]{3}\dQ~[\w~.-]{31,34}"  # Telegram, Azure
    r"|cio[A-Za-z0-9]{32}|oy2[a-z0-9]{43}|eyJrIjoi[A-Za-z0-9+/=]{40,}|EAA[A-Za-z0-9]{60,}|sgp_(?:\w{1,20}_)?[0-9a-f]{40}"
    r"|pul-[0-9a-f]{40}|bkua_[0-9a-f]{40}|CLOJARS_[0-9a-f]{60}|xkeysib-[0-9a-f]{64}-\w{16}|dt0c01\.[A-Z0-9]{24}\.[A-Z0-9]{64}"
    r"|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"  # JSON web tokens
    r")"
)
_UNMISTAKABLE = (
    *("AKIA", "ASIA", "AIza", "SG.", "xoxa", "xoxb", "xoxp", "xoxr", "xoxs"),
    *("sk_live_", "sk_test_", "rk_live_", "rk_test_"),
    *("glpat-", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
)
"""Prefixes that no name begins with."""
_PREFIXED = re.compile(
    r"(?<![\w./-])(?!(?:sha\d*|md5|id|file|files|img|image|run|exp|model|ckpt|data|drive|gdrive|doc|sheet|hash|commit|v|version)[-_.])"
    r"[A-Za-z]{2,12}\d{0,2}[-_.](?:[A-Za-z0-9]{2,12}[-_.]){0,2}(?P<body>[A-Za-z0-9]{20,})(?![\w./])"
)
"""The form that vendors give their keys: a short name, and then letters and digits without an order."""

CHANGES = 0.42
"""Of the neighbours in a random text of letters and digits, 62 % are of two kinds (a, A, 1). In CamelCase, 33 % are."""

IN_WORDS = 0.4
"""Of the characters of a random text, 16 % are in a run of three small letters or more. In CamelCase, half are."""

_WEBHOOKS = re.compile(
    r"(?:hooks\.slack\.com/(?:services|workflows|triggers)/|discord(?:app)?\.com/api/webhooks/\d+/"
    r"|[\w.-]{0,80}webhook\.office\.com/webhook\w{0,8}/|hooks\.zapier\.com/hooks/catch/|api\.telegram\.org/bot"
    r"|chat\.googleapis\.com/v1/spaces/[\w-]+/messages\?)(?P<secret>[^\s'\"<>)]{6,})"
)
_USERINFO = re.compile(
    r"(?<![A-Za-z0-9+.-])(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{0,30})://(?P<secret>[^\s/@'\"<>]+)@(?=[\w\[{$%.-])"
)
_URL_PASSWORD = re.compile(
    r"(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]{0,30}://"
    r"(?P<secret>[^\s/@:'\"<>]{0,200}:(?!\d{1,5}(?:[/?#]|['\"\s]|$))[^\s'\"<>]{0,500})"
    r"@(?=[\w\[{$%.-]{1,200}(?::\d+)?(?:[/?#,'\"\s]|$))"
)
_PARAMETERS = re.compile(
    r"[?&;](?:(?:key|code)=(?=[^\s&'\"#<>{}]{6})|sig=|(?:signature|token|secret|password|passwd|pwd|auth|access_token|refresh_token|id_token|api_?key|apikey"
    r"|client_secret|sas|X-Amz-(?:Signature|Credential|Security-Token)|X-Goog-(?:Signature|Credential)|GoogleAccessId"
    r"|AWSAccessKeyId|Signature)=)(?P<secret>[^\s&'\"#<>{}]+)",
    re.IGNORECASE,
)
_SETTINGS = re.compile(
    r"(?:^|[;\s'\"&,{(])(?:pwd|password|passwd|pass|accountkey|sharedaccesskey|sharedaccesssignature|sharedsecretvalue|accesskey"
    r"|secretkey|secret|apikey|api_key|client_?secret|authtoken|_authToken|sslpassword|trustStorePassword|keyStorePassword)"
    r"\s*=\s*\\?['\"]?(?P<secret>[^\s;'\"&,(){}\[\]<>$%\\][^\s;'\"&,)}\]\\]*)",
    re.IGNORECASE | re.MULTILINE,
)
_HEADERS = re.compile(
    r"(?:\b(?:Bearer|Basic|Token|ApiKey|Digest|Negotiate)|(?<=['\"])(?:bearer|basic|token|apikey))[ \t]+"
    r"(?P<secret>[A-Za-z0-9._~+/=:-]{8,})"
)
_HEADER_LINES = re.compile(
    r"(?<![\w.])(?:authorization|proxy-authorization|x-[\w-]{0,40}(?:key|token|secret|auth)[\w-]{0,40}|api-key|cookie|set-cookie|ocp-apim-subscription-key)"
    r":\s*(?:(?:Bearer|Basic|Token|ApiKey)\s+)?(?P<secret>(?!(?:Bearer|Basic|Token|ApiKey)\b)[^\s'\",}{$]{4,}[^'\"\n]*)",
    re.IGNORECASE,
)
_ELEMENTS = re.compile(r"<(?P<name>[A-Za-z][\w:.-]{0,80})>(?P<secret>[^<>\s][^<>\n]{0,500})</(?P=name)>")
"""Of XML."""
_STATEMENTS = re.compile(
    r"\b(?:password|(?-i:SECRET|SESSION_TOKEN)|identified\s+(?:\w+\s+){0,2}by)"  # SQL
    r"(?:\s+|\s*\(\s*)['\"](?P<secret>[^'\"\n]+)['\"]"
    r"|\b(?:login|account)\s+[^\s'\"]+\s+password\s+(?P<word>[^\s'\"\\]+)",  # .netrc
    re.IGNORECASE,
)
_SET_VARIABLE = re.compile(r"\bSET\s+(?:\w+\s+)?(?P<name>\w+)\s*=?\s*['\"](?P<secret>[^'\"\n]+)['\"]", re.IGNORECASE)
_PUTTY = re.compile(r"Private-Lines: \d+(?P<secret>.*)", re.DOTALL)
_ENCODED = re.compile(r"(?<![\w+/])eyJ[A-Za-z0-9+/_-]{20,}={0,2}")
"""A JSON object in base 64."""
_PASSWORD_FILE = re.compile(
    r"^[ \t]*(?:[\w.-]+|\*|/[\w/.-]+):(?:\d{2,5}|\*):[^\s:]+:[^\s:]+:(?P<secret>[^\s:]+)$", re.MULTILINE
)
"""A line of PostgreSQL's ``.pgpass``."""
_PLACEHOLDER = re.compile(
    r"[:@]*|(?:[:@]?(?:\{[^{}]*\}|<[^<>]*>|\$\{?\w+\}?|%\(?\w*\)?s|\*+|\[redacted\]|(?i:x{3,})|[A-Z][A-Z_]{2,}))+[:@`]?"
)


_GUESSES = frozenset(
    {"keyword", "high_entropy_strings", "basic_auth", "private_key", "base", "cloudant", "softlayer", "ibm_cloud_iam"}
    | {"ibm_cos_hmac"}
)
"""Unused rules of detect-secrets, by names or by entropy: our own search of names knows the code around them."""


def spans(text: str) -> Iterator[Span]:
    """Yield the secrets that a text shows by their shape alone."""
    yield from (found.span() for found in _BLOCK.finditer(text))
    yield from (found.span() for found in _VENDORS.finditer(text) if _is_mixed(found[0]))
    yield from (found.span() for found in _PREFIXED.finditer(text) if _is_unordered(found["body"]))
    for pattern in (_WEBHOOKS, _USERINFO, _URL_PASSWORD, _PARAMETERS):
        for found in pattern.finditer(text):
            password = found["secret"].partition(":")[2] if pattern in (_USERINFO, _URL_PASSWORD) else ""
            placeholder = is_placeholder(found["secret"]) or (password and is_placeholder(password))
            if not placeholder and not (pattern is _USERINFO and _is_user(found)):
                yield found.span("secret")
    yield from (found.span("secret") for found in _HEADERS.finditer(text) if _is_credential(found["secret"]))
    yield from (found.span("secret") for found in _PUTTY.finditer(text) if "PuTTY-User-Key-File" in text)
    yield from (found.span() for found in _ENCODED.finditer(text) if _holds_secret(found[0]))
    yield from _maintained(text)


def spans_in_text(text: str) -> Iterator[Span]:
    """Yield the secrets of settings and headers inside a text, such as a connection string or the lines of a file."""
    for pattern in (_SETTINGS, _HEADER_LINES, _PASSWORD_FILE):
        yield from (found.span("secret") for found in pattern.finditer(text) if not is_placeholder(found["secret"]))
    for found in _STATEMENTS.finditer(text):
        group = "word" if found["secret"] is None else "secret"
        if not is_placeholder(found[group]):
            yield found.span(group)
    for found in (*_ELEMENTS.finditer(text), *_SET_VARIABLE.finditer(text)):
        if is_secret(found["name"]) and not is_placeholder(found["secret"]):
            yield found.span("secret")


def is_placeholder(value: str) -> bool:
    """Return whether a value is only a placeholder for a secret: ``{password}``, ``<token>``, ``$TOKEN``, ``***``.

    >>> [is_placeholder(value) for value in ("{user}:{password}", "$TOKEN", "<your token>", "***", "hunter2")]
    [True, True, True, True, False]
    """
    return bool(_PLACEHOLDER.fullmatch(value))


def _holds_secret(encoded: str) -> bool:
    """Return whether a JSON object in base 64 has a key with the name of a secret."""
    try:
        text = base64.b64decode(
            encoded[: len(encoded) // 4 * 4], altchars=b"-_" if re.search("[-_]", encoded) else None
        )
    except ValueError:
        return False
    return any(is_secret(name.decode()) for name in re.findall(rb'"([A-Za-z_]{2,40})"\s*:', text))


def _is_user(found: re.Match[str]) -> bool:
    """Return whether a URL names only a user, or Azure's container. Before a web address the name is a token."""
    alone = ":" not in found["secret"]
    return alone and "http" not in found["scheme"].lower() and not looks_random(found["secret"])


def _is_unordered(body: str) -> bool:
    """Return whether letters of both cases and digits follow each other without an order."""
    kinds = ["0" if sign.isdigit() else "A" if sign.isupper() else "a" for sign in body]
    changes = sum(before != after for before, after in itertools.pairwise(kinds))
    in_words = sum(map(len, re.findall(r"[a-z]{3,}", body)))
    mixed = set(kinds) == {"0", "A", "a"} and changes > CHANGES * (len(kinds) - 1)
    return mixed and in_words < IN_WORDS * len(kinds)


def _is_mixed(value: str) -> bool:
    """Return whether the match is a vendor's key. Most keys have digits or both cases, which names do not have."""
    if value.startswith(_UNMISTAKABLE):
        return True
    body = value.rpartition("_")[2].rpartition("-")[2] or value
    return any(sign.isdigit() for sign in value) or (body.upper() != body != body.lower())


def _is_credential(value: str) -> bool:
    return looks_random(value) or value.endswith("=") or (len(value) >= 20 and not value.isalpha())


def _maintained(text: str) -> Iterator[Span]:
    """Yield the matches of the rules of detect-secrets, where that library is installed."""
    for pattern in _rules():
        for found in pattern.finditer(text):
            groups = [number for number in range(1, (pattern.groups or 0) + 1) if found[number]]
            # rules also capture what surrounds a secret, which is the longest group
            span = found.span(max(groups, key=lambda number: len(found[number]))) if groups else found.span()
            if span[1] - span[0] >= 8 and _is_mixed(text[slice(*span)]):
                yield span


@functools.cache
def _rules() -> tuple[re.Pattern[str], ...]:
    """Return the patterns of detect-secrets for keys of vendors, without its guesses by names and by entropy."""
    try:
        plugins = importlib.import_module("detect_secrets.plugins")
    except ImportError:
        return ()
    found: list[re.Pattern[str]] = []
    for module in pkgutil.iter_modules(plugins.__path__, "detect_secrets.plugins."):
        if module.name.rpartition(".")[2] in _GUESSES:
            continue
        for kind in vars(importlib.import_module(module.name)).values():
            rules = getattr(kind, "denylist", ()) if isinstance(kind, type) else ()
            found += [rule for rule in rules if isinstance(rule, re.Pattern)] if isinstance(rules, list | tuple) else []
    return tuple(found)
