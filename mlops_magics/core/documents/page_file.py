"""The file of a document: a reader sees the old one or the new one, and no link, folder or device is written to."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Collection
from pathlib import Path
from typing import Any

from mlops_magics.errors import InvalidInput


def checked(to: Any, endings: Collection[str]) -> Path:
    """Return the path of a file to write, looked at before anything else is done.

    Raises
    ------
    InvalidInput
        Another ending, a URL, or a place that holds something else than a file.
    """
    if not isinstance(to, str | Path) or not str(to).strip() or "\0" in str(to):
        raise InvalidInput(f"{to!r} is not the path of a file.")
    if "://" in str(to):
        raise InvalidInput(f"{to} is a URL. Write a file of this machine, such as page{next(iter(endings))}.")
    path = Path(to).expanduser()
    if path.suffix.lower() not in endings:
        raise InvalidInput(f"{to} is not a file that is written here. Endings: {', '.join(endings)}.")
    if os.path.exists(path) and not os.path.isfile(path):
        raise InvalidInput(f"{to} is not a plain file, so it is not replaced.")
    return path


def write(path: Path, text: str) -> int:
    """Write a text in place of the file that is there, and return its size in bytes. A link is replaced, not followed.

    Raises
    ------
    InvalidInput
        The place cannot be written, or the text is not valid Unicode.
    """
    draft = path.with_name(f".{secrets.token_hex(4)}.draft")
    try:
        data = text.encode()
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(draft, "xb") as file:
            file.write(data)
        os.replace(draft, path)
    except (OSError, UnicodeEncodeError) as error:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        reason = error.strerror if isinstance(error, OSError) else "a text in it is not valid Unicode"
        raise InvalidInput(f"{path} cannot be written: {reason}.") from None
    return len(data)
