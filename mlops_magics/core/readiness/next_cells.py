"""The cells of next steps: the line that makes a condition true for one model, given what that model has."""

from __future__ import annotations

from collections.abc import Callable

from mlops_magics.core import metric_directions
from mlops_magics.core.readiness.team_evidence import ModelEvidence

Cell = Callable[[ModelEvidence], str]
"""Returns the cell for a model. Words in capitals are for the reader to replace."""


def train(name: str) -> str:
    """Return the cell that trains and pins a model with code, data and metrics, so that it can be made again."""
    return f"%%pin_model {name} --test X_test y_test\nmodel = MODEL.fit(X, y)"


def pin(model: ModelEvidence) -> str:
    """Pin the model over the cell that trains it."""
    return train(model.ref)


def line(text: str) -> Cell:
    """Return the cell of a line with ``NAME`` in place of the model."""
    return lambda model: text.replace("NAME", model.ref)


def champion(model: ModelEvidence) -> str:
    """Make the newest version the champion. Where it is that already, make a newer one."""
    if model.champion_is_newest:
        return retrain(model)
    return f"%promote {model.ref}@v{model.number} champion"


def retrain(model: ModelEvidence) -> str:
    """Make the next version, by the recipe where there is one."""
    return f"%retrain {model.ref} --data NEW" if model.recipe else pin(model)


def policy(options: str) -> Cell:
    """Return the cell of a policy with these options. It requires a recipe."""
    return lambda model: f"%retrain {model.ref} {options}" if model.recipe else pin(model)


def in_use(cell: Cell) -> Cell:
    """Return a cell for models in use: a model that is not in use needs a champion first."""
    return lambda model: cell(model) if model.champion or model.endpoint else champion(model)


def lineage_and_champion(model: ModelEvidence) -> str:
    """Pin the code of a model, then make it the champion."""
    return champion(model) if len(model.lineage) == 3 else pin(model)


def describe(model: ModelEvidence) -> str:
    """Write the card, whose view requests the texts that are missing, or sign what runs code."""
    return f"%model_card {model.ref}" if not (model.described or model.card) else sign(model)


def sign(model: ModelEvidence) -> str:
    """Sign a version with a key of one's own."""
    return f"%sign {model.ref} --key PRIVATE.pem"


def deploy_champion(model: ModelEvidence) -> str:
    """Serve the champion."""
    return f"%deploy {model.ref}@champion" if model.champion else champion(model)


def monitor(model: ModelEvidence) -> str:
    """Compare the logged requests with the training data, or new rows where no request is logged."""
    return f"%monitor {model.ref}" if model.requests else f"%monitor {model.ref} --data NEW"


def limits(model: ModelEvidence) -> str:
    """Set a limit for the first metric whose direction is known, else for the drift of a column."""
    known = ((name, metric_directions.direction(name)) for name in model.metrics)
    found = next((f"{name}{'>=' if way > 0 else '<='}LIMIT" for name, way in known if way), "COLUMN<=LIMIT")
    return f"%thresholds {model.ref} '{found}'"


def measured(model: ModelEvidence) -> str:
    """Measure with truth. A model that is measured needs a policy that acts on a loss."""
    if not model.measured:
        return f"%monitor {model.ref} --data NEW --truth y --pin-metrics"
    return policy("--when performance")(model)


def run_policies(model: ModelEvidence) -> str:
    """Carry out the policies that are due, in the kernel's own environment and on the model's board."""
    return f"import mlops_magics as mm\nmm.Session(board={model.board!r}).run_policies()"
