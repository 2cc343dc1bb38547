"""A parsed line of a magic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlops_magics.magics.variables import Variables
from mlops_magics.magics.verb import Verb


@dataclass(frozen=True, slots=True)
class Line:
    """A line that was read: its verb, its words, the arguments that they are, and the variables that it may name."""

    verb: Verb
    words: tuple[str, ...]
    given: dict[str, Any]
    variables: Variables
