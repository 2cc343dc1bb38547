"""Cadences, daylight saving time included."""

from __future__ import annotations

import datetime as dt

import pytest

from mlops_magics.core.retraining.policies.schedule import schedule_of
from mlops_magics.errors import InvalidInput


def utc(text: str) -> dt.datetime:
    """Return a moment in UTC."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("every", "at", "cron"),
    [
        ("day", "04:00", "0 4 * * *"),
        ("week", "4:05", "5 4 * * 1"),
        ("friday", "16:30", "30 16 * * 5"),
        ("month", "00:00", "0 0 1 * *"),
        ("hour", "00:15", "15 * * * *"),
        ("*/15 8-18 * * 1-5", None, "*/15 8-18 * * 1-5"),
    ],
)
def test_words_become_cron_lines(every: str, at: str | None, cron: str) -> None:
    """A cadence is a word with a time, or a cron line."""
    assert schedule_of(every, at, "UTC", "m").cron == cron


def test_models_without_a_time_do_not_begin_at_once() -> None:
    """Each has a minute of its own after four, the same every time."""
    minutes = {schedule_of("day", None, "UTC", f"model-{number}").cron for number in range(40)}

    assert len(minutes) > 10
    assert all(cron.split()[1] == "4" and int(cron.split()[0]) < 30 for cron in minutes)


@pytest.mark.parametrize(
    ("zone", "at", "now", "last", "following"),
    [
        ("UTC", "04:00", "2026-11-29T10:00", "2026-11-29T04:00", "2026-11-30T04:00"),
        ("UTC", "04:00", "2026-11-29T04:00", "2026-11-29T04:00", "2026-11-30T04:00"),
        ("Europe/Berlin", "04:00", "2026-07-01T10:00", "2026-07-01T02:00", "2026-07-02T02:00"),
        # clocks skip 02:30 in spring: it is due when they have moved, and the day is not left out
        ("Europe/Zurich", "02:30", "2026-03-29T10:00", "2026-03-29T01:00", "2026-03-30T00:30"),
        # 02:30 comes twice in autumn: it is due once
        ("Europe/Zurich", "02:30", "2026-10-25T00:45", "2026-10-25T00:30", "2026-10-26T01:30"),
        ("Europe/Zurich", "02:30", "2026-10-25T01:45", "2026-10-25T00:30", "2026-10-26T01:30"),
    ],
)
def test_due_times_are_utc_instants_of_the_intended_time(
    zone: str, at: str, now: str, last: str, following: str
) -> None:
    """A due time at this very moment counts; daylight saving time is cron's."""
    schedule = schedule_of("day", at, zone, "m")

    assert schedule.last(utc(now)) == utc(last)
    assert schedule.next(utc(now)) == utc(following)


@pytest.mark.parametrize(
    ("every", "at", "zone", "words"),
    [
        ("fortnight", None, "UTC", "--every takes hour, day, week, month"),
        ("day", "25:00", "UTC", "--at takes a time"),
        ("day", None, "Mars/Olympus", "Unknown time zone 'Mars/Olympus'"),
        ("61 4 * * *", None, "UTC", "not a valid cron line"),
        ("0 4 30 2 *", None, "UTC", "never due|not a valid cron line"),
        ("0 4 * * *", "05:00", "UTC", "has its own time"),
        ("0 4 * *", None, "UTC", "not a valid cron line"),
    ],
)
def test_what_never_comes_is_refused(every: str, at: str | None, zone: str, words: str) -> None:
    """One line with a word that is valid."""
    with pytest.raises(InvalidInput, match=words):
        schedule_of(every, at, zone, "m")
