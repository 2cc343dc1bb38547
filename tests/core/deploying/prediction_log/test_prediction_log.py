"""What was asked and answered is on disk: complete, typed, private, readable while written, and not torn by a crash."""

from __future__ import annotations

import errno
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from mlops_magics.core.deploying import Endpoint, prediction_log
from mlops_magics.core.deploying.endpoints import paths
from mlops_magics.core.deploying.prediction_log import log_segments
from mlops_magics.core.deploying.prediction_log.log_encoder import Entry, LogEncoder
from mlops_magics.core.deploying.prediction_log.log_writer import LogWriter
from mlops_magics.core.deploying.validation.check import Check
from mlops_magics.core.deploying.validation.layout import Layout
from mlops_magics.core.versioning import Prototype
from mlops_magics.errors import Ambiguous, InvalidInput, InvalidName
from tests.core.deploying.conftest import Pinned, mixed
from tests.core.failing_calls import fail_calls
from tests.core.failing_files import Plan

Deploy = Callable[..., Endpoint]
FACTS = ["mlops.timestamp", "mlops.request_id", "mlops.row", "mlops.version", "mlops.latency_ms", "mlops.prediction"]


def writer(place: Path, rows: pd.DataFrame, **privacy: str) -> tuple[LogWriter, Check]:
    check = Check(Layout(Prototype.from_data(rows)))
    return LogWriter(place, LogEncoder(check.layout, "v1", privacy, None)), check


def entry(check: Check, rows: pd.DataFrame, request_id: str = "a") -> Entry:
    table = check.columns({name: rows[name].tolist() for name in rows})
    return Entry(
        time.time(), request_id, [len(rows)], np.array([1.5]), table, np.arange(len(rows), dtype=float), "predict"
    )


def test_the_log_gives_back_rows_answers_and_dtypes(totals: Pinned, deploy: Deploy) -> None:
    """Every answered row is there, oldest first, its features under their own names and dtypes of training."""
    endpoint = deploy(totals)
    answers = [*endpoint.predict(totals.rows[:3]), *endpoint.predict(totals.rows[3:4])]
    endpoint.stop()

    log = prediction_log.read("totals", board=totals.board.url)

    assert list(log.columns) == [*FACTS, *totals.rows.columns]
    assert log["mlops.row"].tolist() == [0, 1, 2, 0]
    assert log["mlops.request_id"].nunique() == 2
    assert str(log["mlops.timestamp"].dt.tz) == "UTC"
    assert set(log["mlops.version"]) == {totals.version.version}
    np.testing.assert_allclose(log["mlops.prediction"], answers)
    pd.testing.assert_frame_equal(log[list(totals.rows.columns)], totals.rows[:4], check_dtype=False)
    assert log["size"].dtype == totals.rows["size"].dtype


def test_probabilities_are_logged_by_label(forest: Pinned, deploy: Deploy) -> None:
    """`predict_proba` leaves one column for each label, and the likeliest label as the prediction."""
    endpoint = deploy(forest)
    found = endpoint.predict_proba(forest.rows[:20])
    endpoint.stop()

    log = prediction_log.read("forest", board=forest.board.url)

    np.testing.assert_allclose(log[["mlops.proba.no", "mlops.proba.yes"]], found)
    np.testing.assert_array_equal(log["mlops.prediction"], forest.model.predict(forest.rows[:20]))


@pytest.mark.parametrize(
    ("truth", "words"),
    [([2**70], "more than 64 bits"), ([{"a": -(2**80)}], "more than 64 bits"), ([True, "x"], "one kind")],
)
def test_feedback_that_the_log_cannot_hold_is_refused(truth: list[Any], words: str) -> None:
    """It is an error of the sender, in one line."""
    with pytest.raises(InvalidInput, match=words):
        prediction_log.feedback("line", truth, request_id="one", board="memory://nowhere")


def test_feedback_joins_by_request_and_row(line: Pinned, deploy: Deploy) -> None:
    """Truth that comes later is found by request id and row, and the last one of a row counts. That of requests which
    another version answered is left out on request, while an id of no request stays."""
    endpoint = deploy(line)
    endpoint.client.send("POST", "/predict", line.rows[:2].to_json(orient="records").encode(), {"X-Request-Id": "one"})
    endpoint.client.send("POST", "/feedback", b'{"request_id": "one", "truth": [1.0, 2.0]}')
    endpoint.client.send("POST", "/feedback", b'[{"request_id": "one", "row": 1, "truth": 3.0}]')
    endpoint.client.send("POST", "/feedback", b'{"request_id": "none", "truth": 4.0}')
    endpoint.stop()

    log = prediction_log.read("line", board=line.board.url)
    joined = log.merge(prediction_log.read_feedback("line", board=line.board.url), on=["mlops.request_id", "mlops.row"])

    assert joined["truth"].tolist() == [1.0, 3.0]
    of_another = prediction_log.read_feedback("line", board=line.board.url, asked=["two"])
    assert of_another["mlops.request_id"].tolist() == ["none"]


def test_a_killed_worker_loses_the_last_moment_only(line: Pinned, deploy: Deploy) -> None:
    """R20: What was answered half a second before SIGKILL is in the log, once."""
    endpoint = deploy(line)
    for place in range(50):
        endpoint.predict(line.rows[place : place + 1])
    time.sleep(0.8)
    os.kill(endpoint.health()["pid"], signal.SIGKILL)
    os.kill(endpoint.pid, signal.SIGKILL)

    log = prediction_log.read("line", board=line.board.url)

    assert len(log) == 50
    assert not log.duplicated(["mlops.request_id", "mlops.row"]).any()


def test_R20_a_fault_at_any_operation_of_a_log_that_rotates_loses_what_it_counts_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R20, R4: opening, syncing and removing segments fail at operation k, for every k: at most one request is lost."""
    rows = pd.DataFrame({"x": np.arange(5.0)})

    def run(place: Path, plan: Plan) -> tuple[LogWriter, list[str]]:
        place.mkdir()
        check = Check(Layout(Prototype.from_data(rows)))
        log = LogWriter(place, LogEncoder(check.layout, "v1", {}, None), log_bytes=12_000)
        written: list[str] = []
        with monkeypatch.context() as patch:
            fail_calls(patch, plan, place)
            synced = os.fsync
            patch.setattr(os, "fsync", lambda handle: (plan.reach("sync"), synced(handle))[1])
            for number in range(20):
                before = log.written
                log.add(entry(check, rows, f"{number:02d}"))
                log.flush()
                written += [f"{number:02d}"] if log.written > before else []
        log.close()
        return log, written

    counted = Plan()
    whole, _ = run(tmp_path / "whole", counted)
    assert (whole.written, whole.dropped) == (100, 0)
    assert counted.count > 20 + 4, "several segments begin, and the oldest goes"
    for at in range(1, counted.count + 1):
        place = tmp_path / str(at)
        log, written = run(place, Plan(at, OSError(errno.ENOSPC, "No space left on device")))
        read = [batch for path in log_segments.segments(place) for batch in log_segments.batches(path)]
        found = [each for batch in read for each in batch.column("mlops.request_id").to_pylist()]
        assert (log.written + log.dropped, log.dropped <= 5, log.waiting) == (100, True, 0), at
        assert len(found) == 5 * len(set(found)), at
        kept = [each for each in written if each in found]
        assert len(kept) >= 3, at
        assert kept == written[-len(kept) :], "a row that was acknowledged is missing between others"


def test_privacy_drops_and_hashes(line: Pinned, deploy: Deploy) -> None:
    """A dropped column is nowhere in the files; a hashed one is equal where its values were equal, and nothing else."""
    endpoint = deploy(line, privacy={"x2": "drop", "x3": "hash", "mlops.prediction": "hash"})
    rows = line.rows.iloc[[0, 1, 0]]
    endpoint.predict(rows)
    endpoint.stop()

    log = prediction_log.read("line", board=line.board.url)

    assert "x2" not in log
    assert log["x3"].tolist()[0] == log["x3"].tolist()[2] != log["x3"].tolist()[1]
    assert all(isinstance(value, str) for value in [*log["x3"], *log["mlops.prediction"]])


def test_an_endpoint_without_a_log_writes_none(line: Pinned, deploy: Deploy) -> None:
    """`log=False` leaves an empty log with the columns of any log."""
    endpoint = deploy(line, log=False)
    endpoint.predict(line.rows[:1])
    endpoint.stop()

    assert prediction_log.read("line", board=line.board.url).columns.tolist() == FACTS


def test_many_entries_are_written_a_few_at_a_time_and_in_order(tmp_path: Path) -> None:
    """More requests than are made columns of at once are all there, oldest first, in one segment."""
    rows = mixed(1)[["size"]]
    log, check = writer(tmp_path, rows)
    for place in range(300):
        log.add(entry(check, rows, str(place)))
    log.close()

    (path,) = log_segments.segments(tmp_path)
    batches = list(log_segments.batches(path))
    assert len(batches) > 1
    assert [one for batch in batches for one in batch["mlops.request_id"].to_pylist()] == [*map(str, range(300))]
    assert (log.written, log.waiting, log.dropped) == (300, 0, 0)


def test_each_row_has_the_facts_of_its_own_request(tmp_path: Path) -> None:
    """Requests of one row, of none and of several, gathered into one call: id, latency, the row within the request."""
    rows = mixed(4)[["size"]]
    log, check = writer(tmp_path, rows)
    table = check.columns({"size": rows["size"].tolist()})
    latencies = np.array([1.0, 2.0, 3.0])
    log.add(Entry(time.time(), "one\nnone\nthree", [1, 0, 3], latencies, table, np.arange(4.0), "predict"))
    log.close()

    (path,) = log_segments.segments(tmp_path)
    (batch,) = log_segments.batches(path)
    assert batch["mlops.request_id"].to_pylist() == ["one", "three", "three", "three"]
    assert batch["mlops.row"].to_pylist() == [0, 0, 1, 2]
    assert batch["mlops.latency_ms"].to_pylist() == [1.0, 3.0, 3.0, 3.0]


@pytest.mark.parametrize(
    ("n_columns", "n_rows", "privacy", "slow"),
    [(10, 1000, {}, False), (500, 1000, {}, True), (10, 10_000, {}, True), (10, 1, {"c3": "hash"}, True)],
)
def test_what_would_hold_the_event_loop_up_is_not_done_there(
    n_columns: int, n_rows: int, privacy: dict[str, str], slow: bool
) -> None:
    """Few values are made columns of in the loop; many, and what is hashed one by one, in the log's own thread."""
    rows = pd.DataFrame(np.ones((n_rows, n_columns)), columns=[f"c{place}" for place in range(n_columns)])
    check = Check(Layout(Prototype.from_data(rows)))

    assert LogEncoder(check.layout, "v1", privacy, None).slow([entry(check, rows)]) is slow


def test_a_closed_segment_is_an_arrow_stream_to_its_end(tmp_path: Path) -> None:
    """Any Arrow reads it: schema, batches and the mark behind them, nothing more."""
    rows = mixed(5)
    log, check = writer(tmp_path, rows)
    log.add(entry(check, rows))
    log.flush()
    log.add(entry(check, rows))
    log.close()

    (path,) = log_segments.segments(tmp_path)
    with pa.OSFile(str(path)) as source, pa.ipc.open_stream(source) as stream:
        assert stream.read_all().num_rows == 10
        assert source.tell() == path.stat().st_size


def test_a_column_of_nulls_for_a_while_begins_no_new_segment(tmp_path: Path) -> None:
    """What a column's values were before, they still are when for a while there are none."""
    rows = pd.DataFrame({"note": ["a", None, "b", None]})
    log, check = writer(tmp_path, rows)
    for place in (0, 1, 2, 3):
        log.add(entry(check, rows[place : place + 1]))
        while log.waiting:
            time.sleep(0.01)
    log.close()

    (path,) = log_segments.segments(tmp_path)
    assert [one for batch in log_segments.batches(path) for one in batch["note"].to_pylist()] == ["a", None, "b", None]


def test_a_torn_tail_hides_nothing_before_it(tmp_path: Path) -> None:
    """Cut at any byte, a segment gives every batch that was complete."""
    rows = mixed(5)
    log, check = writer(tmp_path, rows)
    for place in range(3):
        log.add(entry(check, rows, f"r{place}"))
        log.flush()
    log.close()
    (path,) = log_segments.segments(tmp_path)
    whole = path.read_bytes()

    counts = []
    for cut in [*range(0, len(whole), 97), len(whole)]:
        path.write_bytes(whole[:cut])
        counts.append(sum(batch.num_rows for batch in log_segments.batches(path)))

    assert counts == sorted(counts)
    assert set(counts) == {0, 5, 10, 15}


def test_the_log_is_read_while_it_is_written(tmp_path: Path) -> None:
    """A reader beside the writer sees complete batches only, and ever more of them."""
    rows = mixed(50)
    log, check = writer(tmp_path, rows)
    done = threading.Event()

    def write() -> None:
        for place in range(30):
            log.add(entry(check, rows, str(place)))
            log.flush()
        done.set()

    writing = threading.Thread(target=write)
    writing.start()
    seen = []
    while not done.is_set():
        seen.append(
            sum(batch.num_rows for path in log_segments.segments(tmp_path) for batch in log_segments.batches(path))
        )
    writing.join()
    log.close()

    assert seen == sorted(seen)
    assert all(count % 50 == 0 for count in seen)
    assert (
        sum(batch.num_rows for path in log_segments.segments(tmp_path) for batch in log_segments.batches(path)) == 1500
    )


def test_a_disk_that_refuses_costs_rows_but_no_answer(tmp_path: Path) -> None:
    """When nothing can be written, rows are counted as lost; when it can again, logging goes on."""
    rows = mixed(5)
    place = tmp_path / "log"
    log, check = writer(place, rows)
    log.add(entry(check, rows))
    log.flush()
    assert (log.dropped, log.written) == (5, 0)
    assert log.failure is not None

    place.mkdir()
    log.add(entry(check, rows))
    log.flush()
    log.close()

    assert (log.dropped, log.written, log.failure) == (5, 5, None)


@pytest.mark.skipif(sys.platform != "linux", reason="limits of another process can be set on Linux only")
def test_a_full_disk_under_a_running_endpoint(line: Pinned, deploy: Deploy) -> None:
    """Every request is answered, what was not written is counted, and with room again the log goes on."""
    import resource

    endpoint = deploy(line)

    def log_after_asking(wanted: str) -> dict[str, Any]:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            assert len(endpoint.predict(line.rows[:100])) == 100
            log: dict[str, Any] = endpoint.health()["log"]
            if log[wanted]:
                return log
        raise AssertionError(f"nothing {wanted}")

    before = log_after_asking("written")
    worker = endpoint.health()["pid"]
    room = resource.prlimit(worker, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
    full = log_after_asking("dropped")
    assert "too large" in full["failure"]

    resource.prlimit(worker, resource.RLIMIT_FSIZE, room)
    endpoint.predict(line.rows[:7])
    endpoint.stop()
    kept = prediction_log.read("line", board=line.board.url)
    assert before["written"] + 7 <= len(kept)
    assert len(kept) % 100 == 7


@pytest.mark.parametrize(("limit", "most"), [("MOST_WAITING", 12), ("MOST_WAITING_BYTES", 12 * (4 * 8 + 2 * 80))])
def test_the_queue_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, most: int) -> None:
    """Rows that come faster than the disk takes them are dropped and counted, not hoarded: by number and by width."""
    monkeypatch.setattr(f"mlops_magics.core.deploying.prediction_log.log_writer.{limit}", most)
    rows = mixed(5)
    log, check = writer(tmp_path, rows)
    log.close()

    for _ in range(5):
        log.add(entry(check, rows))

    assert log.dropped == 15


def test_periods_and_versions_select(tmp_path: Path, line: Pinned, deploy: Deploy) -> None:
    """`start` is included and `end` excluded; a version that answered nothing has an empty log."""
    endpoint = deploy(line)
    endpoint.predict(line.rows[:1])
    time.sleep(0.01)
    middle = pd.Timestamp.now("UTC")
    endpoint.predict(line.rows[:2])
    endpoint.stop()

    def count(**options: Any) -> int:
        return len(prediction_log.read("line", board=line.board.url, **options))

    assert (count(end=middle), count(start=middle), count()) == (1, 2, 3)
    assert (count(version=line.version.version), count(version="other")) == (3, 0)


def test_names_and_boards_are_told_apart(tmp_path: Path) -> None:
    """Two boards with one name need a board; a name that leaves the folder is refused; unknown policies too."""
    assert prediction_log.read("nothing").empty
    for board in ("a", "b"):
        prediction_log.read("same", board=board)
    with pytest.raises(Ambiguous):
        prediction_log.read("same")
    with pytest.raises(InvalidName):
        prediction_log.read("../../etc")
    with pytest.raises(InvalidInput, match="privacy policy"):
        writer(tmp_path, mixed(5), age="burn")


def test_the_last_requests_are_the_last_whoever_answered(line: Pinned, deploy: Deploy) -> None:
    """A swap begins another segment, and what was asked before it is still among the last; so it is when a view that
    is open sees it happen."""
    endpoint, seen_from_the_start = deploy(line), prediction_log.Tail(line.board.url, "line")
    endpoint.predict(line.rows[:3])
    endpoint.settle()
    before = seen_from_the_start.rows()
    other = line.board.copy(line.version, line.board)
    endpoint.swap(other)
    endpoint.predict(line.rows[3:5])
    endpoint.settle()
    fresh = prediction_log.Tail(line.board.url, "line").rows()

    assert [entry["row"] for entry in before] == line.rows[:3][::-1].to_dict("records")
    assert [entry["row"] for entry in fresh] == line.rows[:5][::-1].to_dict("records")
    assert [entry["version"] for entry in fresh] == [other.version] * 2 + [line.version.version] * 3
    assert seen_from_the_start.rows() == fresh


def test_the_last_requests_of_several_workers_come_in_order(tmp_path: Path) -> None:
    """Workers write a segment each; the newest segment is not the one with the newest request."""
    rows = mixed()
    place = paths.log_of("somewhere", "m")
    (old, check), (new, _) = writer(place, rows), writer(place, rows)
    tail = prediction_log.Tail("somewhere", "m")
    for turn, each in enumerate([old, new, *[old] * 5, new, old, new, old]):
        each.add(entry(check, rows[turn : turn + 1]))
        while turn < 2 and not each.written:  # the segments begin one after the other
            time.sleep(0.01)
    tail.rows()
    old.close()
    new.close()
    followed = tail.rows()

    ages = [row["row"]["age"] for row in followed]
    assert ages == rows["age"][3:11].tolist()[::-1]
    assert followed == prediction_log.Tail("somewhere", "m").rows()
