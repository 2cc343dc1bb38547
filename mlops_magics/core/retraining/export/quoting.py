"""Words that survive a shell and the template engines of orchestrators."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable

_TEMPLATES = re.compile(r"(?<=\{)(?=[{%#])|(?<=\$)(?=[{\[(])|(?<=[}%#])(?=\})")
"""Places inside a quoted word at which Jinja, GitHub, GitLab, Argo, Kubeflow and Kubernetes would begin or end."""

_BASH = re.compile(
    r"(?P<blank>\s+)|\$'(?P<escaped>(?:\\.|[^'\\])*)'|'(?P<single>[^']*)'|\"(?P<double>[^\"]*)\"|(?P<bare>[^\s'\"$]+)"
)


def shell(words: Iterable[str]) -> str:
    """Return words for a POSIX shell, which no template engine reads on the way.

    The shell joins adjacent quoted parts: ``'{''{ x }''}'`` is ``{{ x }}`` to it, and to a template engine nothing.

    >>> shell(["echo", "{{ x }}"])
    "echo '{''{ x }''}'"
    """
    return " ".join(map(_word, words))


def bash(words: Iterable[str]) -> str:
    """Return words for bash below Jinja, which turns a carriage return into a line feed."""
    return " ".join(_bash_word(word) if "\r" in word else _word(word) for word in words)


def bash_words(command: str) -> tuple[str, ...]:
    """Return the words of a command that `bash` wrote."""
    words, word = [], ""
    for found in _BASH.finditer(f"{command.strip()} "):
        if found["blank"]:
            words.append(word)
            word = ""
        elif found["escaped"] is not None:
            word += _unescaped(found["escaped"])
        else:
            word += found["single"] or found["double"] or found["bare"] or ""
    return tuple(words)


def _word(text: str) -> str:
    quoted = shlex.quote(text)
    return _TEMPLATES.sub("''", quoted) if quoted.startswith("'") else quoted


def _bash_word(text: str) -> str:
    return "$'" + "".join(_escaped(sign) for sign in text) + "'"


def _escaped(sign: str) -> str:
    if sign.isalnum() or sign in " ._-/:=,+@":
        return sign
    return "".join(f"\\x{byte:02x}" for byte in sign.encode())


def systemd(words: Iterable[str]) -> str:
    """Return words for ``ExecStart=``: quoted as systemd.syntax(7) has it, ``%`` doubled, and ``$`` but in the program.

    >>> systemd(["/opt/a b/$run", "100%", "$HOME"])
    '"/opt/a b/$run" 100%% $$HOME'
    """
    program, *arguments = words
    return " ".join(map(_systemd_word, [program, *(word.replace("$", "$$") for word in arguments)]))


def _systemd_word(text: str) -> str:
    doubled = text.replace("%", "%%")
    if re.fullmatch(r"[\w@%+=:,./$-]+", doubled, re.ASCII):
        return doubled
    parts = [_systemd_sign(sign) for sign in doubled]
    return f'"{"".join(parts)}"'


def _systemd_sign(sign: str) -> str:
    if sign in '"\\':
        return f"\\{sign}"
    if sign.isprintable() and ord(sign) < 127:
        return sign
    return "".join(f"\\x{byte:02x}" for byte in sign.encode())


def systemd_words(line: str) -> tuple[str, ...]:
    """Return the words of an ``ExecStart=``."""
    words = [_unescaped(bare or quoted) for quoted, bare in re.findall(r'"((?:\\.|[^"\\])*)"|(\S+)', line)]
    program, *arguments = [word.replace("%%", "%") for word in words]
    return (program, *(word.replace("$$", "$") for word in arguments))


def _unescaped(text: str) -> str:
    raw = re.sub(
        r"\\x([0-9a-f]{2})|\\(.)",
        lambda found: chr(int(found[1], 16)) if found[1] else found[2],
        "".join(chr(byte) for byte in text.encode()),
    )
    return bytes(map(ord, raw)).decode("utf-8", "surrogateescape")


def cron(command: str) -> str:
    """Return a command for a line of a crontab: there ``%`` is a line feed, and a line feed cannot be.

    >>> cron("date +%F")
    'date +\\\\%F'
    """
    return command.replace("%", r"\%")
