"""Asking a model in this process exactly as its endpoint would: the same check, the same order, the same errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlops_magics.core.deploying.clients.client import encode_rows, request_chunks
from mlops_magics.core.deploying.contract.model_options import ServingOptions
from mlops_magics.core.deploying.serving.loaded_model import LoadedModel

if TYPE_CHECKING:
    from mlops_magics.core.versioning import ModelVersion


def predict(version: ModelVersion, model: Any, data: Any) -> Any:
    """Return the model's predictions, one (or one row) for each row of ``data``, in order.

    A version without a prototype has nothing to check against: its model gets the data as they are.

    Raises
    ------
    DataMismatch
        For data that do not fit the prototype; it names column, expected and got.
    """
    import numpy as np

    if version.prototype is None:
        return model.predict(data)
    loaded = LoadedModel(version, model, ServingOptions(exact=True))
    answers = [loaded.predict("predict", loaded.table(*encode_rows(part))) for part in request_chunks(data)]
    return answers[0] if len(answers) == 1 else np.concatenate(answers)
