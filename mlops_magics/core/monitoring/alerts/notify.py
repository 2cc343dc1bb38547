"""Notification: a function, a webhook, an e-mail (see `mail`). A message carries the verdict and the alerts, never
a row of data."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import SplitResult, urlsplit

from mlops_magics.core import http_answers, inner_addresses
from mlops_magics.core.monitoring.alerts import trigger
from mlops_magics.core.monitoring.reporting.alert import Alert
from mlops_magics.core.monitoring.reporting.record import Report
from mlops_magics.errors import InvalidInput, MlopsError, NotificationError

SECONDS = 10.0
"""Seconds for the answer of a webhook."""

Message = dict[str, Any]


def message_of(report: Report, alerts: Sequence[Alert]) -> Message:
    """Return the message: name, version, verdict, period, alerts, and the trigger that retraining takes."""
    reason = trigger.of_report(report)
    return {
        "name": report.name,
        "version": report.version,
        "period": report.period,
        "verdict": report.verdict,
        "text": report.verdict,  # shown by Slack, Teams and Mattermost
        "alerts": [alert.to_json() for alert in alerts],
        "trigger": None if reason is None else reason.to_json(),
    }


def notify(report: Report, alerts: Sequence[Alert], *targets: Callable[[Message], Any]) -> None:
    """Notify every target of the alerts, if there are any. A target that fails does not stop the others.

    Raises
    ------
    NotificationError
    """
    if not alerts:
        return
    message, failed = message_of(report, alerts), []
    for target in targets:
        try:
            target(message)
        except (OSError, MlopsError) as fault:
            failed.append(str(fault))
    if failed:
        raise NotificationError(f"{len(failed)} of {len(targets)} notifications failed: {failed[0]}")


def webhook(url: str, *, private: bool = False) -> Callable[[Message], None]:
    """Return a target that POSTs the message as JSON.

    The host is resolved once, every address is checked, and the connection goes to the checked address: a name that
    points inside
    (loopback, private, link-local, metadata services) is refused unless ``private`` is set. Redirects are not followed.

    Raises
    ------
    InvalidInput
    """
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname or not _has_port(parts):
        raise InvalidInput(f"A webhook is an http(s) URL, not {url!r:.200}.")
    if parts.scheme == "http" and not private:
        raise InvalidInput("A webhook outside this network must use https.")
    return lambda message: _post(url, json.dumps(message).encode(), private)


def _has_port(parts: SplitResult) -> bool:
    """Return whether the port of an address is a number below 65536, or is left out."""
    try:
        return parts.port is None or parts.port > 0
    except ValueError:
        return False


def _post(url: str, body: bytes, private: bool) -> None:
    parts = urlsplit(url)
    host = str(parts.hostname)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = checked_address(host, port, private)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        status = _status(parts.scheme, host, (address, port), path, body)
    except (OSError, http.client.HTTPException) as error:
        raise NotificationError(f"The webhook at {host} does not answer: {http_answers.reason(error)}.") from error
    if not 200 <= status < 300:
        raise NotificationError(
            f"The webhook at {host} answered {status}" + (", a redirect" if 300 <= status < 400 else "") + "."
        )


def _status(scheme: str, host: str, place: tuple[str, int], path: str, body: bytes) -> int:
    """POST a body, and return the status of the answer, of which nothing else is read."""
    raw = socket.create_connection(place, timeout=SECONDS)
    with raw:
        connection = http_answers.Connection(host, place[1], timeout=SECONDS)
        # with a socket already, http.client does not resolve the name once more;
        # the certificate is that of the name, though the connection goes to an address
        connection.sock = (
            ssl.create_default_context().wrap_socket(raw, server_hostname=host) if scheme == "https" else raw
        )
        try:
            connection.request("POST", path, body, {"Content-Type": "application/json"})
            return connection.getresponse().status
        finally:
            connection.close()


def checked_address(host: str, port: int, private: bool = False) -> str:
    """Resolve a host, and return its first address when all of them may be called.

    Raises
    ------
    NotificationError
        The name does not resolve, or leads to this machine or an inner network.
    """
    try:
        found = [entry[4][0] for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as fault:
        raise NotificationError(f"The webhook's host {host!r} cannot be resolved.") from fault
    for address in found:
        if not private and not inner_addresses.is_outside(str(address)):
            raise NotificationError(
                f"The webhook's host {host!r} leads to the inner address {address}. Allow it with private=True."
            )
    return str(found[0])
