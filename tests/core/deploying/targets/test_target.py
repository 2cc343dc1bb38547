"""Targets: their settings, those of other packages, and what a package is when something goes wrong."""

from __future__ import annotations

import importlib.metadata
import json
import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlops_magics.core.deploying.targets import image_build, target
from mlops_magics.core.deploying.targets.packaged_version import PackagedVersion
from mlops_magics.core.deploying.targets.target import Setting, Target, Written
from mlops_magics.core.versioning import Board, Facts
from mlops_magics.errors import InvalidInput, MissingDependency, MlopsError, NotTrusted, TargetError
from tests.core.deploying.conftest import Pinned, publish_line
from tests.core.deploying.models import Sum
from tests.core.deploying.targets.conftest import BASE, Packaging, instructions


class Elsewhere(Target):
    """A target as another package has one."""

    name = "elsewhere"
    summary = "somewhere else"
    settings = (
        Setting("zone", "the zone", default="a"),
        Setting("number", "a number", int, 3),
        Setting("share", "a share", float, 0.5),
        Setting("open", "whether it is open", bool, default=False),
    )

    def write(self, source: PackagedVersion, folder: Path, settings: Mapping[str, Any]) -> Written:
        """Write the settings."""
        (folder / "settings.json").write_text(json.dumps(dict(settings)))
        return Written(("a note",), ("deploy {path}",))


@pytest.fixture
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment where two packages register targets, one of which cannot be imported."""
    entries = [
        importlib.metadata.EntryPoint("elsewhere", f"{__name__}:Elsewhere", target.ENTRY_POINTS),
        importlib.metadata.EntryPoint("broken", "no_such_module:Target", target.ENTRY_POINTS),
        importlib.metadata.EntryPoint("docker", f"{__name__}:Elsewhere", target.ENTRY_POINTS),
    ]
    monkeypatch.setattr(
        importlib.metadata, "entry_points", lambda *, group: entries if group == target.ENTRY_POINTS else []
    )
    monkeypatch.setitem(sys.modules, __name__, sys.modules[Elsewhere.__module__])
    target.targets.cache_clear()
    yield
    target.targets.cache_clear()


@pytest.mark.usefixtures("_registered")
def test_another_package_registers_its_target(packaging: Packaging) -> None:
    """It is named beside ours and gets its settings converted; one that cannot be imported is left out."""
    assert {"elsewhere", "docker"} <= set(target.targets())
    assert "broken" not in target.targets()
    assert type(target.target("docker")).__name__ == "DockerTarget"

    package = packaging("elsewhere", number="7", open="yes", share="0.25")

    assert json.loads((Path(package.path) / "settings.json").read_text()) == {
        "zone": "a", "number": 7, "share": 0.25, "open": True,
    }  # fmt: skip
    assert package.notes == ("a note",)
    assert package.commands == (f"deploy {shlex.quote(package.path)}",)
    assert "note: a note" in repr(package)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"zoen": "b"}, "has no setting 'zoen'; did you mean 'zone'?"),
        ({"number": "many"}, "The setting number takes a whole number, not 'many'"),
        ({"number": True}, "takes a whole number"),
        ({"open": "perhaps"}, "takes yes or no"),
        ({"zone": 3}, "takes a text"),
    ],
)
def test_a_setting_that_a_target_does_not_take_is_refused(given: dict[str, Any], message: str) -> None:
    """A misspelt name gets the close one."""
    with pytest.raises(InvalidInput, match=message.replace("?", r"\?")):
        target.converted(Elsewhere(), given)


def test_an_unknown_target_is_refused_with_the_close_one() -> None:
    """All targets are named."""
    with pytest.raises(InvalidInput, match=r"'kubernets' is not a target; did you mean 'kubernetes'\? Known: docker"):
        target.target("kubernets")


def test_every_target_describes_itself() -> None:
    """Names are words of the command line, and no target has two settings of a name."""
    for name, each in target.targets().items():
        names = [setting.name for setting in each.settings]
        assert name == each.name
        assert len(names) == len(set(names))
        assert each.summary
        assert all(setting.help and setting.name.isidentifier() for setting in each.settings)


def test_a_folder_that_has_files_is_not_overwritten(packaging: Packaging, tmp_path: Path) -> None:
    """An empty one is taken."""
    (tmp_path / "package").mkdir()
    packaging("docker")
    before = sorted((tmp_path / "package").iterdir())

    with pytest.raises(InvalidInput, match="exists already"):
        packaging("docker")
    assert sorted((tmp_path / "package").iterdir()) == before


def test_nothing_is_left_of_a_package_that_was_refused(packaging: Packaging, tmp_path: Path) -> None:
    """The files are written beside the place, and moved there when they are complete."""
    before = sorted(tmp_path.iterdir())
    with pytest.raises(InvalidInput, match="not a user"):
        packaging("docker", user="root")
    assert sorted(tmp_path.iterdir()) == before


def test_a_version_without_a_prototype_is_refused(board: Board, tmp_path: Path) -> None:
    """The message says how to pin it."""
    version = board.publish(Sum(1.0), "bare", Facts(format="joblib"))
    with pytest.raises(InvalidInput, match="--data X"):
        target.package(board, version, "docker", tmp_path / "package")


def test_a_version_that_runs_code_has_to_be_trusted_first(board: Board, tmp_path: Path) -> None:
    """A container trusts the bytes of its package: whoever packages them says so here."""
    pinned = publish_line(board)
    board.distrust()
    with pytest.raises(NotTrusted, match="%trust line"):
        target.package(board, pinned.version, "docker", tmp_path / "package")


def test_a_build_without_an_engine_keeps_the_files(
    packaging: Packaging, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The package is complete; an engine that fails is named with the last line that it wrote."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(Exception, match="which is not installed") as refused:
        packaging("docker", build="any")
    assert type(refused.value).__name__ == "MissingDependency"
    assert (tmp_path / "package" / "Dockerfile").exists()

    (tmp_path / "package").rename(tmp_path / "first")
    (tmp_path / "bin").mkdir()
    engine = tmp_path / "bin" / "podman"
    engine.write_text("#!/bin/sh\necho step one >&2\necho no space left >&2\nexit 125\n")
    engine.chmod(0o755)
    with pytest.raises(TargetError, match=r"podman could not build line:.*no space left"):
        packaging("docker", build="podman")
    assert (tmp_path / "package" / "Dockerfile").exists()


@pytest.mark.parametrize(
    ("written", "cause"),
    [
        ('exec: \\"python\\": executable file not found in $PATH\nError: at STEP', "base image has no `python`"),
        ("/bin/sh: python: not found\nexit status 127", "base image has no `python`"),
        ("/usr/bin/python: No module named pip\nexit status 1", "has no pip"),
        ("Errno -3: Temporary failure in name resolution\nNo matching distribution found for a==1", "--wheels DIR"),
        ("ERROR: No matching distribution found for numpy==9.1\nexit status 1", "has no numpy==9.1 for the Python"),
        ('initializing source docker://x: Get "https://x/v2/": connection refused', "no registry gave it"),
        ("write /var: no space left on device\nexit status 125", "no space is left"),
        ("step 1\na fault of its own\n\n", "a fault of its own"),
        ("", "it wrote nothing"),
    ],
)
def test_the_cause_of_a_failed_build_is_one_sentence(
    written: str, cause: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An engine's last line is a status; what the person can change is further up."""
    (tmp_path / "written").write_text(written)
    engine = tmp_path / "buildah"
    engine.write_text(f"#!/bin/sh\ncat {tmp_path}/written >&2\nexit 1\n")
    engine.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(TargetError) as refused:
        image_build.build(tmp_path, "line:1", "buildah")

    assert cause in str(refused.value)
    assert "\n" not in str(refused.value)
    assert str(refused.value).endswith(f"The files are complete in {tmp_path}.")


def test_an_engine_gets_the_tag_and_the_folder(
    packaging: Packaging, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A health check is kept only in the format of Docker."""
    (tmp_path / "bin").mkdir()
    engine = tmp_path / "bin" / "buildah"
    engine.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/asked\n')
    engine.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin")

    package = packaging("docker", build="buildah", image="registry.example.org:5000/team/line:1")

    assert package.image == "registry.example.org:5000/team/line:1"
    assert (tmp_path / "asked").read_text().split() == [
        "bud", "--format", "docker", "-t", package.image, package.path,
    ]  # fmt: skip


@pytest.mark.usefixtures("packaging")
def test_the_newest_version_is_packaged_where_none_is_named(trusted_line: Pinned, tmp_path: Path) -> None:
    """vetiver's `prepare_docker` wrote the oldest of two into its file."""
    from mlops_magics import Session

    newest = publish_line(trusted_line.board, 2.0).version
    session = Session(board=trusted_line.board.url)
    package = session.package("line", to="docker", path=tmp_path / "package", settings={"base": BASE})

    assert package.ref == newest.ref
    assert newest.ref in (tmp_path / "package" / "Dockerfile").read_text()


def test_a_deployment_at_ray_is_refused_before_a_cluster_is_asked(
    trusted_line: Pinned, packaging: Packaging, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Settings first, then the package that is missing; files are not for it, and files are for the others."""
    from mlops_magics import Session

    session = Session(board=trusted_line.board.url)
    monkeypatch.setitem(sys.modules, "ray", None)  # as where it is not installed
    for settings, kind, message in (
        ({"follow": "a b"}, InvalidInput, "is not a valid alias"),
        ({"seconds": "0"}, InvalidInput, "a positive number"),
        ({"replicas": "3", "most_replicas": "2"}, InvalidInput, "fewer than"),
        ({"name": "Line_1"}, InvalidInput, "is not a valid name"),
        ({}, MissingDependency, r"pip install 'ray\[serve\]'"),
    ):
        with pytest.raises(kind, match=message):
            session.deploy_to("line", "ray", settings)
    with pytest.raises(InvalidInput, match="Ray takes no files"):
        packaging("ray")
    with pytest.raises(InvalidInput, match=r"`%package line@.* --to kubernetes` writes them"):
        session.deploy_to("line", "kubernetes")
    assert session.deployments() == []


def test_the_commands_of_lambda_have_options_that_aws_knows(packaging: Packaging) -> None:
    """Each is a command of its service, with the options of that request and none that is missing."""
    import botocore.session

    service = botocore.session.get_session().get_service_model("lambda")
    for command in packaging("lambda", image="1.dkr.ecr.eu-west-1.amazonaws.com/line:1").commands:
        words = shlex.split(command)
        if words[:2] != ["aws", "lambda"]:
            continue
        shape = service.operation_model("".join(map(str.capitalize, words[2].split("-")))).input_shape
        given = {"".join(map(str.capitalize, word[2:].split("-"))) for word in words[3:] if word.startswith("--")} - {
            "CliInputJson",
            "ZipFile",
        }

        assert given <= set(shape.members), command
        assert "--cli-input-json" in command or set(shape.required_members) <= given


HARM = ("$(id)\n- x: 1", "{{.V}}", "-x y", "'", '"', "a" * 300, "../x")
INSTRUCTIONS = set("FROM COPY RUN ENV WORKDIR USER EXPOSE STOPSIGNAL HEALTHCHECK ENTRYPOINT CMD LABEL ARG".split())


@pytest.mark.parametrize("to", ["kubernetes", "sagemaker"])
def test_a_setting_that_is_not_valid_is_one_line(packaging: Packaging, tmp_path: Path, to: str) -> None:
    """Each setting with texts that would be code or markup elsewhere; what is taken stays valid."""
    faults = {}
    for setting in target.target(to).settings:
        for harm in HARM:
            try:
                packaging(to, **{setting.name: harm})
            except MlopsError as refused:
                if "\n" in str(refused) or len(str(refused)) > 600:
                    faults[setting.name, harm] = str(refused)
                continue
            for path in (tmp_path / "package").rglob("*.y*ml"):
                list(yaml.safe_load_all(path.read_text()))
            for path in (tmp_path / "package").rglob("Dockerfile"):
                assert {word for word, _ in instructions(path.read_text())} <= INSTRUCTIONS, (setting.name, harm)
            shutil.rmtree(tmp_path / "package")

    assert faults == {}


def test_the_user_of_a_pod_is_not_root(packaging: Packaging) -> None:
    """The pod says runAsNonRoot, so that a cluster would never start it as root."""
    with pytest.raises(InvalidInput, match="The user 0 is root"):
        packaging("kubernetes", user="0:0")
