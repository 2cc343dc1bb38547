"""Recipes that are notebooks with a cell tagged ``parameters``, as papermill has them."""

from __future__ import annotations

import ast
import hashlib
import json
from pathlib import Path
from typing import Any

from mlops_magics.core import json_text
from mlops_magics.core.retraining.recipe.recipe import DataName, Recipe
from mlops_magics.core.versioning.describing.secrets import redaction
from mlops_magics.errors import InvalidInput, NotFound

TAG = "parameters"
COPY = "notebook.ipynb"
"""The side file of a version that holds its notebook as it was when the version was pinned, without outputs."""
DATA_NAMES = ("data", "path", "data_path", "source", "input", "rows", "file")
"""Names of a parameter that holds the rows, in the order of the search."""
LOOKS_LIKE_PATH = (".csv", ".parquet", ".json", ".jsonl", ".arrow", ".feather")
LARGEST = 256_000_000
"""Bytes of a notebook that is read."""
REMEDY = "To fix it: tag the cell that assigns the path of the data with `parameters` (JupyterLab: Property Inspector)."


def of_file(path: str) -> Recipe:
    """Return the recipe of a notebook file.

    Raises
    ------
    NotFound, InvalidInput
        No such file, not a notebook, or a notebook without a cell of parameters.
    """
    place = Path(path)
    if not place.is_file():
        raise NotFound("file", path, sorted(each.name for each in place.parent.glob("*.ipynb")))
    if place.stat().st_size > LARGEST:
        raise InvalidInput(f"{path} has more than {LARGEST:,} bytes. It was not read.")
    recipe = of_bytes(place.read_bytes(), str(place.resolve()))
    if not recipe.possible:
        raise InvalidInput(recipe.sentence)
    return recipe


def of_pinned(path: str | None, source: str) -> Recipe | None:
    """Return the recipe of the notebook in which a cell is pinned, or None where it is not one, or not saved since."""
    if path is None or not Path(path).is_file():
        return None
    try:
        data = Path(path).read_bytes()
        recipe = of_bytes(data, str(Path(path).resolve()))
        return recipe if recipe.possible and holds_cell(data, source) else None
    except InvalidInput:
        return None


def of_bytes(data: bytes, path: str) -> Recipe:
    """Return the recipe of a notebook's bytes. Its obstacles are the reasons why it cannot be one."""
    notebook = _parsed(data)
    tagged = [cell for cell in _code_cells(notebook) if TAG in cell.get("metadata", {}).get("tags", ())]
    obstacles = [] if tagged else ["no cell of the notebook is tagged `parameters`"]
    parameters = _assigned("".join(tagged[0]["source"])) if tagged else {}
    sources = ["".join(cell["source"]) for cell in _code_cells(notebook)]
    if any(redaction.redact(source) != source for source in sources):
        obstacles.append('the notebook holds a secret: take it from the environment (os.environ["NAME"])')
    holder = data_parameter(parameters)
    if tagged and holder is None:
        obstacles.append("none of the parameters holds the path of the data")
    names = () if holder is None else (DataName(holder, "rows", "frame"),)
    return Recipe(
        kind="notebook",
        data_file="" if holder is None else str(ast.literal_eval(parameters[holder])),
        parameters={name: text for name, text in parameters.items() if name != holder},
        data=names,
        obstacles=tuple(obstacles),
        remedy=REMEDY if obstacles else "",
        notebook=path,
        notebook_sha256=hashlib.sha256(data).hexdigest(),
        folder=str(Path(path).parent),
    )


def copy_of(data: bytes) -> bytes:
    """Return a notebook without its outputs, to be kept with the version."""
    notebook = _parsed(data)
    for cell in _code_cells(notebook):
        cell["outputs"], cell["execution_count"] = [], None
    return json.dumps(notebook, indent=1).encode()


def holds_cell(data: bytes, source: str) -> bool:
    """Return whether a cell of the notebook has this text: a file that was not saved since has another."""
    wanted = source.strip()
    return any(wanted in "".join(cell["source"]) for cell in _code_cells(_parsed(data)))


def data_parameter(parameters: dict[str, str]) -> str | None:
    """Return the parameter that holds the path of the rows."""
    texts = {name: ast.literal_eval(text) for name, text in parameters.items()}
    paths = [
        name
        for name, value in texts.items()
        if isinstance(value, str) and (value.lower().endswith(LOOKS_LIKE_PATH) or "://" in value)
    ]
    named = [name for name in DATA_NAMES if name in texts and isinstance(texts[name], str)]
    return next(iter([*(name for name in named if name in paths), *paths, *named]), None)


def _parsed(data: bytes) -> dict[str, Any]:
    try:
        found = json_text.parse(data)
        cells = found["cells"]
    except (ValueError, TypeError, KeyError) as fault:
        raise InvalidInput(f"Not a valid notebook ({type(fault).__name__}: {fault}).") from None
    if not isinstance(cells, list):
        raise InvalidInput("Not a valid notebook: it has no list of cells.")
    return dict(found)


def _code_cells(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    return [cell for cell in notebook["cells"] if isinstance(cell, dict) and cell.get("cell_type") == "code"]


def _assigned(source: str) -> dict[str, str]:
    """Return the names that a cell assigns a literal to, with the literal as code."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return {}
    found: dict[str, str] = {}
    for node in tree.body:
        target = node.targets[0] if isinstance(node, ast.Assign) and len(node.targets) == 1 else None
        if isinstance(node, ast.AnnAssign):
            target = node.target
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(target, ast.Name) and node.value is not None:
            try:
                ast.literal_eval(node.value)
            except ValueError:
                continue
            found[target.id] = ast.unparse(node.value)
    return found
