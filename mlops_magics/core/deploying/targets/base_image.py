"""The digest of a base image, by the registry API of OCI: https://github.com/opencontainers/distribution-spec."""

from __future__ import annotations

import http.client
import ipaddress
import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Any

from mlops_magics.core import http_answers, json_text
from mlops_magics.errors import InvalidInput

HUB = "registry-1.docker.io"
SECONDS = 10.0
MOST_TOKEN = 1 << 20
"""Bytes of the answer with a token."""
ACCEPT = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    )
)
_NAME = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_REFERENCE = re.compile(
    rf"(?:(?P<host>localhost|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+|\[[0-9a-f:]+\])(?::(?P<port>[0-9]{{1,5}}))?/"
    rf"|(?P<short>[A-Za-z0-9-]+):(?P<shortport>[0-9]{{1,5}})/)?"
    rf"(?P<name>{_NAME}(?:/{_NAME})*)(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{{0,127}}))?(?:@(?P<digest>sha256:[0-9a-f]{{64}}))?"
)
_CHALLENGE = re.compile(r'(realm|service|scope)="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Image:
    """A reference to an image: ``registry.example.org:5000/python:3.11-slim@sha256:…``."""

    registry: str
    name: str
    tag: str
    digest: str | None
    text: str

    def __str__(self) -> str:
        return self.text if self.digest is None or "@" in self.text else f"{self.text}@{self.digest}"


def parse(text: str) -> Image:
    """Return the parts of a reference.

    Raises
    ------
    InvalidInput
    """
    found = _REFERENCE.fullmatch(text)
    if found is None:
        raise InvalidInput(f"{text[:200]!r} is not a valid image: use NAME:TAG, REGISTRY/NAME:TAG or NAME@sha256:….")
    host, port = found["host"] or found["short"], found["port"] or found["shortport"]
    registry = f"{host}:{port}" if port else host or HUB
    # Docker Hub's own images are below library/
    name = found["name"] if host or "/" in found["name"] else f"library/{found['name']}"
    registry = HUB if registry == "docker.io" else registry
    return Image(registry, name, found["tag"] or "latest", found["digest"], text)


def pinned(text: str) -> tuple[Image, str | None]:
    """Return an image with the digest that its registry names for the tag, and why it has none.

    Raises
    ------
    InvalidInput
        For a reference that is not valid.
    """
    image = parse(text)
    if image.digest is not None:
        return image, None
    try:
        digest = _digest(image)
    except (OSError, ValueError, http.client.HTTPException) as error:
        why = http_answers.reason(error)
        return image, f"the base image {text} has no digest: {image.registry} did not answer ({why})"
    return Image(image.registry, image.name, image.tag, digest, image.text), None


def _digest(image: Image) -> str:
    scheme = "http" if _is_loopback(image.registry) else "https"
    url = f"{scheme}://{image.registry}/v2/{image.name}/manifests/{image.tag}"
    headers = {"Accept": ACCEPT}
    try:
        answer = _ask(url, headers)
    except urllib.error.HTTPError as error:
        # for public images too: the challenge names the place that gives everyone a token
        challenge = error.headers.get("WWW-Authenticate", "")
        if error.code != 401 or not challenge.lower().startswith("bearer "):
            raise
        answer = _ask(url, {**headers, "Authorization": f"Bearer {_token(challenge)}"})
    digest = str(answer.headers.get("Docker-Content-Digest", ""))
    if not re.fullmatch(r"sha256:[0-9a-f]{64}", digest):
        raise ValueError("it named no digest")
    return digest


def _ask(url: str, headers: dict[str, str]) -> Any:
    request = urllib.request.Request(url, method="HEAD")  # noqa: S310, http or https by construction
    for name, value in headers.items():
        # a token is for the registry, and not for the place to which it redirects
        (request.add_unredirected_header if name == "Authorization" else request.add_header)(name, value)
    with _opener().open(request, timeout=SECONDS) as answer:
        return answer


def _token(challenge: str) -> str:
    """Return the token that a registry gives to everyone."""
    given = dict(_CHALLENGE.findall(challenge))
    realm = given.pop("realm", "")
    parts = urllib.parse.urlsplit(realm)
    if parts.scheme != "https" and not _is_loopback(parts.netloc):
        raise ValueError(f"its token comes from {realm!r:.100}, which is not https")
    with _opener().open(f"{realm}?{urllib.parse.urlencode(given)}", timeout=SECONDS) as answer:
        found = json_text.parse(http_answers.read(answer, MOST_TOKEN) or b"")
    token = (found.get("token") or found.get("access_token")) if isinstance(found, dict) else None
    # it becomes a header, which a line break would split
    if not isinstance(token, str) or not token.isprintable():
        raise ValueError("it gave no token")
    return token


def _opener() -> urllib.request.OpenerDirector:
    return http_answers.opener(_Redirects())


class _Redirects(urllib.request.HTTPRedirectHandler):
    """A handler that follows redirects of registries to https, or from this machine to this machine."""

    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        ours = all(_is_loopback(urllib.parse.urlsplit(each).netloc) for each in (req.full_url, newurl))
        scheme = urllib.parse.urlsplit(newurl).scheme
        if scheme != "https" and not (scheme == "http" and ours):
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _is_loopback(registry: str) -> bool:
    host = urllib.parse.urlsplit(f"//{registry}").hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
