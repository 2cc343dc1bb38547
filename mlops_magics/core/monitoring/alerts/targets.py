"""The targets of notifications: https URLs, mail addresses, and functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote, urlsplit

from mlops_magics.core.monitoring.alerts import mail, notify
from mlops_magics.errors import InvalidInput

Target = Callable[[notify.Message], Any]
SUBMISSION = 587  # the port of RFC 6409


def targets_of(
    wanted: Iterable[Any], *, smtp: str = "", sender: str = "", authority: str = "", private: bool = False
) -> list[Target]:
    """Return one function per target.

    Parameters
    ----------
    wanted
        ``https://…``, ``mailto:ana@example.org`` or functions that take the message.
    smtp, sender, authority
        ``smtp://[USER:PASSWORD@]HOST[:PORT]``, the address in From, and the file with the certificates that vouch for
        the server, for mail.
    private
        Webhooks on this machine and in inner networks may be called, also without TLS.

    Raises
    ------
    InvalidInput
        The target is neither, or mail without a server.
    """
    return [_target(each, smtp, sender, authority, private) for each in wanted]


def _target(wanted: Any, smtp: str, sender: str, authority: str, private: bool) -> Target:
    if callable(wanted):
        return wanted  # type: ignore[no-any-return]
    text = str(wanted)
    if text.startswith("mailto:") and "@" in text:
        return _mail(text.removeprefix("mailto:"), smtp, sender, authority)
    if text.startswith(("https://", "http://")):
        return notify.webhook(text, private=private)
    raise InvalidInput(
        f"A notification cannot be sent by {text!r}. Known: https://…, mailto:ana@example.org, a function."
    )


def _mail(to: str, smtp: str, sender: str, authority: str) -> Target:
    parts = urlsplit(smtp)
    if parts.scheme != "smtp" or not parts.hostname:
        raise InvalidInput(
            "Mail needs a server: set `smtp` to smtp://USER:PASSWORD@HOST:PORT, best as MLOPS_MAGICS_SMTP in the "
            "environment."
        )
    user, password = (unquote(each) if each else None for each in (parts.username, parts.password))
    # a line break would begin another header
    if any(character in to + sender for character in "\r\n"):
        raise InvalidInput(f"{to!r} is not a valid mail address.")
    return mail.email(
        to,
        sender=sender or (user if user and "@" in user else f"mlops-magics@{parts.hostname}"),
        server=parts.hostname,
        port=parts.port or SUBMISSION,
        user=user,
        password=password,
        authority=authority,
    )
