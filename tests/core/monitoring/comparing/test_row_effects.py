"""Rows that depend on each other: few false alarms with the option, power where they do not, notes where data show it.

The grid with its rates is bench/drift_dependence.py."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops_magics.core.monitoring import drift, monitor, profile
from mlops_magics.core.monitoring.reading import batches
from mlops_magics.errors import InvalidInput

Draw = Callable[[np.random.Generator, int, float], pd.DataFrame]
FEATURES = 4


def _frame(values: Any, **columns: Any) -> pd.DataFrame:
    """Return numbers, and every second feature as categories."""
    frame = pd.DataFrame({f"x{k}": values[:, k] for k in range(values.shape[1])})
    for k in range(1, values.shape[1], 2):
        frame[f"x{k}"] = np.digitize(values[:, k], [-1.5, -0.5, 0.5, 1.5]).astype(str)
    return frame.assign(**columns)


def _dates(days: Any) -> Any:
    return np.datetime64("2024-01-01") + np.asarray(days).astype("timedelta64[D]")


def days(numbers: np.random.Generator, part: int, shift: float) -> pd.DataFrame:
    """Days whose level keeps half of the one before, 90 and then 40 of 25 rows."""
    count = (90, 40)[part]
    level = numbers.normal(size=(count, FEATURES))
    for day in range(1, count):
        level[day] = 0.5 * level[day - 1] + np.sqrt(0.75) * level[day]
    day = np.repeat(np.arange(count), 25)
    noise = numbers.normal(size=(len(day), FEATURES))
    return _frame(np.sqrt(0.2) * level[day] + np.sqrt(0.8) * noise + shift, when=_dates(day))


def weekdays(numbers: np.random.Generator, part: int, shift: float) -> pd.DataFrame:
    """Days whose level is that of the weekday: twenty weeks, then one day."""
    count, rows = ((140, 20), (1, 120))[part]
    day = np.repeat(np.arange(count), rows) + (0, 140 + int(numbers.integers(7)))[part]
    level = np.sin(2 * np.pi * day / 7)[:, None]
    return _frame(0.8 * level + numbers.normal(size=(len(day), FEATURES)) + shift, when=_dates(day))


def twice(numbers: np.random.Generator, part: int, shift: float) -> pd.DataFrame:
    """Rows that are logged twice."""
    place = numbers.permutation(np.repeat(np.arange((900, 250)[part]), 2))
    return _frame((numbers.normal(size=(place.max() + 1, FEATURES)) + shift)[place], id=place)


def users(numbers: np.random.Generator, part: int, shift: float) -> pd.DataFrame:
    """Rows of users with levels of their own, 2 to 20 each."""
    count = (150, 60)[part]
    user = np.repeat(np.arange(count), numbers.integers(2, 20, count))
    level = np.sqrt(0.4) * numbers.normal(size=(count, FEATURES))[user]
    return _frame(level + np.sqrt(0.6) * numbers.normal(size=level.shape) + shift, user=user)


DEPENDENT: list[tuple[Draw, dict[str, Any]]] = [
    (days, {"block": "day"}),
    (weekdays, {"seasonal": "week"}),
    (twice, {"by_group": "id"}),
    (twice, {"by_group": "duplicates"}),
    (users, {"by_group": "user"}),
]


def _drawn(draw: Draw, option: dict[str, Any], seed: int, shift: float = 0.0) -> tuple[pd.DataFrame, pd.DataFrame]:
    numbers = np.random.default_rng(seed)
    unused = [] if "id" in option.values() else ["id"]
    before, now = (draw(numbers, part, shift * part).drop(columns=unused, errors="ignore") for part in (0, 1))
    return before, now


@pytest.mark.parametrize(("draw", "option"), DEPENDENT)
def test_with_the_option_null_reports_seldom_alarm(draw: Draw, option: dict[str, Any]) -> None:
    """At a true rate of 6 %, more than 4 of 15 alarm in 1 of 1,000 seeds; without the option at least two do."""
    alarms = {True: 0, False: 0}
    for seed in range(15):
        before, now = _drawn(draw, option, seed)
        times = {"timestamp": "when"} if "when" in now else {}
        alarms[True] += bool(drift(before, now, **option, **times)["drifted"].any())
        kept = [name for name in before if name not in ("id", "user")]
        alarms[False] += bool(drift(before[kept], now[kept], **times)["drifted"].any())

    assert alarms[True] <= 4
    assert alarms[False] >= 2


@pytest.mark.parametrize(("draw", "option"), DEPENDENT)
def test_with_the_option_a_shift_is_found(draw: Draw, option: dict[str, Any]) -> None:
    """One standard deviation, in each of four seeds."""
    for seed in range(4):
        before, now = _drawn(draw, option, seed, 1.0)
        times = {"timestamp": "when"} if "when" in now else {}
        assert drift(before, now, **option, **times)["drifted"].any()


@pytest.mark.parametrize("option", [{"by_group": "user"}, {"block": "day"}, {"block": 50}, {"by_group": "duplicates"}])
def test_independent_rows_lose_little(option: dict[str, Any]) -> None:
    """Groups and blocks that mean nothing leave p-values as they are, but for the error of the effect."""
    numbers = np.random.default_rng(3)
    ratios = []
    for _ in range(6):
        sides = [
            pd.DataFrame(
                {
                    "x": numbers.normal(shift, 1, rows),
                    "user": numbers.permutation(np.arange(rows) // 5),
                    "when": np.sort(_dates(numbers.integers(0, 60, rows))),
                }
            )
            for rows, shift in ((1_000, 0.0), (500, 0.15))
        ]
        kept = ["x", "when", *[name for name in option.values() if name == "user"]]
        before, now = (side[kept] for side in sides)
        p = [
            drift(before, now, statistics="ks", timestamp="when", **how).set_index("feature")["p_value"]["x"]
            for how in ({}, option)
        ]
        ratios.append(np.log(p[1]) / np.log(p[0]))

    assert 0.8 < np.mean(ratios) <= 1.1


@pytest.mark.parametrize(("draw", "option"), [case for case in DEPENDENT if "seasonal" not in case[1]])
def test_a_report_takes_the_options_with_a_stored_profile(draw: Draw, option: dict[str, Any]) -> None:
    """The groups of the profile are taken to be like the current ones; the rows needed grow; segments too."""
    before, now = _drawn(draw, option, 12)
    names = [name for name in before if name.startswith("x")]
    times = {"timestamp": "when"} if "when" in now else {}
    known, part = (side.assign(part=np.arange(len(side)) % 2) for side in (before, now))

    plain = monitor(profile(before[names]), now, **times)
    report = monitor(profile(before[names]), part, **option, **times, segment="part", reference=known)

    assert not monitor(profile(before[names]), now, **option, **times).drifted
    assert report.rows_needed > plain.rows_needed
    assert report.segment_drift is not None
    assert not report.segment_drift["drifted"].any()
    assert not set(report.features) & {"user", "id", "when"}


def test_earlier_periods_of_the_same_weekday_are_the_reference() -> None:
    """A rolling reference with a season compares Mondays with Mondays; without it each day drifts."""
    numbers = np.random.default_rng(6)
    rows = weekdays(numbers, 0, 0.0)
    how: dict[str, Any] = {"by": "day", "timestamp": "when", "reference": "rolling:4"}
    known = profile(rows[[name for name in rows if name != "when"]])

    assert len(monitor(known, rows, **how).drifted) == FEATURES
    assert monitor(known, rows, **how, seasonal="week").drifted == []


def test_a_file_that_is_counted_in_one_pass_has_seasons_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its days are compared with the same weekdays before; all else that needs single rows is refused with the fix."""
    numbers = np.random.default_rng(6)
    rows = weekdays(numbers, 0, 0.0)
    rows.to_parquet(tmp_path / "rows.parquet")
    known = profile(rows[[name for name in rows if name != "when"]])
    how: dict[str, Any] = {"by": "day", "timestamp": "when", "reference": "rolling:4"}
    monkeypatch.setattr(batches, "LARGE_FILE", 1)

    assert len(monitor(known, tmp_path / "rows.parquet", **how).drifted) == FEATURES
    assert monitor(known, tmp_path / "rows.parquet", **how, seasonal="week").drifted == []
    with pytest.raises(InvalidInput, match=r"reference='rolling:4' with by='day'"):
        monitor(known, tmp_path / "rows.parquet", timestamp="when", seasonal="week")
    with pytest.raises(InvalidInput, match="pass a sample"):
        monitor(known, tmp_path / "rows.parquet", **how, block="day")


@pytest.mark.parametrize(
    ("draw", "said"),
    [
        (twice, "50% of the rows are copies of another row"),
        (days, "rows are like the rows before them"),
        (weekdays, "seasonal='week'"),
    ],
)
def test_dependence_that_the_data_show_is_a_note(draw: Draw, said: str) -> None:
    """With the option that allows for it; with the option there is no note; independent rows have none."""
    numbers = np.random.default_rng(7)
    rows = draw(numbers, 0, 0.0).drop(columns="id", errors="ignore")
    times = {"timestamp": "when"} if "when" in rows else {}
    shuffled = rows.assign(**{name: numbers.permutation(rows[name]) for name in rows if name != "when"})

    assert said in drift(rows, rows, **times).attrs["notes"][0]
    assert said in monitor(profile(rows.drop(columns="when", errors="ignore")), rows, **times).notes[0]
    assert drift(rows, shuffled, **times).attrs["notes"] == []
    option = {"by_group": "duplicates"} if draw is twice else {"block": "day"}
    assert drift(rows, rows, **times, **option).attrs["notes"] == []


def test_values_that_repeat_by_themselves_are_not_copies() -> None:
    """A flag, a rounded number, a city with its country have no note. Values that all came twice have one."""
    numbers = np.random.default_rng(11)
    city = numbers.integers(0, 12, 600)
    alone = {
        "flag": numbers.random(600) < 0.3,
        "rounded": np.round(numbers.normal(size=600), 1),
        "dice": numbers.integers(1, 7, 600),
        "twice": numbers.permutation(np.repeat(numbers.normal(size=300), 2)),
    }
    frames = {name: pd.DataFrame({"x": values}) for name, values in alone.items()}
    frames |= {"cities": pd.DataFrame({"city": city.astype(str), "country": (city // 4).astype(str)})}

    noted = [name for name, rows in frames.items() if drift(rows, rows).attrs["notes"]]

    assert noted == ["twice"]


@pytest.mark.parametrize(("different", "times"), [(1, 9), (3, 2), (3, 12), (10, 3), (16, 3), (24, 2)])
def test_an_example_that_is_sent_again_counts_once_among_few_rows(different: int, times: int) -> None:
    """People try an endpoint with the same rows: the findings are those of each row once, and a note has the number."""
    numbers = np.random.default_rng(12)
    reference = pd.DataFrame({"x": numbers.normal(size=1500), "y": numbers.gamma(2, size=1500)}).round(4)
    once, again = reference[:different], pd.concat([reference[:different]] * times)
    columns = ["feature", "statistic", "score", "p_value", "drifted"]
    copies = f"{different * (times - 1)} of the {different * times} rows are copies of another row"

    found = drift(reference, again)

    pd.testing.assert_frame_equal(found[columns], drift(reference, once)[columns])
    assert copies in found.attrs["notes"][0]
    report = monitor(profile(reference), again)
    assert report.rows == different * times
    assert report.drifted == []
    assert report.too_few
    assert copies in report.notes[0]


def test_a_hundred_times_the_same_row_have_a_note() -> None:
    """It is other traffic than the reference, and the reader learns why."""
    reference = pd.DataFrame({"x": np.arange(500.0), "y": np.arange(500.0)[::-1]})

    assert drift(reference, reference.iloc[[7] * 100]).attrs["notes"] == [
        "all 100 rows are the same row, and the tests take them for new ones"
    ]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"by_group": "nobody"}, "No column 'nobody' of the groups exists"),
        ({"by_group": "same"}, "all 50 rows are in one group"),
        ({"block": "day"}, "Periods by 'day' need times"),
        ({"block": "day", "by_group": "x"}, "give by_group= or block="),
        ({"seasonal": "moon"}, "Unknown season 'moon'. Known: week, day"),
        ({"seasonal": "week"}, "seasonal='week' needs times"),
        ({"by_group": "x", "preset": "nannyml"}, "not options of a preset"),
    ],
)
def test_options_that_make_no_sense_are_one_line(options: dict[str, Any], said: str) -> None:
    """The line names what is there."""
    rows = pd.DataFrame({"x": np.arange(50.0), "same": 1})

    with pytest.raises(InvalidInput, match=said.replace("(", r"\(")):
        drift(rows, rows, **options)


@pytest.mark.parametrize("statistic", ["psi", "wasserstein", "cramervonmises", "mannwhitney", "welch"])
def test_statistics_on_request_allow_for_groups(statistic: str) -> None:
    """Twice the same rows are no surer than once."""
    numbers = np.random.default_rng(8)
    before, now = (pd.DataFrame({"x": numbers.normal(shift, 1, 300)}) for shift in (0.0, 0.3))
    doubled = [pd.concat([side, side], ignore_index=True) for side in (before, now)]

    def p_value(*sides: pd.DataFrame, **option: Any) -> float:
        return float(drift(*sides, statistics=statistic, **option)["p_value"].iloc[0])

    once, both = p_value(before, now), p_value(*doubled, by_group="duplicates")
    assert np.log(both) == pytest.approx(np.log(once), rel=0.25)
    assert p_value(*doubled) < once / 3


def test_bands_and_roles_allow_for_groups() -> None:
    """Rows that are logged twice give the band, and the drift of the prediction, of rows that are logged once."""
    numbers = np.random.default_rng(9)
    truth = numbers.integers(0, 2, 400)
    once = pd.DataFrame(
        {"x": numbers.normal(size=400), "y": truth, "guess": np.where(numbers.random(400) < 0.8, truth, 1)}
    )
    twice_ = pd.concat([once, once], ignore_index=True)
    known = profile(once[["x"]], truth=once["y"].to_numpy(), prediction=numbers.integers(0, 2, 400))
    how: dict[str, Any] = {"truth": "y", "prediction": "guess", "metrics": ["accuracy"]}

    plain, blind, grouped = (
        monitor(known, rows, **how, **option)
        for rows, option in ((once, {}), (twice_, {}), (twice_, {"by_group": "duplicates"}))
    )

    def width(report: Any) -> float:
        return float((report.performance["upper"] - report.performance["lower"]).iloc[0])

    def p_value(report: Any) -> float:
        return float(report.roles.set_index("feature")["p_value"]["prediction"])

    assert width(grouped) == pytest.approx(width(plain), rel=0.1)
    assert width(blind) < 0.8 * width(plain)
    assert p_value(blind) < p_value(grouped)


@pytest.mark.parametrize(
    "option", [{"by_group": "user"}, {"block": "day"}, {"seasonal": "day"}, {"by_group": "duplicates"}]
)
def test_every_source_counts_the_same_groups(option: dict[str, Any], tmp_path: Path) -> None:
    """pandas, polars, Arrow, DuckDB, Parquet and CSV."""
    import duckdb
    import polars as pl
    import pyarrow as pa

    numbers = np.random.default_rng(11)
    before, now = (
        pd.DataFrame(
            {
                "x": np.repeat(numbers.normal(size=rows // 10), 10) + numbers.normal(size=rows).round(3),
                "c": numbers.choice(["a", "b", "c"], rows),
                "user": [f"u{place // 10}" for place in range(rows)],
                "when": pd.date_range("2024-01-01", periods=rows, freq="h"),
            }
        )
        for rows in (1_000, 400)
    )
    now.to_parquet(tmp_path / "now.parquet")
    now.to_csv(tmp_path / "now.csv", index=False)
    sources = [
        pl.from_pandas(now),
        pl.from_pandas(now).lazy(),
        pa.Table.from_pandas(now),
        duckdb.from_df(now),
        tmp_path / "now.parquet",
        tmp_path / "now.csv",
    ]

    expected = drift(before, now, **option, timestamp="when")

    for source in sources:
        pd.testing.assert_frame_equal(drift(before, source, **option, timestamp="when"), expected)


def test_copies_are_equal_in_the_features_alone() -> None:
    """A column that is not a feature of the reference, such as a running number, makes no copy a new row."""
    numbers = np.random.default_rng(10)
    place = np.repeat(np.arange(300), 2)
    before = pd.DataFrame({"x": numbers.normal(size=(300,))[place]})
    now = pd.DataFrame({"x": numbers.normal(size=(300,))[place], "number": np.arange(600)})

    grouped, blind = (drift(before, now, **how).set_index("feature") for how in ({"by_group": "duplicates"}, {}))

    assert grouped["p_value"]["x"] > blind["p_value"]["x"]


@pytest.mark.parametrize(("different", "times"), [(1, 9), (3, 6), (4, 11), (3, 40)])
@pytest.mark.parametrize("words", [False, True])
def test_examples_of_whole_numbers_and_words_are_copies_where_the_reference_seldom_repeats(
    different: int, times: int, words: bool
) -> None:
    """Equal rows of integers are compared with the rate of equal values in the reference, of rows or of a profile."""
    numbers = np.random.default_rng(14)
    reference = pd.DataFrame({"age": numbers.integers(18, 80, 1500), "rooms": numbers.integers(1, 9, 1500)})
    reference = reference.astype(str).add(" x") if words else reference
    again = pd.concat([reference.drop_duplicates("age")[:different]] * times)

    for before in (reference, profile(reference)):
        noted = drift(before, again).attrs["notes"][0]
        assert ("copies of another row" in noted) == (different * times < 50 or different > 1), noted
        if different * times < 50:
            assert not drift(before, again)["drifted"].any()


@pytest.mark.parametrize("rows", [8, 24, 45, 60, 300])
def test_whole_numbers_and_words_that_are_equal_by_chance_are_no_copies(rows: int) -> None:
    """Dice, flags, towns with their country, and counts that are mostly zero repeat by themselves; a change of them
    to one value is a change."""
    numbers = np.random.default_rng(15)
    town = numbers.integers(0, 30, 2000)
    frames = [
        pd.DataFrame({"a": numbers.integers(1, 7, 2000), "b": numbers.integers(1, 7, 2000)}),
        pd.DataFrame({"a": numbers.integers(0, 2, 2000), "b": numbers.integers(0, 3, 2000)}),
        pd.DataFrame({"town": town.astype(str), "country": (town // 5).astype(str)}),
        pd.DataFrame({name: numbers.poisson(4, 2000) * (numbers.random(2000) < 0.1) for name in "ab"}),
    ]

    for reference in frames:
        assert drift(profile(reference), reference[:rows]).attrs["notes"] == []
    stuck = frames[1].iloc[[3] * 45]
    assert drift(profile(frames[1]), stuck)["drifted"].any()
