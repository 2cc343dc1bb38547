"""Objects, functions and dtypes of known libraries, stored by name and attributes. No other can be named."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from mlops_magics.core.versioning.formats.file_checks import path_of, require
from mlops_magics.core.versioning.formats.nodes.known_types import check_names
from mlops_magics.core.versioning.formats.nodes.node import Encode, Node


def _paths(text: str) -> frozenset[str]:
    """Return the paths of a list in which each line is a module and its names."""
    lines = (line.split() for line in text.strip().splitlines())
    return frozenset(f"{module}.{name}" for module, *names in lines for name in names)


CLASSES = _paths(
    """
    sklearn._loss.loss HalfTweedieLoss HalfTweedieLossIdentity
    sklearn.calibration _CalibratedClassifier _SigmoidCalibration _TemperatureScaling
    sklearn.gaussian_process._gpc _BinaryGaussianProcessClassifierLaplace
    sklearn.gaussian_process.kernels CompoundKernel ConstantKernel DotProduct Exponentiation ExpSineSquared Matern
    sklearn.gaussian_process.kernels PairwiseKernel Product RationalQuadratic RBF Sum WhiteKernel
    sklearn.metrics._scorer _CurveScorer _MultimetricScorer _PassthroughScorer _Scorer
    sklearn.model_selection._split KFold ShuffleSplit StratifiedKFold StratifiedShuffleSplit TimeSeriesSplit
    sklearn.multiclass _ConstantPredictor
    sklearn.neural_network._stochastic_optimizers AdamOptimizer SGDOptimizer
    sklearn.utils._metadata_requests MetadataRequest MethodMetadataRequest
    lightgbm.sklearn LGBMClassifier LGBMModel LGBMRanker LGBMRegressor
    xgboost.sklearn XGBClassifier XGBModel XGBRanker XGBRegressor XGBRFClassifier XGBRFRegressor
    """
)
"""Classes whose methods read their attributes through numpy or through checked nodes, and call none of them."""
FUNCTIONS = _paths(
    """
    numpy max mean median min nan_to_num ravel sum
    sklearn.feature_selection chi2 f_classif f_regression mutual_info_classif mutual_info_regression r_regression
    sklearn.metrics accuracy_score average_precision_score balanced_accuracy_score brier_score_loss cohen_kappa_score
    sklearn.metrics d2_absolute_error_score explained_variance_score f1_score jaccard_score log_loss matthews_corrcoef
    sklearn.metrics max_error mean_absolute_error mean_absolute_percentage_error mean_gamma_deviance
    sklearn.metrics mean_poisson_deviance mean_squared_error mean_squared_log_error median_absolute_error ndcg_score
    sklearn.metrics precision_score r2_score recall_score roc_auc_score root_mean_squared_error
    sklearn.metrics root_mean_squared_log_error top_k_accuracy_score
    sklearn.utils check_array
    """
)
"""Functions of numbers alone, by the module from which they are imported."""


class LibraryObjectNode(Node):
    """An object of one of `CLASSES`, by its attributes."""

    kind: ClassVar[str] = "object"

    def accepts(self, value: Any) -> bool:
        """Accept objects whose class itself is on the list."""
        return path_of(type(value)) in CLASSES

    def encode(self, value: Any, encode: Encode) -> dict[str, Any]:
        """Return the class and the attributes."""
        return {"class": path_of(type(value)), "attributes": {name: encode(each) for name, each in vars(value).items()}}

    def decode(self, content: Mapping[str, Any]) -> Any:
        """Return the object."""
        from mlops_magics.core.versioning.formats.nodes import estimator_checks

        path, attributes = content["class"], content["attributes"]
        require(path in CLASSES, f"{path!r:.80} is not on the list of classes")
        require(type(attributes) is dict, f"the attributes of a {path} are missing")
        kind = _imported(path)
        check_names(kind, attributes)
        found = kind.__new__(kind)
        found.__dict__.update(attributes)
        estimator_checks.check(found)
        return found


class FunctionNode(Node):
    """One of `FUNCTIONS`, by its name, also with keyword arguments set beforehand."""

    kind: ClassVar[str] = "function"

    def accepts(self, value: Any) -> bool:
        """Accept functions on the list, and a partial of one with keyword arguments only."""
        inner = value.func if type(value) is functools.partial and not value.args else value
        return callable(inner) and not isinstance(inner, type) and id(inner) in _names_of_functions()

    def encode(self, value: Any, encode: Encode) -> dict[str, Any]:
        """Return the name and the keyword arguments."""
        if type(value) is functools.partial:
            return {"name": _names_of_functions()[id(value.func)], "keywords": encode(value.keywords)}
        return {"name": _names_of_functions()[id(value)], "keywords": None}

    def decode(self, content: Mapping[str, Any]) -> Any:
        """Return the function."""
        name, keywords = content["name"], content["keywords"]
        require(name in FUNCTIONS, f"{name!r:.80} is not on the list of functions")
        function = _imported(name)
        if keywords is None:
            return function
        require(type(keywords) is dict and all(type(each) is str for each in keywords), "the arguments are missing")
        return functools.partial(function, **keywords)


class DtypeNode(Node):
    """A dtype of numpy's."""

    kind: ClassVar[str] = "dtype"

    def accepts(self, value: Any) -> bool:
        """Accept dtypes of numbers, texts, times and objects."""
        return isinstance(value, np.dtype) and value.names is None and value.subdtype is None and value.kind != "V"

    def encode(self, value: Any, encode: Encode) -> dict[str, Any]:
        """Return numpy's own abbreviation."""
        return {"text": value.str}

    def decode(self, content: Mapping[str, Any]) -> Any:
        """Return the dtype."""
        text = content["text"]
        require(
            type(text) is str and len(text) <= 16 and text[:1] in "<>|=" and text[1:2] in "biufcmMOSUT", "not a dtype"
        )
        return np.dtype(text)


class SplineNode(Node):
    """``scipy.interpolate.BSpline``, whose constructor checks knots and coefficients."""

    kind: ClassVar[str] = "spline"

    def accepts(self, value: Any) -> bool:
        """Accept splines."""
        return type(value).__module__ == "scipy.interpolate._bsplines" and type(value).__name__ == "BSpline"

    def encode(self, value: Any, encode: Encode) -> dict[str, Any]:
        """Return knots, coefficients, degree and the extrapolation outside the knots."""
        outside = value.extrapolate if isinstance(value.extrapolate, str) else bool(value.extrapolate)
        arrays = {"knots": np.asarray(value.t), "coefficients": np.asarray(value.c)}
        return {**arrays, "degree": int(value.k), "axis": int(value.axis), "extrapolate": outside}

    def decode(self, content: Mapping[str, Any]) -> Any:
        """Return the spline."""
        from scipy.interpolate import BSpline

        knots, coefficients = content["knots"], content["coefficients"]
        require(all(type(each) is np.ndarray and each.dtype.kind == "f" for each in (knots, coefficients)), "no spline")
        require(type(content["degree"]) is int and 0 <= content["degree"] <= 25, "the degree of a spline is not valid")
        require(content["extrapolate"] in (True, False, "periodic"), "a spline is not valid outside its knots")
        return BSpline(knots, coefficients, content["degree"], content["extrapolate"], content["axis"])


def _imported(path: str) -> Any:
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)


@functools.cache
def _names_of_functions() -> dict[int, str]:
    """Return id → name of the functions on the list that the installed versions have."""
    found = {}
    for name in FUNCTIONS:
        module, _, own = name.rpartition(".")
        function = getattr(importlib.import_module(module), own, None)
        if function is not None:
            found[id(function)] = name
    return found
