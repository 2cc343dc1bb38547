"""The Python file by which a platform with a server of its own finds a version: an application and a handler."""

from __future__ import annotations

from mlops_magics.core.deploying.targets.packaged_version import PackagedVersion

TEMPLATE = '''"""Serves a version of a model: `app` is a WSGI application, `handler` answers events of AWS Lambda."""

from pathlib import Path

from mlops_magics import Session

Session.find_state()
session = Session(board={board})
app = session.application({ref!r}, sha256={sha256!r}, token={token!r})
handler = app.lambda_handler
'''


def text(source: PackagedVersion, *, token: bool) -> str:
    """Return the file, in which every value is a literal of Python.

    Parameters
    ----------
    token
        Whether clients must send a token, which a variable holds.
    """
    board = 'Path(__file__).parent / "board"' if source.copied else repr(source.board)
    return TEMPLATE.format(board=board, ref=source.ref, sha256=source.sha256, token=token)
