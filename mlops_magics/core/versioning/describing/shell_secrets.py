"""Secrets in lines that are not Python: magics, shell commands, comments, and the text of files."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlops_magics.core.versioning.describing.secret_names import is_secret, looks_random, may_be_secret
from mlops_magics.core.versioning.describing.secret_shapes import Span, is_placeholder

_VALUE = r"(?:'(?P<single>[^'\n]*)'|\"(?P<double>[^\"\n]*)\"|(?P<bare>[^\s'\"`;|&<>()]+))"
_ASSIGNMENT = re.compile(rf"(?<![\w.])(?:\$env:)?(?P<name>[A-Za-z_][\w.:/-]{{0,80}}?)\s?=\s?{_VALUE}")
_COMMAND_ASSIGNMENT = re.compile(
    rf"(?:^|[\s;&|!])(?:%env|%set_env|setx|set|export\s+-n|configure\s+set|config\s+set|config:set|secret\s+set|putenv)\s+"
    rf"(?P<name>[A-Za-z_][\w.-]*)[ \t]+(?:--?\w+[ \t]+)?{_VALUE}",
    re.MULTILINE,
)
_OPTION = re.compile(rf"(?<![\w-])--?(?P<name>[A-Za-z][\w-]{{1,40}})(?:=|[ \t]+){_VALUE}")
_USER_AND_PASSWORD = re.compile(r"(?<!\S)(?:-u|--user|--proxy-user|-U)[ =]?['\"]?[^\s:'\"]+:(?P<bare>[^\s'\"@]+)")
_SHORT_PASSWORD = re.compile(
    r"(?<![\w-])(?:mongo\w*|redis-cli|sshpass|(?:docker|podman|nerdctl|buildah|skopeo)\s+login|lftp|smbclient|7z|zip|unzip|htpasswd"
    r"|az|twine|sqlcmd|bcp|mosquitto_\w+)\b"
    r"[^\n|;&]{0,200}?\s-(?:p|P|a)[ ]?(?P<bare>(?!\d{1,5}(?:\s|$))[^\s'\"-][^\s'\"]*)"
)
_JOINED_PASSWORD = re.compile(
    r"(?<![\w-])(?:mysql\w*|mariadb\w*)\b[^\n|;&]{0,200}?\s-p(?P<bare>[^\s'\"-][^\s'\"]*)"  # "-p NAME" asks for it
)
_LOGIN_KEY = re.compile(
    r"(?<![\w-])(?:wandb|comet|neptune|kaggle|ngrok|heroku|doctl|vault|npm|fly|hf|huggingface-cli)\b[^\n|;&]{0,60}?"
    r"\b(?:login|authtoken|add-authtoken|init)\s+(?:-[^\s]+\s+)*(?P<bare>[^\s'\"-][^\s'\"]*)"
)
_PASSED_IN = re.compile(r"(?:-passin|-passout|-pass)\s+pass:(?P<bare>\S+)")
_PIPED = re.compile(
    r"echo\s+(?:-n\s+)?['\"]?(?P<bare>[^\s'\"|$]+)['\"]?\s*\|[^\n]{0,200}?(?:--password-stdin|--with-token|-pass|passwd|sudo\s+-S)"
)
_PAIR = re.compile(
    r"(?<![\w.-])['\"]?(?P<name>[A-Za-z_][\w.-]{0,80})['\"]?\s*(?::=|=>|[:=]|\bis\b)\s*"
    r"(?:'(?P<single>[^'\n]*)'|\"(?P<double>[^\"\n]*)\"|(?P<bare>[^\s'\"#;,(){}\[\]]+))(?P<rest>[^\n]*)",
    re.IGNORECASE,
)
_LOOKED_UP = re.compile(
    r"\$.*|os\.environ.*|[A-Za-z_][\w.]*[(\[].*|[A-Za-z_]\w*\.[A-Za-z_][\w.]*|None|True|False|null|true|false|bool|boolean|str|string|int|float|bytes|dict|list|object|array|optional|required|callable|\{.*|%\(.*|@.*|<.*"
)
"""Text that is not a secret, but the place where one is looked up."""


def spans_in_commands(text: str) -> Iterator[Span]:
    """Yield the secrets of shell commands and magics: environment, options, and the short forms of known programs."""
    for pattern in (_ASSIGNMENT, _COMMAND_ASSIGNMENT, _OPTION):
        for found in _overlapping(pattern, text):
            yield from _named(found, found["name"])
    for pattern in (_USER_AND_PASSWORD, _SHORT_PASSWORD, _JOINED_PASSWORD, _PASSED_IN, _PIPED):
        for found in pattern.finditer(text):
            if not _LOOKED_UP.fullmatch(found["bare"]) and not is_placeholder(found["bare"]):
                yield found.span("bare")
    yield from (found.span("bare") for found in _LOGIN_KEY.finditer(text) if looks_random(found["bare"]))


def spans_in_prose(text: str) -> Iterator[Span]:
    """Yield the secrets of comments and of settings in files: ``password: hunter2``, ``the token is abc123``.

    A word that only begins a sentence is left: ``# password: see the wiki``.
    """
    for found in _PAIR.finditer(text):
        quoted = found["bare"] is None
        said = found["rest"] or ""
        # "the password is asked for" ends with a word, and "password: horse staple" may be a secret of two
        ended = re.search(r"\bis\s", found[0]) and re.fullmatch(r"\s+[a-z]+[.?!]?\s*", said)
        sentence = bool(ended or re.match(r"\s+[a-z]+\s", said)) and (found["bare"] or "").isalpha()
        if quoted or not sentence:
            yield from _named(found, found["name"])


def _overlapping(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Yield matches that may begin within the value of another: ``--from-literal=password=…``."""
    found = pattern.search(text)
    while found:
        yield found
        found = pattern.search(text, found.end("name"))


def _named(found: re.Match[str], name: str) -> Iterator[Span]:
    group = next(each for each in ("single", "double", "bare") if found[each] is not None)
    value = found[group]
    if len(value) < 3 or is_placeholder(value) or (group == "bare" and _LOOKED_UP.fullmatch(value)):
        return
    if is_secret(name) or (may_be_secret(name) and looks_random(value)):
        yield found.span(group)
