"""`%monitor`: a version's data now, against its training data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlops_magics.magics.verb import option, switch, verb, word

if TYPE_CHECKING:
    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import MonitorReport

PRESETS = ("evidently", "nannyml")
DETECTORS = ("adwin", "page_hinkley", "ddm")
KINDS = ("classification", "regression")
SEASONS = ("week", "day")


def period(text: str) -> str | int:
    """Read ``--by``: a number of rows, or a span of time."""
    return int(text) if text.isdecimal() else text


@verb(
    word("ref", "name, name@alias or name@version; a bare name means the version that answers now", "version"),
    option(
        "--data",
        "the rows, X or X y: a frame, a file or a URL (default: the prediction log)",
        "rows",
        metavar="FRAME",
    ),
    option("--log", "a log that replicas shipped, in place of this machine's: s3://bucket/log", metavar="URL"),
    option("--truth", "what came out: a column of the rows, or values or a frame of your own", "column or value"),
    option("--on", "the columns by which a frame of truths is joined", "column", nargs="+", metavar="COLUMN"),
    option("--prediction", "what was predicted: a column of the rows, or values of your own", "column or value"),
    option("--probabilities", "the column with the probability of the positive class", "column", metavar="COLUMN"),
    option(
        "--by",
        "periods: day, week, month, a span such as 6h, a number of rows, or '10 parts'",
        "period",
        type=period,
        metavar="PERIOD",
    ),
    option("--timestamp", "the column that holds the times", "column", metavar="COLUMN"),
    option(
        "--statistics",
        "statistics in place of the calibrated choice, such as ks psi",
        "statistic",
        nargs="+",
        metavar="NAME",
    ),
    option("--preset", "the numbers and verdicts of another tool", choices=PRESETS),
    option(
        "--reference",
        "what to compare with: fixed (the training data), previous or rolling:N in periods, or rows of your own",
        "reference",
        metavar="WHAT",
    ),
    option("--segment", "look at drift and performance of each value of this column too", "column", metavar="COLUMN"),
    option(
        "--by-group",
        "rows with the same values of these columns depend on each other; duplicates: rows that are equal",
        "column",
        nargs="+",
        metavar="COLUMN",
    ),
    option(
        "--block", "rows of one day, week, 6h, or of so many rows, depend on each other", type=period, metavar="PERIOD"
    ),
    option("--seasonal", "compare with the same weekdays, or hours, of the reference", choices=SEASONS),
    option(
        "--metrics",
        "how performance is measured: accuracy, f1, or functions of (truth, prediction)",
        "measure",
        nargs="+",
        metavar="NAME",
    ),
    option("--positive", "the positive class of two, in place of the one that was pinned", metavar="CLASS"),
    option("--kind", "read truth and predictions as this kind, in place of the pinned one", choices=KINDS),
    option(
        "--smaller-is-better",
        "metrics of your own that are better when they are smaller",
        nargs="+",
        metavar="NAME",
    ),
    option("--detect", "detectors that look at the errors in order of time", nargs="+", choices=DETECTORS),
    switch("--pin-metrics", "keep the performance on the board, as the pin NAME.metrics"),
    option("--notify", "receivers of alerts: https://… or mailto:…", nargs="+", default=(), metavar="TARGET"),
    examples=(
        "%monitor penguins",
        "report = %monitor penguins --data year --truth species --by month --segment island",
        "%monitor penguins@champion --data visits --timestamp seen --statistics psi wasserstein",
    ),
    commands=(
        "mlops-magics monitor penguins --fail-on drift,performance --json",
        "mlops-magics monitor penguins --data year.parquet --truth species --by month --pin-metrics",
        "mlops-magics monitor penguins@champion --data visits.csv --timestamp seen --statistics psi wasserstein",
    ),
    kept="Nothing was stored. The prediction log and the reference are as they were.",
)
def monitor(session: Session, ref: str, **options: Any) -> MonitorReport:
    """Compare what a version sees now with what it was trained on, and score it where the truth is known.

    `report.drift`, `report.performance`, `report.segments` and `report.alerts` are its results. `report.charts("roc")`
    (pr, calibration, residuals, drift, performance) draws one view. `report.ranking()` ranks the drifted features by
    the loss of performance.
    """
    return session.monitor(ref, **{name: given for name, given in options.items() if given is not None})
