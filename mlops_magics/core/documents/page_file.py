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
    check_replaceable(path)
    return path


def check_replaceable(path: Path) -> None:
    """Refuse a place that holds a folder, a pipe or a device.

    Raises
    ------
    InvalidInput
    """
    if os.path.exists(path) and not os.path.isfile(path):
        raise InvalidInput(f"{path} is not a plain file, so it is not replaced.")


def write(path: Path, content: str | bytes) -> int:
    """Write a file in place of the one that is there, and return its size in bytes. A link is replaced, not followed.

    Raises
    ------
    InvalidInput
        The place cannot be written, or the text is not valid Unicode.
    """
    draft = path.with_name(f".{secrets.token_hex(4)}.draft")
    try:
        data = content if isinstance(content, bytes) else content.encode()
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
