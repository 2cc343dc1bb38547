"""The files of an image: the Dockerfile line by line, what is copied into it, and values that a board chose."""

from __future__ import annotations

import ast
import dataclasses
import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from mlops_magics.core.deploying.targets import docker, embedded_files, image_files, kubernetes, own_wheel, target
from mlops_magics.core.deploying.targets.image_files import ImageOptions
from mlops_magics.core.deploying.targets.packaged_version import PackagedVersion
from mlops_magics.core.deploying.targets.platform_target import PlatformTarget, as_yaml, platform_name
from mlops_magics.core.deploying.targets.requirements_lock import Lock
from mlops_magics.core.versioning import AliasName, open_board
from mlops_magics.errors import InvalidInput
from tests.core.deploying.conftest import Pinned
from tests.core.deploying.targets.conftest import BASE, Packaging, instructions

LOCK = Lock("numpy==2.0.0\n", hashed=False)
HOSTILE = (
    "a\nRUN id", "a\r\nUSER 0", "a\\\nb", '"]\nRUN ["id', "$(id)", "`id`", "${PATH}", "$HOME", "%PATH%", "{{ x }}",
    "{% x %}", "{0}", "{name!r}", "'; id; '", '"; id; "', "a && id", "a | id", "a; id", "a # b", "- a: b", "a: b", "&a",
    "*a", "!!python/object/apply:os.system [id]", "? a", "[a, b]", "{a: b}", "| a", "> a", "@a", "a\x00b", "\u2028a",
    "é", "A_B", "..", "../../etc/passwd", "-rf", "--privileged", "null", "1e3", "x" * 300,
)  # fmt: skip
"""What could be read as a line, a command, a variable, a template or a document of YAML."""
CHECKED_ELSEWHERE = {"wheels", "build", "alarms", "shift", "base", "user", "follow", "log_to"}
"""Settings that reach no document of a platform."""


def _source(pinned: Pinned, *, name: str = "line", version: str = "20260101T000000Z-00000", board: str = "s3://b/m"):
    hostile = dataclasses.replace(pinned.version, name=name, version=version, board=board)
    return PackagedVersion(hostile, f"{name}@{version}", "0" * 64, board, copied=False)


def test_the_dockerfile_is_what_it_should_be(packaging: Packaging) -> None:
    """T12: Two stages, no shell form, a user without rights, a health check, and the version by its hash."""
    package = packaging("docker")
    folder = Path(package.path)
    wheel = own_wheel.file_name()
    found = instructions((folder / "Dockerfile").read_text())

    assert found == [
        ("FROM", f"{BASE} AS base"),
        ("FROM", "base AS build"),
        ("COPY", f'["requirements.txt", "install.py", "{wheel}", "/app/"]'),
        ("RUN", f'["python", "/app/install.py", "/app/{wheel}"]'),
        ("FROM", "base"),
        ("ENV", "HOME=/tmp MLOPS_MAGICS_STATE=/tmp/state PORT=8080 PYTHONUNBUFFERED=1 PATH=/opt/server/bin:$PATH"),
        ("WORKDIR", "/app"),
        ("COPY", '--from=build ["/opt/server", "/opt/server"]'),
        ("COPY", '["board", "/app/board/"]'),
        ("USER", "10001:0"),
        ("EXPOSE", "8080"),
        ("STOPSIGNAL", "SIGTERM"),
        ("HEALTHCHECK", found[-2][1]),
        (
            "ENTRYPOINT",
            json.dumps(
                [
                    "mlops-magics", "serve", package.ref, "--board", "/app/board", "--sha256", package.sha256,
                    "--host", "0.0.0.0", "--allow-any-host", "--most-log", "64",
                ]
            ),
        ),
    ]  # fmt: skip
    assert (folder / ".dockerignore").read_text().split() == [
        "*", "!requirements.txt", "!install.py", f"!{wheel}", "!board",
    ]  # fmt: skip


def test_a_linter_of_dockerfiles_finds_no_fault(packaging: Packaging, tmp_path: Path) -> None:
    """hadolint parses every line; only SageMaker's runs as root, as its page asks for."""
    hadolint = Path(sys.executable).with_name("hadolint")
    for name in ("docker", "sagemaker", "lambda", "huggingface"):
        packaging(name)
        (tmp_path / "package").rename(tmp_path / name)
        (file,) = (tmp_path / name).rglob("Dockerfile")
        done = subprocess.run(
            [hadolint, "--no-color", "--failure-threshold", "warning", file],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout.count("\n") == (1 if name == "sagemaker" else 0), done.stdout
        assert ("DL3002" in done.stdout) == (name == "sagemaker")


def test_the_version_is_copied_byte_for_byte(packaging: Packaging, trusted_line: Pinned) -> None:
    """A folder board lies in the package with this version alone, and its hash is that of the file."""
    package = packaging("docker")
    version = trusted_line.version
    board = open_board(Path(package.path) / "board", create=False)
    (file,) = (Path(package.path) / "board").rglob(version.file)

    assert hashlib.sha256(file.read_bytes()).hexdigest() == package.sha256
    assert board.version("line@latest").ref == version.ref
    assert board.version(version.ref).prototype == version.prototype
    assert not list((Path(package.path) / "board").rglob("*.log"))


def test_a_version_of_a_cloud_board_is_named_by_its_hash(trusted_line: Pinned, tmp_path: Path) -> None:
    """Nothing is copied: the container reads it with credentials of its own, and refuses other bytes."""
    found = instructions(image_files.dockerfile(_source(trusted_line), BASE, LOCK, ImageOptions()))
    command = json.loads(found[-1][1])

    assert ("COPY", '["board", "/app/board/"]') not in found
    assert command[command.index("--board") + 1] == "s3://b/m"
    assert command[command.index("--sha256") + 1] == "0" * 64


def test_replicas_follow_an_alias_of_a_board_with_a_url(packaging: Packaging, trusted_line: Pinned) -> None:
    """The command names the alias in place of the hash; a copy has none to follow."""
    options = ImageOptions(follow="champion")
    command = json.loads(instructions(image_files.dockerfile(_source(trusted_line), BASE, LOCK, options))[-1][1])
    assert command[:6] == ["mlops-magics", "serve", "line@champion", "--board", "s3://b/m", "--follow"]
    assert "--sha256" not in command
    with pytest.raises(InvalidInput, match="follows no alias: package it from a board with a URL"):
        packaging("docker", follow="champion")
    for alias in ("latest", "a b", "--help", ""):
        with pytest.raises(InvalidInput, match="is not a valid alias"):
            packaging("docker", follow=alias)


def test_an_image_that_follows_versions_with_code_needs_a_trusted_board(trusted_line: Pinned, tmp_path: Path) -> None:
    """It would refuse every version: the package says so, with the setting that trusts the writers of the board."""
    source = _source(trusted_line)
    assert source.version.format == "joblib"

    with pytest.raises(InvalidInput, match=r"`--set trust_board=yes` where only trusted people write"):
        image_files.write(source, tmp_path, ImageOptions(follow="champion"))

    settings = dict.fromkeys(("base", "wheels", "token", "log_to"), None) | {"user": image_files.USER}
    options = docker.options_of({**settings, "follow": "champion", "trust_board": True})
    command = json.loads(instructions(image_files.dockerfile(source, BASE, LOCK, options))[-1][1])
    assert command[-2:] == ["--no-token", "--trust-board"]


def test_the_log_of_replicas_goes_where_it_is_told(packaging: Packaging, tmp_path: Path) -> None:
    """The reader of the storage is among the requirements."""
    package = packaging("docker", log_to="s3://bucket/log")
    command = json.loads(instructions((Path(package.path) / "Dockerfile").read_text())[-1][1])

    assert command[-2:] == ["--log-to", "s3://bucket/log"]
    assert "s3fs" in (Path(package.path) / "requirements.txt").read_text()
    Path(package.path).rename(tmp_path / "first")
    for setting, value in (("log_to", "nowhere://log"), ("build", "kaniko")):
        with pytest.raises(InvalidInput, match=r"is not a place for a log|is not an engine"):
            packaging("docker", **{setting: value})


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_value_is_an_argument_and_nothing_else(trusted_line: Pinned, text: str) -> None:
    """T11: Name, version and board of another program: the instructions are the same, the argument is the text."""
    wanted = instructions(image_files.dockerfile(_source(trusted_line), BASE, LOCK, ImageOptions()))
    for field in ("name", "version", "board"):
        source = _source(trusted_line, **{field: text})
        dockerfile = image_files.dockerfile(source, BASE, LOCK, ImageOptions())
        found = instructions(dockerfile)

        assert found[:-1] == wanted[:-1]
        assert dockerfile.isascii()
        command = json.loads(found[-1][1])
        assert command[2] == source.ref
        assert command[command.index("--board") + 1] == source.board
        tree = ast.parse(embedded_files.text(source, token=True))
        assert [type(each).__name__ for each in tree.body] == [
            "Expr", "ImportFrom", "ImportFrom", "Expr", "Assign", "Assign", "Assign",
        ]  # fmt: skip
        literals = [each.value for each in ast.walk(tree) if isinstance(each, ast.Constant)]
        assert {source.ref, source.board, source.sha256} <= set(literals)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_name_is_made_valid_or_refused(trusted_line: Pinned, text: str) -> None:
    """The documents of a platform are the same as for a harmless name, but for the name; what is chosen is checked."""
    chosen = [each for each in target.targets().values() if isinstance(each, PlatformTarget)]
    assert len(chosen) >= 7
    for each in chosen:
        settings = target.converted(each, {"image": "registry.example.org/line:1"})
        try:
            name = platform_name(text, each.name_length)
        except InvalidInput:
            continue
        for field in ("name", "version"):
            source = _source(trusted_line, **{field: text})
            named = _source(trusted_line, name=name) if field == "name" else _source(trusted_line)
            found, wanted = each.documents(source, settings), each.documents(named, settings)
            assert _shape(found) == _shape(wanted)
        for command in each.commands(_source(trusted_line, name=text), settings):
            assert text not in command or text.isalnum()


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_setting_is_refused(trusted_line: Pinned, tmp_path: Path, text: str) -> None:
    """T11: Each setting of text takes only what its platform takes: one word, without a letter that a shell expands."""
    source, taken = _source(trusted_line), set()
    for each in target.targets().values():
        for setting in each.settings if isinstance(each, PlatformTarget) else ():
            if setting.kind is not str or setting.name in CHECKED_ELSEWHERE:
                continue
            settings = target.converted(each, {"image": "r.example.org/a:1", setting.name: text})
            try:
                each.documents(source, settings)
                each.commands(source, settings)
            except InvalidInput:
                continue
            taken.add((each.name, setting.name))
    assert not taken or re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.:/-]*", text), taken
    if not AliasName.accepts(text):
        with pytest.raises(InvalidInput, match="is not a valid alias"):
            docker.options_of({**target.converted(docker.DockerTarget(), {"follow": text})})
    for option in ("base", "user") if not taken else ("user",):
        with pytest.raises(InvalidInput):
            image_files.write(source, tmp_path, ImageOptions(**{"base": BASE, option: text}))


def _shape(documents: dict[str, str]) -> list[tuple[str, list[str]]]:
    """Return each document's file, and the paths of its values."""
    return [(name, sorted(_paths(_parsed(name, text)))) for name, text in documents.items()]


def _parsed(name: str, text: str) -> object:
    if name.endswith(".py"):
        return [type(each).__name__ for each in ast.walk(ast.parse(text))]
    return json.loads(text) if name.endswith(".json") else list(yaml.safe_load_all(text))


def _paths(value: object, at: str = "") -> list[str]:
    if isinstance(value, dict):
        return [path for key, each in value.items() for path in _paths(each, f"{at}/{key}")]
    if isinstance(value, list):
        return [path for place, each in enumerate(value) for path in _paths(each, f"{at}/{place}")]
    return [f"{at}:{type(value).__name__}"]


@pytest.mark.parametrize(
    "text", ["1e3", "0x1f", "y", "N", "on", "null", "~", "1_000", "12:30", "-1", ".5", "true", "=", "#"]
)
def test_a_text_that_another_reader_takes_for_something_else_is_quoted(text: str) -> None:
    """Kubernetes reads YAML by Go: ``1e3`` is a number there, and ``y`` a boolean."""
    written = as_yaml({"name": text})

    assert yaml.safe_load(written) == {"name": text}
    assert written.strip()[len("name: ")] in "\"'"


@pytest.mark.parametrize("text", ["1.5x", "-1", "5 Gi", "Gi", "", "1;id", "0x10"])
def test_a_quantity_that_kubernetes_does_not_take_is_refused(trusted_line: Pinned, text: str) -> None:
    """So is a range of replicas that is none."""
    each = kubernetes.KubernetesTarget()
    for given in ({"cpu": text}, {"memory": text}, {"replicas": 5, "most_replicas": 2}, {"replicas": 0}):
        with pytest.raises(InvalidInput):
            each.documents(_source(trusted_line), target.converted(each, given))
