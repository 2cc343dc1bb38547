"""Mutations of model files: flipped bytes, cut files, edited schemas, arrays with values that lie, swapped members."""

from __future__ import annotations

import contextlib
import io
import json
import random
import re
import struct
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np

from mlops_magics.core.versioning.formats.native import ubjson

INTEGERS = (0, 1, -1, 2, 3, 7, 255, 256, 2**15, 2**31 - 1, -(2**31), 2**32, 2**40, 2**63 - 1, -(2**63))
FLOATS = (0.0, -0.0, 1.0, -1.0, 1e308, -1e308, 1e-320, float("nan"), float("inf"), float("-inf"))
NAMES = (
    "builtins.dict", "builtins.list", "builtins.eval", "os.system", "numpy.ndarray", "sklearn.svm._classes.SVC",
    "sklearn.tree._classes.DecisionTreeRegressor", "sklearn.ensemble._forest.RandomForestRegressor",
    "sklearn.neighbors._classification.KNeighborsClassifier", "sklearn.pipeline.Pipeline",
)  # fmt: skip
HIDING = (
    "_validate_X_predict",
    "predict",
    "n_features_in_",
    "apply",
    "_impl",
    "_other_params",
    "n_jobs",
    "tree_",
    "nodes",
)


def mutate(data: bytes, other: bytes, chance: random.Random) -> bytes:
    """Return a mutated file.

    Parameters
    ----------
    data
        A valid file: a skops archive, UBJSON or the text of a booster.
    other
        Another valid file, from which parts are taken.
    """
    if chance.random() < 0.1:
        return _cut(data, chance) if chance.random() < 0.3 else flip(data, chance)
    if not data.startswith(b"PK"):
        return booster(data, chance)
    members, strange = _members(data), _members(other) if other.startswith(b"PK") else {}
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        change = chance.choices(_OF_ARCHIVES, weights=[6, 4, 1, 1, 1])[0]
        with contextlib.suppress(Exception):  # a change before this one left nothing that it can read
            change(members, strange, chance)
    return _archive(members, chance)


def flip(data: bytes, chance: random.Random) -> bytes:
    """Return the bytes with a few of them changed."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        if changed:
            changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def booster(data: bytes, chance: random.Random) -> bytes:
    """Return a booster with values that lie, in UBJSON, JSON or in lightgbm's text."""
    if data.startswith(b"tree"):
        return _text_of_lightgbm(data.decode(), chance).encode()
    model = json.loads(data) if data.startswith(b'{"') else ubjson.decode(data)
    for _ in range(chance.choice((1, 1, 2, 3))):
        _in_tree(model, chance)
    try:
        return json.dumps(model).encode() if data.startswith(b'{"') else ubjson.encode(model)
    except (struct.error, KeyError, AttributeError):  # the change cannot be written in UBJSON
        return flip(data, chance)


def _cut(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data))] + (flip(data[:50], chance) if chance.random() < 0.3 else b"")


def _members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _archive(members: dict[str, bytes], chance: random.Random) -> bytes:
    packed = io.BytesIO()
    method = chance.choice((zipfile.ZIP_STORED, zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return packed.getvalue()


def _array(members: dict[str, bytes], strange: dict[str, bytes], chance: random.Random) -> None:
    """Change values, shape or dtype of one array."""
    name = chance.choice([each for each in members if each.endswith(".npy")] or ["schema.json"])
    if name == "schema.json":
        _schema(members, strange, chance)
        return
    values = np.load(io.BytesIO(members[name]), allow_pickle=False)
    if values.dtype == np.uint8 and values.size > 200:
        raw = booster(values.tobytes(), chance) if chance.random() < 0.9 else flip(values.tobytes(), chance)
        values = np.frombuffer(raw, dtype=np.uint8)
    elif chance.random() < 0.15:
        values = _reshaped(values, chance)
    else:
        values = values.copy()
        for _ in range(chance.choice((1, 1, 2, 5))):
            _change(values, chance)
    packed = io.BytesIO()
    np.save(packed, values)
    members[name] = packed.getvalue()


def _change(values: Any, chance: random.Random) -> None:
    """Set one element of an array to a value that lies."""
    if not values.size:
        return
    place = tuple(chance.randrange(length) for length in values.shape)
    target, dtype = values, values.dtype
    if dtype.names:
        field = chance.choice(dtype.names)
        target, dtype = values[field], values.dtype[field]
    if dtype.kind in "iu":
        near = int(target[place]) + chance.choice((-2, -1, 1, 2))
        wanted = chance.choice((near, near, chance.choice(INTEGERS), chance.randrange(-5, values.size + 5)))
        target[place] = wanted % 2 ** (8 * dtype.itemsize) if dtype.kind == "u" else _wrapped(wanted, dtype.itemsize)
    elif dtype.kind == "f":
        target[place] = chance.choice((*FLOATS, chance.uniform(-1e3, 1e3)))
    elif dtype.kind == "b":
        target[place] = not target[place]


def _wrapped(value: int, size: int) -> int:
    half = 2 ** (8 * size - 1)
    return (value + half) % (2 * half) - half


def _reshaped(values: Any, chance: random.Random) -> Any:
    how = chance.randrange(6)
    if how == 0:
        return values[: len(values) // 2] if values.ndim else values.reshape(1)
    if how == 1:
        return np.concatenate([values, values]) if values.ndim else values
    if how == 2 and not values.dtype.names:
        return values.astype(chance.choice(("f4", "f8", "i4", "i8", "u1", "c16", "S3")), copy=False)
    if how == 3:
        return values.reshape(-1)
    if how == 4:
        return np.asfortranarray(values)
    return values.reshape((1, *values.shape))


def _schema(members: dict[str, bytes], strange: dict[str, bytes], chance: random.Random) -> None:
    """Change one value, key or type of the schema."""
    try:
        schema = json.loads(members["schema.json"])
    except ValueError:
        return
    if chance.random() < 0.2:
        members["schema.json"] = flip(members["schema.json"], chance)
        return
    _in_tree(schema, chance)
    members["schema.json"] = json.dumps(schema).encode()


def _in_tree(root: Any, chance: random.Random) -> None:
    """Change one place in nested dictionaries and lists."""
    holder, key = _random_place(root, chance)
    if key is None:
        return
    value, how = holder[key], chance.random()
    if isinstance(value, np.ndarray) and how < 0.85:
        _change(value, chance)
    elif isinstance(value, dict) and how < 0.3 and "__class__" in value:
        value["__module__"], _, value["__class__"] = chance.choice(NAMES).rpartition(".")
    elif isinstance(value, dict) and how < 0.4 and value:
        value[chance.choice(HIDING)] = value[chance.choice(list(value))]
    elif how < 0.5:
        other, name = _random_place(root, chance)
        if name is not None:
            holder[key], other[name] = other[name], holder[key]
    elif how < 0.58 and isinstance(holder, dict):
        del holder[key]
    else:
        holder[key] = _another(value, chance)


def _random_place(root: Any, chance: random.Random) -> tuple[Any, Any]:
    """Return a container and a key in it, deeper places as likely as flat ones."""
    holder: Any = root
    while True:
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        if not keys:
            return holder, None
        key = chance.choice(keys)
        inner = holder[key]
        if not isinstance(inner, dict | list) or not inner or chance.random() < 0.1:
            return holder, key
        holder = inner


def _another(value: Any, chance: random.Random) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return chance.choice((value + 1, value - 1, chance.choice(INTEGERS)))
    if isinstance(value, float):
        return chance.choice(FLOATS)
    if isinstance(value, str):
        return _text(value, chance)
    return chance.choice((None, [], {}, 0, "x", value))


def _text(value: str, chance: random.Random) -> str:
    """Return a text with another number or character in it."""
    numbers = list(re.finditer(r"-?\d+", value))
    if numbers and chance.random() < 0.7:
        found = chance.choice(numbers)
        wanted = chance.choice((int(found[0]) + 1, int(found[0]) - 1, chance.choice(INTEGERS)))
        return value[: found.start()] + str(wanted) + value[found.end() :]
    if chance.random() < 0.3:
        return chance.choice(("null", "true", "NaN", "-1", '"x"', "[]", "", "sklearn.svm._classes", "SVC", *HIDING))
    place = chance.randrange(len(value) + 1)
    return value[:place] + chance.choice('x0-.:{}[]" \u00fc\x00') + value[place + chance.randrange(2) :]


def _swap(members: dict[str, bytes], strange: dict[str, bytes], chance: random.Random) -> None:
    """Exchange two members, or take one of another file."""
    names = [name for name in members if name != "schema.json"]
    if len(names) < 2:
        return
    first, second = chance.sample(names, 2)
    if strange and chance.random() < 0.4:
        members[first] = chance.choice(list(strange.values()))
    else:
        members[first], members[second] = members[second], members[first]


def _remove(members: dict[str, bytes], strange: dict[str, bytes], chance: random.Random) -> None:
    """Take a member out, or cut it."""
    name = chance.choice(list(members))
    if chance.random() < 0.5:
        del members[name]
    else:
        members[name] = _cut(members[name], chance) if members[name] else b""


def _flip_member(members: dict[str, bytes], strange: dict[str, bytes], chance: random.Random) -> None:
    name = chance.choice(list(members))
    members[name] = flip(members[name], chance)


def _text_of_lightgbm(text: str, chance: random.Random) -> str:
    """Change a number of a line that is not about training."""
    body, mark, tail = text.partition("\nend of trees")
    lines = body.split("\n")
    for _ in range(chance.choice((1, 1, 2, 3))):
        place = chance.randrange(len(lines))
        how = chance.random()
        if how < 0.8:
            lines[place] = _text(lines[place], chance) if lines[place] else lines[place]
        elif how < 0.9:
            del lines[place]
        else:
            lines.insert(place, chance.choice(lines))
        if not lines:
            break
    return "\n".join(lines) + mark + (tail if chance.random() < 0.95 else _text(tail, chance))


Change = Callable[[dict[str, bytes], dict[str, bytes], random.Random], None]
_OF_ARCHIVES: tuple[Change, ...] = (_array, _schema, _swap, _remove, _flip_member)
