"""The owner's commands to a running supervisor: stop, swap, challenge. Loopback only, and with a key."""

from __future__ import annotations

import json
import logging
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping
from multiprocessing import ProcessError
from multiprocessing.connection import Connection, Listener, answer_challenge, deliver_challenge
from typing import Any

from mlops_magics.core import json_text, recipe_guard
from mlops_magics.errors import EndpointError, MlopsError

Command = dict[str, Any]
Reply = dict[str, Any]
REPLY_SECONDS = 120.0
HANDSHAKE_SECONDS = 3.0
"""A supervisor that does not take part in the exchange of keys for so long is suspended, or is not one."""
BACKLOG = 64
STOPPING = "The endpoint is stopping. `%deploy NAME` waits for that and starts it again."
"""The refusal of a supervisor whose workers finish their requests and end."""

logger = logging.getLogger(__name__)


def send_command(port: int, key: str, command: Mapping[str, Any], *, seconds: float = REPLY_SECONDS) -> Reply:
    """Send one command and return the reply.

    Parameters
    ----------
    port, key
        From the endpoint's announcement.
    command
        ``do`` is its name.
    seconds
        The longest wait for the reply.

    Raises
    ------
    EndpointError
        When the supervisor does not run, takes too long, or refuses.
    """
    recipe_guard.refuse(f"{command['do']} of an endpoint")
    try:
        with _connect(port, bytes.fromhex(key)) as line:
            line.send_bytes(json.dumps(command).encode())
            if not line.poll(seconds):
                raise EndpointError(f"The endpoint did not finish {command['do']!r} within {seconds:g} s.")
            reply: Reply = json_text.parse(line.recv_bytes())
    # SO_RCVTIMEO ends a read with EAGAIN
    except BlockingIOError:
        raise EndpointError(
            f"The endpoint's supervisor does not reply to {command['do']!r}: it is suspended or overloaded. "
            "`%stop` ends the endpoint."
        ) from None
    except (OSError, EOFError, ValueError, AssertionError, ProcessError) as error:
        raise EndpointError(f"The endpoint does not accept {command['do']!r}: {type(error).__name__}.") from error
    if "error" in reply:
        raise EndpointError(reply["error"])
    return reply


def _connect(port: int, key: bytes) -> Connection:
    """Connect to a supervisor. Each side proves to the other that it has the key.

    `multiprocessing.connection.Client` waits without an end for a process that is suspended.

    Raises
    ------
    BlockingIOError
        When the supervisor does not take part in the exchange.
    """
    with socket.create_connection(("127.0.0.1", port), timeout=HANDSHAKE_SECONDS) as client:
        # a timeout of Python's makes the descriptor non-blocking, which Connection does not expect
        client.setblocking(True)
        _limit_reads(client, HANDSHAKE_SECONDS)
        # the block closes the socket, and the connection a descriptor of its own
        line = Connection(os.dup(client.fileno()) if os.name != "nt" else client.detach())
    try:
        # in the order of multiprocessing's own Client: the server challenges first
        answer_challenge(line, key)
        deliver_challenge(line, key)
    except BaseException:
        line.close()
        raise
    return line


def _limit_reads(client: socket.socket, seconds: float) -> None:
    """Let the system end each read after a time. `poll` is not limited by it."""
    # Windows takes milliseconds, and POSIX a struct timeval
    if os.name == "nt":
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, int(1000 * seconds))
    else:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", int(seconds), 0))


class ControlServer:
    """Accepts commands, and handles each in its own thread: a stop is accepted while others are in progress.

    Commands are JSON, and nothing that arrives is unpickled.

    Parameters
    ----------
    key
        The secret that a client must prove to have.
    handle
        Carries out a command, and returns the reply.
    """

    def __init__(self, key: bytes, handle: Callable[[Command], Reply]) -> None:
        # without a key here: accept would wait for each client's proof in the one thread that accepts
        self._listener = Listener(("127.0.0.1", 0), backlog=BACKLOG)
        self._key, self._handle = key, handle
        self.port: int = self._listener.address[1]
        threading.Thread(target=self._listen, name="control", daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                line = self._listener.accept()
            except OSError as error:  # no file descriptor is left at the moment
                logger.warning("no command can be accepted: %s", error)
                time.sleep(0.1)
                continue
            threading.Thread(target=self._receive, args=(line,), name="command", daemon=True).start()

    def _receive(self, line: Connection) -> None:
        """Receive one command from a client that has the key, by the same exchange as `Client`."""
        try:
            with line:
                deliver_challenge(line, self._key)
                answer_challenge(line, self._key)
                line.send_bytes(json.dumps(self._reply(line.recv_bytes())).encode())
        except Exception as error:  # a client without the key, or one that closed the connection
            logger.info("a command was not received: %s", error)

    def _reply(self, message: bytes) -> Reply:
        try:
            return self._handle(json_text.parse(message))
        except MlopsError as error:
            logger.warning("a command was refused: %s", error)
            return {"error": str(error)}
        except Exception as error:  # the owner gets the reason, and the endpoint goes on
            logger.warning("a command failed", exc_info=error)
            return {"error": str(error) or type(error).__name__}
