"""Words from the owner to a running supervisor: stop, swap, challenge. Loopback only, and with a key."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from multiprocessing import ProcessError
from multiprocessing.connection import Client, Connection, Listener, answer_challenge, deliver_challenge
from typing import Any

from mlops_magics.errors import EndpointError, MlopsError

Command = dict[str, Any]
Reply = dict[str, Any]
PATIENCE_SECONDS = 120.0
BACKLOG = 64

logger = logging.getLogger(__name__)


def ask(port: int, key: str, command: Mapping[str, Any], *, seconds: float = PATIENCE_SECONDS) -> Reply:
    """Send one command and return the reply.

    Raises
    ------
    EndpointError
        When the supervisor is not there, takes too long, or says no.
    """
    try:
        with Client(("127.0.0.1", port), authkey=bytes.fromhex(key)) as line:
            line.send_bytes(json.dumps(command).encode())
            if not line.poll(seconds):
                raise EndpointError(f"The endpoint did not do {command['do']!r} within {seconds:g} s.")
            reply: Reply = json.loads(line.recv_bytes())
    except (OSError, EOFError, ValueError, ProcessError) as error:
        raise EndpointError(f"The endpoint does not listen to {command['do']!r}: {type(error).__name__}.") from error
    if "error" in reply:
        raise EndpointError(reply["error"])
    return reply


class Switchboard:
    """Listens for commands, and hands each to ``obey`` in a thread of its own: to stop is heard during all else.

    Commands are JSON; nothing that comes over the line is unpickled by it.
    """

    def __init__(self, key: bytes, obey: Callable[[Command], Reply]) -> None:
        self._listener = Listener(("127.0.0.1", 0), backlog=BACKLOG)
        self._key, self._obey = key, obey
        self.port: int = self._listener.address[1]
        threading.Thread(target=self._listen, name="switchboard", daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                line = self._listener.accept()
            except OSError as error:  # no file descriptor is left, for now
                logger.warning("no command can be heard: %s", error)
                time.sleep(0.1)
                continue
            threading.Thread(target=self._hear, args=(line,), name="command", daemon=True).start()

    def _hear(self, line: Connection) -> None:
        """Hear one command, of whoever proves to have the key: the same exchange as `Client` makes it."""
        try:
            with line:
                deliver_challenge(line, self._key)
                answer_challenge(line, self._key)
                line.send_bytes(json.dumps(self._answer(line.recv_bytes())).encode())
        except Exception as error:  # a stranger without the key, or an owner that hung up
            logger.info("a command was not heard: %s", error)

    def _answer(self, words: bytes) -> Reply:
        try:
            return self._obey(json.loads(words))
        except MlopsError as error:  # a refusal is no crash
            logger.warning("a command was refused: %s", error)
            return {"error": str(error)}
        except Exception as error:  # the owner learns what went wrong; the endpoint goes on
            logger.warning("a command failed", exc_info=error)
            return {"error": str(error) or type(error).__name__}
