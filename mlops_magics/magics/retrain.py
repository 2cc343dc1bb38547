"""`%retrain`: the next version of a model, from new data, now or by a policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mlops_magics.errors import InvalidInput
from mlops_magics.magics.verb import option, switch, verb, word

if TYPE_CHECKING:
    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import Policy, Retraining

POLICY = ("every", "at", "zone", "when", "policy", "cooldown", "min_rows", "stop_after", "off")
"""Options of a policy: with --every, --when or --off, the line keeps a policy and runs nothing."""
ROWS = (
    option("--data", "the new rows, X or X y: a frame, a file, a URL or a query (default: the log)", "source"),
    option("--truth", "the truth: a column, or values (default: the column of the pin)", "column or value"),
    option("--database", "the file that a query reads: of DuckDB or SQLite", metavar="FILE"),
)
RULE = (
    option("--promote-if", "better, no-worse (after drift) or never", choices=("better", "no-worse", "never")),
    option("--metric", "the metric that decides (default: accuracy, AUC for a rare class, or the rmse)"),
    option("--min-gain", "the gain that `better` requires", type=float, metavar="GAIN"),
    option("--margin", "the loss that `no-worse` allows, in all and in a segment: 0.02", type=float),
    option("--floor", "scores that are needed, such as 'accuracy>=0.8'", nargs="+", default=(), metavar="LIMIT"),
    option("--level", "the level of the intervals: 0.95", type=float),
    option("--hold-out", "the share (0.2) or number of new rows that no run sees", type=float, metavar="SHARE"),
    option("--time", "hold out the last rows by this column", "column", metavar="COLUMN"),
    option("--group", "hold out whole groups of this column", "column", metavar="COLUMN"),
    option("--seed", "of the choice at random, without --time and --group", type=int),
    option("--limit", "how long the recipe may take: 30m, 2h (the default) or none"),
    switch("--approve", "let a person promote: `%%promote`, or the sidebar"),
    option("--shadow", "rows that the challenger answers unseen before it is promoted", type=int, metavar="ROWS"),
)
CADENCE = (
    option("--every", "keep a policy: hour, day, week, month, a weekday, or a cron line in quotes"),
    option("--at", "at a time such as 04:00"),
    option("--zone", "in a time zone such as Europe/Berlin (default: this machine's)"),
    option("--when", "keep a policy: drift, performance, accuracy<0.9 or rows>=5000", nargs="+", metavar="CONDITION"),
    option("--policy", "the name of the policy, where a model has several", metavar="NAME"),
    option("--cooldown", "the shortest time between two runs by conditions: 1d", metavar="SPAN"),
    option("--min-rows", "new rows with truth that a run needs", type=int, metavar="ROWS"),
    option("--stop-after", "runs in a row without a promotion, after which a person should look: 3", type=int),
    switch("--off", "remove the policy"),
)


@verb(
    word("ref", "the model, or the version that is made again (default: its champion)", "version"),
    *ROWS,
    option("--bind", "other data of the recipe: NAME=value", "binding", nargs="+", default=(), metavar="NAME=X"),
    option("--param", "a changed parameter; may be given several times", action="append", metavar="NAME=VALUE"),
    option("--notebook", "run this notebook, which has a cell tagged `parameters`, in place of the recipe"),
    *RULE,
    *CADENCE,
    switch("--cancel", "end the run that is going on; nothing is promoted"),
    switch("--background", "return at once; the run goes on in a process of its own"),
    examples=(
        "%retrain penguins --data new --truth species",
        "result = %retrain penguins --data visits.parquet --promote-if no-worse --group island",
        "%retrain penguins --every week --at 04:00 --zone Europe/Berlin --when drift --min-rows 500",
    ),
    commands=(
        "mlops-magics retrain penguins --data new.parquet --truth species --json",
        "mlops-magics retrain penguins --data 'SELECT * FROM visits' --database warehouse.duckdb --truth species",
        "mlops-magics retrain penguins --every week --at 04:00 --zone Europe/Berlin --when drift",
    ),
    kept="The recipe was ended, nothing was promoted, and the model may be retrained again.",
)
def retrain(
    session: Session,
    ref: str,
    *,
    param: Sequence[str] | None,
    floor: Sequence[str],
    bind: Sequence[Mapping[str, Any]],
    background: bool,
    cancel: bool,
    **options: Any,
) -> Retraining | Policy:
    """Make the next version of a model from new data. It becomes champion where it is better on rows held out of them.

    The recipe that was found at the pin runs in a process of its own, with the new rows in place of the old ones. Both
    models are compared on the same held-out rows. The alias and its endpoint move when the interval of the gain allows
    it. With --every or --when it keeps a policy instead, which `mlops-magics run-policies` carries out. --cancel ends
    a run that goes on in the background or in another notebook.
    """
    if cancel:
        return session.cancel_retraining(ref)
    shared = {
        **options,
        "parameters": dict(map(_pair, param or ())) or None,
        "floors": session.floors(floor) or None,
    }
    cadence = {name: shared.pop(name) for name in POLICY}
    given = {name: value for name, value in shared.items() if value is not None and value is not False}
    if cadence["every"] or cadence["when"] or cadence["off"]:
        return session.policy(ref, **given, **{name: value for name, value in cadence.items() if value is not None})
    unused = sorted(name for name, value in cadence.items() if value)
    if unused:
        raise InvalidInput(f"--{unused[0].replace('_', '-')} belongs to a policy: add --every or --when.")
    merged = {name: value for each in bind for name, value in each.items()}
    return session.retrain(ref, bind=merged, wait=not background, **given)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier():
        raise InvalidInput(f"--param takes NAME=VALUE, not {text!r}.")
    return name, value
