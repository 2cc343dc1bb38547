"""The verbs of deploying: deploy, serve and predict, and those of versioning that endpoints take part in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from mlops_magics.core import progress
from mlops_magics.core.session.elsewhere_verbs import followed_alias
from mlops_magics.core.session.endpoint_verbs import EndpointVerbs
from mlops_magics.core.session.suggestions import Suggestions
from mlops_magics.core.versioning import ModelRef
from mlops_magics.core.versioning.names import CHAMPION

if TYPE_CHECKING:
    from mlops_magics.core.deploying import Endpoint
    from mlops_magics.core.versioning import AliasMove, Board, ModelVersion
    from mlops_magics.core.versioning.stores.sweep import Swept


class DeployingVerbs(EndpointVerbs):
    """The part of a session that lets versions answer at a URL."""

    def deploy(
        self,
        ref: str | ModelVersion,
        *,
        port: int | None = None,
        workers: int | None = None,
        token: bool | str | None = None,
        log: bool | None = None,
        also: Iterable[str | ModelVersion] = (),
        canary: float | None = None,
        shadow: bool = False,
        **options: Any,
    ) -> Endpoint:
        """Answer at a URL with this version, in a process of its own that is ready when this returns.

        Parameters
        ----------
        ref
            A version, or an alias: the endpoint then reports the alias by which it was requested.
        port
            A free one by default. The same as before when this model's endpoint died.
        workers
            Processes that share the port.
        token
            True for a random bearer token, False for none, or the token itself.
        also
            Further models of the same board at the same endpoint, at ``/NAME/predict``.
        canary
            Do not replace what answers, but let this version answer so large a share of its requests (0 to 1).
        shadow
            Do not replace what answers, but let this version see every request, and log its answers.
        options
            Further arguments of `mlops_magics.core.deploying.deploy`. A version on trial takes none of them: it
            answers at the endpoint that runs.

        Raises
        ------
        NotFound, NotTrusted, IntegrityError, EndpointError
        """
        from mlops_magics.core import deploying

        ref = self._named(ref) if isinstance(ref, str) else ref
        board, version = self._locate(ref)
        if canary is not None or shadow:
            options |= {"port": port, "workers": workers, "token": token, "log": log, "also": also}
            rivals: Endpoint = deploying.challenge(version, share=canary, shadow=shadow, **options)
            return rivals
        progress.report("starting the endpoint, which answers when the model is loaded and tried")
        endpoint: Endpoint = deploying.deploy(
            board,
            version,
            also=[self._locate(each)[1] for each in also],
            alias=_alias_of(ref, board, version),
            port=port,
            workers=self.settings.workers if workers is None else workers,
            token=self.settings.token if token is None else token,
            log=self.settings.log if log is None else log,
            **{"extras": self.settings.extras, **{name: said for name, said in options.items() if said is not None}},
        )
        return endpoint

    def serve(
        self,
        ref: str,
        *,
        also: Iterable[str | ModelVersion] = (),
        sha256: str | None = None,
        follow: float | None = None,
        trust_board: bool = False,
        **options: Any,
    ) -> int:
        """Answer at a URL in the foreground until SIGTERM or Ctrl-C, and return the exit status.

        Parameters
        ----------
        sha256
            The hash of the model file. Another one is refused, and these bytes are trusted. Where a platform sets
            MLOPS_MAGICS_SERVE_SHA256, the version has to have that hash.
        follow
            Seconds between two looks at the board: the endpoint moves to the version that the alias means. A version
            that does not load is refused, and the current one continues.
        trust_board
            Whether every version of the board may run code here.
        also, options
            Those of `mlops_magics.core.deploying.serve`, ``token_file`` and ``allow_any_host``. One that is None or not
            given is left to the variables of a platform, the quota of a container and the settings, in this order.

        Raises
        ------
        IntegrityError
            When the version has another hash.
        InvalidInput, NotFound, NotTrusted
        """
        from mlops_magics.core import deploying
        from mlops_magics.core.deploying.server import container

        board, version = self._locate(ref)
        sha256 = container.expected_hash(sha256)
        if follow is not None:
            options["alias"] = followed_alias(ref, board, version, sha256)
            options["follow"] = container.follow_seconds(follow)
        if trust_board:
            board.trust()
        if sha256 is not None:
            board.trust_bytes(version, sha256)
        preset = {name: getattr(self.settings, name) for name in ("workers", "token", "log", "extras")} | {"port": 0}
        said = container.completed({name: value for name, value in options.items() if value is not None})
        others = [self._locate(each)[1] for each in also]
        return deploying.serve(board, version, also=others, **(preset | said))

    @staticmethod
    def find_state() -> None:
        """Choose a place for state where there is neither a home nor a disk, before a session opens a board."""
        from mlops_magics.core.deploying.server import container

        container.find_state()

    def warm_up(self) -> None:
        """Keep a process with its imports done, so that the next deployment is instant, where the settings allow it."""
        if self.settings.warm_spare:
            from mlops_magics.core.deploying.endpoints import warm_spare

            warm_spare.prepare()

    def close(self) -> None:
        """End the process that `warm_up` keeps, and leave endpoints running."""
        from mlops_magics.core.deploying.endpoints import warm_spare

        warm_spare.discard()

    def suggestions(self, board: str | None = None) -> Suggestions:
        """Return the names that exist, for completion.

        Parameters
        ----------
        board
            The board to list: its label, a folder or a URL. The current one by default.
        """
        return Suggestions(self, self.endpoints_running, board)

    def predict(self, ref: str, data: Any, method: str = "predict") -> Any:
        """Predict with the running endpoint, or, when none serves this version, with the model from the board itself.

        A frame of Spark, Dask or Ray is answered by a lazy frame of the same engine: its columns, and ``prediction``.

        Parameters
        ----------
        ref
            The version or alias. A bare name means the champion, else the newest version.
        data
            Rows ``(n_samples, n_features)``: a frame, an array, records, or the path of a file of rows.
        method
            One of the model's: ``predict_proba``, ``transform``, ….

        Returns
        -------
        array
            ``(n_samples,)`` or ``(n_samples, n_outputs)``, a frame where the model names its outputs.

        Raises
        ------
        NotFound, NotTrusted, IntegrityError
            When the version does not exist, or cannot be loaded where no endpoint serves it.
        DataMismatch
            When the rows do not fit the prototype. ``problems`` has the places.
        EndpointError
            When the endpoint does not answer, or refuses.
        """
        from mlops_magics.core.deploying.batch import lazy_frames

        board, version = self._locate(ref)
        if lazy_frames.engine_of(data) is not None:
            from mlops_magics.core.deploying.batch import batch_run
            from mlops_magics.core.deploying.batch.batch_task import ScoringOptions

            return batch_run.answer_frame(board, version, data, ScoringOptions(method=method))
        progress.report("predicting the rows")
        for endpoint in self.endpoints_running():
            if endpoint.serves(version):
                return endpoint.client.predict(data, method, model=version.name)
        from mlops_magics.core.deploying.server import in_process

        model = board.load(version)
        progress.report("predicting the rows")
        return in_process.predict(version, model, data, method)

    def rollback(
        self, name: str, alias: str | None = None, *, note: str | None = None, force: bool = False
    ) -> AliasMove:
        """Let an alias name the version before. Each rollback goes one further back, and `promote` goes forward.

        An endpoint that was requested by this alias, and answers with the version taken back, goes back too. No request
        fails.

        Parameters
        ----------
        name, alias
            The model and the alias, by default the champion, or the only alias that ever moved.
        note
            The reason, kept in the history.
        force
            Whether a protected alias moves.

        Raises
        ------
        NotFound
            When the alias never moved, or the version that it named is gone.
        Ambiguous
            When ``alias`` is not given and several aliases moved, none of them the champion.
        InvalidInput
            When the alias is protected and ``force`` is not given.
        Conflict
            When another user moved the alias in the meantime.
        """
        from mlops_magics.core import deploying

        ref = ModelRef.parse(name)
        move = self._board_named(ref.board).rollback(str(ref.name), alias=alias, note=note, force=force)
        deploying.follow(move)
        return move

    def collect_garbage(self) -> Swept:
        """Remove abandoned staging and old trash, but nothing that an alias or a running endpoint holds."""
        held = {f"{endpoint.name}@{endpoint.version}" for endpoint in self.endpoints_running()}
        return self.board.collect_garbage(held=held)


def _alias_of(ref: str | ModelVersion, board: Board, version: ModelVersion) -> str | None:
    """Return the alias by which a version was requested. A bare name means the champion, where there is one."""
    if not isinstance(ref, str):
        return None
    selector = ModelRef.parse(ref).selector
    if selector is None:
        return CHAMPION if board.aliases(version.name).get(CHAMPION) == version.version else None
    return selector if selector in board.aliases(version.name) else None
