"""The life of an endpoint: up when deployed, found again, seen when dead, gone when stopped."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest

from mlops_magics.core import deploying
from mlops_magics.core.deploying import Endpoint, EndpointTable, Limits
from mlops_magics.core.deploying.clients.async_client import AsyncClient
from mlops_magics.core.deploying.endpoints import control_channel, warm_spare
from mlops_magics.core.deploying.endpoints import endpoint as endpoint_module
from mlops_magics.core.versioning import Board, open_board
from mlops_magics.errors import DataMismatch, EndpointError, InvalidInput
from tests.core.deploying.conftest import TOKEN, Pinned, numbers, publish, publish_line
from tests.core.deploying.models import Heavy, Slow, Unreadable

Deploy = Callable[..., Endpoint]


def wait_until(true: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.02)


def runs(process: psutil.Process) -> bool:
    """Tell whether a process runs; one that ended may wait to be reaped by whoever took it over."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_an_endpoint_answers_when_deploy_returns(line: Pinned, deploy: Deploy) -> None:
    """The first question after deploy gets the model's own answer, and the record tells everything but the token."""
    endpoint = deploy(line, alias="champion", notebook="a.ipynb")

    np.testing.assert_allclose(endpoint.predict(line.rows), line.model.predict(line.rows), rtol=1e-12)
    told = endpoint.to_json()
    assert (told["name"], told["version"], told["state"], told["alias"]) == (
        "line",
        line.version.version,
        "running",
        "champion",
    )
    assert TOKEN not in json.dumps(told)
    assert endpoint.serves(line.version)


def test_every_kind_of_rows_can_be_asked(line: Pinned, deploy: Deploy) -> None:
    """Frames, one row as Series or dict, records, arrays: the same values; wrong columns are told by name."""
    endpoint = deploy(line)
    expected = line.model.predict(line.rows[:2])

    for rows in (line.rows[:2], line.rows[:2].to_dict(orient="records"), line.rows[:2].to_numpy()):
        np.testing.assert_allclose(endpoint.predict(rows), expected, rtol=1e-12)
    for row in (line.rows.iloc[0], line.rows.iloc[0].to_dict()):
        np.testing.assert_allclose(endpoint.predict(row), expected[:1], rtol=1e-12)
    with pytest.raises(DataMismatch, match="'x2'") as caught:
        endpoint.predict(line.rows.drop(columns="x2"))
    assert caught.value.problems[0]["type"] == "missing"


def test_probabilities_and_labels_come_back_as_the_model_gives_them(forest: Pinned, deploy: Deploy) -> None:
    """Labels are equal, and probabilities have one column for each class."""
    endpoint = deploy(forest)

    np.testing.assert_array_equal(endpoint.predict(forest.rows), forest.model.predict(forest.rows))
    np.testing.assert_allclose(endpoint.predict_proba(forest.rows), forest.model.predict_proba(forest.rows), rtol=1e-12)


def test_running_finds_endpoints_of_other_processes(line: Pinned, deploy: Deploy) -> None:
    """An endpoint outlives a kernel that is killed right after it started it, and is found by its announcement."""
    code = f"""
import os, signal
from mlops_magics.core import deploying
from mlops_magics.core.versioning import open_board
board = open_board({line.board.url!r})
print(deploying.deploy(board, board.version("line"), token={TOKEN!r}).pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    killed = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL
    pid = int(killed.stdout)

    (found,) = deploying.running("line")

    assert (found.pid, found.state) == (pid, "running")
    assert found.predict(line.rows[:1]).shape == (1,)
    assert list(EndpointTable.of([found])["name"]) == ["line"]
    found.stop()
    assert deploying.running() == []


def test_a_killed_endpoint_is_seen_and_comes_back_on_its_port(line: Pinned, deploy: Deploy) -> None:
    """R16: After SIGKILL nothing of it is left, the state is `died`, and deploying takes the same port and token."""
    endpoint = deploy(line, token=True)
    worker = endpoint.health()["pid"]
    os.kill(endpoint.pid, signal.SIGKILL)

    wait_until(lambda: endpoint.state == "died", 2.0)
    wait_until(lambda: not psutil.pid_exists(worker))
    with pytest.raises(EndpointError, match="does not answer"):
        endpoint.predict(line.rows[:1])
    again = deploy(line, token=True)

    assert (again.port, again.token) == (endpoint.port, endpoint.token)
    assert again.predict(line.rows[:1]).shape == (1,)


def test_a_killed_worker_is_replaced_without_a_refused_connection(line: Pinned, deploy: Deploy) -> None:
    """R16: After SIGKILL of the worker another one answers; SIGTERM, as at a shutdown, ends them all."""
    endpoint = deploy(line)
    before = endpoint.health()["pid"]
    os.kill(before, signal.SIGKILL)

    wait_until(lambda: endpoint.predict(line.rows[:1]).shape == (1,))

    worker = endpoint.health()["pid"]
    assert worker != before
    assert endpoint.state == "running"
    os.kill(endpoint.pid, signal.SIGTERM)
    wait_until(lambda: not psutil.pid_exists(worker) and endpoint.state == "stopped")


def test_stop_finishes_what_is_being_answered(forest: Pinned, deploy: Deploy) -> None:
    """A request that is on its way is answered, then nothing is left: no process, no file."""
    endpoint = deploy(forest)
    rows = forest.rows.sample(60_000, replace=True, random_state=0)
    answers: list[np.ndarray] = []
    asking = threading.Thread(target=lambda: answers.append(endpoint.predict(rows)))
    asking.start()
    wait_until(lambda: deploying.running()[0].health()["queue"] > 0 or not asking.is_alive())
    processes = [psutil.Process(endpoint.pid), *psutil.Process(endpoint.pid).children()]

    deploying.running()[0].stop()
    asking.join()

    assert len(answers[0]) == 60_000
    assert [each for each in processes if runs(each)] == []
    assert (endpoint.state, deploying.running()) == ("stopped", [])


@pytest.mark.parametrize("how", ["stop", "terminate"])
@pytest.mark.parametrize("workers", [1, 2])
def test_stopping_waits_for_no_worker_that_still_loads(
    board: Board, deploy: Deploy, tmp_path: Path, how: str, workers: int
) -> None:
    """A worker that was killed is being replaced by one that takes minutes: the endpoint ends all the same, with it."""
    flag = tmp_path / "slow"
    endpoint = deploy(
        publish(board, "slow", Slow(str(flag)), numbers()), workers=workers, limits=Limits(drain_seconds=600)
    )
    flag.touch()
    supervisor = psutil.Process(endpoint.pid)
    before = supervisor.children(recursive=True)
    for worker in before:
        worker.kill()
    wait_until(lambda: len(set(supervisor.children(recursive=True)) - set(before)) == workers, 20.0)
    loading = supervisor.children(recursive=True)

    if how == "stop":
        endpoint.stop(seconds=600)
    else:
        supervisor.terminate()

    wait_until(lambda: endpoint.state == "stopped" and not any(map(runs, loading)))


def test_a_deployment_waits_for_an_endpoint_that_is_being_stopped(line: Pinned, deploy: Deploy) -> None:
    """It finishes a long request meanwhile: the new version starts after it, at the same address."""
    began, endpoint = threading.Event(), deploy(line)
    endpoint.route("/wait")(lambda model, seconds: time.sleep(seconds) or "waited")
    answers: list[bytes] = []

    def ask() -> None:
        began.set()
        body, headers = b"1.5", {"Authorization": f"Bearer {endpoint.token}"}
        answers.append(urllib.request.urlopen(urllib.request.Request(f"{endpoint.url}/wait", body, headers)).read())

    threads = [threading.Thread(target=ask), threading.Thread(target=Endpoint(endpoint.announced).stop)]
    threads[0].start()
    began.wait()
    time.sleep(0.3)
    threads[1].start()
    time.sleep(0.3)
    newer = deploy(publish_line(line.board, 2.0))
    for thread in threads:
        thread.join()

    assert json.loads(answers[0]) == "waited"
    assert (newer.state, newer.url) == ("running", endpoint.url)
    np.testing.assert_allclose(newer.predict(line.rows[:1]), 2 * line.model.predict(line.rows[:1]))


def test_stopping_waits_for_no_swap(line: Pinned, deploy: Deploy, tmp_path: Path) -> None:
    """A version that takes minutes to be read holds neither requests up nor the end of the endpoint."""
    flag = tmp_path / "slow"
    slow = publish(line.board, "line", Slow(str(flag)), numbers())
    endpoint = deploy(line, limits=Limits(drain_seconds=600))
    flag.touch()
    told: list[str] = []

    def swap() -> None:
        try:
            endpoint.swap(slow.version)
        except EndpointError as error:
            told.append(str(error))

    swapping = threading.Thread(target=swap)
    swapping.start()
    worker = psutil.Process(endpoint.pid).children()[0]
    wait_until(lambda: f"loading line@{slow.version.version}" in Path(str(endpoint.log_path)).read_text())
    assert endpoint.predict(line.rows[:1]).shape == (1,)

    deploying.running()[0].stop(seconds=600)
    swapping.join()

    assert len(told) == 1
    assert not runs(worker)


def test_a_stranger_at_the_line_of_commands_holds_nobody_up(line: Pinned, deploy: Deploy) -> None:
    """Without the key nothing is heard, and whoever says nothing is not waited for."""
    endpoint = deploy(line)
    address = ("127.0.0.1", endpoint.announced.control_port)

    with socket.create_connection(address), pytest.raises(EndpointError, match="does not accept"):
        control_channel.send_command(address[1], "00" * 32, {"do": "stop"})
    with socket.create_connection(address):
        assert endpoint.canary(publish_line(line.board, 2.0).version, 0.5).challengers["line"].share == 0.5
    for share, mended in ((20.0, "20%"), (1, "10%"), (0, "10%"), (-3, "10%"), (float("nan"), "10%")):
        with pytest.raises(InvalidInput, match=f"not a valid share.*--canary {mended}"):
            endpoint.canary("v1", share)


def test_a_taken_port_is_one_clear_line(line: Pinned, deploy: Deploy) -> None:
    """A port that another process holds is refused before anything starts; without a wish any free one is taken."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(EndpointError, match=f"Port {port} is taken"):
            deploy(line, port=port)
        assert deploying.running() == []

        endpoint = deploy(line)
        with pytest.raises(EndpointError, match=f"Port {port} is taken"):
            deploy(line, port=port)
        assert endpoint.state == "running", "what ran is not lost to a wish that cannot be granted"


def test_an_interrupted_deployment_leaves_no_process_and_no_endpoint(line: Pinned, deploy: Deploy) -> None:
    """Ctrl-C while the model is loaded: what its user gave up does not answer later."""
    before = {each.pid for each in psutil.Process().children(recursive=True)}
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        deploy(line)

    assert deploying.running() == []
    wait_until(lambda: {each.pid for each in psutil.Process().children(recursive=True)} <= before)


def test_what_ran_runs_again_where_its_successor_is_interrupted_or_does_not_start(
    line: Pinned, deploy: Deploy, tmp_path: Path
) -> None:
    """Options that differ stop the endpoint before the new one starts: it is not lost with it."""
    flags = {model: tmp_path / model.__name__ for model in (Slow, Unreadable)}
    slow, unreadable = (publish(line.board, "line", model(str(flag)), numbers()) for model, flag in flags.items())
    endpoint = deploy(line)
    port = endpoint.port
    for flag in flags.values():
        flag.touch()

    def interrupt() -> None:
        wait_until(lambda: endpoint.state == "stopped")
        time.sleep(0.2)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        deploy(slow, exact=True)
    (first,) = deploying.running()
    with pytest.raises(EndpointError, match=f"What ran before answers again: line@{line.version.version}"):
        deploy(unreadable, exact=True)
    (again,) = deploying.running()

    assert [(each.version, each.port) for each in (first, again)] == [(line.version.version, port)] * 2
    assert len(again.predict(line.rows.head(2))) == 2
    again.stop()


def test_a_restart_on_a_port_that_was_taken_names_the_line_that_starts_it_elsewhere(
    line: Pinned, deploy: Deploy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A restart has no option for the port. What was announced stays, so that the line takes up routes and options."""
    monkeypatch.setattr(endpoint_module, "PORT_PATIENCE", 0.0)
    endpoint = deploy(line)
    endpoint.route("/answer")(lambda model, rows: {"answer": 42})
    os.kill(endpoint.pid, signal.SIGKILL)
    bound: list[socket.socket] = []

    def bind() -> bool:
        with contextlib.suppress(OSError):  # the worker closes the port a little later
            bound.append(socket.create_server(("127.0.0.1", endpoint.port)))
        return bool(bound)

    wait_until(bind)
    with bound[0]:
        told = f"Port {endpoint.port} is taken .*. `%deploy line@{endpoint.version}` starts it on a free one"
        with pytest.raises(EndpointError, match=told):
            endpoint.restart()
        assert [each.state for each in deploying.running()] == ["died"]
        again = deploy(line)

    assert (again.port != endpoint.port, again.routes) == (True, ["/answer"])


def test_models_that_cannot_stand_behind_one_endpoint_are_refused(line: Pinned, tmp_path: Path) -> None:
    """Two versions of one model, and models of two boards: one line, and nothing is started."""
    elsewhere = publish(open_board(tmp_path / "other"), "owls", line.model, line.rows)

    for also, message in ((line, "named twice"), (elsewhere, "one board")):
        with pytest.raises(InvalidInput, match=message):
            deploying.deploy(line.board, line.version, also=[also.version])
    assert deploying.running() == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"port": 70_000}, "port"),
        ({"workers": 0}, "workers"),
        ({"speed": 9}, "Unknown option 'speed'"),
        ({"extras": "keep"}, "ignore, refuse"),
        ({"token": "a b"}, "token"),
    ],
)
def test_options_that_make_no_sense_are_refused(line: Pinned, options: dict[str, object], message: str) -> None:
    """Each is one line, and nothing is started."""
    with pytest.raises(InvalidInput, match=message):
        deploying.deploy(line.board, line.version, **options)  # type: ignore[arg-type]


def test_a_temporary_endpoint_ends_with_its_notebook(line: Pinned) -> None:
    """When the process that wanted it only for itself is killed, the endpoint stops by itself."""
    code = f"""
import time
from mlops_magics.core import deploying
from mlops_magics.core.versioning import open_board
board = open_board({line.board.url!r})
print(deploying.deploy(board, board.version("line"), temporary=True).pid, flush=True)
time.sleep(100)
"""
    notebook = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert notebook.stdout is not None
    pid = int(notebook.stdout.readline())
    notebook.kill()
    notebook.wait()
    notebook.stdout.close()

    wait_until(lambda: not psutil.pid_exists(pid))
    wait_until(lambda: deploying.running() == [])


def test_no_secret_is_in_arguments_environment_or_open_files(line: Pinned, deploy: Deploy, state_folder: Path) -> None:
    """T8: The token is in one private file only."""
    endpoint = deploy(line, token="a-very-secret-token")
    supervisor = psutil.Process(endpoint.pid)

    for process in (supervisor, *supervisor.children()):
        assert "a-very-secret-token" not in " ".join([*process.cmdline(), *process.environ().values()])
    holding = [
        path for path in state_folder.rglob("*") if path.is_file() and b"a-very-secret-token" in path.read_bytes()
    ]
    assert [path.suffix for path in holding] == [".json"]
    assert {path.stat().st_mode & 0o077 for path in state_folder.rglob("*")} == {0}


def test_two_workers_share_the_port_and_the_models_memory(board: Board, deploy: Deploy) -> None:
    """Both processes answer at one address; what the model is made of lies in memory once."""
    size = 40 << 20
    endpoint = deploy(publish(board, "heavy", Heavy(size), numbers()), workers=2)
    workers = psutil.Process(endpoint.pid).children(recursive=True)
    seen = set()

    def ask() -> bool:
        endpoint.client.close()
        endpoint.predict(numbers()[:1])
        seen.add(endpoint.health()["pid"])
        return len(seen) == 2

    wait_until(ask)
    assert seen == {worker.pid for worker in workers}
    for memory in (worker.memory_full_info() for worker in workers):
        assert memory.rss - memory.uss > size


def test_restart_keeps_the_address(line: Pinned, deploy: Deploy) -> None:
    """After a restart the same URL and token answer from another process."""
    endpoint = deploy(line)
    pid, url = endpoint.pid, endpoint.url

    endpoint.restart()

    assert (endpoint.url, endpoint.pid != pid) == (url, True)
    assert endpoint.predict(line.rows[:1]).shape == (1,)


def test_a_route_that_fails_says_so_and_the_log_says_why(line: Pinned, deploy: Deploy) -> None:
    """The client learns which function failed, and the class of the error only; the owner finds the rest in the log."""
    endpoint = deploy(line)
    endpoint.route("/broken")(lambda model, rows: {"secret": 1}["password"])

    with pytest.raises(EndpointError, match=r"function of /broken failed \(KeyError\)") as caught:
        endpoint.client.send("GET", "/broken")

    assert "password" not in str(caught.value)
    assert "KeyError: 'password'" in Path(str(endpoint.log_path)).read_text()


def test_restart_takes_up_what_its_owner_changed(line: Pinned, forest: Pinned, deploy: Deploy) -> None:
    """Swap, alias, canary, own routes, further models and options are there again, whichever handle asks; also a way
    back."""
    twice, thrice = publish_line(line.board, 2.0), publish_line(line.board, 3.0)
    deploy(line, also=[forest.version], extras="refuse").swap(twice.version, alias="next").canary(thrice.version, 0.25)
    deploying.running()[0].route("/answer")(lambda model, rows: {"answer": 42})

    for end in (lambda pid: None, lambda pid: os.kill(pid, signal.SIGKILL)):
        (endpoint,) = deploying.running()
        end(endpoint.pid)
        endpoint.restart()

        assert (endpoint.version, endpoint.alias, endpoint.routes) == (twice.version.version, "next", ["/answer"])
        assert endpoint.challengers["line"].text == f"{thrice.version.version} for 25 %"
        assert json.loads(endpoint.client.send("POST", "/answer", b"[]")[0]) == {"answer": 42}
        assert len(endpoint.predict(forest.rows[:2], model="forest")) == 2
        with pytest.raises(DataMismatch, match="'more'"):
            endpoint.predict(line.rows[:1].assign(more=1.0))
    endpoint.rollback()
    assert (endpoint.version, endpoint.challengers) == (line.version.version, {})


def test_restart_says_what_it_cannot_take_up(
    line: Pinned, deploy: Deploy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A canary that is deleted and a route whose module is gone are named in a warning; the endpoint answers."""
    module = tmp_path / "gone_soon.py"
    module.write_text("def answer(model, rows):\n    return 42\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.syspath_prepend(tmp_path)
    rival = publish_line(line.board, 2.0)
    endpoint = deploy(line).shadow(rival.version)
    endpoint.route("/answer")(importlib.import_module("gone_soon").answer)
    endpoint.route("/other")(lambda model, rows: 43)
    module.unlink()
    line.board.delete(rival.version.ref)

    with pytest.warns(UserWarning, match="/answer, line could not be resumed"):
        endpoint.restart()

    assert (endpoint.routes, endpoint.challengers) == (["/other"], {})
    assert endpoint.predict(line.rows[:1]).shape == (1,)
    assert endpoint.restart().routes == ["/other"]


def test_a_route_stays_when_other_options_start_the_endpoint_anew(line: Pinned, deploy: Deploy) -> None:
    """Deploying with another number of workers is another process with the same routes; stopping forgets them."""
    first = deploy(line)
    first.route("/answer")(lambda model, rows: {"answer": 42})

    second = deploy(line, workers=2)

    assert (second.pid != first.pid, second.routes) == (True, ["/answer"])
    assert json.loads(second.client.send("GET", "/answer")[0]) == {"answer": 42}
    second.stop()
    assert deploy(line).routes == []


def test_a_route_that_carries_half_the_notebook_is_refused(line: Pinned, deploy: Deploy) -> None:
    """What a function names travels with it, up to a limit; the line says what to do."""
    table = os.urandom(5 << 20)

    with pytest.raises(InvalidInput, match=r"lookup takes 5,.* from a file inside the function"):

        @deploy(line).route("/lookup")
        def lookup(model: object, rows: object) -> int:
            return table[0]


def test_a_warm_spare_becomes_the_next_endpoint(line: Pinned, deploy: Deploy) -> None:
    """A prepared process takes the plan; discarding another leaves nothing behind."""
    warm_spare.prepare()
    warm_spare.prepare()
    waiting = warm_spare._waiting[0].child.pid

    endpoint = deploy(line)

    assert endpoint.pid == waiting
    assert endpoint.predict(line.rows[:1]).shape == (1,)
    warm_spare.prepare()
    other = warm_spare._waiting[0].child
    warm_spare.discard()
    assert other.poll() is not None


def test_a_route_of_ones_own_answers(line: Pinned, deploy: Deploy) -> None:
    """A function of the notebook is called with the model and the JSON, also by a worker that starts later."""
    endpoint = deploy(line)

    @endpoint.route("/mean")
    def mean(model: object, rows: object) -> dict[str, float]:
        return {"mean": float(model.predict(pd.DataFrame(rows)).mean())}  # type: ignore[attr-defined]

    body = line.rows[:4].to_json(orient="records").encode()
    content, _ = endpoint.client.send("POST", "/mean", body)
    os.kill(endpoint.health()["pid"], signal.SIGKILL)

    assert json.loads(content)["mean"] == pytest.approx(line.model.predict(line.rows[:4]).mean())
    wait_until(lambda: _answers(endpoint, body))


def _answers(endpoint: Endpoint, body: bytes) -> bool:
    try:
        endpoint.client.send("POST", "/mean", body)
    except EndpointError:
        return False
    return True


def test_snippets_run_as_they_are(line: Pinned, deploy: Deploy) -> None:
    """What is pasted into a shell, Python or Node asks for the example, and holds no token; R's needs R to run."""
    endpoint = deploy(line)
    commands = {
        "curl": ["bash", "-c"],
        "python": [sys.executable, "-W", "ignore", "-c"],
        "javascript": ["node", "--input-type=module", "-e"],
    }

    for language, command in commands.items():
        code = endpoint.snippet(language)
        environment = {**os.environ, "MLOPS_MAGICS_TOKEN": TOKEN}
        done = subprocess.run([*command, code], env=environment, capture_output=True, text=True, check=True)
        assert TOKEN not in code
        assert str(line.model.predict(line.rows[:1])[0])[:10] in done.stdout
    assert "Sys.getenv" in endpoint.snippet("r")
    with pytest.raises(InvalidInput, match="javascript"):
        endpoint.snippet("cobol")


@pytest.mark.parametrize("kept", [False, True])
def test_the_asynchronous_twin_asks_many_at_once(line: Pinned, deploy: Deploy, kept: bool) -> None:
    """Awaited together, more than it has connections, each gets its own rows' answer; no thread is started for it."""
    endpoint = deploy(line)
    before = set(threading.enumerate())

    async def concatenate(twin: AsyncClient) -> list[np.ndarray]:
        return list(await asyncio.gather(*(twin.predict(line.rows[place : place + 2]) for place in range(100))))

    async def ask() -> list[np.ndarray]:
        if not kept:
            return await concatenate(endpoint.asynchronous)
        async with endpoint.asynchronous as twin:
            return [*(await concatenate(twin)), *(await concatenate(twin))][100:]

    for _ in range(2):  # on an event loop of its own each time
        for place, values in enumerate(asyncio.run(ask())):
            np.testing.assert_allclose(values, line.model.predict(line.rows[place : place + 2]), rtol=1e-12)
    assert set(threading.enumerate()) == before


def test_the_asynchronous_twin_has_the_same_errors(line: Pinned, deploy: Deploy) -> None:
    """The server's words and problems; a kept connection that the server closed is opened again; a dead endpoint."""
    endpoint = deploy(line, limits=Limits(idle_seconds=0.2))

    async def ask() -> None:
        async with endpoint.asynchronous as twin:
            assert (await twin.get("/health"))["name"] == "line"
            with pytest.raises(DataMismatch, match="'x2'") as caught:
                await twin.predict(line.rows.drop(columns="x2"))
            assert caught.value.problems[0]["type"] == "missing"
            await asyncio.sleep(1.5)
            assert (await twin.predict(line.rows[:1])).shape == (1,)
            with pytest.raises(EndpointError, match="no predict_proba"):
                await twin.predict_proba(line.rows[:1])
            endpoint.stop()
            with pytest.raises(EndpointError, match="does not answer"):
                await twin.predict(line.rows[:1])

    asyncio.run(ask())
