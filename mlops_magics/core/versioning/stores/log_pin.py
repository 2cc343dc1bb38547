"""The pin that holds a board's event log, for pins an ordinary JSON pin with one version."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

import xxhash

from mlops_magics.core import json_text
from mlops_magics.core.versioning.names import LOG_PIN
from mlops_magics.errors import IntegrityError

VERSION = "20000101T000000Z-00000"
FILE = "log.json"
PLACE = f"{LOG_PIN}/{VERSION}"
"""The folder of the log below a board."""

LAYOUT = 1
"""The layout of the log. A board with a greater one is refused."""

LARGEST = 16_000_000
"""The most bytes of one event. A larger file is not read."""

_SUFFIX, _DIGITS = ".json", 8


def event_file(sequence: int) -> str:
    """Return the name of an event's file."""
    return f"{sequence:0{_DIGITS}d}{_SUFFIX}"


def number_of(file: str) -> int | None:
    """Return the number of the event in a file, or None for another file."""
    digits = file.removesuffix(_SUFFIX)
    # one spelling for each number
    whole = digits.isascii() and digits.isdecimal() and event_file(int(digits)) == file
    return int(digits) if whole and int(digits) else None


def numbers_of(files: Iterable[str]) -> list[int]:
    """Return the numbers of the events among some files, sorted."""
    return sorted(number for number in map(number_of, files) if number is not None)


def by_number(found: Mapping[str, object]) -> dict[int, object]:
    """Return number → value of the events among some files, and the value of the board's identity under 0."""
    numbers = {name: 0 if name == FILE else number_of(name) for name in found}
    return {number: found[name] for name, number in numbers.items() if number is not None}


def too_large(sequence: int) -> IntegrityError:
    """Return the error of an event with more than `LARGEST` bytes."""
    return IntegrityError(f"Event {sequence} of the board's log has more than {LARGEST:,} bytes. It was not read.")


def files(board_id: str) -> dict[str, bytes]:
    """Return the files that make the log an ordinary pin, its metadata last."""
    about = json.dumps({"board": board_id, "layout": LAYOUT}).encode()
    metadata = (
        "api_version: 1\ncreated: 20000101T000000Z\n"
        "description: Who moved which alias when; written by mlops_magics\n"
        f"file: {FILE}\nfile_size: {len(about)}\npin_hash: '{xxhash.xxh64(about).hexdigest()}'\n"
        "title: 'mlops-magics-log: history of this board'\ntype: json\nuser: {}\n"
    )
    return {FILE: about, "data.txt": metadata.encode()}


def board_of(data: bytes, url: str) -> str | None:
    """Return the identity of a board from the bytes of its ``log.json``, or None where they hold none.

    Raises
    ------
    IntegrityError
        When a newer version of this package wrote the log.
    """
    try:
        about = json_text.parse(data)
        identity, layout = str(about["board"]), about.get("layout", LAYOUT)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if isinstance(layout, int | float) and layout > LAYOUT:
        raise IntegrityError(
            f"The board {url} was written by a newer mlops_magics (layout {layout}). Run `pip install -U mlops-magics`."
        )
    return identity
