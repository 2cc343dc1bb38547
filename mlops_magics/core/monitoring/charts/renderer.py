"""The renderer of still pictures, in a process of its own that warms up in the background. A text that crashes
it does not end the kernel."""

from __future__ import annotations

import atexit
import importlib.util
import json
import os
import struct
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any

PROGRAM = Path(__file__).with_name("renderer_process.py")
SECONDS = 60  # after which a drawing is given up
KEPT = ("HOME", "PATH", "LANG", "SYSTEMROOT", "TMPDIR", "TEMP")
"""The environment variables of the process: the places of fonts, without secrets."""


class Renderer:
    """One process that draws. It ends with this one, and after some minutes without a request."""

    def __init__(self) -> None:
        libraries = str(Path(str(_library().origin)).parents[1])
        detached: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":
            detached = {"creationflags": subprocess.CREATE_NO_WINDOW}
        self._owner = os.getpid()
        self._child = subprocess.Popen(  # noqa: S603, the interpreter and a file of ours
            [sys.executable, "-I", "-S", str(PROGRAM), libraries],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in KEPT if name in os.environ},
            **detached,
        )

    @property
    def lives(self) -> bool:
        """Whether this process can send it a request."""
        return self._owner == os.getpid() and self._child.poll() is None

    def draw(self, request: bytes) -> bytes | None:
        """Return the drawing, or ``None`` when the process did not survive."""
        late = threading.Timer(SECONDS, self._child.kill)
        late.daemon = True
        late.start()
        try:
            self._write(request)
            return self._read()
        except (OSError, EOFError):
            self.end()
            return None
        except BaseException:  # after an interrupt in the middle of an answer, the next request would get its rest
            self.end()
            raise
        finally:
            late.cancel()

    def end(self) -> None:
        """End it now."""
        if self._owner == os.getpid():
            self._child.kill()
            self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                _close(pipe)

    def _write(self, request: bytes) -> None:
        assert self._child.stdin is not None
        self._child.stdin.write(struct.pack("<Q", len(request)) + request)
        self._child.stdin.flush()

    def _read(self) -> bytes:
        assert self._child.stdout is not None
        head = self._child.stdout.read(8)
        if len(head) < 8:
            raise EOFError
        (size,) = struct.unpack("<Q", head)
        body: bytes = self._child.stdout.read(size)
        if len(body) < size:
            raise EOFError
        return body


_turn = threading.Lock()
_running: list[Renderer] = []
"""At most one."""


def prepare() -> None:
    """Let the process warm up, and return at once."""
    with _turn:
        _ready()


def draw(spec: str, kind: str, scale: float = 1.0) -> bytes | None:
    """Return a specification as ``png``, ``svg`` or ``html``, or ``None`` where it could not be drawn."""
    request = json.dumps({"spec": spec, "kind": kind, "scale": scale}).encode()
    with _turn:
        renderer = _ready()
        drawn = renderer.draw(request) if renderer is not None else None
    if drawn and kind == "png":
        from mlops_magics.core.monitoring.charts import png_quantiser

        return png_quantiser.lighter(drawn)
    return drawn or None


def close() -> None:
    """End the process, if there is one. The next drawing starts another."""
    with _turn:
        while _running:
            _running.pop().end()


def _ready() -> Renderer | None:
    """Return the process, or ``None`` where none can be started."""
    if _running and not _running[0].lives:
        _running.pop().end()
    if not _running and sys.executable and _library() is not None:
        try:
            _running.append(Renderer())
        except OSError:
            return None
    return _running[0] if _running else None


def _library() -> Any:
    return importlib.util.find_spec("vl_convert")


def _close(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except OSError:  # the bytes that could not be written any more
        return


atexit.register(close)
