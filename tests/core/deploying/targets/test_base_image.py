"""Digests of base images: asked of a registry on loopback, never invented."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator

import pytest

from mlops_magics.core.deploying.targets import base_image
from mlops_magics.errors import InvalidInput

DIGEST = "sha256:" + "ab" * 32


class Registry(http.server.BaseHTTPRequestHandler):
    """The two calls of a registry that a digest needs: a manifest, and a token for everybody."""

    asked: list[tuple[str, str]]

    def do_HEAD(self) -> None:
        """Answer for one image, to those who bring the token."""
        self.asked.append((self.path, self.headers["Accept"]))
        private = self.path.startswith("/v2/private/")
        if private and self.headers["Authorization"] != "Bearer of-everybody":
            self.send_response(401)
            realm = f"http://{self.headers['Host']}/token"
            self.send_header("WWW-Authenticate", f'Bearer realm="{realm}",service="tests",scope="repository:x:pull"')
        elif self.path.endswith("/manifests/3.11-slim"):
            self.send_response(200)
            self.send_header("Docker-Content-Digest", DIGEST)
        elif self.path.endswith("/manifests/lie"):
            self.send_response(200)
            self.send_header("Docker-Content-Digest", "sha256:abc\nRUN id")
        else:
            self.send_response(404)
        self.end_headers()

    def do_GET(self) -> None:
        """Hand out the token."""
        body = json.dumps({"token": "of-everybody"}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: object) -> None:
        """Write nothing."""


@pytest.fixture
def registry() -> Iterator[str]:
    """A registry on loopback."""
    Registry.asked = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("name", ["python", "team/python", "private/python"])
def test_a_tag_is_pinned_to_the_digest_that_the_registry_names(registry: str, name: str) -> None:
    """T12: Indexes and manifests of both standards are accepted, and a token is fetched where one is asked for."""
    image, note = base_image.pinned(f"{registry}/{name}:3.11-slim")

    assert note is None
    assert str(image) == f"{registry}/{name}:3.11-slim@{DIGEST}"
    assert Registry.asked[0][0] == f"/v2/{name}/manifests/3.11-slim"
    assert "application/vnd.oci.image.index.v1+json" in Registry.asked[0][1]


@pytest.mark.parametrize("tag", ["3.12", "lie"])
def test_a_digest_that_nothing_names_is_not_invented(registry: str, tag: str) -> None:
    """The tag is written, and the note says why."""
    image, note = base_image.pinned(f"{registry}/python:{tag}")

    assert str(image) == f"{registry}/python:{tag}"
    assert "has no digest" in str(note)


def test_a_registry_that_does_not_answer_is_said() -> None:
    """A closed port of loopback."""
    image, note = base_image.pinned("127.0.0.1:9/python:3.11-slim")

    assert "@" not in str(image)
    assert "127.0.0.1:9 did not answer" in str(note)


@pytest.mark.parametrize(
    ("text", "registry", "name", "tag", "digest"),
    [
        ("python:3.11-slim", base_image.HUB, "library/python", "3.11-slim", None),
        ("python", base_image.HUB, "library/python", "latest", None),
        ("team/app", base_image.HUB, "team/app", "latest", None),
        ("docker.io/team/app:1", base_image.HUB, "team/app", "1", None),
        ("localhost/base", "localhost", "base", "latest", None),
        ("localhost:5000/base:b", "localhost:5000", "base", "b", None),
        ("r.example.org/a/b/c:1", "r.example.org", "a/b/c", "1", None),
        (f"r.example.org/a@{DIGEST}", "r.example.org", "a", "latest", DIGEST),
        (f"python:3@{DIGEST}", base_image.HUB, "library/python", "3", DIGEST),
    ],
)
def test_a_reference_is_read_as_docker_reads_it(
    text: str, registry: str, name: str, tag: str, digest: str | None
) -> None:
    """Without a host it is the hub's, in `library` where it has one step; a given digest is kept."""
    found = base_image.parse(text)

    assert (found.registry, found.name, found.tag, found.digest) == (registry, name, tag, digest)
    if digest:
        assert base_image.pinned(text) == (found, None)


@pytest.mark.parametrize(
    "text", ["", "Python", "a b", "a:", ":a", "a@sha256:1", "a/../b", "http://a/b", "a:b:c", "-a", "a\n", "a//b", "a/"]
)
def test_a_reference_that_is_not_one_is_refused(text: str) -> None:
    """Nothing is asked."""
    with pytest.raises(InvalidInput, match="is not a valid image"):
        base_image.parse(text)
