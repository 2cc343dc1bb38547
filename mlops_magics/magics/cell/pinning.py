"""The facts found in a cell as arguments, where no option was given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlops_magics.magics.cell.candidates import holds, the_model
from mlops_magics.magics.cell.fits import Fit
from mlops_magics.magics.cell.running import Ran

INFERRED = "inferred"  # the key among a version's metadata under which the inferences are shown


def completed(given: dict[str, Any], ran: Ran, said: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of `pin_model` with the facts of the cell. ``said`` holds the user's words."""
    told: dict[str, str] = {}
    if given["model"] is None and given["chosen"] is None:
        found = the_model(ran)
        given["model"] = found.model
        told["model"] = found.name
    fit = the_fit(given["model"] if given["model"] is not None else given["chosen"], ran.fits)
    if fit is not None:
        told.update(_from_fit(given, fit, said))
    metadata = dict(given["metadata"] or {}) if isinstance(given["metadata"], Mapping | None) else given["metadata"]
    if told and isinstance(metadata, dict):
        metadata.setdefault(INFERRED, told)
    return {**given, "metadata": metadata, "source": ran.source, "training_seconds": ran.seconds}


def the_fit(model: Any, fits: list[Fit]) -> Fit | None:
    """Return the last fit of this very model, else of one that holds it (a search and its best estimator)."""
    own = [fit for fit in fits if any(each is model for each in fit.fitted)]
    around = [fit for fit in fits if any(holds(each, model) for each in fit.fitted)]
    return next(reversed(own or around), None)


def _from_fit(given: dict[str, Any], fit: Fit, said: Mapping[str, Any]) -> dict[str, str]:
    """Fill in data and truth. A truth that has another length than the data of an option is not theirs."""
    told = {}
    if said["data"] is None and fit.data is not None:
        given["data"], told["data"] = fit.data, str(fit.data_text)
    if said["truth"] is None and fit.truth is not None and _length(fit.truth) == _length(given["data"]):
        given["truth"], told["truth"] = fit.truth, str(fit.truth_text)
    return told


def _length(values: Any) -> int | None:
    shape = getattr(values, "shape", None)
    return int(shape[0]) if shape else len(values) if hasattr(values, "__len__") else None
