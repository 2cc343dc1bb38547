"""The native formats of xgboost, lightgbm and catboost: data without code, stable across versions of the library."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

from mlops_magics.core.versioning.formats.handler import Handler, comes_from
from mlops_magics.core.versioning.formats.native import catboost_json, lightgbm_text, xgboost_model


class BoosterModel:
    """A booster of xgboost with the ``predict`` of scikit-learn's models: it takes rows in place of a ``DMatrix``."""

    def __init__(self, booster: Any) -> None:
        self.booster = booster

    def predict(self, rows: Any) -> Any:
        """Return the booster's predictions. Columns are matched by name where both sides have names."""
        import xgboost

        names, types = self.booster.feature_names, self.booster.feature_types
        # a booster without names refuses named columns, and one with names refuses a matrix without them
        if hasattr(rows, "columns") and names is None:
            rows = rows.to_numpy()
        options = {} if hasattr(rows, "columns") else {"feature_names": names, "feature_types": types}
        return self.booster.predict(xgboost.DMatrix(rows, enable_categorical=True, **options))

    def __repr__(self) -> str:
        return f"BoosterModel({self.booster!r})"


class XgboostFormat(Handler):
    """``Booster`` as UBJSON. The scikit-learn wrappers are written by skops, which keeps their parameters too."""

    name: ClassVar[str] = "xgboost"
    suffix: ClassVar[str] = ".ubj"
    magic: ClassVar[tuple[bytes, ...]] = (b"{",)
    runs_code: ClassVar[bool] = False
    checks_bytes: ClassVar[bool] = True
    threads: ClassVar[tuple[str, ...]] = ("xgboost",)

    def accepts(self, model: Any) -> bool:
        """Accept boosters."""
        return comes_from(model, "xgboost") and type(model).__name__ == "Booster"

    def write(self, model: Any, stream: BinaryIO) -> None:
        """Write UBJSON."""
        stream.write(model.save_raw("ubj"))

    def read(self, stream: BinaryIO) -> Any:
        """Check UBJSON, and read the checked bytes."""
        import xgboost

        return xgboost.Booster(model_file=xgboost_model.checked(stream.read()))

    def read_trusted(self, stream: BinaryIO) -> Any:
        """Read UBJSON."""
        import xgboost

        # a bytearray is the model itself, where xgboost takes a text for a path
        return xgboost.Booster(model_file=bytearray(stream.read()))

    def with_predict(self, model: Any) -> Any:
        """Return a model that makes xgboost's own matrix of the rows first."""
        return BoosterModel(model)


class LightgbmFormat(Handler):
    """``Booster`` as lightgbm's text."""

    name: ClassVar[str] = "lightgbm"
    suffix: ClassVar[str] = ".lgb.txt"
    magic: ClassVar[tuple[bytes, ...]] = (b"tree",)
    runs_code: ClassVar[bool] = False
    checks_bytes: ClassVar[bool] = True
    threads: ClassVar[tuple[str, ...]] = ("lightgbm",)

    def accepts(self, model: Any) -> bool:
        """Accept boosters."""
        return comes_from(model, "lightgbm") and type(model).__name__ == "Booster"

    def write(self, model: Any, stream: BinaryIO) -> None:
        """Write the text."""
        stream.write(model.model_to_string().encode())

    def read(self, stream: BinaryIO) -> Any:
        """Check the text, and read the checked text."""
        import lightgbm

        return lightgbm.Booster(model_str=lightgbm_text.checked(stream.read().decode()))

    def read_trusted(self, stream: BinaryIO) -> Any:
        """Read the text."""
        import lightgbm

        return lightgbm.Booster(model_str=stream.read().decode())


class CatboostJsonFormat(Handler):
    """Models of catboost with symmetric trees as JSON, which is checked before catboost reads it."""

    name: ClassVar[str] = "catboost-json"
    suffix: ClassVar[str] = ".catboost.json"
    magic: ClassVar[tuple[bytes, ...]] = (b'{"catboost"',)
    runs_code: ClassVar[bool] = False
    checks_bytes: ClassVar[bool] = True
    threads: ClassVar[tuple[str, ...]] = ("catboost",)

    def accepts(self, model: Any) -> bool:
        """Accept fitted models of catboost's own classes."""
        return catboost_json.supports(model) and model.is_fitted()

    def write(self, model: Any, stream: BinaryIO) -> None:
        """Write JSON."""
        stream.write(catboost_json.to_text(model).encode())

    def read(self, stream: BinaryIO) -> Any:
        """Check JSON, and read the checked text."""
        return catboost_json.from_text(stream.read())


class CatboostFormat(Handler):
    """Classifiers, regressors and rankers of catboost as ``.cbm``."""

    name: ClassVar[str] = "catboost"
    suffix: ClassVar[str] = ".cbm"
    magic: ClassVar[tuple[bytes, ...]] = (b"CBM1",)
    runs_code: ClassVar[bool] = False
    checks_bytes: ClassVar[bool] = False
    threads: ClassVar[tuple[str, ...]] = ("catboost",)

    def accepts(self, model: Any) -> bool:
        """Accept classes of catboost itself."""
        return type(model).__module__.partition(".")[0] == "catboost"

    def write(self, model: Any, stream: BinaryIO) -> None:
        """Write ``.cbm`` through a private file, because catboost writes only to paths."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.cbm"
            model.save_model(os.fspath(path), format="cbm")
            stream.write(path.read_bytes())

    def read(self, stream: BinaryIO) -> Any:
        """Read ``.cbm`` as the class whose loss function it was trained with."""
        import catboost

        data = stream.read()
        loaded = catboost.CatBoost().load_model(blob=data)
        kinds = {
            "classifier": catboost.CatBoostClassifier,
            "regressor": catboost.CatBoostRegressor,
            "ranker": catboost.CatBoostRanker,
        }
        kind = kinds.get(_catboost_task(loaded), catboost.CatBoost)
        return kind().load_model(blob=data)


def _catboost_task(model: Any) -> str:
    loss = str(model.get_all_params().get("loss_function", ""))
    if loss in {"Logloss", "CrossEntropy", "MultiClass", "MultiClassOneVsAll", "MultiLogloss", "MultiCrossEntropy"}:
        return "classifier"
    return "ranker" if loss.startswith(("YetiRank", "Pair", "Query", "Lambda", "Stochastic")) else "regressor"
