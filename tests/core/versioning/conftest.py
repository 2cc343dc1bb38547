"""Real boards in real folders and in buckets on this machine, and the small models that lie on them."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression
from werkzeug.serving import make_server

from mlops_magics.core.versioning import Board, Facts, open_board
from tests.core.versioning.connect_server import KEY, Connect

AZURITE = Path(__file__).parents[2] / "servers" / "node_modules" / ".bin" / "azurite-blob"
AZURITE_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""The key of azurite's one account: public, and the same for everybody."""


@pytest.fixture
def board(tmp_path: Path) -> Board:
    """A new board in a folder of its own."""
    return open_board(tmp_path / "board")


@pytest.fixture
def rows() -> pd.DataFrame:
    """Fifty rows of two numbers."""
    return pd.DataFrame(np.random.default_rng(0).normal(size=(50, 2)), columns=["width", "length"])


@pytest.fixture
def model(rows: pd.DataFrame) -> LinearRegression:
    """A regression that adds the two."""
    return LinearRegression().fit(rows, rows.sum(axis=1))


@pytest.fixture
def pinned(board: Board) -> list[str]:
    """Three versions of one model, oldest first."""
    return [board.publish({"value": value}, "line", Facts(format="joblib")).version for value in range(3)]


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """moto's server, which enforces If-None-Match as S3 does."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A bucket of its own; credentials come from the environment."""
    import fsspec
    import s3fs

    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL": s3_server,
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    return _created("s3", fsspec.filesystem("s3").mkdir)


@pytest.fixture(scope="session")
def azure_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Azurite, which enforces If-None-Match as Azure does; `tests/servers/package.json` names it."""
    if not AZURITE.exists() or shutil.which("node") is None:
        pytest.skip("azurite is not installed: `make tests/servers/node_modules/.installed`")
    port = _free_port()
    options = ["--silent", "--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry"]
    server = subprocess.Popen(
        [str(AZURITE), *options, "--blobHost", "127.0.0.1", "--blobPort", str(port)],
        cwd=tmp_path_factory.mktemp("azurite"), stdout=subprocess.DEVNULL,
    )  # fmt: skip
    _wait_for(port)
    yield f"http://127.0.0.1:{port}/devstoreaccount1"
    server.terminate()
    server.wait()


@pytest.fixture
def container(azure_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An Azure container of its own."""
    import adlfs
    import fsspec

    monkeypatch.setenv(
        "AZURE_STORAGE_CONNECTION_STRING",
        "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;"
        f"AccountKey={AZURITE_KEY};BlobEndpoint={azure_server};",
    )
    adlfs.AzureBlobFileSystem.clear_instance_cache()
    return _created("abfs", fsspec.filesystem("abfs").mkdir)


@pytest.fixture(scope="session")
def google_server() -> Iterator[str]:
    """An emulator of Google's store; what it lacks, the refusal to create an object twice, is added here."""
    from gcp_storage_emulator.handlers import objects
    from gcp_storage_emulator.server import create_server

    patch = pytest.MonkeyPatch()
    for upload in ("_multipart_upload", "_create_resumable_upload"):
        patch.setattr(objects, upload, _create_only(getattr(objects, upload)))
    port = _free_port()
    server = create_server("127.0.0.1", port, in_memory=True)
    server.start()
    yield f"http://127.0.0.1:{port}"
    server.stop()
    patch.undo()


def _create_only(upload: Callable[..., Any]) -> Callable[..., Any]:
    """Answer 412 where the request says that the object must not exist and it does, as the real store documents."""

    def conditional(request: Any, response: Any, storage: Any) -> Any:
        named = (request.data or {}).get("meta", request.data or {}).get("name")
        name = request.query.get("name", [named])[0]
        if request.query.get("ifGenerationMatch") == ["0"] and storage.objects.get(
            request.params["bucket_name"], {}
        ).get(name):
            response.status = HTTPStatus.PRECONDITION_FAILED
            return None
        return upload(request, response, storage)

    return conditional


@pytest.fixture
def google_bucket(google_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A bucket of its own; without the detection of bucket kinds, which asks Google over gRPC."""
    import fsspec

    monkeypatch.setenv("GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT", "false")
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", google_server)
    monkeypatch.setitem(fsspec.config.conf, "gs", {"token": "anon", "project": "test"})
    import gcsfs

    gcsfs.GCSFileSystem.clear_instance_cache()
    return _created("gs", fsspec.filesystem("gs").mkdir)


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Iterator[Connect]:
    """A server that speaks Posit Connect's API at ``connect.url``; its key is in the environment."""
    server = Connect()
    web = make_server("127.0.0.1", 0, server.app(), threaded=True)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    server.url = f"connect+http://127.0.0.1:{web.port}"
    monkeypatch.setenv("CONNECT_API_KEY", KEY)
    yield server
    web.shutdown()


def _created(kind: str, make: Callable[[str], object]) -> str:
    name = f"models-{kind}-{uuid.uuid4().hex[:8]}"
    make(name)
    return name


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_for(port: int) -> None:
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"Nothing answers on port {port}.")
