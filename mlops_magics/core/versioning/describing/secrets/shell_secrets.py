"""Secrets in lines that are not Python: magics, shell commands, comments, and the text of files."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlops_magics.core.versioning.describing.secrets.secret_names import is_secret, looks_random, looks_secret
from mlops_magics.core.versioning.describing.secrets.secret_shapes import Span, is_placeholder

_VALUE = r"(?:'(?P<single>[^'\n]*)'|\"(?P<double>[^\"\n]*)\"|(?P<bare>[^\s'\"`;|&<>()]+))"
_ASSIGNMENT = re.compile(rf"(?<![\w.])(?:\$env:)?(?P<name>[A-Za-z_][\w.:/-]{{0,80}}?)\s?=\s?{_VALUE}")
_COMMAND_ASSIGNMENT = re.compile(
    rf"(?:^|[\s;&|!])(?:%env|%set_env|setx|set(?:[ \t]+-\w+)*|ENV|ARG"
    rf"|export\s+-n|configure\s+set|config\s+set|config:set|secret\s+set|putenv)\s+"
    rf"(?P<name>[A-Za-z_][\w.-]*)[ \t]+(?:--?\w+[ \t]+)?{_VALUE}",
    re.MULTILINE,
)
_OPTION = re.compile(rf"(?<![\w-])--?(?P<name>[A-Za-z][\w-]{{1,40}})(?:=|[ \t]+){_VALUE}")
_USER_AND_PASSWORD = re.compile(
    r"(?<!\S)(?:-u|--user|--proxy-user|-U|-E|--cert|(?<=curl )-[A-Za-tv-z]{1,6}u)[ =]?['\"]?[^\s:'\"]+"
    r":(?P<bare>(?!\d{1,6}(?:\s|$))[^\s'\"@]+)"
)
_OF_GROUPS = re.compile(r"(?<![\w-])(?:docker|podman|nerdctl|chown|rsync|install)(?=\s)")
"""Programs whose ``-u ann:staff`` is a user and a group."""
_SHORT_PASSWORD = re.compile(
    r"(?<![\w-])(?:mongo\w*|redis-cli|sshpass|(?:docker|podman|nerdctl|buildah|skopeo)\s+login|lftp|smbclient|7z|zip|unzip|htpasswd"
    r"|az|twine|sqlcmd|bcp|mosquitto_\w+)\b"
    r"[^\n|;&]{0,200}?\s-(?:p|P|a)[ ]?(?P<bare>(?!\d{1,5}(?:\s|$))[^\s'\"-][^\s'\"]*)"
)
_JOINED_PASSWORD = re.compile(
    # "-p NAME" asks for it
    r"(?<![\w-])(?:mysql\w*|mariadb\w*|7z\w?)\b[^\n|;&]{0,200}?\s-p['\"]?(?P<bare>[^\s'\"-][^\s'\"]*)"
)
_LOGIN_KEY = re.compile(
    r"(?<![\w-])(?:wandb|comet|neptune|kaggle|ngrok|heroku|doctl|vault|npm|fly|hf|huggingface-cli)\b[^\n|;&]{0,60}?"
    r"\b(?:login|authtoken|add-authtoken|init)\s+(?:-[^\s]+\s+)*(?P<bare>[^\s'\"-][^\s'\"]*)"
)
_USER_OF_HTTPIE = re.compile(
    r"(?<![\w:-])(?:https?|xhs?)[ \t][^\n|;&]{0,200}?(?:-a|--auth)[ =]['\"]?[^\s:'\"]+:(?P<bare>[^\s'\"@]+)"
)
_PROGRAMS = re.compile(
    r"(?<![\w-])(?:"
    r"openssl\s+enc\b[^\n|;&]{0,200}?\s-[kK]|ssh-keygen\b[^\n|;&]{0,200}?\s-[NP]|ldap\w+\b[^\n|;&]{0,200}?\s-w"
    r"|htpasswd\s+-\w*b\w*(?:\s+[^\s-]\S*){1,2}|user(?:add|mod)\b[^\n|;&]{0,200}?\s-p|gh\s+secret\s+set\s+\w+\s+-b"
    r"|(?:rclone|dvc)\b[^\n|;&]{0,200}?\s(?:pass|password|secret_access_key)"
    r"|net\s+use\s+\S+\s+\S+|conda\s+token\s+set|mc\s+(?:alias\s+set|config\s+host\s+add)\s+\S+\s+\S+\s+\S+"
    r")(?:[ \t]+['\"]?|(?<=-b)['\"]|(?<=-p)['\"])(?P<bare>[^\s'\"/-][^\s'\"]*)"
)
"""Programs, each with what is before its secret."""
_SLASHED = re.compile(
    r"(?<![\w-])(?:sqlplus|expdp|impdp|sqlldr|rman)\b[^\n|;&]{0,100}?\s['\"]?[\w$#]+/(?P<bare>[^\s/@'\"]+)(?=[@\s'\"]|$)"
)
_SENT = re.compile(r"\bsend\s+(?:--\s+)?['\"](?P<bare>[^'\"\n\\]+)\\[rn]['\"]")
_GIVEN_NAME = re.compile(rf"(?:-n|--name|--key)[ =](?P<name>[\w./-]+)[ \t]+(?:-v|--value)[ =]{_VALUE}")
"""``config set -n key -v …``"""
_NAME_AND_VALUE = re.compile(
    r"(?<=\s)(?P<name>[A-Za-z_][\w.-]{0,80})[ \t]+(?P<single>(?!))?(?P<double>(?!))?"
    r"(?P<bare>[^\s'\"`;|&<>()./~-][^\s'\"`;|&<>()]*)"
)
_FILE_NAME = re.compile(r".*\.[A-Za-z]\w{0,6}")
_KEEPS_SECRETS = re.compile(r"\b(?:secrets?|keyvault|SecureString|password|passwd|token|credentials?)\b", re.IGNORECASE)
_STORED = re.compile(
    rf"(?:--(?:value|body|data|text|plaintext|secret-(?:string|value)|string-value)[ =]|<<<\s*){_VALUE}", re.IGNORECASE
)
"""The value in a command that keeps a secret, and a here-string."""
_READ = re.compile(rf"\bread[ \t]+(?:-\w+[ \t]+)*(?P<name>\w+)[ \t]*<<<[ \t]*{_VALUE}")
_USER_OF_SAMBA = re.compile(r"(?<!\S)(?:-U|--user)[ =]?['\"]?[\w.\\-]+%(?P<bare>[^\s'\"]+)")
_COOKIE = re.compile(r"(?<!\S)(?:-b|--cookie)[ =]?['\"]?[\w.-]+=(?P<bare>[^\s'\";]+)")
_BLOCK_OF_YAML = re.compile(
    r"^(?P<indent>[ \t]*)(?:-[ \t]+)?['\"]?(?P<name>[A-Za-z_][\w.-]{0,80})['\"]?:[ \t]*[|>][+-]?\d?[ \t]*\n"
    r"[ \t]+(?P<single>(?!))?(?P<double>(?!))?(?P<bare>[^\n]+)",
    re.MULTILINE,
)
"""The first line of a text of several lines."""
_INPUT_OF_HTML = re.compile(
    r"<input\b(?=[^<>]*\btype=['\"]?password)[^<>]*?\bvalue=['\"]?(?P<bare>[^\s'\"<>]+)", re.IGNORECASE
)
_PASSED_IN = re.compile(r"(?:-passin|-passout|-pass)\s+pass:(?P<bare>\S+)")
_PIPED = re.compile(
    r"(?:echo\s+(?:-n\s+)?|printf\s+(?:['\"]?%s(?:\\n)?['\"]?\s+)?)['\"]?(?P<bare>(?!\$)[^\s'\"|]+)['\"]?\s*\|[^\n]{0,200}?(?:--password-stdin|--with-token|-pass|passwd|sudo\s+-S)"
)
_PAIR = re.compile(
    r"(?<![\w.-])['\"]?(?P<name>[A-Za-z_][\w.-]{0,80})['\"]?[ \t]*(?::=|=>|<<?-|[:=]|\bis\b)"
    r"(?:\s*(?:'(?:'')?(?P<single>[^'\n]+)'|\"(?:\"\")?(?P<double>[^\"\n]+)\")|[ \t]*(?P<bare>[^\s'\"#;,(){}\[\]]+))"
    r"(?=(?P<rest>[^\n]*))",
    re.IGNORECASE,
)
_NAMED_VALUE = re.compile(
    rf"\b(?:name|key|variable)['\"]?\s*(?:[:=]\s*)?['\"]?(?P<name>[A-Za-z_][\w.-]{{0,80}})['\"]?[\s,{{]+"
    rf"['\"]?(?:value|default)['\"]?\s*[:=]\s*{_VALUE}"
)
"""``- name: DB_PASS`` and ``value: …`` on the next line, and a variable of Terraform with its default."""
_LIST = re.compile(
    r"^[ \t]*['\"]?(?P<name>[A-Za-z_][\w.-]{0,80})['\"]?[ \t]*[:=][ \t]*"
    r"(?P<items>\[(?!redacted\])[^\[\]{}]*\]|(?:\n[ \t]*-[ \t]+[^\n:]+)+)",
    re.MULTILINE,
)
"""A list of YAML, JSON or TOML."""
_ITEM = re.compile(rf"(?<=[\s\[,]){_VALUE}")
_SPOKEN = re.compile(
    r"\b(?:password|passphrase|passwd|pwd|pw|token|secret)[ \t]+"
    r"(?P<bare>[^\s'\".,;!?)]+(?:[.!?][^\s'\".,;!?)]+)*)",
    re.IGNORECASE,
)
_LOOKED_UP = re.compile(
    r"\$.*|os\.environ.*|[A-Za-z_][\w.]*[(\[].*|[A-Za-z_]\w*\.[A-Za-z_][\w.]*|None|True|False|null|true|false|bool|boolean|str|string|int|float|bytes|dict|list|object|array|optional|required|callable|\{.*|%\(.*|@.*|<.*"
)
"""Text that is not a secret, but the place where one is looked up."""


_OF_PROGRAMS = (
    _USER_AND_PASSWORD,
    _USER_OF_HTTPIE,
    _SHORT_PASSWORD,
    _JOINED_PASSWORD,
    _PROGRAMS,
    _SLASHED,
    _PASSED_IN,
    _PIPED,
    _USER_OF_SAMBA,
    _INPUT_OF_HTML,
)


def spans_in_commands(text: str) -> Iterator[Span]:
    """Yield the secrets of shell commands and magics: environment, options, and the short forms of known programs."""
    for pattern in (_ASSIGNMENT, _COMMAND_ASSIGNMENT, _OPTION, _GIVEN_NAME, _READ):
        for found in _overlapping(pattern, text):
            yield from _named(found, found["name"])
    for found in _overlapping(_NAME_AND_VALUE, text):
        if _is_token(found["bare"]):
            yield from _named(found, found["name"])
    for found in _STORED.finditer(text):
        if _KEEPS_SECRETS.search(text, text.rfind("\n", 0, found.start()) + 1, found.start()):
            yield from _named(found, "secret")
    yield from (found.span("bare") for found in _SENT.finditer(text) if looks_random(found["bare"]))
    for pattern in _OF_PROGRAMS:
        for found in pattern.finditer(text):
            owner = pattern is _USER_AND_PASSWORD and _OF_GROUPS.search(text[: found.start()].rpartition("\n")[2])
            if not owner and not _LOOKED_UP.fullmatch(found["bare"]) and not is_placeholder(found["bare"]):
                yield found.span("bare")
    for pattern in (_LOGIN_KEY, _COOKIE):
        yield from (found.span("bare") for found in pattern.finditer(text) if looks_random(found["bare"]))


def spans_in_prose(text: str) -> Iterator[Span]:
    """Yield the secrets of comments and of settings in files: ``password: hunter2``, ``the token is abc123``.

    A word that only begins a sentence is left: ``# password: see the wiki``.
    """
    for found in _PAIR.finditer(text):
        quoted = found["bare"] is None
        said = found["rest"] or ""
        # "the password is asked for" ends with a word, and "password: horse staple" may be a secret of two
        elsewhere = re.match(r"(?i)(?:see|ask|in|from|at|stored|kept|use)$", found["bare"] or "") and said.strip()
        ended = re.search(r"\bis\s", found[0]) and re.fullmatch(r"\s+[a-z]+[.?!]?\s*", said)
        sentence = bool(elsewhere or ended or re.match(r"\s+[a-z]+\s", said)) and (found["bare"] or "").isalpha()
        counted = found["name"].lower() == "pass" and re.search(r"\w[ \t]+$", text[: found.start()])  # "in one pass: …"
        if quoted or not (sentence or counted):
            yield from _named(found, found["name"])
    for pattern in (_NAMED_VALUE, _BLOCK_OF_YAML):
        for found in pattern.finditer(text):
            yield from _named(found, found["name"])
    for items in _LIST.finditer(text):
        for found in _ITEM.finditer(text, *items.span("items")):
            yield from _named(found, items["name"])
    yield from (found.span("bare") for found in _SPOKEN.finditer(text) if _is_token(found["bare"]))


def spans_in_sentence(text: str) -> Iterator[Span]:
    """Yield the secrets of a comment or a text of one line that look like one: ``"bad password: Winter2019!"``."""
    for start, end in (*spans_in_prose(text), *spans_in_commands(text)):
        if looks_random(text[start:end].rstrip(".,!?")):
            yield start, end


def _is_token(value: str) -> bool:
    """Return whether a word after the name of a secret is one, and not the file that is searched for it."""
    return looks_random(value) and not _FILE_NAME.fullmatch(value)


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
    if is_secret(name) or looks_secret(name, value):
        yield found.span(group)
