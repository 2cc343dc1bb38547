"""The verbs beyond one endpoint: deploy_to, stop_at, deployments, application, predict_batch, compact_log."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

from mlops_magics.core import progress
from mlops_magics.core.remote_errors import remote_refusals
from mlops_magics.core.session.versioning_verbs import VersioningVerbs
from mlops_magics.core.versioning import ModelRef
from mlops_magics.core.versioning.names import CHAMPION, NEWEST
from mlops_magics.errors import InvalidInput

if TYPE_CHECKING:
    from mlops_magics.core.deploying.batch.batch_run import BatchResult
    from mlops_magics.core.deploying.contract.model_options import Extras
    from mlops_magics.core.deploying.server.embedded import EmbeddedEndpoint
    from mlops_magics.core.deploying.targets.remote import RemoteDeployment
    from mlops_magics.core.versioning import Board, ModelVersion


class ElsewhereVerbs(VersioningVerbs):
    """The part of a session that lets versions answer on other machines, inside other servers, and to files."""

    def deploy_to(
        self, ref: str | ModelVersion, to: str, settings: Mapping[str, Any] | None = None
    ) -> RemoteDeployment:
        """Deploy a version at a platform by its API, or move a deployment there to it.

        Parameters
        ----------
        to
            A target with an API: ``sagemaker``, ….
        settings
            Options of the target by name.

        Raises
        ------
        InvalidInput, NotTrusted, IntegrityError, MissingDependency
            Nothing is deployed in any of these cases.
        TargetError
            When the platform refuses. The earlier version continues.
        """
        from mlops_magics.core.deploying.targets import elsewhere

        board, version = self._locate(ref)
        progress.report(f"calling {to}")
        return elsewhere.deploy(board, version, to, settings)

    def deployments(self) -> list[RemoteDeployment]:
        """Return this user's deployments elsewhere, newest first, each with the state that its platform reports."""
        from mlops_magics.core.deploying.targets import elsewhere

        return elsewhere.deployments()

    def stop_at(self, name: str, at: str) -> RemoteDeployment:
        """Delete the deployment of a model at a target, by the model's name or by its name there.

        Raises
        ------
        NotFound, MissingDependency, TargetError
        """
        from mlops_magics.core.deploying.targets import elsewhere

        return elsewhere.stop(name, at)

    def application(
        self,
        ref: str | ModelVersion,
        *,
        sha256: str | None = None,
        token: bool | str = False,
        extras: Extras | None = None,
        follow: float | None = None,
    ) -> EmbeddedEndpoint:
        """Return a version as a WSGI application, for servers that run one, such as gunicorn and Posit Connect.

        Parameters
        ----------
        sha256
            The hash of the model file. Another one is refused, and these bytes are trusted.
        token
            False where the server checks its clients, True for the token of MLOPS_MAGICS_SERVE_TOKEN or …_FILE, or the
            token itself.
        extras
            ``ignore`` or ``refuse`` columns that the model does not read, as in the settings by default.
        follow
            Seconds between two looks at the board: it moves to the version that the alias means, and a version that
            does not load is refused.

        Raises
        ------
        IntegrityError
            When the version has another hash.
        InvalidInput
            When no variable has a token, and when the version has no prototype.
        NotFound, NotTrusted, SerializationError
        """
        from mlops_magics.core.deploying.endpoints.planning import check_servable
        from mlops_magics.core.deploying.server import container
        from mlops_magics.core.deploying.server.embedded import EmbeddedEndpoint

        board, version = self._locate(ref)
        check_servable(version)
        alias = None if follow is None else followed_alias(ref, board, version, sha256)
        if sha256 is not None:
            board.trust_bytes(version, sha256)
        found = container.token_of() if token is True else token or None
        if token is True and not found:
            raise InvalidInput(f"No token is set: set {container.TOKEN}, or {container.TOKEN_FILE} to a file.")
        endpoint = EmbeddedEndpoint(
            version, board.load(version), token=found, extras=cast("Extras", extras or self.settings.extras)
        )
        if follow is not None:
            _follow(endpoint, board, version.name, alias, container.follow_seconds(follow))
        return endpoint

    def predict_batch(
        self,
        ref: str | ModelVersion,
        data: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
        to: str | os.PathLike[str],
        *,
        engine: Any = None,
        workers: int | None = None,
        method: str = "predict",
        column: str = "prediction",
        keep: str = "unread",
    ) -> BatchResult:
        """Score files into files: each input gets one output of its own, and a rerun skips existing outputs.

        Parameters
        ----------
        data
            A path, a folder, a pattern or a URL, or several of them: Parquet, CSV, JSON Lines or Arrow.
        to
            The folder of the outputs, which are Parquet, by its path or URL.
        engine
            A Spark session or context, a Dask client or the module ray, which schedules the parts, or None for
            processes of this machine.
        workers
            Processes of this machine at once: one for each processor by default, 0 for this process alone.
        method
            The model's method.
        column
            The name of the answers' column, or with several outputs the beginning of their names.
        keep
            Columns of the input to keep: ``unread`` by the model, ``all``, ``none``, or names with commas between.

        Raises
        ------
        InvalidInput, NotFound, NotTrusted, IntegrityError
            Nothing is scored in any of these cases. A file that cannot be scored is in the result's ``failed``.
        """
        from mlops_magics.core.deploying.batch import batch_run
        from mlops_magics.core.deploying.batch.batch_task import ScoringOptions

        board, version = self._locate(ref)
        options = ScoringOptions(method, column, keep)
        return batch_run.run(board, version, data, str(to), options=options, engine=engine, workers=workers)

    def compact_log(self, log: str, name: str) -> dict[str, int]:
        """Write each hour of a shipped log as one segment, remove the parts of earlier ones, and return the counts.

        Raises
        ------
        BoardError, InvalidInput
        """
        from mlops_magics.core.deploying.prediction_log import replica_log

        with remote_refusals(log, "write", "log"):
            written, removed = replica_log.compact(log, name)
        return {"written": written, "removed": removed}


def _follow(endpoint: EmbeddedEndpoint, board: Board, name: str, alias: str | None, seconds: float) -> None:
    """Let an endpoint move to the version that the alias means, with a look at the board every so many seconds."""

    def loaded(wanted: str) -> tuple[ModelVersion, Any]:
        there = board.version(name, wanted)
        return there, board.load(there)

    endpoint.follow(lambda: board.version(name, alias).version, loaded, seconds)


def followed_alias(ref: str | ModelVersion, board: Board, version: ModelVersion, sha256: str | None) -> str | None:
    """Return the alias to follow, or None for a bare name, which means the champion, else the newest version.

    Parameters
    ----------
    ref
        The reference as it was given.
    board, version
        The version that it means.
    sha256
        The hash that is required, which no alias can follow.

    Raises
    ------
    InvalidInput
        For a reference that never means another version.
    """
    selector = ModelRef.parse(ref if isinstance(ref, str) else ref.ref).selector
    if selector is not None and selector != NEWEST and selector not in board.aliases(version.name):
        raise InvalidInput(
            f"{version.ref} is always the same version. To follow an alias: `{version.name}@{CHAMPION}`."
        )
    if sha256 is not None:
        raise InvalidInput("A hash is that of one version: leave --sha256 out, or --follow.")
    return selector
