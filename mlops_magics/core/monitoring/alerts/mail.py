"""Notification by mail. A password leaves this machine only through TLS, to a server whose certificate is known."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

from mlops_magics.core.monitoring.alerts.notify import SECONDS, Message
from mlops_magics.errors import InvalidInput, NotificationError


def email(
    to: str,
    *,
    sender: str,
    server: str,
    port: int = 587,
    user: str | None = None,
    password: str | None = None,
    authority: str = "",
) -> Callable[[Message], None]:
    """Return a target that sends the verdict and the alerts as plain text.

    Parameters
    ----------
    user, password
        With them the connection must be encrypted (STARTTLS). Without them it is plain.
    authority
        A file with the certificates that vouch for the server, in place of the system's own.

    Raises
    ------
    InvalidInput
        The file does not exist.
    """
    if authority and not Path(authority).is_file():
        raise InvalidInput(f"The file {authority!r} with the certificates of the mail server does not exist.")

    def send(message: Message) -> None:
        try:
            with smtplib.SMTP(server, port, timeout=SECONDS) as connection:
                if user is not None and password is not None:
                    connection.starttls(context=ssl.create_default_context(cafile=authority or None))
                    connection.login(user, password)
                connection.send_message(_letter(message, sender, to))
        except (OSError, smtplib.SMTPException) as fault:
            raise NotificationError(f"The mail to {to} was not sent: {_in_words(fault, server, port)}") from fault

    return send


def _letter(message: Message, sender: str, to: str) -> EmailMessage:
    letter = EmailMessage()
    letter["From"], letter["To"] = sender, to
    # in one line, because a line break would begin another header
    letter["Subject"] = " ".join(f"[mlops] {message['name']}: {len(message['alerts'])} alerts".split())
    letter.set_content(
        "\n".join([str(message["verdict"]), "", *(str(alert["message"]) for alert in message["alerts"])])
    )
    return letter


def _in_words(fault: Exception, server: str, port: int) -> str:
    where = f"{server}:{port}"
    if isinstance(fault, smtplib.SMTPNotSupportedError):
        return f"{where} does not offer STARTTLS, and a password is not sent in the clear."
    if isinstance(fault, ssl.SSLCertVerificationError):
        return (
            f"the certificate of {where} is not known here ({fault.verify_message}). Set `smtp_ca` to the file with the"
            " certificate of its authority."
        )
    if isinstance(fault, smtplib.SMTPAuthenticationError):
        return f"{where} refuses user and password."
    return f"{where}: {' '.join(str(fault).split())}"
