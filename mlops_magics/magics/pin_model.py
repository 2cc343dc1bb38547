"""`%%pin_model` and `%pin_model`: a fitted model becomes an immutable version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mlops_magics.errors import InvalidInput
from mlops_magics.magics.cell import candidates
from mlops_magics.magics.verb import option, switch, verb, word

if TYPE_CHECKING:
    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import ModelVersion


@verb(
    word("name", "what to call it; the next version of a model that is there already", "model"),
    word("model", "the fitted model; over a cell: the one that the cell made", "value", nargs="?"),
    option("--model", "the same, for a cell that made several", "value", dest="chosen", metavar="VARIABLE"),
    option("--data", "the training data, X or X y; over a cell: those of its .fit(X, y)", "value", metavar="X"),
    option(
        "--truth",
        "the target: values, or a column of --data; over a cell: y of its .fit(X, y)",
        "column or value",
        metavar="Y",
    ),
    option("--test", "held-out data: metrics are computed on it", "value", nargs=2, metavar=("X_TEST", "Y_TEST")),
    option(
        "--segments",
        "columns by whose values drift can be looked at later",
        "column",
        nargs="+",
        default=(),
        metavar="COLUMN",
    ),
    option(
        "--timestamp",
        "the times of the training rows, or their column: drift can be compared by weekday and hour later",
        "column or value",
        metavar="TIMES",
    ),
    option(
        "--metrics", "more metrics: name=number, or a mapping", "metric", nargs="+", default=(), metavar="NAME=NUMBER"
    ),
    option("--description", "one sentence for those who choose among models"),
    option("--tag", "a word to find it by; may be given several times", action="append", default=[]),
    option("--metadata", "a mapping of your own to keep with it", "value", metavar="MAPPING"),
    option("--format", "auto, skops, joblib (what vetiver reads), or a native format of the model's library", "format"),
    option("--alias", "let this alias name the new version", "alias"),
    option("--positive", "the positive class of two, where its word does not show it: fraud", metavar="CLASS"),
    switch("--no-source", "do not keep the cell's code"),
    examples=(
        "%%pin_model penguins --test X_test y_test\nmodel = RandomForestClassifier().fit(X, y)",
        "%pin_model penguins model --data X --truth y --metrics accuracy=0.97",
        "%%pin_model penguins --model best --tag eu --alias challenger\nbest = search.fit(X, y).best_estimator_",
    ),
    commands=(
        "mlops-magics pin_model penguins model.joblib --data train.csv --truth species",
        "mlops-magics pin_model penguins model.joblib --data train.csv --truth species --metrics accuracy=0.97",
        "mlops-magics pin_model penguins model.joblib --data train.parquet --tag eu --alias challenger",
    ),
    over_cell=True,
    wants_notebook=True,
    before_deploy=True,
    kept="No version was stored. The model and your other variables are as they were.",
)
def pin_model(
    session: Session,
    name: str,
    *,
    model: Any,
    chosen: Any = None,
    data: Any = None,
    truth: Any = None,
    test: Sequence[Any] | None = None,
    metrics: Sequence[Mapping[str, Any]] = (),
    metadata: Mapping[str, Any] | None = None,
    tag: Sequence[str] = (),
    alias: str | None = None,
    no_source: bool = False,
    source: str | None = None,
    recipe: Any = None,
    **facts: Any,
) -> ModelVersion:
    """Store a fitted model as the next immutable version.

    Over a cell it runs the cell first and finds out the rest: the model is the fitted one that the cell bound (or its
    last expression), the data are what `.fit(X, y)` got. Where several fit, it asks. An option always wins.
    """
    model = model if model is not None else chosen
    if model is None:
        raise InvalidInput(
            f"Which model? `%pin_model {name} VARIABLE`, or `%%pin_model {name}` over the cell that trains."
        )
    if hasattr(model, "__array__") and not hasattr(model, "predict"):
        raise InvalidInput(
            f"A {type(model).__name__} is data, and not a model: `%pin_model {name} MODEL --data X y` names the model "
            "first."
        )
    if type(model).__module__.startswith("sklearn.") and not candidates.is_fitted(model):
        raise InvalidInput(
            f"{type(model).__name__} is not fitted yet, so it cannot predict: `.fit(X, y)` comes first. "
            f"Unfitted it is kept by `session.pin(model, {name!r})`."
        )
    return session.pin(
        model,
        name,
        data=data,
        truth=truth,
        test=tuple(test) if test is not None else None,
        metrics=merged(metrics),
        metadata=metadata,
        tags=tag,
        source=None if no_source else source,
        recipe=None if no_source else recipe,
        alias=alias,
        **facts,
    )


def merged(metrics: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Put the metrics of several words together, where a later one wins."""
    return {str(name): number for each in metrics for name, number in each.items()}
