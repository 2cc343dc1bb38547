"""The endpoint's listening socket, which the supervisor binds, and keeps while workers are replaced."""

from __future__ import annotations

import errno
import socket
import sys

from mlops_magics.errors import EndpointError

BACKLOG = 4096
OTHER_PORT = "Leave the port out to get a free one, or name another."
"""The next step of whoever chose a port that is taken."""


def listen(host: str, port: int, other_port: str = OTHER_PORT) -> socket.socket:
    """Bind a socket.

    Parameters
    ----------
    other_port
        The next step where the port is taken.

    Raises
    ------
    EndpointError
        When the port is taken or not allowed, or the host is not an address of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":  # on Windows it would let two servers share a port
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        bound.close()
        raise EndpointError(_why(host, port, error, other_port)) from error
    bound.setblocking(False)
    return bound


def _why(host: str, port: int, error: Exception, other_port: str) -> str:
    number = getattr(error, "errno", None)
    if number == errno.EADDRINUSE:
        return f"Port {port} is taken by another process. {other_port}"
    if number == errno.EACCES:
        return f"Port {port} may not be used by this user. Name one above 1023, or leave it out."
    return f"Cannot listen on {host}:{port}: {error}."
