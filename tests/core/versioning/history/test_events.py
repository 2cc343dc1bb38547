"""Events: their bytes, and what is wrong with bytes that are not an event."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_magics.core.versioning.history.event_kinds import EventKind
from mlops_magics.core.versioning.history.events import Event
from mlops_magics.errors import IntegrityError

VERSION = "20261123T133731Z-050cc"
EVENTS = [
    Event.promote("line", "champion", VERSION, None, "why"),
    Event.promote("line", "champion", VERSION, VERSION).conflict(None),
    Event.rollback("line", "champion", None, VERSION),
    Event.delete("line", VERSION, "place"),
    Event.restore("line", VERSION, "place"),
    Event.annotate("line", VERSION, {"tags": ["eu"], "metrics": {"r2": 0.5}, "metadata": {"a": 1}, "description": "x"}),
    Event.protect("line", "champion"),
    Event.unprotect("line", "champion"),
    Event.sign("line", VERSION, {"signature": "…"}),
    Event.retrain_claim("line", VERSION, {"run": "r", "slot": "now", "host": "here", "pid": 7, "started": 1.5}),
    Event.retrain_end("line", None, {"run": "r", "outcome": "failed", "why": "the cell raised"}),
    Event.lost(),
    Event.accept({"3": "0" * 64}, {}),
]
WRITTEN = dataclasses.replace(EVENTS[0], sequence=7, time="2026-11-23T13:37:31+00:00", by="me")


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.event)
def test_an_event_of_every_kind_reads_back(event: Event) -> None:
    """Bytes and record say the same."""
    written = dataclasses.replace(event, sequence=7, time="2026-11-23T13:37:31+00:00", by="me")

    assert Event.from_bytes(written.to_bytes(), 7) == written
    assert {each.event for each in EVENTS} == set(EventKind)


WRONG: list[tuple[str, Any, str]] = [
    ("sequence", 8, "number 8"), ("sequence", "7", "sequence"), ("time", "yesterday", "as its time"),
    ("time", "2026-11-29V22:51:32+00:00", "as its time"), ("time", "2026-W48-7T10:00:00+00:00", "as its time"),
    ("time", "2026-11-29T22:51:32+00:00:00", "as its time"),
    ("time", "2026-11-23T13:37:31", "time zone"), ("name", "../x", "as its name"), ("name", 3, "name"),
    ("alias", "a/b", "as its alias"), ("version", "../../evil", "as its version"), ("version", None, "no version"),
    ("previous", [1], "previous"), ("details", [], "details"), ("by", {"a": 1}, "by"), ("note", 7, "note"),
    ("link", None, "link"), ("name", "", "no name"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value", "reason"), WRONG)
def test_a_field_of_another_type_is_named(field: str, value: Any, reason: str) -> None:
    """One line says the number of the event and the field, whatever the field holds."""
    data = json.dumps({**dataclasses.asdict(WRITTEN), field: value}).encode()
    with pytest.raises(IntegrityError, match=reason) as refused:
        Event.from_bytes(data, 7)

    assert "Event 7" in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("details", "field"),
    [
        ({"tags": "eu"}, "tags"),
        ({"metrics": [1]}, "metrics"),
        ({"metrics": {"r2": "x"}}, "metrics"),
        ({"metadata": 1}, "metadata"),
    ],
)
def test_details_of_another_type_are_named(details: Any, field: str) -> None:
    """An annotation by hand cannot bring a list where readers expect a mapping."""
    event = dataclasses.replace(WRITTEN, event="annotate", details=details)
    with pytest.raises(IntegrityError, match=f"{field} of another type"):
        Event.from_bytes(event.to_bytes(), 7)


def test_what_a_newer_version_adds_is_no_fault() -> None:
    """Unknown kinds and unknown fields are read; they mean nothing to this version."""
    data = json.dumps({**dataclasses.asdict(WRITTEN), "event": "approve", "approved_by": "you"}).encode()

    assert Event.from_bytes(data, 7).kind is None


@given(
    st.one_of(
        st.binary(max_size=200), st.sampled_from([b"[" * 100_000, b'{"a":' * 50_000, b"\xff\xfe", b"null", b"1e999"])
    )
)
def test_whatever_the_bytes_are_the_answer_is_one_line(data: bytes) -> None:
    """No other error leaves the reader."""
    with pytest.raises(IntegrityError):
        Event.from_bytes(data, 1)
