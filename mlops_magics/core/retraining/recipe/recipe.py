"""The record of a recipe, as it is stored with a version and as it is described to a person."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from mlops_magics.core import json_text
from mlops_magics.errors import InvalidInput

FILE = "recipe.json"
"""The side file of a version that holds its recipe."""
FORMAT = "mlops-magics-recipe/1"
Kind = Literal["cell", "notebook"]
Shape = Literal["frame", "series", "array", "polars", "arrow", "list"]


@dataclass(frozen=True, slots=True)
class DataName:
    """A name of the cell that new rows are bound to.

    Attributes
    ----------
    name
        The name.
    role
        ``features`` and ``truth`` are the arguments of ``.fit``. ``rows`` is a frame with both. ``test features`` and
        ``test truth`` are those of ``--test``. ``other`` is any other data.
    shape
        The kind of value that the cell expects.
    columns
        The columns of a frame, or the name of a single column.
    """

    name: str
    role: Literal["features", "truth", "rows", "test features", "test truth", "other"]
    shape: Shape
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class History:
    """Earlier cells that make values which the cell reads, and hashes of these values when the version was pinned.

    Attributes
    ----------
    cells
        Python code of the cells, in the order in which they ran.
    values
        The hash of each value, by name (see `value_fingerprint`).
    """

    cells: tuple[str, ...]
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that is needed to make a version again with new data.

    Attributes
    ----------
    source
        The code: the cell, or empty for a notebook, whose copy is a side file of the version.
    data_file
        Of a notebook, the path that its parameter of the data had when the version was pinned.
    line
        The words after the magic, without the name of the model.
    preamble
        Lines that bring back imports, functions and values of the notebook before the cell runs.
    parameters
        Small values that ``--param`` may change, by name, as Python literals.
    data
        The names that new rows are bound to.
    obstacles
        The reasons why the version cannot be made again, or empty where it can.
    remedy
        The line that removes the obstacles.
    environment
        Distributions of every module that the code imports, with their versions.
    random_state
        The states of the global generators of Python and numpy before the cell ran.
    seeded
        Whether the code sets a seed.
    varies
        What the code reads that may differ in another run, such as the clock.
    options
        Process-wide options of libraries that were set, such as scikit-learn's output.
    import_folders
        The folders of the user's own modules: ``first`` come before those of Python, ``last`` behind them.
    notebook, notebook_sha256
        The notebook's path, and the hash of its file when the version was pinned.
    folder
        The folder in which the code ran.
    history
        Earlier cells that have to run before the cell, or None where it needs none.
    checked
        None where the recipe needs no check or had none yet, else whether a fresh process gave the same values.
    """

    kind: Kind = "cell"
    source: str = ""
    data_file: str = ""
    line: tuple[str, ...] = ()
    preamble: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    data: tuple[DataName, ...] = ()
    obstacles: tuple[str, ...] = ()
    remedy: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    python: str = ""
    random_state: str | None = None
    seeded: bool = True
    varies: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    import_folders: Mapping[str, Sequence[str]] = field(default_factory=dict)
    notebook: str | None = None
    notebook_sha256: str | None = None
    folder: str = ""
    history: History | None = None
    checked: bool | None = None

    @property
    def possible(self) -> bool:
        """Whether the version can be made again."""
        return not self.obstacles and (self.history is None or self.checked is True)

    @property
    def sentence(self) -> str:
        """One line for the person who pins."""
        if self.obstacles:
            return f"Cannot be made again from this {self.kind}: {', '.join(self.obstacles)}. {self.remedy}".strip()
        parts = [f"{_listed(self._from_data)} from `--data`"] if self._from_data else []
        parts += [f"{_listed([each.name for each in self.bound_by_hand])} from `--bind`"] if self.bound_by_hand else []
        if self.parameters:
            kept = [f"{name} = {value}" for name, value in self.parameters.items()]
            parts.append(f"{_listed(kept)} {'is' if len(kept) == 1 else 'are'} kept")
        if self.history is not None:
            count = len(self.history.cells)
            cells = "1 earlier cell makes" if count == 1 else f"{count} earlier cells make"
            parts.append(f"{cells} {_listed(list(self.history.values))} again as it was at the pin")
        chance = "" if self.seeded else " It sets no seed, so another run may give a slightly different model."
        if self.varies:
            chance += f" It reads {_listed(list(self.varies))}, so another run may give another model."
        return f"Can be made again by `%retrain`: {', '.join(parts) or 'it reads its own data'}.{chance}"

    @property
    def _from_data(self) -> list[str]:
        verb = "comes" if len(self.bound_by_data) == 1 else "come"
        names = [each.name for each in self.bound_by_data]
        return [*names[:-1], f"{names[-1]} {verb}"] if names else []

    @property
    def bound_by_data(self) -> tuple[DataName, ...]:
        """The names that ``--data`` binds."""
        return tuple(each for each in self.data if each.role != "other")

    @property
    def bound_by_hand(self) -> tuple[DataName, ...]:
        """The names that ``--bind`` must bind."""
        return tuple(each for each in self.data if each.role == "other")

    def to_bytes(self) -> bytes:
        """Write as JSON, to be stored with the version."""
        return json.dumps({"format": FORMAT, **dataclasses.asdict(self)}, indent=1).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Recipe:
        """Read the result of `to_bytes`, without fields of a newer writer.

        Raises
        ------
        InvalidInput
            Not a recipe.
        """
        try:
            found = json_text.parse(data)
            known = {entry.name for entry in dataclasses.fields(cls)}
            given = {name: value for name, value in found.items() if name in known}
            given["data"] = tuple(
                DataName(each["name"], each["role"], each["shape"], tuple(each["columns"])) for each in given["data"]
            )
            if given.get("history") is not None:
                past = given["history"]
                given["history"] = History(tuple(map(str, past["cells"])), dict(past["values"]))
            tuples = {name: tuple(given.get(name, ())) for name in ("line", "obstacles", "varies")}
            return cls(**{**given, **tuples})
        except (ValueError, TypeError, KeyError, AttributeError) as fault:
            raise InvalidInput(f"The recipe is not valid ({type(fault).__name__}: {fault}). Pin once more.") from fault


def _listed(words: list[str]) -> str:
    """Join words as in a sentence.

    >>> _listed(["X", "y", "z"])
    'X, y and z'
    """
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]])) if words else ""
