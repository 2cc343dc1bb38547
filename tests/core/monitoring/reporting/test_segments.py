"""Segments: each part of the data against the same part of the reference, wherever that comes from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mlops_magics.core.monitoring import MonitorReport, ReferenceProfile, monitor, profile
from mlops_magics.core.monitoring.reporting import segments
from mlops_magics.errors import InvalidInput

ROWS = 2_000


def rows(seed: int) -> pd.DataFrame:
    """Return rows whose wind depends on the region: against the whole reference every region would have drifted."""
    numbers = np.random.default_rng(seed)
    region = numbers.choice(["north", "south", "west"], ROWS, p=[0.5, 0.3, 0.2])
    wind = numbers.normal(size=ROWS) + 3 * (region == "south")
    return pd.DataFrame({"wind": wind, "sky": numbers.choice(list("abc"), ROWS), "region": region})


@pytest.fixture(scope="module")
def stored() -> ReferenceProfile:
    """Return the profile as it comes back from the board, with its segments."""
    found = profile(rows(0))
    return ReferenceProfile.from_bytes(replace(found, facts=segments.facts(rows(0), ["region"])).to_bytes())


@pytest.fixture(scope="module")
def shifted() -> pd.DataFrame:
    """Return new rows in which only the south changed."""
    found = rows(1)
    found.loc[found["region"] == "south", "wind"] += 1
    return found


def drifted(report: MonitorReport) -> set[tuple[str, str]]:
    """Return which feature drifted in which segment."""
    assert report.segment_drift is not None
    found = report.segment_drift[report.segment_drift["drifted"]]
    return set(zip(found["segment"], found["feature"]))


@pytest.mark.parametrize("reference", [None, "rows"])
def test_only_the_segment_that_changed_drifts(
    stored: ReferenceProfile, shifted: pd.DataFrame, reference: str | None
) -> None:
    """From the stored segments and from rows of one's own; no segment is compared with the whole."""
    given = rows(0) if reference else None

    assert drifted(monitor(stored, rows(2), segment="region", reference=given)) == set()
    assert drifted(monitor(stored, shifted, segment="region", reference=given)) == {("south", "wind")}
    assert "By region: wind in south" in monitor(stored, shifted, segment="region", reference=given).verdict


def test_earlier_periods_of_the_same_segment_are_a_reference_too(shifted: pd.DataFrame) -> None:
    """The first period has none before it and is a gap; nothing of the training data is needed."""
    both = pd.concat([rows(2), shifted], ignore_index=True)
    report = monitor(profile(rows(0)), both, segment="region", by="2 parts", reference="previous")

    assert drifted(report) == {("south", "wind")}
    assert report.segment_drift is not None
    first = report.segment_drift[report.segment_drift["period"] == "0:2000"]
    assert set(first["statistic"]) == {"first_period"}


def test_without_a_reference_the_next_step_is_told(shifted: pd.DataFrame) -> None:
    """Performance of the segments needs no reference and is there all the same."""
    report = monitor(
        profile(rows(0)), shifted, segment="region", truth=shifted["sky"], prediction=shifted["sky"], metrics="accuracy"
    )

    assert drifted(report) == set()
    assert any("--segments region" in note for note in report.notes)
    assert report.segments is not None
    assert report.segments.set_index("segment")["score"].to_dict() == {"north": 1.0, "south": 1.0, "west": 1.0}


def test_segments_nobody_saw_and_columns_that_are_not_there_are_told(
    stored: ReferenceProfile, shifted: pd.DataFrame
) -> None:
    """A note, and one clear line."""
    report = monitor(stored, shifted.assign(region="east"), segment="region")

    assert "the reference has no rows in which region is east" in report.notes
    with pytest.raises(InvalidInput, match="No column 'nowhere' of the segment exists"):
        monitor(stored, shifted, segment="nowhere")


def test_a_report_with_segments_survives_json_and_is_small(stored: ReferenceProfile, shifted: pd.DataFrame) -> None:
    """Also as the views read it: ranked features by segment."""
    report = monitor(stored, shifted, segment="region", by="4 parts")
    again = MonitorReport.from_json(report.to_json())

    assert again.to_json() == report.to_json()
    assert report.wire()["segment_drift"]["segments"] == ["north", "south", "west"]
    assert report.wire()["segment_drift"]["features"][0]["drifted_in"] == [False, True, False]


def test_a_correlation_that_vanishes_is_found_in_segments_and_against_earlier_periods() -> None:
    """With rows as reference each segment has its pairs, and so have the periods before."""
    numbers = np.random.default_rng(1)
    first, noise = numbers.normal(size=(2, 6_000))
    late = np.arange(6_000) >= 5_000
    rows = pd.DataFrame(
        {
            "first": first,
            "second": np.where(late, noise, 0.6 * first + 0.8 * noise),
            "part": numbers.choice(["u", "v"], 6_000),
            "when": pd.date_range("2024-01-01", periods=6_000, freq="14min"),
        }
    )
    known = profile(rows[["first", "second", "part"]][:3_000])

    by_part = monitor(known, rows[5_000:], timestamp="when", reference=rows[:3_000], segment="part")
    rolling = monitor(known, rows[3_000:], by="week", timestamp="when", reference="rolling:2")

    found = [alert.message for alert in by_part.alerts if alert.segment]
    assert any(message.startswith("first drifted in all (u): correlation") for message in found)
    assert all("(with " in message for message in found)
    assert rolling.drifted == ["first", "second"]
    assert "first goes with second differently" in rolling.verdict


@pytest.mark.parametrize(
    ("values", "counts"),
    [
        ([1, "1", 1.0, "a"], {"1": 3, "a": 1}),
        (["(missing)", None, "a", "a"], {"a": 2, "(missing)": 1, "(no value)": 1}),
        (["None", None, "nan", np.nan], {"(missing)": 2, "None": 1, "nan": 1}),
        ([True, "True", False, None], {"True": 2, "False": 1, "(missing)": 1}),
    ],
)
def test_each_segment_has_a_name_of_its_own(values: list[object], counts: dict[str, int]) -> None:
    """What reads the same is one segment. Rows without a value are never those whose value is that word."""
    frame = pd.DataFrame({"x": np.arange(400.0), "s": pd.Series(values * 100, dtype=object), "y": 1, "p": 1})
    report = monitor(profile(frame[["x"]]), frame, truth="y", prediction="p", segment="s", metrics="accuracy")

    assert dict(zip(report.segments["segment"], report.segments["n"] // 100)) == counts
    assert len(report.segments) == len(counts)
