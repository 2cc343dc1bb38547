"""What vetiver and pins do in their own environment: a process that is asked line by line, in JSON."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import numpy as np
import pandas as pd
import pins
import vetiver
from sklearn.linear_model import LinearRegression

ROWS = pd.DataFrame({"width": [1.0, 2.0, 3.0], "length": [0.5, 1.5, 4.0]})


def read_board(place: str, name: str) -> dict[str, Any]:
    """Read everything that pins can tell of a board, and one model."""
    board = pins.board_folder(place, allow_pickle_read=True)
    found = board.pin_search("", as_df=False)
    meta = board.pin_meta(name)
    return {
        "list": sorted(board.pin_list()),
        "search": sorted(each.name for each in found),
        "versions": [str(each) for each in board.pin_versions(name)["version"]],
        "log": len(board.pin_versions("mlops-magics-log")),
        "type": meta.type,
        "title": meta.title,
        "predict": board.pin_read(name).predict(ROWS).tolist(),
    }


def from_pin(place: str, name: str) -> dict[str, Any]:
    """Load a model as vetiver does, and ask it."""
    board = pins.board_folder(place, allow_pickle_read=True)
    model = vetiver.VetiverModel.from_pin(board, name)
    return {
        "predict": model.model.predict(ROWS).tolist(),
        "prototype": model.prototype.model_json_schema()["properties"],
        "metadata": {
            "version": model.metadata.version,
            "user": model.metadata.user,
            "packages": model.metadata.required_pkgs,
        },
        "description": model.description,
    }


def write_vetiver(place: str) -> list[float]:
    """Pin a model as vetiver does, with metadata of the kind that break pins' own reader."""
    board = pins.board_folder(place, allow_pickle_read=True)
    fitted = LinearRegression().fit(ROWS, ROWS.sum(axis=1))
    model = vetiver.VetiverModel(fitted, "theirs", prototype_data=ROWS, metadata={"owner": "me"})
    vetiver.vetiver_pin_write(board, model)
    board.pin_write(fitted, "tuples", type="joblib", metadata={"rmse": np.float64(0.1), "best": (1, 2)})
    board.pin_write(ROWS, "table", type="csv")
    return [float(each) for each in fitted.predict(ROWS)]


def write_pin(place: str, name: str) -> str:
    """Add a version to a model that we write too."""
    board = pins.board_folder(place, allow_pickle_read=True)
    return str(board.pin_write(LinearRegression().fit(ROWS, [1.0, 2.0, 3.0]), name, type="joblib").version.version)


def main() -> None:
    """Answer each line of input, a function and its arguments; what pins prints goes to the errors."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        function, arguments = json.loads(line)
        print(json.dumps(globals()[function](*arguments), default=str), file=answers, flush=True)


if __name__ == "__main__":
    main()
