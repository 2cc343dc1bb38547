"""An estimator that calls an endpoint: a fitted model in memory without its library, its file or its environment."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, Self

import numpy as np

from mlops_magics.core.deploying.clients import request_files
from mlops_magics.core.deploying.clients.client import Client, concatenate_answers
from mlops_magics.core.deploying.clients.request_rows import request_chunks
from mlops_magics.errors import DataMismatch, EndpointError, InvalidInput

TRIES = 4
"""Of a request that is refused because of overload. The wait doubles between two of them."""
FIRST_WAIT = 0.25
"""Seconds."""
BUSY = frozenset({429, 502, 503, 504})
"""Statuses after which the same request may be answered."""
UNAUTHORIZED = 401
ROWS = 10_000
"""Of one request."""


class EndpointModel:
    """A fitted estimator whose predictions come from an endpoint.

    It has the methods that the model has (``predict``, ``predict_proba``, ``decision_function``, ``transform``, …) and
    its ``classes_``, ``feature_names_in_`` and ``n_features_in_``. scikit-learn takes it for a fitted classifier or
    regressor, and fitting it does nothing.

    Parameters
    ----------
    url
        The endpoint's address.
    token
        Its bearer token.
    model
        The name of one of several models behind the endpoint.
    rows
        Rows of one request. More are sent in several.
    seconds
        The longest wait for an answer.
    """

    def __init__(
        self, url: str, token: str | None = None, model: str | None = None, rows: int = ROWS, seconds: float = 120.0
    ) -> None:
        self.url = url
        self.token = token
        self.model = model
        self.rows = rows
        self.seconds = seconds

    @classmethod
    def through(cls, client: Client, url: str, token: str | None, model: str | None) -> Self:
        """Return a model that calls through a client, which knows by what key the endpoint proves which one it is.

        Parameters
        ----------
        client, url
            An open client, and the address that it calls.
        token
            The bearer token, for a pickle of the model.
        model
            The name of the model, None for the only one.
        """
        found = cls(url, token, model)
        found.__dict__["_opened"] = client
        return found

    # Facts of the model from the endpoint

    @property
    def _client(self) -> Client:
        held: Client | None = self.__dict__.get("_opened")
        if held is None:
            held = self.__dict__["_opened"] = Client(self.url, self.token, seconds=self.seconds)
        return held

    @property
    def _facts(self) -> dict[str, Any]:
        """Return methods, labels, form and columns, requested once."""
        held: dict[str, Any] | None = self.__dict__.get("_asked")
        if held is None:
            health = self._patiently(lambda: self._client.get("/health"))
            path = "/prototype" if self.model is None else f"/{self.model}/prototype"
            try:
                served = dict(health["served"])
                name = self.model or health["name"]
                if name not in served:
                    raise EndpointError(f"{self.url} serves no model {name!r}. Known: {', '.join(served) or 'none'}.")
                schema = dict(self._client.get(path)["properties"])
                facts = {key: served[name][key] for key in ("methods", "labels", "form")}
            except (KeyError, TypeError, ValueError) as error:
                raise EndpointError(f"{self.url} is not an endpoint of mlops_magics: it describes no model.") from error
            held = self.__dict__["_asked"] = {**facts, "schema": schema}
        return held

    @property
    def feature_names_in_(self) -> np.ndarray[Any, Any]:
        """The columns that the model reads, in their order. A model that was trained on an array has none."""
        if self._facts["form"] == "array":
            raise AttributeError("The model was trained on an array, whose columns have no names.")
        return np.array(list(self._facts["schema"]), dtype=object)

    @property
    def n_features_in_(self) -> int:
        """The number of columns that the model reads."""
        return len(self._facts["schema"])

    @property
    def classes_(self) -> np.ndarray[Any, Any]:
        """The labels in the order of the columns of ``predict_proba``. Only a classifier has them."""
        labels = self._facts["labels"]
        if labels is None:
            raise AttributeError("The model is not a classifier, so it has no classes.")
        return np.array(labels)

    def __getattr__(self, name: str) -> Any:
        """Return a method of the model that is called through the endpoint."""
        # not for private names: copy and pickle look for some before there are any facts
        if name.startswith("_") or name in self.__dict__ or name not in self._facts["methods"]:
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}.")

        def ask(rows: Any) -> Any:
            return self._ask(rows, name)

        ask.__name__ = name  # by which scikit-learn knows probabilities from scores
        return ask

    # Calls

    def predict(self, rows: Any) -> Any:
        """Return the model's predictions, ``(n_samples,)`` or ``(n_samples, n_outputs)``.

        Raises
        ------
        DataMismatch
            For rows that do not fit. Columns are checked before anything is sent.
        EndpointError
        """
        return self._ask(rows, "predict")

    def score(self, rows: Any, truth: Any) -> float:
        """Return the accuracy of a classifier, or R² of a regressor."""
        found, truth = np.asarray(self.predict(rows)), np.asarray(truth)
        if self._facts["labels"] is not None:
            return float(np.mean(found == truth))
        rest = np.sum((truth - found) ** 2)
        return float(1 - rest / np.sum((truth - truth.mean(axis=0)) ** 2))

    def _ask(self, rows: Any, method: str) -> Any:
        self._check(rows)
        path = self.model
        answers = [
            self._patiently(lambda part=part: self._client.predict(part, method, model=path))  # type: ignore[misc]
            for part in self._parts(rows)
        ]
        return concatenate_answers(answers)

    def _parts(self, rows: Any) -> Iterator[Any]:
        """Yield at most `rows` rows at a time, and a file of rows as it is."""
        file = request_files.path_in(rows, self._facts["schema"])
        if file is not None:
            yield file
            return
        for chunk in request_chunks(rows, lambda: list(self._facts["schema"])):
            if not hasattr(chunk, "__len__") or len(chunk) <= self.rows:
                yield chunk
                continue
            take = chunk.iloc if hasattr(chunk, "iloc") else chunk
            for start in range(0, len(chunk), self.rows):
                yield (
                    chunk.slice(start, self.rows) if hasattr(chunk, "to_batches") else take[start : start + self.rows]
                )

    def _check(self, rows: Any) -> None:
        """Refuse a frame that lacks a column, before anything is sent.

        Raises
        ------
        DataMismatch
        """
        columns = getattr(rows, "columns", None)
        if columns is None or self._facts["form"] == "array" or len(self._facts["schema"]) == 1:
            return
        sent = {str(column) for column in columns}
        missing = [name for name in self._facts["schema"] if name not in sent]
        if missing:
            problems: list[dict[str, object]] = [
                {"loc": ["body", name], "type": "missing", "msg": f"Missing column {name!r}"} for name in missing
            ]
            named = "; ".join(f"Missing column {name!r}" for name in missing)
            raise DataMismatch(f"The data do not fit the prototype. {named}", problems)

    def _patiently(self, ask: Callable[[], Any]) -> Any:
        """Send again while the endpoint reports that it is busy."""
        wait = FIRST_WAIT
        for _ in range(TRIES - 1):
            try:
                return ask()
            except EndpointError as error:
                if error.status == UNAUTHORIZED and self.token is None:
                    raise EndpointError(
                        f"{self.url} requires a token: `model.set_params(token=…)`. A pickle of a model has none.",
                        UNAUTHORIZED,
                    ) from None
                if error.status not in BUSY:
                    raise
            time.sleep(wait)
            wait *= 2
        return ask()

    # The estimator interface of scikit-learn

    def fit(self, rows: Any, truth: Any = None) -> Self:
        """Return the model as it is: it was fitted elsewhere, and `retrain` makes its next version."""
        return self

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters of the constructor."""
        return {name: getattr(self, name) for name in ("url", "token", "model", "rows", "seconds")}

    def set_params(self, **parameters: Any) -> Self:
        """Change parameters of the constructor.

        Raises
        ------
        InvalidInput
        """
        unknown = set(parameters) - set(self.get_params())
        if unknown:
            raise InvalidInput(f"{type(self).__name__} has no parameter {min(unknown)!r}.")
        for name, value in parameters.items():
            setattr(self, name, value)
        for held in ("_opened", "_asked"):
            self.__dict__.pop(held, None)
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import ClassifierTags, InputTags, RegressorTags, Tags, TargetTags

        of_classes = self._facts["labels"] is not None
        return Tags(
            estimator_type="classifier" if of_classes else "regressor",
            target_tags=TargetTags(required=False),
            classifier_tags=ClassifierTags() if of_classes else None,
            regressor_tags=None if of_classes else RegressorTags(),
            input_tags=InputTags(string=True, categorical=True, allow_nan=True),
        )

    def __getstate__(self) -> dict[str, Any]:
        """Return the parameters without the token: a pickle may be read by others."""
        return {**self.get_params(), "token": None}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.url!r}{'' if self.model is None else f', model={self.model!r}'})"
