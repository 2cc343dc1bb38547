"""The verbs of retraining: make the next version, keep policies that do it, export them to orchestrators."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from mlops_magics.core.session.monitoring_verbs import MonitoringVerbs
from mlops_magics.core.versioning import ModelRef
from mlops_magics.core.versioning.names import CHAMPION
from mlops_magics.errors import NotFound

if TYPE_CHECKING:
    from mlops_magics.core.monitoring import MonitorReport
    from mlops_magics.core.retraining.export.export_files import Exported
    from mlops_magics.core.retraining.policies.policy import Policy
    from mlops_magics.core.retraining.policies.policy_runs import PolicyRun, PolicyStatus
    from mlops_magics.core.retraining.policies.policy_table import PolicyTable
    from mlops_magics.core.retraining.retraining import Retraining
    from mlops_magics.core.versioning import Board, ModelVersion


class RetrainingVerbs(MonitoringVerbs):
    """The part of a session that makes a model's next version from new data."""

    def retrain(
        self,
        ref: str,
        *,
        data: Any = None,
        truth: Any = None,
        database: str | None = None,
        bind: Mapping[str, Any] | None = None,
        parameters: Mapping[str, Any] | None = None,
        notebook: str | None = None,
        promote_if: str | None = None,
        metric: str | None = None,
        min_gain: float = 0.0,
        margin: float | None = None,
        floors: Mapping[str, float] | None = None,
        level: float | None = None,
        hold_out: float | None = None,
        time: str | None = None,
        group: str | None = None,
        seed: int = 0,
        limit: str | float | None = None,
        approve: bool = False,
        shadow: int = 0,
        trigger: Mapping[str, Any] | None = None,
        wait: bool = True,
    ) -> Retraining:
        """Make the next version of a model from new data; it becomes champion where it is better.

        Parameters
        ----------
        ref
            The model, or the version that is made again; by default its champion.
        data, truth
            New rows: a frame, a path, a URL, a query, or the prediction log by default; and their truth: a column, or
            values in the order of the rows.
        database
            The file that a query asks, of DuckDB or SQLite.
        bind, parameters
            Values for other data that the recipe reads, and changed parameters, by name.
        notebook
            A notebook with a cell tagged ``parameters``, to run in place of the recipe.
        promote_if
            ``better`` (by default), ``no-worse`` (after drift) or ``never``.
        metric, min_gain, margin, floors, level
            The metric that decides, the gain that is asked for, the loss that ``no-worse`` allows (0.02), the worst
            score that is accepted of each metric, and the level of the intervals (0.95).
        hold_out, time, group, seed
            The share (0.2) or number of rows that no run sees, the column whose last values they are, the column whose
            values stay together, or the seed of a choice at random.
        limit
            How long the recipe may take: ``"2h"`` by default, ``"none"`` for any time.
        approve, shadow
            Let a person promote; let the challenger answer so many rows unseen first.
        wait
            Return when the run has ended; else as soon as it has begun, in a process of its own (see `retrainings`).

        Raises
        ------
        InvalidInput, NotFound, DataMismatch, NotTrusted
            Nothing was begun.
        Held, NothingToDo
            Another run holds the model, or there is nothing to do.
        RetrainingFailed
            The recipe failed; nothing was pinned.
        """
        from mlops_magics.core.retraining.champion_challenger.promotion_rule import LEVEL, MARGIN, PromotionRule
        from mlops_magics.core.retraining.new_rows.hold_out import SHARE, HoldOut
        from mlops_magics.core.retraining.running import background, run_steps
        from mlops_magics.core.retraining.running.order import LIMIT, Order, seconds_of

        board, parent = self._champion(ref)
        reason = dict(trigger or {"kind": "manual", "reason": "by hand"})
        order = Order(
            data=data,
            truth=truth,
            database=database,
            bind=dict(bind or {}),
            parameters=dict(parameters or {}),
            notebook=notebook,
            hold_out=HoldOut(SHARE if hold_out is None else hold_out, time, group, seed),
            rule=PromotionRule(
                promote_if or ("no-worse" if reason.get("kind") in ("drift", "performance") else "better"),  # type: ignore[arg-type]
                metric,
                min_gain,
                MARGIN if margin is None else margin,
                floors=dict(floors or {}),
                level=LEVEL if level is None else level,
            ),
            limit=seconds_of(LIMIT if limit is None else limit),
            approve=approve,
            shadow=shadow,
            trigger=reason,
        )
        return run_steps.retrain(board, parent, order) if wait else background.start(board, parent, order)

    @staticmethod
    def floors(words: Iterable[str]) -> dict[str, float]:
        """Read floors such as ``accuracy>=0.8``.

        Raises
        ------
        InvalidInput
        """
        from mlops_magics.core.retraining.champion_challenger.promotion_rule import floors_of

        return floors_of(words)

    def export(
        self,
        name: str,
        *,
        to: str,
        path: str | None = None,
        policy: str | None = None,
        command: str | None = None,
        secrets: Iterable[str] = (),
        image: str | None = None,
    ) -> Exported:
        """Write a file with which an orchestrator carries a policy out.

        Parameters
        ----------
        to
            ``airflow``, ``prefect``, ``dagster``, ``github-actions``, ``gitlab-ci``, ``kubernetes-cronjob``, ``argo``,
            ``kubeflow``, ``systemd``, ``cron``, or a target of another package.
        path
            The file, or a folder for it; the working folder by default.
        policy
            Its name, where the model has several.
        command
            The program that is called: an absolute path where it is in an environment of its own. By default
            ``mlops-magics``, and its path here for systemd and cron.
        secrets
            Names of environment variables that the orchestrator takes from its store of secrets.
        image
            The container image, for targets that run one.

        Raises
        ------
        NotFound, Ambiguous, InvalidInput
            There is no such policy or target, or the file cannot say what is asked for; nothing is written.
        """
        from mlops_magics.core.retraining.export import export_files
        from mlops_magics.core.retraining.policies import policy_pin

        board, model = self._model(name)
        wanted = policy_pin.one(board, model, policy)
        plan = export_files.plan_of(wanted, to, command=command, secrets=tuple(secrets), image=image)
        return export_files.write(plan, to, path)

    def policy(
        self,
        name: str,
        *,
        every: str | None = None,
        at: str | None = None,
        zone: str | None = None,
        when: str | Iterable[str] = (),
        policy: str = "default",
        off: bool = False,
        **options: Any,
    ) -> Policy:
        """Keep a policy with a model: on which cadence or condition it is retrained, and how.

        Parameters
        ----------
        every, at, zone
            ``hour``, ``day``, ``week``, ``month``, a weekday or a cron line; a time such as ``04:00``; the name of a
            time zone, by default this machine's.
        when
            Conditions, of which one must hold: ``drift``, ``performance``, ``accuracy<0.9``, ``rows>=5000``.
        policy
            Its name, where a model has several.
        off
            Remove the policy, and return it.
        options
            ``data``, ``truth``, ``database``, ``parameters``, ``notebook``, ``promote_if``, ``metric``, ``min_gain``,
            ``margin``, ``floors``, ``level``, ``hold_out``, ``time``, ``group``, ``seed``, ``limit``, ``approve`` and
            ``shadow`` as for `retrain`; ``cooldown`` ("1d") between two runs by conditions, ``min_rows`` with truth
            that are needed, and ``stop_after`` (3) runs that changed nothing.

        Raises
        ------
        InvalidInput, NotFound
            A word is not valid, the model has no recipe, or there is no such policy.
        """
        from mlops_magics.core.retraining.policies import policy_pin
        from mlops_magics.core.retraining.policies.policy import made
        from mlops_magics.core.retraining.running import stored_recipe

        board, version = self._champion(name)
        if off:
            kept = {each.name: each for each in policy_pin.read(board, version.name)}
            policy_pin.remove(board, version.name, policy)
            return kept[policy]
        if options.get("notebook") is None:
            stored_recipe.recipe_of(board, version)
        words = (when,) if isinstance(when, str) else tuple(when)
        given = {"every": every, "at": at, "zone": zone, "when": words, **options}
        wanted = made(version.name, policy, given)
        policy_pin.put(board, wanted)
        return wanted

    def policies(self, name: str | None = None) -> PolicyTable:
        """List the policies of the board, or of one model: what each did last, what is next, and why it is not due."""
        from mlops_magics.core.retraining.policies.policy_table import PolicyTable

        board, model = (self.board, None) if name is None else self._model(name)
        return PolicyTable.of(self._statuses(board, model, None), board.url)

    def run_policies(
        self, name: str | None = None, *, policy: str | None = None, once: bool = True, every: float = 60.0
    ) -> list[PolicyRun]:
        """Carry out the policies that are due: once, or again and again until the process is ended.

        Parameters
        ----------
        name, policy
            A model, and one of its policies; by default all of the board.
        once
            Return after one look; else look again until SIGTERM or Ctrl-C.
        every
            Seconds between two looks.

        Returns
        -------
        list
            What became of each policy, of the last look; a retraining that failed is an outcome, not an error.
        """
        import time

        from mlops_magics.core.retraining.policies import policy_runs

        board, model = (self.board, None) if name is None else self._model(name)

        def retrain(wanted: Policy, trigger: dict[str, Any]) -> Retraining:
            from mlops_magics.core.retraining.running import run_steps

            _, parent = self._champion(self.labelled(wanted.model, board.url))
            return run_steps.retrain(board, parent, wanted.order(trigger))

        while True:
            runs = [policy_runs.carry_out(each, retrain) for each in list(self._statuses(board, model, policy))]
            if once:
                return runs
            for run in runs:
                if run.ran:
                    print(run, flush=True)
            time.sleep(every)

    def _statuses(self, board: Board, model: str | None, policy: str | None) -> Iterator[PolicyStatus]:
        import datetime as dt

        from mlops_magics.core.retraining.policies import policy_pin, policy_runs
        from mlops_magics.core.retraining.policies.due import Looks

        if model is not None and policy is not None:
            known = [each.name for each in policy_pin.read(board, model)]
            if policy not in known:
                raise NotFound(f"policy of {model}:", policy, known, hint=f"Make one: `%retrain {model} --every week`.")

        def report(wanted: Policy) -> MonitorReport:
            rows: dict[str, Any] = {} if wanted.data is None else {"data": wanted.data, "truth": wanted.truth}
            return self.monitor(self.labelled(wanted.model, board.url), **rows)

        def new_rows(wanted: Policy) -> int:
            _, version = self._champion(self.labelled(wanted.model, board.url))
            return row_counts.new_rows(board, version, wanted)

        from mlops_magics.core.retraining.policies import row_counts

        yield from policy_runs.statuses(
            board, Looks(report, new_rows), dt.datetime.now(dt.UTC), model=model, policy=policy
        )

    def _model(self, name: str) -> tuple[Board, str]:
        """Return the board of a model and its bare name."""
        board, version = self._locate(name)
        return board, version.name

    def retrainings(self, name: str) -> list[Retraining]:
        """Return the runs of a model that this user started on this machine, newest first."""
        from mlops_magics.core.retraining.running import job

        ref = ModelRef.parse(name)
        return job.runs(self._board_named(ref.board).url, str(ref.name))

    def _champion(self, ref: str) -> tuple[Board, ModelVersion]:
        """Return the version that is made again: the champion for a bare name, where there is one."""
        board, version = self._locate(ref)
        parsed = ModelRef.parse(ref)
        if parsed.selector is None and CHAMPION in board.aliases(version.name):
            return board, board.version(f"{version.name}@{CHAMPION}")
        return board, version
