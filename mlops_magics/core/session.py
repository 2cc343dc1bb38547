"""The verbs as plain Python: one method each. Magics, command line, widgets and sidebar call only this."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlops_magics.core import known_boards, progress, settings
from mlops_magics.core.monitoring_verbs import MonitoringVerbs
from mlops_magics.core.versioning import ModelRef, open_board
from mlops_magics.core.versioning.listing.catalogue import CHAMPION
from mlops_magics.core.versioning.names import BoardLabel
from mlops_magics.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from mlops_magics.core.deploying import Endpoint
    from mlops_magics.core.deploying.endpoints.endpoint_table import EndpointTable
    from mlops_magics.core.versioning import AliasMove, Board, Lineage, ModelVersion, VerifyReport, VersionDiff
    from mlops_magics.core.versioning.listing.version_tables import HistoryTable, ModelTable, VersionTable
    from mlops_magics.core.versioning.publishing.onnx_export import OnnxCopy
    from mlops_magics.core.versioning.stores.sweep import Swept


class Session(MonitoringVerbs):
    """One notebook's, shell's or job's view of its boards and endpoints.

    Parameters
    ----------
    board
        A folder, an fsspec URL (``s3://``, ``gs://``, ``abfs://``, ``memory://``) or a pins board. By default what the
        settings say (see `mlops_magics.core.settings`).
    config
        What ``%config MLOpsMagics`` set; a mapping of setting names to values.

    Examples
    --------
    >>> from sklearn.linear_model import LinearRegression
    >>> session = Session(board="memory://doctest-session")
    >>> version = session.pin(LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0]), "line", data=[[0.0], [1.0]])
    >>> session.load("line").predict([[3.0]]).round(6).tolist()
    [3.0]
    """

    def __init__(self, board: Any = None, *, config: Mapping[str, Any] | None = None) -> None:
        named = str(board) if isinstance(board, str | Path) else None
        self.settings = settings.load({"board": named}, config)
        self._boards: dict[str, Board] = {}
        self._current: Board | None = None
        if board is not None:
            self.use(board)

    # Boards

    @property
    def board(self) -> Board:
        """The current board; opened on first use."""
        return self._current if self._current is not None else self.use(self.settings.board)

    @property
    def boards(self) -> dict[str, Board]:
        """Every board that this session opened, by its label."""
        return dict(self._boards)

    def use(self, board: Any, *, name: str | None = None, trust: bool = False) -> Board:
        """Open a board, make it the current one, and answer to ``name:`` in references from now on.

        Parameters
        ----------
        board
            A folder, a URL, a pins board, or the label of a board that this session already knows.
        trust
            Record, for this user, that models of this board may be deserialised.

        Raises
        ------
        InvalidName
            When no reference could hold ``name``.
        """
        asked = str(BoardLabel(name)) if name else None
        opened = self._boards.get(board) if isinstance(board, str) else None
        if opened is None:
            opened = open_board(board)
        if trust:
            opened.trust()
        label = asked or opened.label
        self._boards[label] = opened
        self._current = opened
        known_boards.remember(label, opened.url)
        return opened

    def version(self, ref: str | ModelVersion) -> ModelVersion:
        """Look a version up: ``name``, ``name@alias`` or ``name@version``, with ``board:`` before it where wanted."""
        return self._locate(ref)[1]

    def _locate(self, ref: str | ModelVersion) -> tuple[Board, ModelVersion]:
        if not isinstance(ref, str):
            return self._board_at(ref.board), ref
        parsed = ModelRef.parse(ref)
        board = self._board_named(parsed.board)
        return board, board.version(parsed)

    def _board_named(self, label: str | None) -> Board:
        if label is None:
            return self.board
        if label not in self._boards:
            elsewhere = {each.label: each.url for each in reversed(known_boards.known())}  # by another session
            if label not in elsewhere:
                hint = "Open it with `%board PATH_OR_URL --name NAME`."
                raise NotFound("board", label, {**self._boards, **elsewhere}, hint=hint)
            self._boards[label] = open_board(elsewhere[label], create=False)
        return self._boards[label]

    def labelled(self, ref: str, board: str) -> str:
        """Return a reference that means this board, given by its URL, whichever is current; labels may change hands."""
        known = next((label for label, each in self._boards.items() if each.url == board), None)
        if known is None:
            opened = self._board_at(board)
            labels = (opened.label, *(f"{opened.label}-{number}" for number in range(2, len(self._boards) + 3)))
            known = next(label for label in labels if label not in self._boards)
            self._boards[known] = opened
        return f"{known}:{ref}"

    def _board_at(self, url: str) -> Board:
        return next((board for board in (self.board, *self._boards.values()) if board.url == url), None) or open_board(
            url
        )

    # Versioning

    def pin(
        self,
        model: Any,
        name: str,
        *,
        data: Any = None,
        truth: Any = None,
        test: tuple[Any, Any] | None = None,
        segments: Iterable[str] = (),
        metrics: Mapping[str, float] | None = None,
        description: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        tags: Iterable[str] = (),
        format: str | None = None,
        source: str | None = None,
        notebook: str | None = None,
        training_seconds: float | None = None,
    ) -> ModelVersion:
        """Store a fitted model as the next immutable version of ``name``.

        Parameters
        ----------
        model
            A fitted estimator, booster, network, or any object with ``predict``.
        data, truth
            What it was trained on, ``(n_samples, n_features)`` and ``(n_samples,)``: they give the prototype and the
            reference profile. No row of them is stored but a few example rows.
        test
            ``(X_test, y_test)``: the metrics are computed on it; ``metrics`` are added and win. It also teaches how
            performance can be estimated before the truth is known.
        segments
            Columns by whose values drift can be looked at later (``monitor(…, segment=…)``).
        format
            ``auto``, ``skops``, ``joblib`` (what vetiver reads) or a native format of the model's library.
        source, notebook, training_seconds
            Lineage: the code that trained it (secrets are redacted), where it ran, how long it took.

        Raises
        ------
        InvalidName, InvalidInput, SerializationError, BoardError
            Nothing is published in any of these cases.
        """
        from mlops_magics.core import monitored_model
        from mlops_magics.core.versioning import Facts, Prototype

        board, pinned = self._target(name)
        progress.tell("learning the columns")
        prototype = Prototype.from_data(data) if data is not None else None
        return board.publish(
            model,
            pinned,
            Facts(
                prototype=prototype,
                example=data,
                profile=monitored_model.reference_profile(model, data, truth, test, tuple(segments)),
                metrics={**_evaluated(model, test), **(metrics or {})},
                metadata=dict(metadata or {}),
                tags=tuple(tags),
                description=description,
                format=format or self.settings.format,
                lineage=self._lineage(model, data, truth, source, notebook, training_seconds),
            ),
        )

    def _target(self, name: str) -> tuple[Board, str]:
        ref = ModelRef.parse(name)
        if ref.selector is not None:
            raise InvalidInput(
                f"A new version gets its own name: pin as {str(ref.name)!r}, then `%promote {ref.name} {ref.selector}`."
            )
        return self._board_named(ref.board), str(ref.name)

    def _lineage(
        self, model: Any, data: Any, truth: Any, source: str | None, notebook: str | None, seconds: float | None
    ) -> Lineage:
        from mlops_magics.core.versioning.describing import lineage

        return lineage.record(
            model,
            data=data,
            truth=truth,
            source=source if self.settings.store_source else None,
            notebook=notebook,
            training_seconds=seconds,
        )

    def models(self, query: str | None = None) -> ModelTable:
        """List the models of the board, newest first; ``query`` is such as ``accuracy>0.9 tag:eu``."""
        return self.board.models(query)

    def versions(self, name: str) -> VersionTable:
        """List the versions of one model, newest first."""
        ref = ModelRef.parse(name)
        return self._board_named(ref.board).versions(str(ref.name))

    def history(self, name: str) -> HistoryTable:
        """List what happened to a model (pins, moves of aliases, deletions): when, by whom and why; newest first."""
        ref = ModelRef.parse(name)
        return self._board_named(ref.board).history(str(ref.name))

    def load(self, ref: str | ModelVersion) -> Any:
        """Return the fitted model; its bytes are verified before they are deserialised.

        Raises
        ------
        NotFound, NotTrusted, IntegrityError
        """
        board, version = self._locate(ref)
        return board.load(version)

    def promote(self, ref: str, to: str, *, note: str | None = None, force: bool = False) -> AliasMove:
        """Let the alias ``to`` name this version; protected aliases want ``force``."""
        board, version = self._locate(ref)
        return board.promote(version.ref, to=to, note=note, force=force)

    def rollback(
        self, name: str, alias: str | None = None, *, note: str | None = None, force: bool = False
    ) -> AliasMove:
        """Take the last move of an alias back; doing it again undoes that too.

        An endpoint that was asked for by this alias, and answers with what was taken back, goes back too; no request
        fails.
        """
        from mlops_magics.core import deploying

        ref = ModelRef.parse(name)
        move = self._board_named(ref.board).rollback(str(ref.name), alias=alias, note=note, force=force)
        deploying.follow(move)
        return move

    def protect(self, name: str, alias: str, *, protected: bool = True, note: str | None = None) -> None:
        """Let an alias be moved with ``force`` only, or take that back."""
        ref = ModelRef.parse(name)
        self._board_named(ref.board).protect(str(ref.name), alias, protected=protected, note=note)

    def annotate(self, ref: str | ModelVersion, **said: Any) -> ModelVersion:
        """Change description, tags, metrics or metadata of a version without storing its model again.

        Parameters
        ----------
        said
            What `Board.annotate` takes: ``description``, ``tags``, ``metrics``, ``metadata``, and ``note`` for the why.
        """
        board, version = self._locate(ref)
        return board.annotate(version.ref, **said)

    def compare(self, a: str, b: str, data: Any = None) -> VersionDiff:
        """Say what differs between two versions; with ``data``, also where their predictions disagree."""
        from mlops_magics.core.versioning.comparing.comparison import compare

        return compare(self._locate(a), self._locate(b), data)

    def copy(self, ref: str, board: Any, *, name: str | None = None) -> ModelVersion:
        """Copy a version to another board, byte for byte; references name that board from now on (``LABEL:name``)."""
        source, version = self._locate(ref)
        target = self._boards.get(board) if isinstance(board, str) else None
        target = target or open_board(board)
        copied = source.copy(version, target, name=name)
        self._boards.setdefault(target.label, target)
        return copied

    def package(self, ref: str, *, to: str = "onnx", path: str | Path | None = None, data: Any = None) -> OnnxCopy:
        """Write a copy of a version in another form, and say how far its answers are from the model's.

        Parameters
        ----------
        to
            ``onnx``; needs the extra of that name.
        path
            The file; ``NAME-VERSION.onnx`` in the working folder by default. One that exists is not overwritten.
        data
            Rows ``(n_samples, n_features)`` to compare on; the version's example rows by default.

        Raises
        ------
        InvalidInput, MissingDependency, NotTrusted, SerializationError
            Nothing is written in any of these cases.
        """
        if to != "onnx":
            raise InvalidInput(f"A copy can be written as onnx, not as {to!r}.")
        from mlops_magics.core.versioning.publishing import onnx_export

        board, version = self._locate(ref)
        return onnx_export.write(board, version, Path(path or f"{version.name}-{version.version}.onnx"), data)

    def delete(self, ref: str, *, note: str | None = None) -> str:
        """Move a version to the board's trash, and return its place there, which `restore` takes."""
        board, version = self._locate(ref)
        return board.delete(version.ref, note=note)

    def restore(self, ref: str, *, note: str | None = None) -> ModelVersion:
        """Take a version out of the trash again: ``name@version``, or the place that `delete` returned."""
        label, colon, rest = ref.rpartition(":")
        return self._board_named(label if colon else None).restore(rest, note=note)

    def verify(self, *, repair: bool = False) -> VerifyReport:
        """Hash every file of the board again, and name what is stray, broken or orphaned."""
        return self.board.verify(repair=repair)

    def collect_garbage(self) -> Swept:
        """Sweep abandoned staging and old trash; never what an alias or a running endpoint holds."""
        held = {f"{endpoint.name}@{endpoint.version}" for endpoint in self.endpoints_running()}
        return self.board.collect_garbage(held=held)

    # Deploying

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
            A version, or an alias: the endpoint then reports which alias it was asked for.
        port
            A free one by default; the same as before when this model's endpoint died.
        workers
            Processes that share the port.
        token
            True for a random bearer token, False for none, or the token itself.
        also
            Further models of the same board behind the same endpoint, at ``/NAME/predict``.
        canary
            Do not replace what answers, but let this version answer so large a share of its requests (0 to 1).
        shadow
            Do not replace what answers, but let this version see every request, and log its answers.
        options
            What `mlops_magics.core.deploying.deploy` takes beyond these. What is tried out takes none of them: it
            answers at the endpoint that runs.

        Raises
        ------
        NotFound, NotTrusted, IntegrityError, EndpointError
        """
        from mlops_magics.core import deploying

        board, version = self._locate(ref)
        if canary is not None or shadow:
            options |= {"port": port, "workers": workers, "token": token, "log": log, "also": also}
            rivals: Endpoint = deploying.challenge(version, share=canary, shadow=shadow, **options)
            return rivals
        progress.tell("starting the endpoint: it answers when the model is loaded and tried")
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

    def serve(self, ref: str, *, also: Iterable[str | ModelVersion] = (), **options: Any) -> int:
        """Answer at a URL in the foreground until SIGTERM or Ctrl-C, and return the exit status.

        Parameters
        ----------
        also, options
            What `mlops_magics.core.deploying.serve` takes; what is ``None`` or not said is left to the settings.
        """
        from mlops_magics.core import deploying

        board, version = self._locate(ref)
        preset = {name: getattr(self.settings, name) for name in ("workers", "token", "log", "extras")} | {"port": 0}
        said = {name: value for name, value in options.items() if value is not None}
        others = [self._locate(each)[1] for each in also]
        return deploying.serve(board, version, also=others, **(preset | said))

    def warm_up(self) -> None:
        """Keep a process with its imports done, so that the next deployment is instant, unless the settings say no."""
        if self.settings.warm_spare:
            from mlops_magics.core.deploying.endpoints import warm_spare

            warm_spare.prepare()

    def close(self) -> None:
        """End the process that `warm_up` keeps; endpoints go on."""
        from mlops_magics.core.deploying.endpoints import warm_spare

        warm_spare.discard()

    def endpoints(self) -> EndpointTable:
        """List every endpoint of this user that runs, or died and was not stopped; newest first."""
        from mlops_magics.core.deploying.endpoints.endpoint_table import EndpointTable

        return EndpointTable.of(self.endpoints_running())

    def endpoints_running(self) -> list[Endpoint]:
        """Return a handle for each announced endpoint, whichever notebook started it."""
        from mlops_magics.core import deploying

        return deploying.running()

    def endpoint(self, name: str) -> Endpoint:
        """Return the handle of the endpoint that serves this model."""
        known = self.endpoints_running()
        wanted = str(ModelRef.parse(name).name)
        found = next((endpoint for endpoint in known if endpoint.name == wanted), None)
        if found is None:
            before = next((endpoint.name for endpoint in known if wanted in endpoint.models), None)
            hint = f"Start one with `%deploy {wanted}`."
            if before is not None:
                hint = f"{wanted} stands behind the endpoint of {before}: `%stop {before}` ends both."
            raise NotFound("endpoint", wanted, sorted({e.name for e in known}), hint=hint)
        return found

    def stop(self, name: str) -> Endpoint:
        """Stop the endpoint of this model: what it was answering is finished first."""
        endpoint = self.endpoint(name)
        endpoint.stop()
        return endpoint

    def predict(self, ref: str, data: Any) -> Any:
        """Ask the running endpoint, or, when none serves this version, the model from the board itself."""
        board, version = self._locate(ref)
        for endpoint in self.endpoints_running():
            if endpoint.serves(version):
                return endpoint.predict(data, model=version.name)
        from mlops_magics.core.deploying.serving import in_process

        return in_process.predict(version, board.load(version), data)


def _evaluated(model: Any, test: tuple[Any, Any] | None) -> dict[str, float]:
    if test is None:
        return {}
    from mlops_magics.core.evaluation import evaluate

    return evaluate(model, *test)


def _alias_of(ref: str | ModelVersion, board: Board, version: ModelVersion) -> str | None:
    """Return the alias by which a version was asked for; a bare name means the champion, where there is one."""
    if not isinstance(ref, str):
        return None
    selector = ModelRef.parse(ref).selector
    if selector is None:
        return CHAMPION if board.aliases(version.name).get(CHAMPION) == version.version else None
    return str(selector) if str(selector) != version.version else None
