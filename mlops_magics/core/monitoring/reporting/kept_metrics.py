"""Metrics kept beside the model: one Arrow table, one row per period, metric, segment and kind; later runs replace
what they know better."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from mlops_magics.core.monitoring.reporting.record import Report

KEY = ["period", "metric", "segment", "kind"]
COLUMNS = ["period", "metric", "segment", "kind", "score", "n", "lower", "upper", "version"]
NUMBERS = {"score": "float64", "lower": "float64", "upper": "float64", "n": "int64"}


def upserted(
    kept: pd.DataFrame | None, performance: pd.DataFrame, *, segment: str = "", version: str = ""
) -> pd.DataFrame:
    """Return the kept metrics with new ones put in their place or added, in order of period.

    Parameters
    ----------
    kept
        What `from_bytes` gave, or ``None`` the first time.
    performance
        The performance of a report.
    """
    import pandas as pd

    new = performance.assign(segment=segment, version=version)[COLUMNS]
    new = new[new["score"].notna()]
    both = new if kept is None or kept.empty else pd.concat([kept[COLUMNS], new], ignore_index=True)
    return both.drop_duplicates(KEY, keep="last").sort_values(KEY, kind="stable", ignore_index=True)


def of_report(kept: pd.DataFrame | None, report: Report) -> pd.DataFrame:
    """Return the kept metrics with those of a report, the whole first and then each segment."""
    version = report.version or ""
    whole = upserted(kept, report.performance, version=version)
    if report.segments is None:
        return whole
    for label, part in report.segments.groupby("segment", sort=False):
        whole = upserted(whole, part.drop(columns="segment"), segment=str(label), version=version)
    return whole


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
    """Read what `to_bytes` wrote."""
    import io

    import pyarrow.feather

    frame: pd.DataFrame = pyarrow.feather.read_feather(io.BytesIO(data))
    return frame
