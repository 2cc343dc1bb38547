"""The model among the values that a cell made.

A candidate has ``predict``, is fitted, and was bound or fitted by the cell. Then, in this order:

1. the last line, where it is nothing but the name of a candidate, is the user's own answer;
2. a candidate that another one holds (a step of a pipeline, the best estimator of a search) is a part of it, and gives
   way. So does a specification whose ``fit`` returned another object;
3. the one that is left is the model. Several or none are refused, with the choices.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from mlops_magics.errors import Ambiguous, InvalidInput
from mlops_magics.magics.cell.running import Ran

LAST_LINE = "the last line"
ASKING = ("mlops_magics.core.session.", "mlops_magics.core.deploying.", "mlops_magics.core.recipe_guard")
"""Modules of our own objects that ask a model and are not one: sessions, endpoints, clients, remote models."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value that could be the model, and the user's name for it."""

    name: str
    model: Any

    def __str__(self) -> str:
        return f"{self.name} ({type(self.model).__name__})"


def the_model(ran: Ran) -> Candidate:
    """Find the one model that a cell made.

    Raises
    ------
    InvalidInput
        There is none.
    Ambiguous
        There are several. ``choices`` names them.
    """
    found = list(candidates(ran))
    chosen = [each for each in found if each.name == ran.last_name]
    if chosen:
        return chosen[0]
    whole = [each for each in found if not _steps_back(each.model, found, ran)]
    if len(whole) == 1:
        return whole[0]
    if not whole:
        hint = f" ({', '.join(unfitted(ran))})" if unfitted(ran) else ""
        raise InvalidInput(f"This cell made no fitted model{hint}. Bind it to a name, or `--model VARIABLE`.")
    listed, next_step = (
        ", ".join(map(str, whole)),
        f"Choose one, `--model {whole[0].name}`, or end the cell with its name.",
    )
    raise Ambiguous(f"This cell made {len(whole)} models: {listed}. {next_step}", [each.name for each in whole])


def _steps_back(model: Any, found: list[Candidate], ran: Ran) -> bool:
    """Return whether it is part of another, or a specification whose ``fit`` gave another object (statsmodels)."""
    fits = [fit for fit in ran.fits if fit.receiver is model and fit.result is not model]
    return any(predicts(fit.result) for fit in fits) or any(holds(other.model, model) for other in found)


def candidates(ran: Ran) -> Iterator[Candidate]:
    """Yield every fitted model that the cell bound, fitted, or ended with, each once, under its first name."""
    seen: list[Any] = []
    for candidate in _everything(ran):
        model = candidate.model
        # by identity: `==` of a model may be an array, or compare parameters
        if predicts(model) and is_fitted(model) and not any(each is model for each in seen):
            seen.append(model)
            yield candidate


def _everything(ran: Ran) -> Iterator[Candidate]:
    if ran.last_name is not None:
        yield Candidate(ran.last_name, ran.last)
    yield from (Candidate(name, value) for name, value in ran.bound.items())
    yield from (Candidate(fit.receiver_text, fit.receiver) for fit in ran.fits if fit.receiver_text)
    yield Candidate(LAST_LINE, ran.last)


def predicts(value: Any) -> bool:
    """Return whether a value is a model. A class, a module, a session or an endpoint is not a model."""
    if type(value).__module__.startswith(ASKING):
        return False
    if value is None or inspect.isclass(value) or inspect.ismodule(value) or inspect.isroutine(value):
        return False
    return callable(getattr(value, "predict", None))


def is_fitted(model: Any) -> bool:
    """Return scikit-learn's answer where the model follows its conventions, and True for any other."""
    if not hasattr(model, "get_params"):
        return True
    from sklearn.exceptions import NotFittedError
    from sklearn.utils.validation import check_is_fitted

    try:
        check_is_fitted(model)
    except NotFittedError:
        return False
    except TypeError:
        return True
    return True


def unfitted(ran: Ran) -> list[str]:
    """Name the models that the cell bound without fitting them."""
    return [f"{name} is not fitted" for name, value in ran.bound.items() if predicts(value) and not is_fitted(value)]


def holds(whole: Any, part: Any) -> bool:
    """Return whether one object has another as parameter, step or attribute, at any depth that `get_params` reaches."""
    return whole is not part and any(each is part for each in _parts(whole))


def _parts(whole: Any) -> Iterator[Any]:
    values = list(vars(whole).values()) if hasattr(whole, "__dict__") else []
    if hasattr(whole, "get_params"):
        values += list(whole.get_params(deep=True).values())
    for value in values:
        yield from _flat(value)
        inner = getattr(value, "steps", ())
        yield from _flat(inner)


def _flat(value: Any) -> Iterable[Any]:
    """Yield a value and, of small collections, their contents. ``steps`` are pairs of name and estimator."""
    yield value
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for each in value:
            yield each
            if isinstance(each, tuple):
                yield from each
