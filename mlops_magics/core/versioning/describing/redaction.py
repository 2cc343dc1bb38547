"""Secrets in a cell's source, replaced before anything is stored."""

from __future__ import annotations

import re

REDACTED = "[redacted]"

_WORD = (
    r"(?:pass(?:word|wd|phrase)|pwd|secret|token|credential|auth(?:orization|entication)?(?![a-z])|sas(?![a-z])"
    r"|(?:api|access|private|account|secret)[_-]?key)"
)

_BLOCKS = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL)
_URL_CREDENTIALS = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)[^\s/@'\"]+@")
_URL_PARAMETERS = re.compile(
    r"(?P<name>[?&;](?:sig|token|key|secret|password|access_token|api_key|X-Amz-[A-Za-z-]+)=)[^\s&'\"#]+", re.IGNORECASE
)
_KNOWN_SHAPES = re.compile(
    r"\b(?:(?:AKIA|ASIA)[A-Z0-9]{16}"
    r"|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}"
    r"|sk-[A-Za-z0-9_-]{16,}|sk_(?:live|test)_[A-Za-z0-9]{16,}|hf_[A-Za-z0-9]{20,}|xox[abprs]-[A-Za-z0-9-]{10,}"
    r"|AIza[A-Za-z0-9_-]{30,}|dapi[0-9a-f]{32}|pypi-[A-Za-z0-9_-]{30,}|npm_[A-Za-z0-9]{30,}"
    r"|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*)"
)
_BEARER = re.compile(r"(?P<scheme>\b(?:Bearer|Basic)\s+)[A-Za-z0-9._~+/=-]{8,}")
_ASSIGNED = re.compile(
    rf"(?P<name>['\"]?[\w.-]*{_WORD}[\w-]*['\"]?\s*\]?\s*(?::\s*[\w.\[\]| ]+?\s*=|=(?!=)|:)\s*(?:[rbfuRBFU]{{0,2}}))"
    r"(?P<quote>'''|\"\"\"|'|\")(?P<value>(?:\\.|(?!(?P=quote)).)*)(?P=quote)",
    re.IGNORECASE | re.DOTALL,
)
_SHELL = re.compile(
    rf"(?P<name>(?:^|\s)(?:%env|export|%set_env|!export)?\s*[\w]*{_WORD}\w*=)(?P<value>[^\s'\"(\[]\S*)",
    re.IGNORECASE | re.MULTILINE,
)
_PYTHON_VALUE = re.compile(r"(?:[A-Za-z_][\w.]*[\[(].*|[A-Za-z_][\w.]*[,)]?|None[,)]?|True[,)]?|False[,)]?)")
_OPTIONS = re.compile(rf"(?P<name>--?{_WORD}[\s=]+)(?P<value>[^\s'\"]+)", re.IGNORECASE)


def redact(source: str) -> str:
    """Return the source with tokens, keys, passwords and credentials in URLs replaced by ``[redacted]``.

    >>> redact("db = connect('postgres://me:hunter2@db/x', password='hunter2')")
    "db = connect('postgres://[redacted]@db/x', password='[redacted]')"
    """
    source = _BLOCKS.sub(REDACTED, source)
    source = _URL_CREDENTIALS.sub(rf"\g<scheme>{REDACTED}@", source)
    source = _URL_PARAMETERS.sub(rf"\g<name>{REDACTED}", source)
    source = _BEARER.sub(rf"\g<scheme>{REDACTED}", source)
    source = _KNOWN_SHAPES.sub(REDACTED, source)
    source = _ASSIGNED.sub(_without_value, source)
    source = _SHELL.sub(_without_bare_value, source)
    return _OPTIONS.sub(rf"\g<name>{REDACTED}", source)


def _without_value(found: re.Match[str]) -> str:
    hidden = REDACTED if found["value"] else ""
    return f"{found['name']}{found['quote']}{hidden}{found['quote']}"


def _without_bare_value(found: re.Match[str]) -> str:
    """Hide ``TOKEN=abc123`` of a shell line, but leave Python expressions such as ``token=settings.token``."""
    return found[0] if _PYTHON_VALUE.fullmatch(found["value"]) else f"{found['name']}{REDACTED}"
