"""Versions that change under traffic: swap, rollback, canary, shadow."""

from __future__ import annotations

import http.client
import json
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest

from mlops_magics.core.deploying import Endpoint, prediction_log
from mlops_magics.core.deploying.endpoints.plan import Challenger, Plan
from mlops_magics.core.deploying.endpoints.planning import plan_of
from mlops_magics.core.deploying.server.processes.catch_up import commands_between
from mlops_magics.core.versioning import Board
from mlops_magics.errors import EndpointError, MlopsError, NotFound
from tests.core.deploying.conftest import TOKEN, Pinned, numbers, publish, publish_line
from tests.core.deploying.models import Cyclic, Heavy

Deploy = Callable[..., Endpoint]


@pytest.fixture
def doubled(line: Pinned) -> Pinned:
    """The next version of the line, which answers twice as much."""
    return publish_line(line.board, factor=2.0)


class Traffic:
    """Asks three rows again and again, 200 times a second, and keeps each answer with the version its header names."""

    EVERY_SECONDS, ASKERS = 0.005, 2

    def __init__(self, endpoint: Endpoint, pinned: Pinned) -> None:
        self._port = endpoint.port
        self._body = pinned.rows[:3].to_json(orient="records", double_precision=15).encode()
        self.answers: list[tuple[str, list[float]]] = []
        self.failures: list[object] = []
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(self.ASKERS)]

    def __enter__(self) -> Traffic:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
        due = time.monotonic()
        while not self._ended.is_set():
            connection.request("POST", "/predict", self._body, {"Authorization": f"Bearer {TOKEN}"})
            reply = connection.getresponse()
            content = reply.read()
            if reply.status == 200:
                self.answers.append((str(reply.headers["X-Model-Version"]), json.loads(content)["predict"]))
            else:
                self.failures.append(content)
            due += self.ASKERS * self.EVERY_SECONDS
            time.sleep(max(0.0, due - time.monotonic()))
        connection.close()


def test_a_hundred_swaps_and_rollbacks_under_traffic_fail_no_request(
    line: Pinned, doubled: Pinned, deploy: Deploy
) -> None:
    """R15: Two workers, 200 requests a second: each answer is right for the version in its header, none fails."""
    endpoint = deploy(line, workers=2)
    expected = {pinned.version.version: pinned.model.predict(pinned.rows[:3]).tolist() for pinned in (line, doubled)}

    with Traffic(endpoint, line) as traffic:
        for _ in range(100):
            endpoint.swap(doubled.version)
            endpoint.rollback()

    assert traffic.failures == []
    assert {version for version, _ in traffic.answers} == set(expected)
    for version, values in traffic.answers:
        assert values == pytest.approx(expected[version], rel=1e-12)
    assert endpoint.version == line.version.version


def test_workers_that_start_later_know_what_changed(line: Pinned, doubled: Pinned, deploy: Deploy) -> None:
    """Whichever worker is killed, the one that replaces it answers with the version of the swap, and goes back."""
    endpoint = deploy(line, workers=2).swap(doubled.version)
    twice, once = (pinned.model.predict(pinned.rows[:1])[0] for pinned in (doubled, line))
    before = {worker.pid for worker in psutil.Process(endpoint.pid).children(recursive=True)}

    for pid in before:
        os.kill(pid, signal.SIGKILL)
    seen = ask_until_both_answer(endpoint, line, twice)
    endpoint.rollback()

    assert not seen & before
    assert ask_until_both_answer(endpoint, line, once) == seen


def ask_until_both_answer(endpoint: Endpoint, pinned: Pinned, expected: float) -> set[int]:
    """Ask until two workers have answered, rightly; return their process ids."""
    seen: set[int] = set()
    limit = time.monotonic() + 60
    while len(seen) < 2 and time.monotonic() < limit:
        endpoint.client.close()
        assert endpoint.predict(pinned.rows[:1])[0] == pytest.approx(expected)
        seen.add(endpoint.health()["pid"])
    return seen


def test_a_swap_to_what_does_not_exist_changes_nothing(line: Pinned, deploy: Deploy) -> None:
    """The endpoint says why, and goes on with the version that it has; so it does without a version to go back to."""
    endpoint = deploy(line)

    with pytest.raises(NotFound, match="20990101T000000Z"):
        endpoint.swap("20990101T000000Z-00000")
    with pytest.raises(EndpointError, match="swapped"):
        endpoint.rollback()

    assert endpoint.version == line.version.version
    assert endpoint.predict(line.rows[:1]).shape == (1,)


def test_a_refused_command_is_one_line_of_the_log(line: Pinned, deploy: Deploy) -> None:
    """The log says what was refused, by the worker and by its supervisor, without a traceback."""
    endpoint = deploy(line)

    with pytest.raises(EndpointError, match="swapped"):
        endpoint.rollback()

    assert endpoint.log_path is not None
    told = Path(endpoint.log_path).read_text()
    assert told.count("was refused: ") == 2
    assert "Traceback" not in told


def test_a_canary_gets_its_share_and_keeps_its_clients(line: Pinned, doubled: Pinned, deploy: Deploy) -> None:
    """About its share of the requests goes to the canary, one key always to one version; withdrawing ends it."""
    endpoint = deploy(line).canary(doubled.version, 0.3)
    body = line.rows[:1].to_json(orient="records").encode()

    def version_for(**headers: str) -> str:
        return endpoint.client.send("POST", "/predict", body, headers)[1]["x-model-version"]

    share = np.mean([version_for() == doubled.version.version for _ in range(400)])
    by_key = [{version_for(**{"X-Sticky-Key": f"client-{key}"}) for _ in range(5)} for key in range(20)]
    endpoint.withdraw()

    assert 0.2 < share < 0.4
    assert {len(versions) for versions in by_key} == {1}
    assert len(set.union(*by_key)) == 2
    assert {version_for() for _ in range(20)} == {line.version.version}


def test_a_shadow_answers_nobody_and_is_logged(line: Pinned, doubled: Pinned, deploy: Deploy) -> None:
    """The shadow sees every request under the same id; only the current version's answers are sent."""
    endpoint = deploy(line).shadow(doubled.version)

    answers = [endpoint.predict(line.rows[place : place + 1])[0] for place in range(5)]
    endpoint.stop()

    np.testing.assert_allclose(answers, line.model.predict(line.rows[:5]), rtol=1e-12)
    log = prediction_log.read("line", board=line.board.url)
    shadowed = log[log["mlops.version"] == doubled.version.version]
    np.testing.assert_allclose(
        np.sort(shadowed["mlops.prediction"]), np.sort(doubled.model.predict(line.rows[:5])), rtol=1e-12
    )
    assert set(shadowed["mlops.request_id"]) == set(
        log[log["mlops.version"] == line.version.version]["mlops.request_id"]
    )


def test_deploying_another_version_swaps_the_running_endpoint(line: Pinned, doubled: Pinned, deploy: Deploy) -> None:
    """The same process goes on at the same address with the other version, and restarts with it."""
    endpoint = deploy(line)

    again = deploy(doubled, alias="champion")

    assert (again.pid, again.url, again.version) == (endpoint.pid, endpoint.url, doubled.version.version)
    assert again.alias == "champion"
    assert again.restart().predict(line.rows[:1])[0] == pytest.approx(doubled.model.predict(line.rows[:1])[0])


def test_a_late_worker_is_told_only_what_changed(line: Pinned, doubled: Pinned) -> None:
    """From the plan that a worker was given to the one that holds now: swaps, trials, their end, and routes."""
    old, new = line.version.version, doubled.version.version
    plan = plan_of([line.version]).challenged("line", Challenger(new, "canary", 0.5)).routed("/a", "1")

    def told(now: Plan) -> list[str]:
        return [f"{command['do']} {command.get('mode', '')}".strip() for command in commands_between(plan, now)]

    assert told(plan) == []
    assert told(plan.challenged("line", None)) == ["commit withdraw"]
    assert told(plan.challenged("line", Challenger(new, "shadow", 1.0))) == ["prepare", "commit shadow"]
    assert told(plan.swapped("line", new)) == ["prepare", "commit swap"]
    assert told(plan.swapped("line", new).swapped("line", old)) == ["commit withdraw"]
    assert told(plan.routed("/a", "2").routed("/b", "3")) == ["route", "route"]
    assert plan.swapped("line", new).previous == {"line": old}


@pytest.mark.parametrize("kind", [Heavy, Cyclic])
@pytest.mark.parametrize("log", [True, False])
def test_versions_that_were_swapped_out_are_freed(board: Board, deploy: Deploy, kind: type[Heavy], log: bool) -> None:
    """However often an endpoint is swapped, its worker holds two versions: the current and the previous one."""
    size = 32 << 20
    versions = [publish(board, "heavy", kind(size), numbers()) for _ in range(3)]
    endpoint = deploy(versions[0], log=log)
    (worker,) = psutil.Process(endpoint.pid).children()
    resident = []

    for turn in range(1, 9):
        endpoint.swap(versions[turn % 3].version)
        endpoint.predict(numbers()[:2])
        resident.append(worker.memory_info().rss)

    assert max(resident[2:]) - resident[1] < size, [each >> 20 for each in resident]


def test_a_version_is_named_in_every_form_of_a_reference(line: Pinned, doubled: Pinned, deploy: Deploy) -> None:
    """`swap`, `canary` and `shadow` take a record, `name@version`, a version and an alias."""
    board, version = line.board, doubled.version.version
    board.promote(doubled.version.ref, to="next")
    endpoint = deploy(line)

    forms = [doubled.version, f"line@{version}", version, f"@{version}", "line@next", "@next", "next"]
    for form in forms:
        assert endpoint.swap(form).version == version, form
        assert endpoint.alias == ("next" if "next" in str(form) else None), form
        endpoint.swap(line.version)
        assert endpoint.canary(form, 0.5).challengers["line"].version == version
        assert endpoint.shadow(form).challengers["line"].version == version
    board.promote(doubled.version.ref, to="champion")
    assert endpoint.swap("line").version == version, "a bare name is the champion"


@pytest.mark.parametrize(
    "form", ["line@nothing", "nothing", "@nothing", "other@v1", "v9", "line@v1@v2", "elsewhere:line@v1"]
)
def test_a_reference_to_nothing_is_one_clear_line(line: Pinned, deploy: Deploy, form: str) -> None:
    """What cannot be found is named, and the endpoint goes on."""
    endpoint = deploy(line)

    with pytest.raises(MlopsError) as caught:
        endpoint.swap(form)

    assert "\n" not in str(caught.value)
    assert endpoint.version == line.version.version
