"""Queries over the models of a board: ``accuracy>0.9 tag:eu format:skops penguin``, where every word must hold."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from mlops_magics.core.versioning.listing.version_index import Summary
from mlops_magics.errors import InvalidInput

_COMPARISON = re.compile(r"([A-Za-z_][\w.]*)(>=|<=|!=|==|=|>|<)(.+)")
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
    "=": operator.eq, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
_EQUALITY = frozenset({"=", "==", "!="})
"""Signs that also compare texts."""
_UNFINISHED = re.compile(r"[A-Za-z_][\w.]*(>=|<=|!=|==|=|>|<)")
_KEYS = ("tag", "format", "author", "alias", "name", "description")

Condition = Callable[[str, Summary, Mapping[str, str]], bool]


@dataclass(frozen=True, slots=True)
class Query:
    """Conditions that must all hold."""

    conditions: tuple[Condition, ...]

    def matches(self, name: str, summary: Summary, aliases: Mapping[str, str]) -> bool:
        """Return whether the newest version of a model matches the query."""
        return all(condition(name, summary, aliases) for condition in self.conditions)


def parse(text: str | None) -> Query:
    """Read a query. A bare word is searched for in name, description and tags.

    Raises
    ------
    InvalidInput
        For a key that does not exist, or a comparison without a number.
    """
    return Query(tuple(_condition(word) for word in (text or "").split()))


def changed(summary: Summary, details: Mapping[str, Any]) -> Summary:
    """Return the summary with the fields that an annotation of the log sets."""
    known = {key: details[key] for key in ("description", "metrics", "tags") if key in details}
    fields = {**summary.fields, **details["metadata"]} if "metadata" in details else summary.fields
    return msgspec.structs.replace(summary, fields=fields, **known)


def _condition(word: str) -> Condition:
    comparison = _COMPARISON.fullmatch(word)
    if comparison:
        return _comparison(*comparison.groups())
    if _UNFINISHED.fullmatch(word):
        raise _not_valid(word)
    key, colon, wanted = word.partition(":")
    if not colon:
        return _mention(word.casefold())
    if key not in _KEYS:
        raise InvalidInput(
            f"Models are not searched by {key!r}. Use {', '.join(f'{each}:' for each in _KEYS)}, or METRIC>NUMBER."
        )
    if not wanted:
        raise InvalidInput(f"{word!r} is not a valid condition. Write {key}:WORD, such as tag:eu.")
    return _keyed(key, wanted)


def _not_valid(condition: str) -> InvalidInput:
    return InvalidInput(f"{condition!r} is not a valid condition. Write METRIC>NUMBER, such as auc>0.8.")


def _comparison(field: str, sign: str, written: str) -> Condition:
    compare = _OPERATORS[sign]
    try:
        number: float | None = float(written)
    except ValueError:
        number = None
    if number is None and sign not in _EQUALITY:
        raise _not_valid(f"{field}{sign}{written}")

    def holds(name: str, summary: Summary, aliases: Mapping[str, str]) -> bool:
        found = summary.metrics.get(field, summary.fields.get(field))
        if found is None:
            return False
        if number is not None and isinstance(found, int | float):
            return compare(found, number)
        return sign in _EQUALITY and compare(str(found).casefold(), written.casefold())

    return holds


def _mention(word: str) -> Condition:
    return lambda name, summary, aliases: (
        word in name.casefold()
        or word in (summary.description or "").casefold()
        or any(word in tag.casefold() for tag in summary.tags)
    )


def _keyed(key: str, wanted: str) -> Condition:
    if key == "tag":
        return lambda name, summary, aliases: wanted in summary.tags
    if key == "alias":
        return lambda name, summary, aliases: wanted in aliases
    if key == "name":
        return lambda name, summary, aliases: wanted.casefold() in name.casefold()
    if key == "description":
        return lambda name, summary, aliases: wanted.casefold() in (summary.description or "").casefold()
    return lambda name, summary, aliases: getattr(summary, key) == wanted
