"""Metrics kept with the model: one Arrow table, one row per period, metric, segment, version and batch. A later run
replaces a row that it knows as well or better."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_magics.core import phrases
from mlops_magics.errors import IntegrityError

if TYPE_CHECKING:
    import pandas as pd

    from mlops_magics.core.monitoring.reporting.record import Report

KEY = ["start", "end", "period", "metric", "segment", "kind", "version", "batch"]
"""A week that begins on a Monday is not that Monday: both ends count. Rows without times are a batch of their own."""
COLUMNS = ["period", "metric", "segment", "kind", "score", "n", "lower", "upper", "version", "start", "end", "batch"]
NUMBERS = {"score": "float64", "lower": "float64", "upper": "float64", "n": "int64"}
OF_PERIOD = ["start", "end", "batch"]


def upsert(kept: pd.DataFrame | None, new: pd.DataFrame) -> pd.DataFrame:
    """Return the kept metrics with new ones put in their place or added, in order of period.

    A row is replaced by one of at least as many rows: a run over half of a week leaves the whole one.

    Parameters
    ----------
    kept
        The table of `from_bytes`, or ``None`` the first time.
    new
        Rows with the same columns.
    """
    import pandas as pd

    known = new[new["score"].notna()][COLUMNS]
    both = known if kept is None or kept.empty else pd.concat([_complete(kept), known], ignore_index=True)
    # stable: of equally many rows those of the new run count, which come last
    last = both.sort_values("n", kind="stable").drop_duplicates(KEY, keep="last")
    return last.sort_values(KEY, kind="stable", ignore_index=True)


def _complete(kept: pd.DataFrame) -> pd.DataFrame:
    """Return kept metrics with all columns: version 0.1 kept no ends and no batch."""
    missing = {name: "" for name in OF_PERIOD if name not in kept}
    return kept.assign(**missing)[COLUMNS]


def of_report(kept: pd.DataFrame | None, report: Report) -> pd.DataFrame:
    """Return the kept metrics with those of a report, the whole first and then each segment."""
    whole = upsert(kept, _rows(report, report.performance.assign(segment="")))
    return whole if report.segments is None or report.segments.empty else upsert(whole, _rows(report, report.segments))


def _rows(report: Report, performance: pd.DataFrame) -> pd.DataFrame:
    held = {period.label: period for period in report.periods}
    ends = {
        name: [str(getattr(held[label], name) or "") if label in held else "" for label in performance["period"]]
        for name in OF_PERIOD
    }
    return performance.assign(version=report.version or "", **ends)[COLUMNS]


def empty() -> pd.DataFrame:
    """Return the table without rows."""
    import pandas as pd

    return pd.DataFrame({name: pd.Series(dtype=NUMBERS.get(name, "str")) for name in COLUMNS})


def to_bytes(frame: pd.DataFrame) -> bytes:
    """Write an Arrow file (Feather 2), which pins reads as type ``arrow`` from Python and R.

    Texts, whole numbers and floats of the plainest types, uncompressed, with no notes for pandas: every reader of
    Arrow has them, also one built without codecs.
    """
    import io

    import pyarrow as pa
    import pyarrow.feather

    types = {"float64": pa.float64(), "int64": pa.int64()}
    schema = pa.schema([(name, types.get(NUMBERS.get(name, ""), pa.string())) for name in COLUMNS])
    table = pa.Table.from_pandas(frame[COLUMNS], schema, preserve_index=False).replace_schema_metadata(None)
    sink = io.BytesIO()
    pyarrow.feather.write_feather(table, sink, compression="uncompressed")
    return sink.getvalue()


def from_bytes(data: bytes) -> pd.DataFrame:
    """Read the table of `to_bytes`.

    Raises
    ------
    IntegrityError
        For other bytes, or a table whose columns are missing or of other types.
    """
    import io

    import pyarrow as pa
    import pyarrow.feather

    try:
        kept = _complete(pyarrow.feather.read_table(io.BytesIO(data)).replace_schema_metadata(None).to_pandas())
        return kept.astype({name: NUMBERS.get(name, "str") for name in COLUMNS})
    except (pa.ArrowException, OSError, ValueError, TypeError, KeyError) as error:
        raise IntegrityError(
            f"The kept metrics are damaged ({phrases.one_line(error)}). Delete them with pins, and monitor again with "
            "--pin-metrics."
        ) from error
