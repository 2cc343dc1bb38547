"""`%predict`: predictions of a version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlops_magics.core.session.records import METHODS
from mlops_magics.errors import InvalidInput
from mlops_magics.magics.verb import option, verb, word

if TYPE_CHECKING:
    from mlops_magics.core.session import Session


@verb(
    word("ref", "name, name@alias or name@version", "version"),
    word("frame", "the rows, (n_samples, n_features): a variable, an expression or a file", "request", nargs="?"),
    option("--data", "files to score: paths, folders, patterns or URLs", nargs="+", metavar="PATH"),
    option("--to", "the folder of the outputs, by its path or URL", metavar="DIR"),
    option("--workers", "processes at once: one for each processor by default, 0 for this one alone", type=int),
    option("--method", "the method of the model", choices=METHODS, default="predict"),
    option("--column", "the name of the answers' column in the outputs", default="prediction", metavar="NAME"),
    option("--keep", "columns of the input to keep: unread, all, none, or names with commas", default="unread"),
    examples=(
        "%predict penguins X_test",
        "answers = %predict penguins@champion X_test.head()",
        "%predict penguins --data s3://bucket/rows/*.parquet --to s3://bucket/answers",
    ),
    commands=(
        "mlops-magics predict penguins rows.csv",
        "mlops-magics predict penguins rows.json --board s3://bucket/models",
        "mlops-magics predict penguins@champion --data rows/*.parquet --to answers --keep id",
    ),
    kept="With --to, the outputs that were complete are kept, and the same line goes on with the others.",
)
def predict(
    session: Session, ref: str, frame: Any, data: list[str] | None, to: str | None, method: str, **options: Any
) -> Any:
    """Predict with the endpoint that serves this version, or with the model from the board when none does.

    With `--data` and `--to` files are scored into files, by processes of this machine: each input gets one output, a
    rerun skips the outputs that are there, and a file that does not fit is named while the others go on.
    """
    if data is not None and to is not None and frame is None:
        return session.predict_batch(ref, data, to, method=method, **options)
    if data is not None and to is None and frame is None:
        raise InvalidInput(
            f"`--data` scores files into files, and `--to DIR` is missing. To see the predictions of a frame or file: "
            f"`%predict {ref} {data[0]}`."
        )
    if data is not None or to is not None:
        raise InvalidInput("To score files into files: `%predict NAME --data PATH … --to DIR`, without a frame.")
    if frame is None:
        raise InvalidInput("Rows are missing: `%predict NAME FRAME`, or `%predict NAME --data PATH … --to DIR`.")
    return session.predict(ref, frame, method)
