"""What the server extension tells and does, over a real board folder and real endpoints."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError

from mlops_magics import __version__, errors
from mlops_magics.core import known_boards, verdicts
from mlops_magics.core.deploying import deploy
from mlops_magics.core.deploying.endpoints import processes
from mlops_magics.core.versioning import Board
from mlops_magics.lab.handler import VIEWS, status_of

ROOT = "mlops-magics"


async def _get(jp_fetch: Any, address: str, **params: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((await jp_fetch(ROOT, *address.split("/"), params=params)).body)
    return told


async def _post(jp_fetch: Any, address: str, **body: Any) -> dict[str, Any]:
    answer = await jp_fetch(ROOT, *address.split("/"), method="POST", body=json.dumps(body))
    told: dict[str, Any] = json.loads(answer.body)
    return told


async def test_the_views_of_tabs_are_sent_compressed(jp_fetch: Any) -> None:
    """One script with all of them, whole where a browser takes no compressed one; unchanged, it is not sent again."""
    address = (ROOT, "tabs.js")
    plain = await jp_fetch(*address, headers={"Accept-Encoding": "identity"})
    small = await jp_fetch(*address, headers={"Accept-Encoding": "gzip"}, decompress_response=False)
    with pytest.raises(HTTPClientError) as same:
        await jp_fetch(*address, headers={"If-None-Match": plain.headers["Etag"]})

    assert gzip.decompress(small.body) == plain.body == VIEWS.read_bytes()
    assert len(small.body) < len(plain.body) / 2
    assert small.headers["Content-Encoding"] == "gzip"
    assert plain.headers["Content-Type"].startswith("text/javascript")
    assert same.value.code == 304


ASKING = """
import sys
unpickled = []
sys.addaudithook(lambda event, given: unpickled.append(given) if event == "pickle.find_class" else None)
from mlops_magics.core import known_boards
from mlops_magics.panel import verbs
from mlops_magics.panel.board_pool import BoardPool
pool, key = BoardPool(), known_boards.known()[0].key
model = {"board": key, "name": "line"}
new, old = (each.version for each in verbs.call(pool, "versions", model).versions)
for verb in ("boards", "endpoints"):
    verbs.call(pool, verb, {})
for verb in ("history", "traffic", "verdicts"):
    verbs.call(pool, verb, model)
verbs.call(pool, "models", {"board": key})
verbs.call(pool, "version", {**model, "version": old})
verbs.call(pool, "compare", {**model, "a": old, "b": new})
verbs.call(pool, "promote", {**model, "alias": "champion", "version": old})
verbs.call(pool, "promote", {**model, "alias": "champion", "version": new})
verbs.call(pool, "rollback", {**model, "alias": "champion"})
print(unpickled, [name for name in ("sklearn", "skops", "joblib") if name in sys.modules])
"""


def test_no_verb_reads_a_model(board: Board) -> None:
    """Whatever the server is asked, nothing is unpickled, and what reads models is not even imported."""
    done = subprocess.run([sys.executable, "-c", ASKING], capture_output=True, text=True, check=True)

    assert done.stdout == "[] []\n"


def test_the_server_starts_without_pandas() -> None:
    """A Jupyter server with us is as quick to start as one without."""
    heavy = "('pandas', 'sklearn', 'pins', 'pyarrow')"
    code = f"import sys, mlops_magics.lab.application; print([name for name in {heavy} if name in sys.modules])"

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


async def test_boards_are_those_that_sessions_opened(jp_fetch: Any, board: Board, key: str) -> None:
    """The panel knows boards by key; trust and writability are told, and our version."""
    told = await _get(jp_fetch, "boards")

    assert told["server_version"] == __version__
    assert [(each["key"], each["models"], each["trusted"], each["trouble"]) for each in told["boards"]] == [
        (key, 1, True, None)
    ]


async def test_models_and_versions_come_in_pages_newest_first(jp_fetch: Any, board: Board, key: str) -> None:
    """A page is what the panel draws; the total is told with it. JupyterLab adds a number against caches."""
    models = await _get(jp_fetch, f"boards/{key}/models", query="slope>1", **{"1700000000000": ""})
    page = await _get(jp_fetch, f"boards/{key}/models/line/versions", offset="1", limit="1")

    assert [each["name"] for each in models["models"]] == ["line"]
    assert (page["total"], page["offset"]) == (2, 1)
    assert [each["metrics"] for each in page["versions"]] == [{"slope": 1.0}]


async def test_promote_and_rollback_move_the_alias_on_the_board(jp_fetch: Any, board: Board, key: str) -> None:
    """The panel writes to the same log as the kernel."""
    old, new = (each for each in board.versions("line")["version"][::-1])
    for version in (old, new):
        await _post(jp_fetch, f"boards/{key}/models/line/aliases/champion/promote", version=version)
    promoted = board.aliases("line")
    await _post(jp_fetch, f"boards/{key}/models/line/aliases/champion/rollback")

    assert promoted == {"champion": new}
    assert board.aliases("line") == {"champion": old}


@pytest.mark.parametrize("body", ["[]", "{", '{"version": 3}', '{"path": "/etc"}', "{}"])
async def test_a_body_that_makes_no_sense_is_refused_in_words(jp_fetch: Any, board: Board, key: str, body: str) -> None:
    """Only known fields of the right type are read."""
    with pytest.raises(HTTPClientError) as refusal:
        await jp_fetch(
            ROOT, "boards", key, "models", "line", "aliases", "champion", "promote", method="POST", body=body
        )

    assert refusal.value.code == 400
    assert board.aliases("line") == {}


async def test_the_last_verdict_is_told_with_the_model(jp_fetch: Any, board: Board, key: str) -> None:
    """Drift is seen without a kernel: the session leaves its verdict on disk."""
    worst = {"feature": "x", "statistic": "ks", "score": 0.4, "threshold": 0.1, "drifted": True}
    report = {
        "name": "line",
        "version": "v",
        "created": "2026-01-01T00:00:00",
        "verdict": "x drifted",
        "drifted": ["x"],
        "alerts": [],
    }
    verdicts.remember(board.url, {**report, "rows": 10, "features": [{**worst, "severity": 4.0}] * 9})
    models = await _get(jp_fetch, f"boards/{key}/models")
    told = await _get(jp_fetch, f"boards/{key}/models/line/verdicts")

    assert models["models"][0]["verdict"]["drifted"] == ["x"]
    assert told["verdicts"][0]["worst"] == [worst] * 5


async def test_the_last_report_is_kept_whole(jp_fetch: Any, board: Board, key: str) -> None:
    """The panel opens the same view of it as the notebook; before the first one it says how to make it."""
    with pytest.raises(HTTPClientError) as refusal:
        await _get(jp_fetch, f"boards/{key}/models/line/report")
    report = json.loads((Path(__file__).parents[1] / "wire" / "drift.json").read_text()) | {"name": "line"}
    report["performance"][0]["score"] = float("nan")
    verdicts.remember(board.url, report)
    told = await _get(jp_fetch, f"boards/{key}/models/line/report")

    assert "%monitor line" in json.loads(refusal.value.response.body)["message"]
    assert told["report"] == json.loads(json.dumps(report).replace("NaN", "null"))


async def test_two_versions_are_compared_without_loading_them(jp_fetch: Any, board: Board, key: str) -> None:
    """The panel says what differs as the notebook does."""
    new, old = board.versions("line")["version"]
    told = await _get(jp_fetch, f"boards/{key}/models/line/compare", a=old, b=new)

    [metric] = told["comparison"]["metrics"]
    assert metric == {"name": "slope", "better": 0, "a": 1.0, "b": 2.0, "verdict": "changed"}
    assert (told["comparison"]["a"]["number"], told["comparison"]["b"]["number"]) == (1, 2)


async def test_a_board_is_taken_off_the_list_and_nothing_on_it_changes(jp_fetch: Any, board: Board, key: str) -> None:
    """A session that opens it again brings it back."""
    await _post(jp_fetch, f"boards/{key}/forget")
    told = await _get(jp_fetch, "boards")

    assert told["boards"] == []
    assert len(board.versions("line")) == 2


async def test_an_endpoint_is_asked_and_its_requests_are_counted_by_version(
    jp_fetch: Any, board: Board, key: str
) -> None:
    """The form's question goes through the server; the journey shows what each version answered, swaps included."""
    new, old = board.versions("line")["version"]
    endpoint = deploy(board, board.version(f"line@{old}"), temporary=True)
    whole = await _get(jp_fetch, f"endpoints/{key}/line")
    first = await _post(jp_fetch, f"endpoints/{key}/line/predict", row={"x": 3.0})
    await _post(jp_fetch, f"endpoints/{key}/line/swap", version=new)
    second = await _post(jp_fetch, f"endpoints/{key}/line/predict", row={"x": 3.0})
    endpoint.settle()
    recent = (await _get(jp_fetch, f"endpoints/{key}/line"))["endpoint"]["live"]["recent"]
    traffic = (await _get(jp_fetch, f"boards/{key}/models/line/traffic"))["traffic"]
    endpoint.stop()

    assert whole["endpoint"]["record"]["prototype"]["columns"][0]["name"] == "x"
    assert [each["version"] for each in whole["endpoint"]["record"]["versions"]] == [new, old]
    assert endpoint.token not in json.dumps(whole)
    assert [round(each["answer"]["prediction"], 6) for each in (first, second)] == [3.0, 6.0]
    assert (recent[0]["row"], recent[0]["version"]) == ({"x": 3.0}, new)
    assert {version: sum(counts) for version, counts in traffic["versions"].items()} == {old: 1, new: 1}


async def test_an_endpoint_is_seen_alive_and_dead_and_can_be_stopped(jp_fetch: Any, board: Board, key: str) -> None:
    """Its health is told while it runs, its death when it was killed; its token never."""
    endpoint = deploy(board, board.version("line"), temporary=True)
    alive = await _get(jp_fetch, "endpoints")
    announced = endpoint.announced
    processes.kill(announced.pid, announced.pid_started)
    processes.wait_gone(announced.pid, announced.pid_started, 10)
    dead = await _get(jp_fetch, "endpoints")
    await _post(jp_fetch, f"endpoints/{key}/line/stop")
    gone = await _get(jp_fetch, "endpoints")

    assert alive["endpoints"][0]["health"]["status"] == "ready"
    assert endpoint.token not in json.dumps(alive)
    assert dead["endpoints"][0]["state"] == "died"
    assert gone["endpoints"] == []


async def test_a_board_that_is_gone_hides_no_other(jp_fetch: Any, board: Board, key: str) -> None:
    """Trouble with one board is said in its own entry."""
    known_boards.remember("far", "nosuchscheme://far")
    told = await _get(jp_fetch, "boards")

    by_label = {each["label"]: each for each in told["boards"]}
    assert by_label["far"]["trouble"].startswith("Not reachable")
    assert by_label[board.label]["trouble"] is None


ERRORS = [
    (errors.NotFound("model", "x"), 404),
    (errors.InvalidInput("x"), 400),
    (errors.InvalidName("x"), 400),
    (errors.DataMismatch("x"), 400),
    (errors.Ambiguous("x"), 400),
    (errors.NotTrusted("x"), 403),
    (errors.Conflict("x"), 409),
    (errors.IntegrityError("x"), 409),
    (errors.SerializationError("x"), 422),
    (errors.Cancelled("x"), 400),
    (errors.MissingDependency("x"), 501),
    (errors.EndpointError("x"), 502),
    (errors.TargetError("x"), 502),
    (errors.NotificationError("x"), 502),
    (errors.BoardError("x"), 503),
    (errors.StateError("x"), 503),
    (errors.NothingToDo("x"), 400),
    (errors.Held("x", "me"), 400),
    (errors.RetrainingFailed("x"), 400),
    (errors.MlopsError("x"), 400),
]


def test_every_error_of_ours_has_a_status_that_is_not_500() -> None:
    """A class that is added to the tree needs a line here."""
    tree = {each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, errors.MlopsError)}

    assert {type(error) for error, _ in ERRORS} == tree
    assert [status_of(error) for error, _ in ERRORS] == [status for _, status in ERRORS]


async def test_a_damaged_board_is_answered_with_its_message(jp_fetch: Any, board: Board, key: str) -> None:
    """An event that was changed: listings go on, and what relies on the log says in one line what to do."""
    board.promote("line", "champion")
    [event] = Path(board.url).glob("mlops-magics-log/*/00000001.json")
    event.write_text("{}")
    assert (await _get(jp_fetch, f"boards/{key}/models/line/versions"))["total"] == 2
    with pytest.raises(HTTPClientError) as refusal:
        await _post(jp_fetch, f"boards/{key}/models/line/aliases/champion/promote", version="latest")

    assert refusal.value.code == 409
    assert "%verify" in json.loads(refusal.value.response.body)["message"]
