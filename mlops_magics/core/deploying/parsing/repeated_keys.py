"""Detection of keys that a JSON object has twice. The parsers keep the last value of such a key, without a word."""

from __future__ import annotations

import json
import re
from collections.abc import Container
from typing import Any

import numpy as np
import orjson

from mlops_magics.core.deploying.contract.http_error import UNPROCESSABLE, HttpError, problem

SHORT = 512
"""Bytes up to which `bytes.count` is quicker than numpy."""
COLON, LAST_BEFORE = ord(":"), ord('"')
"""A colon behind a key comes after a quote or white space, which are the bytes up to the quote."""
_KEY_END = re.compile(rb'[\x00-"]:')
MOST_UNREAD = 8
"""Columns that the model does not read, up to which counting each is quicker than parsing once more."""
FORM_KEYS = frozenset(
    {"columns", "data", "index", "schema", "dataframe_split", "dataframe_records", "instances", "inputs", "params"}
)
"""Keys around rows. Whether those within them matter depends on the model's columns."""


def may_repeat(body: bytes, keys: int, read: Container[str]) -> bool:
    """Return whether JSON may have a key twice that the model reads, or is not valid where the model reads nothing.

    The colons are counted first, which costs a thousandth of a request. Only where there are more of them, from texts
    or from columns that the model does not read, the body is looked at more closely.

    Parameters
    ----------
    body
        Records or columns.
    keys
        The number of different keys that are known to be there.
    read
        The columns that the model reads.
    """
    colons = body.count(b":") if len(body) < SHORT else int(np.count_nonzero(np.frombuffer(body, np.uint8) == COLON))
    if colons == keys:
        return False
    most = most_keys(body)
    if most == keys or (len(body) >= SHORT and most - _unread_keys(body, read) == keys):
        return False
    try:
        return _different_keys(orjson.loads(body), most) < most
    except orjson.JSONDecodeError:  # text that the quick parser passes over is not UTF-8: the slow one names the place
        return True


def most_keys(body: bytes) -> int:
    """Return the number of keys of valid JSON, or somewhat more where a text has a colon after a space or a quote."""
    if len(body) < SHORT:
        return len(_KEY_END.findall(body))
    marks = np.frombuffer(body, np.uint8)
    return int(np.count_nonzero((marks[1:] == COLON) & (marks[:-1] <= LAST_BEFORE)))


def _unread_keys(body: bytes, read: Container[str]) -> int:
    """Count the keys of records that the first record has and the model does not read, or fewer of them."""
    try:
        first = orjson.loads(body[body.index(b"{") : body.index(b"}") + 1])
    except ValueError:
        return 0
    names = [name for name in first if name not in read]
    return sum(body.count(b'"%s":' % name.encode()) for name in names) if len(names) <= MOST_UNREAD else 0


def admit_once(body: bytes, value: Any, read: Container[str] | None = None) -> None:
    """Refuse JSON that has a key twice in one object.

    Parameters
    ----------
    body, value
        The text, and what a parser made of it.
    read
        The columns that the model reads. Others may be there twice. All keys count by default.

    Raises
    ------
    HttpError
        422, with the key and, in a list, its row.
    ValueError
        The text is nested too deeply.
    """
    most = most_keys(body)
    if _different_keys(value, most) == most:
        return
    try:
        # only the standard parser shows a key that is there twice; slow, hence the count before
        pairs = json.loads(body, object_pairs_hook=_Pairs)
    except RecursionError:
        raise ValueError("The JSON text is nested too deeply.") from None
    in_rows = type(pairs) is list
    for row, each in enumerate(pairs if in_rows else [pairs]):
        key = _repeated(each, read)
        if key is not None:
            text = f"The key {key[:40]!r} is there twice in one object. Send it once"
            fault = problem((row, key) if in_rows else (key,), "repeated_key", text)
            raise HttpError(UNPROCESSABLE, f"Row {row}: {text}." if in_rows else f"{text}.", [fault])


class _Pairs(list[tuple[str, Any]]):
    """The keys and values of one object, as they were written."""


def _repeated(value: Any, read: Container[str] | None) -> str | None:
    """Return a key that is twice in one object within a value, if it matters."""
    # a list of what is left instead of recursion: the depth is the client's choice
    waiting = [(value, read is None)]
    while waiting:
        each, every = waiting.pop()
        if type(each) is not _Pairs:
            waiting += [(inner, every) for inner in each if isinstance(inner, list)] if type(each) is list else []
            continue
        seen: set[str] = set()
        for key, inner in each:
            matters = every or key in FORM_KEYS or (read is not None and key in read)
            if key in seen and matters:
                return key
            seen.add(key)
            waiting.append((inner, matters and key not in FORM_KEYS))
    return None


def _different_keys(value: Any, most: int) -> int:
    """Count the keys of all objects within a value, up to ``most``, objects of the outer levels first."""
    found, level = 0, [value]
    while level and found < most:
        objects = [each for each in level if type(each) is dict]
        found += sum(map(len, objects))
        if found >= most:
            break
        inner = [each.values() for each in objects] + [each for each in level if type(each) is list]
        level = [each for values in inner for each in values if type(each) is dict or type(each) is list]
    return found
