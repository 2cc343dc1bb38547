"""Class labels by their meaning: True, 1, 1.0, "1" and "true" are one label in any column or key."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from mlops_magics.core.monitoring.reading.column_values import label_of

_NUMBER = re.compile(r"[+-]?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
"""A number as programs write it. ``01`` is a code and not a number."""
_BYTES = re.compile(r"b(['\"])(.*)\1")
"""The text of bytes, which some files and old arrays hold in place of words."""
_WORDS = {"true": "1", "false": "0"}
NEGATIONS = ("no", "not", "non", "un", "in", "kein", "nicht")
"""Words before a positive label that make it the negative one."""

# fmt: off
POSITIVE_WORDS = frozenset({
    "yes", "y", "true", "t", "positive", "pos", "1", "fraud", "fraudulent", "spam", "churn", "churned", "default",
    "defaulted", "sick", "ill", "disease", "diseased", "malignant", "bad", "failure", "fail", "failed", "faulty",
    "defect", "defective", "anomaly", "anomalous", "attack", "malicious", "abnormal", "event", "hit", "click",
    "clicked", "bought", "converted", "survived", "risk", "high-risk",
    "ja", "wahr", "positiv", "betrug", "krank", "oui", "vrai", "positif", "fraude", "malade", "sí", "si", "sì",
    "verdadero", "vero", "positivo", "enfermo", "sim", "verdadeiro", "tak", "да", "是", "はい",
})
"""Labels that name the positive class."""
NEGATIVE_WORDS = frozenset({
    "no", "n", "false", "f", "negative", "neg", "0", "-1", "ok", "okay", "legit", "legitimate", "genuine", "ham",
    "stay", "stayed", "retained", "paid", "healthy", "well", "benign", "good", "success", "pass", "passed", "normal",
    "none", "nothing", "regular", "standard", "safe", "low-risk",
    "nein", "falsch", "negativ", "gesund", "non", "faux", "négatif", "negatif", "falso", "negativo", "sano", "não",
    "nao", "nee", "nej", "nie", "нет", "否", "いいえ",
})
"""Labels that name the negative class."""
# fmt: on


def canonical(label: str) -> str:
    """Return the text by which a label is compared with labels of other columns.

    >>> [canonical(label) for label in ("True", "1.0", "1", "01", "yes", "b'yes'")]
    ['1', '1', '1', '01', 'yes', 'yes']
    """
    held = _BYTES.fullmatch(label)
    label = held[2] if held is not None else label
    text = label.strip()
    word = _WORDS.get(text.lower())
    if word is not None:
        return word
    if not _NUMBER.fullmatch(text):
        return label
    if text.lstrip("+-").isdigit():
        return str(int(text))  # a float would lose digits beyond 2^53
    return label_of(float(text))


class LabelNames:
    """One name for all labels of the same meaning.

    Parameters
    ----------
    sources
        The labels of each source, the most trusted one first, which names the label.
    """

    def __init__(self, sources: Iterable[Sequence[str]]) -> None:
        held = [list(dict.fromkeys(source)) for source in sources]
        # two labels of one source that mean the same, such as the versions 1 and 1.0, are different labels there
        self._exact = any(len({canonical(label) for label in source}) < len(source) for source in held[:1])
        self._names: dict[str, str] = {}
        for source in held:
            for label in source:
                self._names.setdefault(self._key(label), label)

    def __call__(self, label: Any) -> str:
        """Return the name of a label of any type."""
        text = label if isinstance(label, str) else label_of(label)
        return self._names.get(self._key(text), text)

    def _key(self, label: str) -> str:
        return label if self._exact else canonical(label)


def in_order(labels: Iterable[str]) -> list[str]:
    """Return labels in their order: numbers by value, before words."""
    return sorted(labels, key=_natural)


def _natural(label: str) -> tuple[int, float, str]:
    try:
        return 0, float(label), label
    except ValueError:
        return 1, 0.0, label


def usual_positive(labels: Sequence[str]) -> str | None:
    """Return the positive one of two labels by its word or value, or ``None`` where neither decides."""
    if len(labels) != 2:
        return None
    if all(_NUMBER.fullmatch(canonical(label)) for label in labels):
        return max(labels, key=lambda label: float(canonical(label)))
    first, second = labels
    by_word = [_says_positive(first, second), _says_positive(second, first)]
    if by_word[0] == by_word[1]:
        return None
    return first if by_word[0] else second


def _says_positive(label: str, other: str) -> bool:
    words = label.strip().lower(), other.strip().lower()
    if words[0] in POSITIVE_WORDS and words[1] not in POSITIVE_WORDS:
        return True
    return (words[1] in NEGATIVE_WORDS and words[0] not in NEGATIVE_WORDS) or _denies(*words)


def _denies(label: str, other: str) -> bool:
    """Return whether the other label is this one with a negation before it: churn, and not churn."""
    return any(other == f"{word}{gap}{label}" for word in NEGATIONS for gap in ("", " ", "-", "_"))


def typed(labels: Sequence[str], native: str) -> Any:
    """Return labels as values of their own type, ``(n_labels,)``: numbers, booleans, or text."""
    keys = [canonical(label) for label in labels]
    if native == "boolean" and set(keys) <= {"0", "1"}:
        return np.array([key == "1" for key in keys])
    if native == "number" and all(_NUMBER.fullmatch(key) for key in keys):
        numbers = [float(key) for key in keys]
        whole = all(number.is_integer() and abs(number) < 2**53 for number in numbers)
        return np.array(numbers).astype(np.int64) if whole else np.array(numbers)
    return np.array(list(labels), dtype=object)


def matched(given: Mapping[Any, Any], names: LabelNames) -> dict[str, Any]:
    """Return a mapping by the name of its keys, which may be of any type."""
    return {names(key): value for key, value in given.items()}
