"""YAML of other writers, read as plain values in a time that its size bounds."""

from __future__ import annotations

from typing import Any

import yaml

from mlops_magics.core.versioning.describing.json_values import MOST_VALUES, plain
from mlops_magics.errors import InvalidInput

MOST_EVENTS = 120_000
"""Events of the parser in the metadata of one version, which take about a second."""

MOST_EVENTS_OF_A_LIST = 3 * MOST_VALUES
"""Events of the parser in a list of a whole board. A key with a mapping as its value makes three."""

SECONDS_PER_EVENT = 6e-6
"""Measured on one core of a small machine: 330,000 events took 1.9 s. The parser alone takes a thirtieth of it."""

EXPANSION = 10
"""Values that each event may become. Aliases repeat parts of a document, and a few of them repeat it without end."""

LONGEST_NUMBER = 1_000
"""Characters."""

_FAULTS = (
    yaml.YAMLError,
    ValueError,
    RecursionError,
    # PyYAML's constructors of `!!int ''`, `!!bool x`, `!!timestamp x` and of great floats of base 60
    LookupError,
    AttributeError,
    OverflowError,
)


class TooCostly(InvalidInput):
    """The document has more parts than its reader allows."""


def load(data: bytes, where: str, most: int = MOST_EVENTS) -> Any:
    """Return a document as plain values. A tag of another writer is left out, and nothing acts on it.

    Parameters
    ----------
    where
        The name of the document, for the message.
    most
        Events of the parser. They are counted before the values are made, which takes thirty times as long.

    Raises
    ------
    ValueError
        The document is not valid YAML.
    TooCostly, InvalidInput
        It has more events or values than allowed, or a value that cannot be stored.
    """
    try:
        events = _events(data)
        if events > most:
            raise TooCostly(f"{where} has {events:,} parts, and at most {most:,} are read.")
        document = yaml.load(data, Loader=_Tolerant)  # noqa: S506 - a subclass of CSafeLoader that constructs plain values only
    except InvalidInput:
        raise
    except _FAULTS as error:
        raise ValueError(f"{where} is not valid YAML.") from error
    return plain(document, where, min(MOST_VALUES, EXPANSION * events))


def _events(data: bytes) -> int:
    """Return how many events a document has. A document that is not valid ends here, before its values are made."""
    parser = yaml.CSafeLoader(data)
    try:
        return int(parser.raw_parse())
    finally:
        parser.dispose()


class _Tolerant(yaml.CSafeLoader):
    """Safe YAML that reads tags of other writers (``!!python/tuple``) as plain values and never acts on them."""

    def flatten_mapping(self, node: Any) -> None:
        """Leave merge keys (``<<``) as they are: nested ones multiply, and no writer of pins uses them."""


def _plain_node(loader: Any, suffix: str, node: Any) -> Any:
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    if isinstance(node, yaml.MappingNode):
        return {str(key): value for key, value in loader.construct_mapping(node, deep=True).items()}
    return loader.construct_scalar(node)


def _number(kind: str) -> Any:
    """Return the constructor of numbers that leaves ``1:30`` and long digits a text.

    Base 60 takes the square of its length, and Python does not print an integer of more than 4,300 digits.
    """
    standard = yaml.SafeLoader.yaml_constructors[f"tag:yaml.org,2002:{kind}"]

    def construct(loader: Any, node: Any) -> Any:
        written = str(node.value)
        return written if ":" in written or len(written) > LONGEST_NUMBER else standard(loader, node)

    return construct


_Tolerant.add_constructor("tag:yaml.org,2002:binary", lambda loader, node: str(node.value).strip())
_Tolerant.add_constructor("tag:yaml.org,2002:int", _number("int"))
_Tolerant.add_constructor("tag:yaml.org,2002:float", _number("float"))
_Tolerant.add_multi_constructor("", _plain_node)
_Tolerant.add_multi_constructor("!", _plain_node)
_Tolerant.add_multi_constructor("tag:yaml.org,2002:python/", _plain_node)
