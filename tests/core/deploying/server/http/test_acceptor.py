"""A crowd at the door: everybody is let in at once, also when for a while there is no room."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
import uvloop

from mlops_magics.core.deploying.endpoints.listening import listen
from mlops_magics.core.deploying.server.http.acceptor import start_accepting

CROWDED = """
import asyncio, resource, socket, uvloop
from mlops_magics.core.deploying.server.http.acceptor import start_accepting
from mlops_magics.core.deploying.endpoints.listening import listen

async def main():
    listening, made = listen("127.0.0.1", 0), []
    crowd = [socket.create_connection(listening.getsockname()) for _ in range(20)]
    most = resource.getrlimit(resource.RLIMIT_NOFILE)
    taken = socket.socket()
    def protocol():
        made.append(asyncio.Protocol())
        return made[-1]
    door = await start_accepting(listening, protocol, lambda: None, backlog=128, alone=True)
    resource.setrlimit(resource.RLIMIT_NOFILE, (taken.fileno() + 5, most[1]))
    await asyncio.sleep(0.2)
    print(len(made) < 20)
    resource.setrlimit(resource.RLIMIT_NOFILE, most)
    while len(made) < 20:
        await asyncio.sleep(0.05)
    print(len(made))
    door.close()

uvloop.run(main())
"""


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def test_all_who_wait_are_let_in_within_a_few_rounds(run: Callable[[Any], int]) -> None:
    """A hundred clients do not need a hundred rounds of the loop, each as long as the requests of those within."""

    async def let_in() -> int:
        listening = listen("127.0.0.1", 0)
        made: list[asyncio.Protocol] = []

        def protocol() -> asyncio.Protocol:
            made.append(asyncio.Protocol())
            return made[-1]

        port = listening.getsockname()[1]
        crowd = [socket.create_connection(("127.0.0.1", port)) for _ in range(100)]
        door = await start_accepting(listening, protocol, lambda: None, backlog=128, alone=True)
        for _ in range(10):
            await asyncio.sleep(0)
        found = len(made)
        door.close()
        for client in crowd:
            client.close()
        return found

    assert run(let_in()) == 100


def test_without_room_for_more_files_the_others_wait() -> None:
    """Who cannot be let in is let in when there is room again."""
    done = subprocess.run([sys.executable, "-c", CROWDED], capture_output=True, text=True, timeout=60, check=False)

    assert done.stdout.split() == ["True", "20"], done.stderr
