"""What the cell told, put where no option said otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mlops_magics.magics.cell.candidates import holds, the_model
from mlops_magics.magics.cell.fits import Fit
from mlops_magics.magics.cell.running import Ran

if TYPE_CHECKING:
    from mlops_magics.core.session import Session

INFERRED = "inferred"  # the key among a version's metadata under which the inferences are shown


def check_before(session: Session, given: Mapping[str, Any]) -> None:
    """Refuse before the training what would be refused after it: a bad name or alias, a board that cannot be written.

    Raises
    ------
    InvalidName, BoardError, InvalidInput
    """
    from mlops_magics.core.versioning import AliasName, ModelRef
    from mlops_magics.errors import BoardError, InvalidInput

    ref = ModelRef.parse(given["name"])
    if ref.selector is not None:
        raise InvalidInput(f"A new version gets its own name: `%%pin_model {ref.name} --alias {ref.selector}`.")
    if given["alias"] is not None:
        AliasName(given["alias"])
    board = session.boards.get(ref.board) if ref.board else session.board
    if board is not None and not board.writable:
        raise BoardError(
            f"The board {board.label} cannot be written. To fix it: `%board PATH_OR_URL` chooses another one."
        )


def completed(given: dict[str, Any], ran: Ran, said: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of `pin_model` with what the cell told; ``said`` holds the words as the user wrote them."""
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
    """Fill in data and truth; a truth that has another length than the data of an option is not theirs."""
    told = {}
    if said["data"] is None and fit.data is not None:
        given["data"], told["data"] = fit.data, str(fit.data_text)
    if said["truth"] is None and fit.truth is not None and _length(fit.truth) == _length(given["data"]):
        given["truth"], told["truth"] = fit.truth, str(fit.truth_text)
    return told


def _length(values: Any) -> int | None:
    shape = getattr(values, "shape", None)
    return int(shape[0]) if shape else len(values) if hasattr(values, "__len__") else None
