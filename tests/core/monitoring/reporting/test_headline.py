"""The head of a report: what a manager reads first, made by rules from the numbers."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from mlops_magics.core.monitoring import MonitorReport, monitor, profile
from mlops_magics.core.monitoring.alerts import rules
from mlops_magics.core.monitoring.alerts.thresholds import Thresholds
from mlops_magics.core.monitoring.reporting import headline

ROWS = 1_200


def rows(seed: int, count: int = ROWS) -> pd.DataFrame:
    """Return numbers, categories and times over six weeks."""
    numbers = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "wind": numbers.normal(size=count),
            "carrier": numbers.choice(["A", "B", "C"], count),
            "time": pd.date_range("2026-01-05", periods=count, freq="50min", tz="UTC"),
        }
    )


def higher(table: pd.DataFrame) -> pd.DataFrame:
    """Shift a number in the second half."""
    return table.assign(wind=table["wind"] + 2 * (np.arange(len(table)) > len(table) / 2))


def new_value(table: pd.DataFrame) -> pd.DataFrame:
    """Bring a category that the reference never saw."""
    return table.assign(carrier=table["carrier"].where(np.arange(len(table)) % 5 > 0, "ZX"))


def missing(table: pd.DataFrame) -> pd.DataFrame:
    """Lose every fourth number."""
    return table.assign(wind=table["wind"].where(np.arange(len(table)) % 4 > 0))


def report(
    change: Callable[[pd.DataFrame], pd.DataFrame] = lambda table: table, count: int = ROWS, **options: object
) -> MonitorReport:
    """Return a report on changed rows."""
    reference = profile(rows(0).drop(columns="time"))
    return monitor(reference, change(rows(1, count)), name="line", by="week", timestamp="time", **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "sentence", "words"),
    [
        (lambda table: table, "No feature changed enough to matter.", ""),
        (higher, "One of two features changed enough to matter.", "wind is higher than at training"),
        (new_value, "One of two features changed enough to matter.", "carrier has the new value ZX"),
        (missing, "One of two features changed enough to matter.", "wind is missing more often"),
        (lambda table: higher(new_value(table)), "Two of two features changed enough to matter.", "ZX"),
    ],
)
def test_the_sentence_counts_and_the_paragraph_names(
    change: Callable[[pd.DataFrame], pd.DataFrame], sentence: str, words: str
) -> None:
    """How many of how many features changed, which, in which direction; the verdict has both in one line."""
    found = report(change)
    head = headline.of_report(found)

    assert head.sentence == sentence
    assert words in head.paragraph
    assert head.meaning == ("alert" if words else "good")
    assert found.verdict == f"line: {head.line}"


def test_a_drift_that_lasts_says_since_when() -> None:
    """The first period of the run that reaches the last one, as people say a day."""
    assert "Since 26 Jan wind is higher" in headline.of_report(report(higher)).paragraph


def test_too_few_rows_are_not_a_good_report() -> None:
    """The number of rows from which there would be a verdict is named."""
    head = headline.of_report(report(count=12))

    assert head.meaning == "info"
    assert head.sentence.startswith("Too few rows to say whether two features changed: 12 rows,")


def test_no_rows_are_nothing_to_compare() -> None:
    """An empty log is no fault."""
    assert headline.of_report(report(count=0)).sentence == "There is nothing to compare yet: no rows came."


def test_alerts_on_performance_come_first_and_once() -> None:
    """In the line for people; views list them by themselves, so that the paragraph has none."""
    truth = np.resize(["on time", "late"], ROWS)
    answers = np.where(np.arange(ROWS) > ROWS / 2, truth[::-1], truth)
    found = report(lambda table: table.assign(truth=truth, answer=answers), truth="truth", prediction="answer")
    head = headline.of_report(rules.with_alerts(found, Thresholds(metrics={"accuracy": (0.9, None)})))

    assert head.sentence == "No feature changed enough to matter, but the model got worse."
    assert head.meaning == "alert"
    assert head.alarms.startswith("accuracy (measured) in ")
    assert "accuracy" not in head.paragraph
    assert head.line.index("accuracy") < 80


def test_a_metric_of_ones_own_that_is_better_when_smaller_got_worse_when_it_rose() -> None:
    """The direction is that of the report, where the name of the metric does not say it."""
    found = report()
    course = pd.DataFrame(
        {
            "period": [found.periods[0].label, found.periods[-1].label],
            "metric": "waste", "score": [0.1, 0.9], "lower": [0.0, 0.8], "upper": [0.2, 1.0], "n": 200,
            "kind": "measured",
        }
    )  # fmt: skip
    rose = dataclasses.replace(found, performance=course, smaller_is_better=("waste",), alerts=())

    assert headline.of_report(rose).sentence == "No feature changed enough to matter, but the model got worse."
    fell = dataclasses.replace(rose, performance=course.iloc[::-1].assign(period=course["period"].to_numpy()))
    assert headline.of_report(fell).sentence == "No feature changed enough to matter, and the model holds."


def test_the_course_of_a_metric_begins_at_a_period_of_some_rows() -> None:
    """Part of a day with one row, which was wrong, is not what the last day is compared with."""
    found = report()
    labels = [period.label for period in found.periods[:3]]
    course = pd.DataFrame(
        {
            "period": labels,
            "metric": "accuracy",
            "score": [0.0, 0.7, 0.6],
            "lower": 0.0,
            "upper": 1.0,
            "kind": "measured",
        }
    )
    told = dataclasses.replace(found, performance=course.assign(n=[1, 24, 24]), alerts=())
    assert headline.of_report(told).paragraph == "accuracy fell from 0.7 to 0.6."
    told = dataclasses.replace(found, performance=course.assign(n=[24, 1, 24]), alerts=())
    assert headline.of_report(told).paragraph == "accuracy rose from 0 to 0.6."


@pytest.mark.parametrize(
    ("counts", "apart", "words"),
    [
        ([1, 1, 1], False, "accuracy has too few rows in each period to say whether it changed."),
        ([9, 2, 9], False, "accuracy has too few rows in each period to say whether it changed."),
        ([200, 200, 1], False, "accuracy fell from 0.9 to 0.7."),
        ([1, 200, 1], False, "accuracy is 0.7."),
        ([24, 24, 12], False, "accuracy fell from 0.9 to 0.1."),
        ([200, 200, 8], True, "accuracy fell from 0.9 to 0.1."),
    ],
)
def test_a_change_of_performance_is_between_periods_of_enough_rows(counts: list[int], apart: bool, words: str) -> None:
    """A few rows, such as the last hour's, are its end only where their band is apart: then the model got worse."""
    found = report()
    course = pd.DataFrame(
        {
            "period": [period.label for period in found.periods[:3]],
            "metric": "accuracy", "score": [0.9, 0.7, 0.1], "lower": [0.85, 0.6, 0.0],
            "upper": [0.95, 0.8, 0.4 if apart else 0.9], "n": counts, "kind": "measured",
        }
    )  # fmt: skip
    head = headline.of_report(dataclasses.replace(found, performance=course, alerts=()))

    assert head.paragraph == words
    assert ("got worse" in head.sentence) == apart


def test_too_few_rows_are_those_of_the_largest_period() -> None:
    """Four hundred rows are many, and the twenty-four of each day are too few."""
    found = report()
    small = dataclasses.replace(found, rows_needed=max(period.n for period in found.periods) + 1, alerts=())
    most = max(period.n for period in found.periods)
    assert f": {most} rows in the largest period, and a shift" in headline.of_report(small).sentence


def test_days_of_more_than_a_year_have_their_year() -> None:
    """Of a report over two years, `25 Nov` would be two days."""
    days = pd.date_range("2024-11-25", periods=ROWS, freq="14h", tz="UTC")
    found = report(lambda table: higher(table).assign(time=days))

    assert re.search(r"Since \d+ \w{3} 202[56] wind is higher", headline.of_report(found).paragraph)
    assert not re.search(r"Since \d+ \w{3} \d", headline.of_report(report(higher)).paragraph)
