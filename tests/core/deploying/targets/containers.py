"""The image itself: built, run and asked as each platform does. `make containers`, as root, with podman and buildah."""

from __future__ import annotations

import http.server
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from mlops_magics.core.deploying.contract.http_messages import Request
from mlops_magics.core.deploying.endpoints.listening import listen
from mlops_magics.core.deploying.server.embedded import EmbeddedEndpoint
from mlops_magics.core.deploying.targets import target
from mlops_magics.core.versioning import open_board
from tests.core.deploying.conftest import TOKEN, Pinned, publish_forest
from tests.core.deploying.server.test_embedded import gateway_event, url_event
from tests.core.deploying.targets.contract import Answer, Ask, assert_equal, requests_of

BASE, IMAGE = "localhost/mlops-magics-base:tests", "localhost/mlops-magics-forest:tests"
CONFIGURATION = """\
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
"""
AUTHORIZED = {"Authorization": f"Bearer {TOKEN}"}
HOST = {"Host": "forest.models.svc.cluster.local"}
MOST_BYTES, MOST_PACKED = 600_000_000, 200_000_000
"""Of the image unpacked and as a registry has it."""
SLIM_BYTES, SLIM_PACKED = 125_000_000, 45_000_000
"""Of Python's slim image, by which the base of these tests is replaced in the sums."""


@pytest.fixture(scope="module")
def podman(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """Run podman or buildah, with a configuration that works without systemd."""
    place = tmp_path_factory.mktemp("podman") / "containers.conf"
    place.write_text(CONFIGURATION)

    def run(*words: str, engine: str = "podman") -> str:
        done = subprocess.run(
            [engine, *words],
            capture_output=True,
            text=True,
            env={**os.environ, "CONTAINERS_CONF": str(place)},
            check=False,
        )
        assert done.returncode == 0, (words, done.stderr[-2000:])
        return done.stdout.strip()

    return run


@pytest.fixture(scope="module")
def base(podman: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """An image of the interpreter that runs these tests, and of the libraries that it needs: no hub is asked."""
    tree = tmp_path_factory.mktemp("base") / "tree"
    prefix = Path(sysconfig.get_config_var("prefix"))
    wanted = {Path("/bin/sh"), Path("/usr/bin/env"), prefix / "bin" / f"python3.{sys.version_info[1]}"}
    import pyarrow

    arrow = Path(pyarrow.__file__).parent.glob("lib*.so*")  # they need what Debian's slim image has: libstdc++, libdl
    shared = [*prefix.glob("lib/python3*/lib-dynload/*.so"), *wanted, *arrow]
    for each in shared:
        listed = subprocess.run(["ldd", str(each)], capture_output=True, text=True, check=False).stdout
        wanted |= {Path(word) for word in listed.split() if word.startswith("/") and "site-packages" not in word}
    for path in wanted:
        copy = tree / path.relative_to("/")
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path.resolve(), copy)
    ignored = shutil.ignore_patterns("test", "tests", "__pycache__", "idlelib", "site-packages", "*.a")
    shutil.copytree(prefix, tree / prefix.relative_to("/"), dirs_exist_ok=True, symlinks=True, ignore=ignored)
    for name in ("pip", "setuptools"):
        for found in (prefix / "lib").glob(f"python3*/site-packages/{name}*"):
            shutil.copytree(found, tree / found.relative_to("/"), dirs_exist_ok=True)
    (tree / "tmp").mkdir(mode=0o1777)
    shutil.copytree("/etc/ssl", tree / "etc/ssl", symlinks=True, ignore_dangling_symlinks=True)
    lines = ["FROM scratch", 'COPY ["tree", "/"]', f'ENV PATH="{prefix}/bin:/usr/bin:/bin" SSL_CERT_DIR=/etc/ssl/certs']
    (tree.parent / "Dockerfile").write_text("\n".join([*lines, ""]))
    podman("bud", "--format", "docker", "-t", BASE, str(tree.parent), engine="buildah")
    return BASE


@pytest.fixture(scope="module")
def forest(tmp_path_factory: pytest.TempPathFactory) -> Pinned:
    """A forest; trust is in the state folder of each test."""
    return publish_forest(open_board(tmp_path_factory.mktemp("boards") / "board"))


@pytest.fixture(scope="module")
def image(base: str, forest: Pinned, podman: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """The image of the package, built from the generated file as it is."""
    path = tmp_path_factory.mktemp("package") / "package"
    forest.board.trust()
    package = target.package(forest.board, forest.version, "docker", path, {"base": base})
    assert not [note for note in package.notes if "hashes" in note]
    volume = ["--volume", "/etc/ssl/certs:/etc/ssl/certs:ro"]
    podman(
        "bud",
        "--network",
        "host",
        *volume,
        "--format",
        "docker",
        "--pull-never",
        "-t",
        IMAGE,
        str(path),
        engine="buildah",
    )
    return IMAGE


def _free_port() -> int:
    listening = listen("127.0.0.1", 0)
    port: int = listening.getsockname()[1]
    listening.close()
    return port


def _ready(url: str, seconds: float = 120) -> float:
    begun = time.monotonic()
    while True:
        try:
            if requests.get(f"{url}/ping", headers=HOST, timeout=5).ok:
                return time.monotonic() - begun
        except requests.RequestException:
            assert time.monotonic() < begun + seconds, "it does not answer"
            time.sleep(0.1)


def _check(forest: Pinned, ask: Ask, token: str | None = TOKEN) -> None:
    """The contract suite, beside the answers of an endpoint in this process."""
    embedded = EmbeddedEndpoint(forest.version, forest.model, token=token)
    for verb, path, headers, body in requests_of("forest", forest.rows):
        given = {name.lower(): value for name, value in {**HOST, **AUTHORIZED, **headers}.items()}
        found = embedded.respond(Request(verb, path, "", given, body))
        here = Answer(
            found.status, {"content-type": found.content_type, **{n.lower(): v for n, v in found.headers}}, found.body
        )
        assert_equal(here, ask(verb, path, headers, body), (verb, path))


def _over_http(url: str) -> Ask:
    def ask(verb: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        reply = requests.request(verb, url + path, headers={**HOST, **AUTHORIZED, **headers}, data=body, timeout=60)
        return Answer(reply.status_code, {name.lower(): value for name, value in reply.headers.items()}, reply.content)

    return ask


HARDENED = ("--read-only", "--tmpfs", "/tmp:rw,size=64m", "--cap-drop", "ALL", "--security-opt", "no-new-privileges")


@pytest.mark.parametrize(
    "more", [(), ("--user", "1000730000:0", "--memory", "512m", "--cpus", "1")], ids=["plain", "openshift"]
)
def test_the_image_answers_as_the_endpoint_of_the_notebook(
    image: str, forest: Pinned, podman: Callable[..., str], more: tuple[str, ...]
) -> None:
    """Read-only, any user, a small quota, any Host; its health check passes, and SIGTERM ends it with 0."""
    port = _free_port()
    variables = ("-e", f"PORT={port}", "-e", f"MLOPS_MAGICS_SERVE_TOKEN={TOKEN}")
    number = podman("run", "-d", "--network", "host", *HARDENED, *more, *variables, image).splitlines()[-1]
    try:
        seconds = _ready(f"http://127.0.0.1:{port}")
        _check(forest, _over_http(f"http://127.0.0.1:{port}"))
        refused = requests.post(f"http://127.0.0.1:{port}/predict", headers=HOST, json=[], timeout=20)
        assert refused.status_code == 401
        podman("healthcheck", "run", number)
        begun = time.monotonic()
        podman("stop", "-t", "30", number)
        stopped = time.monotonic() - begun
        assert podman("inspect", number, "--format", "{{.State.ExitCode}}") == "0"
    finally:
        podman("rm", "-f", number)
    print(f"ready {seconds:.1f} s after the start, ended in {stopped:.1f} s")


def test_the_image_is_small(image: str, base: str, podman: Callable[..., str], tmp_path: Path) -> None:
    """Packed as podman pushes it, with bytecode; the base is Python's slim one where users build."""
    sizes = [int(podman("image", "inspect", each, "--format", "{{.Size}}")) for each in (image, base)]
    packed = []
    for place, each in enumerate((image, base)):
        podman("push", "-q", each, f"oci:{tmp_path / str(place)}")
        packed.append(sum(path.stat().st_size for path in (tmp_path / str(place)).rglob("*") if path.is_file()))
    server, server_packed = sizes[0] - sizes[1], packed[0] - packed[1]
    print(
        f"server {server / 1e6:.0f} MB, packed {server_packed / 1e6:.0f}; with this base {sizes[0] / 1e6:.0f}, packed "
        f"{packed[0] / 1e6:.0f}; with Python's slim image {(server + SLIM_BYTES) / 1e6:.0f}, packed "
        f"{(server_packed + SLIM_PACKED) / 1e6:.0f}"
    )

    assert max(sizes[0], server + SLIM_BYTES) < MOST_BYTES
    assert max(packed[0], server_packed + SLIM_PACKED) < MOST_PACKED


def test_sagemaker_starts_it_with_a_word_of_its_own(image: str, forest: Pinned, podman: Callable[..., str]) -> None:
    """`docker run IMAGE serve`, as root, and the hash that the platform deployed: another one does not start."""
    port = _free_port()
    sha256 = ("-e", f"MLOPS_MAGICS_SERVE_SHA256={forest.version.hash}")
    words = ("run", "-d", "--network", "host", "--user", "0:0", "-e", f"PORT={port}")
    number = podman(*words, *sha256, "-e", f"MLOPS_MAGICS_SERVE_TOKEN={TOKEN}", image, "serve").splitlines()[-1]
    try:
        _ready(f"http://127.0.0.1:{port}")
        rows = {"dataframe_records": forest.rows.head(3).to_dict("records")}
        answer = requests.post(f"http://127.0.0.1:{port}/invocations", json=rows, headers=AUTHORIZED, timeout=30)
        assert answer.json()["predictions"] == forest.model.predict(forest.rows.head(3)).tolist()
    finally:
        podman("rm", "-f", number)
    other = podman(*words, "-e", f"MLOPS_MAGICS_SERVE_SHA256={'0' * 64}", image, "serve").splitlines()[-1]
    try:
        assert podman("wait", other) == "1"
    finally:
        podman("rm", "-f", other)


def test_the_deployment_runs_by_play_kube(
    image: str, base: str, forest: Pinned, podman: Callable[..., str], tmp_path: Path
) -> None:
    """The generated Deployment, on a port of this machine, with the image that is here."""
    forest.board.trust()
    package = target.package(
        forest.board, forest.version, "kubernetes", tmp_path / "package", {"base": base, "image": image, "token": "no"}
    )
    whole = yaml.safe_load((Path(package.path) / "deployment.yaml").read_text())
    whole["spec"]["replicas"] = 1
    pod = whole["spec"]["template"]["spec"]
    port = _free_port()
    (container,) = pod["containers"]
    container["imagePullPolicy"] = "Never"
    container.pop("ports")  # the network of this machine has none to map
    container["env"] = [{"name": "PORT", "value": str(port)}, {"name": "MLOPS_MAGICS_SERVE_TOKEN", "value": TOKEN}]
    pod["hostNetwork"] = True
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):  # podman 4.3 asks curl in the image
        container.pop(probe)
    place = tmp_path / "deployment.yaml"
    place.write_text(yaml.safe_dump(whole))
    podman("play", "kube", str(place))
    try:
        _ready(f"http://127.0.0.1:{port}")
        _check(forest, _over_http(f"http://127.0.0.1:{port}"))
    finally:
        podman("play", "kube", "--down", str(place))


class RuntimeApi(http.server.BaseHTTPRequestHandler):
    """Lambda's Runtime API: hands out events, and takes the answers."""

    protocol_version = "HTTP/1.1"
    events: list[dict[str, Any]]
    answers: list[dict[str, Any]]
    answered: threading.Semaphore
    waiting: threading.Semaphore

    def do_GET(self) -> None:
        """Hand out the next event, when there is one."""
        self.waiting.acquire()
        if not self.events:
            return
        body = json.dumps(self.events.pop(0)).encode()
        self.send_response(200)
        for name, value in {
            "Lambda-Runtime-Aws-Request-Id": "1", "Lambda-Runtime-Deadline-Ms": str(int(time.time() * 1000) + 30_000),
            "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:x", "Lambda-Runtime-Trace-Id": "Root=1",
            "Content-Type": "application/json", "Content-Length": str(len(body)),
        }.items():  # fmt: skip
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        """Take an answer."""
        type(self).answers.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.answered.release()

    def log_message(self, *words: object) -> None:
        """Write nothing."""


@pytest.fixture
def runtime_api() -> Iterator[str]:
    """The API on loopback."""
    RuntimeApi.events, RuntimeApi.answers = [], []
    RuntimeApi.waiting, RuntimeApi.answered = threading.Semaphore(0), threading.Semaphore(0)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), RuntimeApi)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()


@pytest.mark.parametrize("event", [url_event, gateway_event])
def test_lambdas_own_client_runs_the_handler(
    base: str, forest: Pinned, runtime_api: str, tmp_path: Path, event: Any
) -> None:
    """`awslambdaric` with the files of the package, as a plain process: function URLs and API Gateways."""
    forest.board.trust()
    package = target.package(forest.board, forest.version, "lambda", tmp_path / "package", {"base": base})
    variables = {
        **os.environ, "AWS_LAMBDA_RUNTIME_API": runtime_api, "MLOPS_MAGICS_SERVE_TOKEN": TOKEN,
        "MLOPS_MAGICS_STATE": str(tmp_path / "state"),
    }  # fmt: skip
    child = subprocess.Popen(
        [os.environ["LAMBDA_PYTHON"], "-m", "awslambdaric", "served.handler"],
        cwd=Path(package.path) / "image",
        env=variables,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    def ask(verb: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        import base64

        RuntimeApi.events.append(event(verb, path, {**HOST, **AUTHORIZED, **headers}, body))
        RuntimeApi.waiting.release()
        assert RuntimeApi.answered.acquire(timeout=120), "no answer"
        reply = RuntimeApi.answers.pop()
        content = base64.b64decode(reply["body"]) if reply["isBase64Encoded"] else reply["body"].encode()
        return Answer(reply["statusCode"], reply["headers"], content)

    try:
        _check(forest, ask)
    finally:
        child.kill()
        child.wait()
