"""Boosters inside the scikit-learn wrappers of their libraries, in native form, checked before the library reads it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from mlops_magics.core.versioning.formats.file_checks import array, integer, path_of, require
from mlops_magics.core.versioning.formats.nodes.node import Encode, Node

MOST_ROUNDS = 2**31 - 1


class XgboostNode(Node):
    """``xgboost.Booster`` as UBJSON."""

    kind: ClassVar[str] = "xgboost"

    def accepts(self, value: Any) -> bool:
        """Accept boosters."""
        return path_of(type(value)) == "xgboost.core.Booster"

    def encode(self, value: Any, encode: Encode) -> dict[str, Any]:
        """Return the bytes as an array."""
        return {"bytes": np.frombuffer(value.save_raw("ubj"), dtype=np.uint8)}

    def decode(self, content: Mapping[str, Any]) -> Any:
        """Return the booster."""
        import xgboost

        from mlops_magics.core.versioning.formats.native import xgboost_model

        return xgboost.Booster(model_file=xgboost_model.checked(_bytes(content)))


class LightgbmNode(Node):
    """``lightgbm.Booster`` as text."""

    kind: ClassVar[str] = "lightgbm"

    def accepts(self, value: Any) -> bool:
        """Accept boosters."""
        return path_of(type(value)) == "lightgbm.basic.Booster"

    def encode(self, value: Any, encode: Encode) -> dict[str, Any]:
        """Return the text of all rounds, and which of them was the best one."""
        # without a number lightgbm writes the rounds up to the best one only
        text = value.model_to_string(num_iteration=-1).encode()
        return {"bytes": np.frombuffer(text, dtype=np.uint8), "best_iteration": int(value.best_iteration)}

    def decode(self, content: Mapping[str, Any]) -> Any:
        """Return the booster."""
        import lightgbm

        from mlops_magics.core.versioning.formats.native import lightgbm_text

        try:
            text = _bytes(content).decode("utf-8")
        except UnicodeDecodeError:
            require(False, "a booster is not UTF-8")
            raise
        booster = lightgbm.Booster(model_str=lightgbm_text.checked(text))
        booster.best_iteration = integer(content["best_iteration"], "the best round", -1, MOST_ROUNDS)
        return booster


class CatboostNode(Node):
    """A model of catboost as JSON, or by its parameters where it is not fitted."""

    kind: ClassVar[str] = "catboost"

    def accepts(self, value: Any) -> bool:
        """Accept models of catboost's own classes."""
        from mlops_magics.core.versioning.formats.native import catboost_json

        return catboost_json.supports(value)

    def encode(self, value: Any, encode: Encode) -> dict[str, Any]:
        """Return the text."""
        from mlops_magics.core.versioning.formats.native import catboost_json

        if value.is_fitted():
            return {"text": catboost_json.to_text(value)}
        return {"text": None, "class": type(value).__name__, "parameters": json.dumps(value._init_params)}

    def decode(self, content: Mapping[str, Any]) -> Any:
        """Return the model."""
        from mlops_magics.core.versioning.formats.native import catboost_json

        if content["text"] is None:
            return catboost_json.unfitted(content["class"], content["parameters"])
        require(type(content["text"]) is str, "a model of catboost is not a text")
        return catboost_json.from_text(content["text"])


def _bytes(content: Mapping[str, Any]) -> bytes:
    return bytes(array(content["bytes"], "a booster", np.uint8, 1).tobytes())
