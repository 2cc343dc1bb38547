"""The check of a booster of lightgbm in its text format, which is written anew from the checked values.

lightgbm follows children, features, leaves and categories of a model without a check of bounds, and reads its trees at
the offsets that the header names. The format is that of ``GBDT::SaveModelToString`` and ``Tree::ToString``.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

from mlops_magics.core.versioning.formats.file_checks import require
from mlops_magics.core.versioning.formats.native.lightgbm_trees import check_tree

MOST_FEATURES = 2**24
"""lightgbm keeps a row of all features for each thread."""
MOST_CLASSES = 2**16
_FIRST = "tree"
_REQUIRED = (
    "version",
    "num_class",
    "num_tree_per_iteration",
    "label_index",
    "max_feature_idx",
    "feature_names",
    "feature_infos",
)
_KNOWN = (*_REQUIRED, "objective", "monotone_constraints", "tree_sizes")
_NUMBER = re.compile(r"[0-9]{1,9}")
_FLAG = "average_output"
_OBJECTIVE = re.compile(r"[a-z_0-9]{1,40}( [a-z_]{1,40}(:[-+.0-9e]{1,30})?){0,4}")
_INFO = re.compile(r"none|\[[-+.0-9einfa]+:[-+.0-9einfa]+\]|-?[0-9]+(:-?[0-9]+)*")
_NAME = re.compile(r"[^\s\x00-\x1f]{1,10000}")
_PARAMETER = re.compile(r"\[[a-z_0-9]{1,64}: [^\n\[\]]{0,100000}\]")
_CATEGORIES = "pandas_categorical:"


def checked(text: str) -> str:
    """Return the text of a booster in which all that lightgbm reads without bounds was checked.

    Raises
    ------
    SerializationError
        Where something is not valid, or is unknown to this version.
    """
    require("\x00" not in text and "\r" not in text, "the booster contains control characters")
    head, _, rest = text.partition("\nTree=0\n")
    require(rest, "the booster has no trees")
    header = _header(head.split("\n"))
    body, mark, tail = rest.partition("\nend of trees\n")
    require(mark, "the trees have no end")
    features, classes = _check_header(header)
    per_round = _whole(header["num_tree_per_iteration"], "num_tree_per_iteration", 1, MOST_CLASSES)
    require(per_round == classes, "the trees are not one for each class")
    trees = _trees(f"Tree=0\n{body}")
    require(len(trees) % per_round == 0, "a class has no tree")
    written = [check_tree(number, lines, features) for number, lines in enumerate(trees)]
    # lightgbm jumps from tree to tree by these sizes, which count bytes
    header["tree_sizes"] = " ".join(str(len(each.encode())) for each in written)
    lines = [_FIRST, *(name if value is None else f"{name}={value}" for name, value in header.items())]
    return "\n".join(lines) + "\n\n" + "".join(written) + "end of trees\n\n" + _tail(tail)


def _header(lines: list[str]) -> dict[str, str | None]:
    """Return the values of the header by name. A flag has the value None."""
    require(lines[0] == _FIRST, "the booster does not begin as one")
    found: dict[str, str | None] = {}
    for line in filter(None, lines[1:]):
        name, mark, value = line.partition("=")
        require(name not in found and (name in _KNOWN if mark else name == _FLAG), f"{name!r:.40} is unknown or double")
        found[name] = value if mark else None
    require(all(name in found for name in _REQUIRED), "the header is incomplete")
    return found


def _check_header(header: dict[str, str | None]) -> tuple[int, int]:
    """Return the numbers of features and classes."""
    require(re.fullmatch(r"v[0-9]", str(header["version"])), "the version is unknown")
    features = _whole(header["max_feature_idx"], "max_feature_idx", 0, MOST_FEATURES) + 1
    classes = _whole(header["num_class"], "num_class", 1, MOST_CLASSES)
    _whole(header["label_index"], "label_index", 0, MOST_FEATURES)
    for name, pattern in (("feature_names", _NAME), ("feature_infos", _INFO)):
        texts = str(header[name]).split(" ")
        require(len(texts) == features, f"{name} are not those of the features")
        require(all(pattern.fullmatch(each) for each in texts), f"{name} are not valid")
    monotone = header.get("monotone_constraints")
    if monotone is not None:
        texts = monotone.split(" ")
        require(len(texts) == features and set(texts) <= {"-1", "0", "1"}, "monotone_constraints are not valid")
    objective = header.get("objective")
    if objective is not None:
        require(_OBJECTIVE.fullmatch(objective), "the objective is not valid")
        words = dict(each.partition(":")[::2] for each in objective.split(" "))
        multiple = objective.startswith("multiclass")
        require(multiple == ("num_class" in words), "the objective has parameters of another one")
        require(not multiple or words["num_class"] == str(classes), "the numbers of classes differ")
        require(multiple or classes == 1 or words.keys() == {"custom"}, "the objective has one class")
    return features, classes


def _whole(value: Any, name: str, low: int, high: int) -> int:
    require(type(value) is str and _NUMBER.fullmatch(value), f"{name} is not a number")
    require(low <= int(value) <= high, f"{name} is {value}, not between {low} and {high}")
    return int(value)


def _trees(body: str) -> list[list[str]]:
    """Return the lines of each tree without its first one."""
    found: list[list[str]] = []
    for line in body.split("\n"):
        if line == f"Tree={len(found)}":
            found.append([])
        elif line:
            found[-1].append(line)
    return found


def _tail(tail: str) -> str:
    """Return the parameters of training, which are kept as texts, and the categories of pandas."""
    before, mark, after = tail.partition("\nparameters:\n")
    kept = ""
    if mark:
        section, end, after = after.partition("\nend of parameters\n")
        lines = [line for line in section.split("\n") if line]
        require(end and all(_PARAMETER.fullmatch(line) for line in lines), "the parameters are not valid")
        kept = "\nparameters:\n" + "\n".join(lines) + "\n\nend of parameters\n"
    last = (after if mark else before).strip("\n").rpartition("\n")[2]
    require(last.startswith(_CATEGORIES), "the categories of pandas are missing")
    return f"{kept}\n{_CATEGORIES}{_categories(last[len(_CATEGORIES) :])}\n"


def _categories(text: str) -> str:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        require(False, "the categories of pandas are not JSON")
        raise
    lists = found if type(found) is list else []
    require(found is None or type(found) is list, "the categories of pandas are not a list")
    require(all(type(each) is list for each in lists), "the categories of pandas are not lists")
    atoms = [each for one in lists for each in one]
    require(all(type(each) in (str, int, bool, float) and each == each for each in atoms), "a category is not a text")
    require(all(type(each) is not float or math.isfinite(each) for each in atoms), "a category is not finite")
    return json.dumps(found)
