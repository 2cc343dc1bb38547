"""The verbs of policies: keep one, list them, run them, export them to orchestrators."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from mlops_magics.core.session.retraining_verbs import RetrainingVerbs
from mlops_magics.errors import MlopsError

if TYPE_CHECKING:
    from mlops_magics.core.monitoring import MonitorReport
    from mlops_magics.core.retraining.export.export_files import Exported
    from mlops_magics.core.retraining.policies.policy import Policy
    from mlops_magics.core.retraining.policies.policy_runs import PolicyRun, PolicyStatus
    from mlops_magics.core.retraining.policies.policy_table import PolicyTable
    from mlops_magics.core.retraining.retraining import Retraining
    from mlops_magics.core.versioning import Board


class PolicyVerbs(RetrainingVerbs):
    """The part of a session that retrains without a person."""

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
        """Keep a policy with a model: the cadence or condition of its retraining, and the method.

        Parameters
        ----------
        every, at, zone
            ``hour``, ``day``, ``week``, ``month``, a weekday or a cron line, a time such as ``04:00``, the name of a
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
            ``shadow`` as for `retrain`. ``cooldown`` ("1d") between two runs by conditions, ``min_rows`` with truth
            that are needed, and ``stop_after`` (3) runs that changed nothing.

        Raises
        ------
        InvalidInput, NotFound
            A word is not valid, the model has no recipe, or the policy does not exist.
        """
        from mlops_magics.core.retraining.policies import policy_pin
        from mlops_magics.core.retraining.policies.policy import check_metrics, made
        from mlops_magics.core.retraining.running import stored_recipe

        board, version = self._champion(name)
        if off:
            kept = {each.name: each for each in policy_pin.read(board, version.name)}
            policy_pin.remove(board, version.name, policy)
            return dataclasses.replace(kept[policy], removed=True)
        if options.get("notebook") is None:
            stored_recipe.recipe_of(board, version)
        words = (when,) if isinstance(when, str) else tuple(when)
        given = {"every": every, "at": at, "zone": zone, "when": words, **options}
        wanted = made(version.name, policy, given)
        check_metrics(wanted, version.metrics, stored_recipe.task_of(board, version))
        policy_pin.put(board, wanted)
        return wanted

    def policies(self, name: str | None = None) -> PolicyTable:
        """List the policies of the board, or of one model: the last outcome, the next time, and why it is not due."""
        from mlops_magics.core.retraining.policies.policy_table import PolicyTable

        board, model = (self.board, None) if name is None else self._model(name)
        return PolicyTable.of(self._statuses(board, model, None), board.url)

    def run_policies(
        self, name: str | None = None, *, policy: str | None = None, once: bool = True, every: float = 60.0
    ) -> list[PolicyRun]:
        """Run the policies that are due: once, or repeatedly until the process is ended.

        Parameters
        ----------
        name, policy
            A model, and one of its policies, by default all of the board.
        once
            Return after one look, else look again until SIGTERM or Ctrl-C.
        every
            Seconds between two looks.

        Returns
        -------
        list
            The outcome of each policy, of the last look. A retraining that failed is an outcome, not an error.
        """
        import time

        from mlops_magics.core.retraining.policies import policy_pin

        board, model = (self.board, None) if name is None else self._model(name)
        if model is not None and policy is not None:
            policy_pin.one(board, model, policy)
        while not once:
            try:
                for run in self._due_runs(board, model, policy):
                    if run.ran:
                        print(run, flush=True)
            except MlopsError as fault:  # a board that cannot be reached now may be reached at the next look
                print(fault, flush=True)
            time.sleep(every)
        return list(self._due_runs(board, model, policy))

    def _due_runs(self, board: Board, model: str | None, policy: str | None) -> Iterator[PolicyRun]:
        """Look at the policies once, run those that are due, and yield the outcome of each."""
        from mlops_magics.core.retraining.policies import policy_pin, policy_runs
        from mlops_magics.core.retraining.policies.policy_runs import PolicyRun
        from mlops_magics.core.retraining.running import run_steps

        def retrain(wanted: Policy, trigger: dict[str, Any]) -> Retraining:
            _, parent = self._champion(self.labelled(wanted.model, board.url))
            return run_steps.retrain(board, parent, wanted.order(trigger))

        for each in policy_pin.models(board) if model is None else [model]:
            try:
                found = list(self._statuses(board, each, policy))
            except MlopsError as fault:  # one model's policies must not keep the others back
                if model is not None:
                    raise
                yield PolicyRun(each, policy or "", "failed", str(fault))
                continue
            yield from (policy_runs.carry_out(status, retrain) for status in found)

    def _statuses(self, board: Board, model: str | None, policy: str | None) -> Iterator[PolicyStatus]:
        import datetime as dt

        from mlops_magics.core.retraining.policies import monitored_rows, policy_runs, row_counts
        from mlops_magics.core.retraining.policies.due import Looks

        def report(wanted: Policy) -> MonitorReport:
            ref = self.labelled(wanted.model, board.url)
            return self.monitor(ref, **monitored_rows.of_policy(board, self._champion(ref)[1], wanted))

        def new_rows(wanted: Policy) -> int:
            _, version = self._champion(self.labelled(wanted.model, board.url))
            return row_counts.new_rows(board, version, wanted)

        yield from policy_runs.statuses(
            board, Looks(report, new_rows), dt.datetime.now(dt.UTC), model=model, policy=policy
        )

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
        """Write a file with which an orchestrator runs a policy.

        Parameters
        ----------
        to
            ``airflow``, ``prefect``, ``dagster``, ``github-actions``, ``gitlab-ci``, ``kubernetes-cronjob``, ``argo``,
            ``kubeflow``, ``jupyter-scheduler``, ``systemd``, ``cron``, or a target of another package.
        path
            The file, or a folder for it. The working folder by default.
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
            The policy or target does not exist, or the file cannot express the order. Nothing is written.
        """
        from mlops_magics.core.retraining.export import export_files
        from mlops_magics.core.retraining.policies import policy_pin

        board, model = self._model(name)
        wanted = policy_pin.one(board, model, policy)
        plan = export_files.plan_of(wanted, to, command=command, secrets=tuple(secrets), image=image)
        return export_files.write(plan, to, path)
