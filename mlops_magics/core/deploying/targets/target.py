"""Targets: places beyond this machine, and the deployment of a version there, also those of other packages.

To add a target, subclass `Target` in a module of this folder and list the class in `BUILT_IN`. Another package
registers its class under the entry point group ``mlops_magics.targets``.
"""

from __future__ import annotations

import functools
import os
import shlex
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from mlops_magics.core import plug_ins
from mlops_magics.core.deploying.targets import packaged_version
from mlops_magics.core.deploying.targets.package_record import Package
from mlops_magics.core.deploying.targets.packaged_version import PackagedVersion
from mlops_magics.errors import InvalidInput, nearest

if TYPE_CHECKING:
    from mlops_magics.core.deploying.targets.remote import RemoteDeployment
    from mlops_magics.core.versioning import Board, ModelVersion

ENTRY_POINTS = "mlops_magics.targets"
BUILT_IN = (
    "docker.DockerTarget",
    "kubernetes.KubernetesTarget",
    "kserve.KserveTarget",
    "sagemaker.SagemakerTarget",
    "cloud_run.CloudRunTarget",
    "aws_lambda.LambdaTarget",
    "posit_connect.ConnectTarget",
    "huggingface.HuggingfaceTarget",
    "vertex.VertexTarget",
    "azureml.AzuremlTarget",
    "modal_app.ModalTarget",
    "ray_serve.RayTarget",
    "client_files.ClientTarget",
)
"""The targets of this package, by module and class."""


@dataclass(frozen=True, slots=True)
class Setting:
    """An option of a target: ``--set NAME=VALUE``.

    Attributes
    ----------
    kind
        ``str``, ``int``, ``float`` or ``bool``.
    default
        None where a value must be given or is found out.
    """

    name: str
    help: str
    kind: type = str
    default: Any = None


@dataclass(frozen=True, slots=True)
class Written:
    """The notes and commands of a target for a package that it wrote."""

    notes: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()


class Target:
    """A place beyond this machine.

    Attributes
    ----------
    name
        The word that ``--to`` takes.
    summary
        One sentence for the help.
    settings
        The options of the target.
    context
        The folder in the package that becomes an image, or the package itself where it is empty.
    by_api
        Whether a version is deployed by an API: then `deploy`, `looked_up` and `delete` are there.
    carries_version
        Whether a package holds the version, so that it must be trusted, else only facts about it.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    settings: ClassVar[tuple[Setting, ...]] = ()
    context: ClassVar[str] = ""
    by_api: ClassVar[bool] = False
    carries_version: ClassVar[bool] = True

    def write(self, source: PackagedVersion, folder: Path, settings: Mapping[str, Any]) -> Written:
        """Write the files of the target into a folder, in whose context is a copied version already.

        Raises
        ------
        InvalidInput
            For a setting that is not valid.
        """
        raise NotImplementedError

    def build(self, source: PackagedVersion, folder: Path, settings: Mapping[str, Any]) -> str | None:
        """Return the image that was built from the files, or None where none was requested.

        Raises
        ------
        MissingDependency, TargetError
            Where it was not built. The files are kept.
        """
        return None

    def deploy(self, version: ModelVersion, sha256: str, settings: Mapping[str, Any]) -> RemoteDeployment:
        """Deploy a version, or move the name's deployment to it, and return what `RemoteDeployment.keep` kept.

        Raises
        ------
        InvalidInput, MissingDependency, TargetError
        """
        raise NotImplementedError

    def looked_up(self, deployment: RemoteDeployment) -> RemoteDeployment:
        """Return a deployment with the state that the platform reports.

        Raises
        ------
        MissingDependency, TargetError
        """
        raise NotImplementedError

    def delete(self, deployment: RemoteDeployment) -> None:
        """Delete the deployment. A part that is gone already is passed over.

        Raises
        ------
        MissingDependency, TargetError
        """
        raise NotImplementedError


@functools.cache
def targets() -> dict[str, Target]:
    """Return name → target: those of other packages first, then `BUILT_IN`."""
    own: list[Target] = plug_ins.listed(__package__ or "", BUILT_IN)
    # ours come last, so that another package cannot replace one of them
    return {target.name: target for target in (*plug_ins.of_packages(ENTRY_POINTS), *own)}


def target(name: str) -> Target:
    """Return a target by its name.

    Raises
    ------
    InvalidInput
        Naming the targets that exist.
    """
    known = targets()
    if name not in known:
        close = nearest(name, known, 1)
        hint = f"; did you mean {close[0]!r}?" if close else "."
        raise InvalidInput(f"{name!r:.60} is not a target{hint} Known: {', '.join(known)}.")
    return known[name]


def package(
    board: Board, version: ModelVersion, to: str, path: Path, settings: Mapping[str, Any] | None = None
) -> Package:
    """Write a package: files that deploy one version elsewhere.

    Parameters
    ----------
    to
        The name of a target.
    path
        A folder that does not exist yet, or is empty.
    settings
        Options of the target by name. Texts are converted.

    Raises
    ------
    InvalidInput
        For a target, a setting or a folder that is not valid. Nothing is written then.
    NotTrusted, IntegrityError
        As `packaged_version.check`.
    MissingDependency, TargetError
        Where an image was not built. The files are kept.
    """
    chosen = target(to)
    given = converted(chosen, settings or {})
    path = Path(path).absolute()
    # a link to nothing is in the way too
    if os.path.lexists(path) and (not path.is_dir() or any(path.iterdir())):
        raise InvalidInput(f"{path} exists already. Choose another folder, or remove it: `rm -r {path.name}`.")
    source, written = _write(chosen, board, version, path, given)
    image = chosen.build(source, path, given)
    files = sorted(each for each in path.rglob("*") if each.is_file())
    return Package(
        ref=source.ref,
        sha256=source.sha256,
        target=to,
        path=str(path),
        files=tuple(each.relative_to(path).as_posix() for each in files),
        size=sum(each.stat().st_size for each in files),
        notes=written.notes,
        commands=tuple(command.replace("{path}", shlex.quote(str(path))) for command in written.commands),
        image=image,
    )


def _write(
    chosen: Target, board: Board, version: ModelVersion, path: Path, given: Mapping[str, Any]
) -> tuple[PackagedVersion, Written]:
    """Write the files of a package into a draft, and move it to its folder when it is complete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # next to the target, so that the move is a rename within one file system
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as draft:
        folder = Path(draft) / "package"
        folder.mkdir()
        (folder / chosen.context).mkdir(exist_ok=True)
        take = packaged_version.take if chosen.carries_version else packaged_version.named
        source = take(board, version, folder / chosen.context)
        written = chosen.write(source, folder, given)
        if path.exists():
            path.rmdir()
        shutil.move(folder, path)
    return source, written


def converted(chosen: Target, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a target, each of its kind.

    Raises
    ------
    InvalidInput
        For an unknown one, and a value of another kind.
    """
    known = {each.name: each for each in chosen.settings}
    for name in given:
        if name not in known:
            close = nearest(name, known, 1)
            hint = f"; did you mean {close[0]!r}?" if close else f". Known: {', '.join(known) or 'none'}."
            raise InvalidInput(f"{chosen.name} has no setting {name!r:.60}{hint}")
    return {
        each.name: each.default if given.get(each.name) is None else _converted(each, given[each.name])
        for each in chosen.settings
    }


TAKEN = {bool: "yes or no", int: "a whole number", float: "a number", str: "a text"}
"""Type of a setting → its name in messages."""


def _converted(setting: Setting, value: Any) -> Any:
    if setting.kind is bool and isinstance(value, str):
        words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
        if value.lower() in words:
            return words[value.lower()]
    elif isinstance(value, str) and setting.kind in (int, float):
        try:
            return setting.kind(value)
        except ValueError:
            pass
    if isinstance(value, setting.kind) and not (setting.kind is int and isinstance(value, bool)):
        return value
    if isinstance(value, Path) and setting.kind is str:
        return str(value)
    raise InvalidInput(f"The setting {setting.name} takes {TAKEN[setting.kind]}, not {value!r:.60}.")
