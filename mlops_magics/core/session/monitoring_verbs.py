"""The verbs of monitoring: the part of a session that watches requests and answers of versions."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from mlops_magics.core.log_columns import REQUEST_ID, VERSION
from mlops_magics.core.remote_errors import remote_refusals
from mlops_magics.core.session.remote_verbs import RemoteVerbs
from mlops_magics.core.versioning import ModelRef
from mlops_magics.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    import pandas as pd

    from mlops_magics.core.monitoring import MonitorReport
    from mlops_magics.core.monitoring.alerts.thresholds import Thresholds
    from mlops_magics.core.verdict_table import VerdictTable
    from mlops_magics.core.versioning import Board, ModelVersion


class MonitoringVerbs(RemoteVerbs):
    """The part of a session that compares requests and answers of versions with their training."""

    def monitor(
        self,
        ref: str,
        *,
        data: Any = None,
        truth: Any = None,
        by: Any = None,
        pin_metrics: bool = False,
        notify: Iterable[Any] = (),
        log: str | None = None,
        **options: Any,
    ) -> MonitorReport:
        """Compare a version's data now with its training data, and score it where truth is known.

        Parameters
        ----------
        ref
            A version or alias. A bare name with ``data=None`` means the version that answers now (or answered last).
        data
            A frame of features ``(n_samples, n_features)``, by default the prediction log.
        truth
            The outcomes: a column's name, values in the order of ``data``, or a frame to join by request id.
        by
            Periods: ``day``, ``week``, ``month``, a timedelta, or a number of rows.
        pin_metrics
            Keep the performance on the board: `metrics` lists it, and pins reads it as ``NAME.metrics``.
        notify
            Receivers of alerts: ``https://…``, ``mailto:…``, or functions, by default those of the settings.
        log
            The URL of a log that replicas shipped (``serve --log-to URL``), in place of this machine's.
        options
            Further arguments of `mlops_magics.core.monitoring.monitor`.
        """
        from mlops_magics.core import logged_days, monitored_model

        people = monitored_model.people(notify, self.settings)
        with contextlib.nullcontext() if log is None else remote_refusals(log, "read", "log"):
            board, version = self._locate(ref if data is not None else self._answering(ref, log))
            logged = data is None
            if logged and log is not None and truth is None and logged_days.is_large(log, version.name):
                data = logged_days.counted(board, version, log)
            elif logged:
                data, answers = self._logged(board, version) if log is None else _shipped(log, version)
                truth = answers if truth is None else truth
            report = monitored_model.monitor(
                board, version, data, asks_model=not logged, keep=pin_metrics, truth=truth, by=by, **options
            )
        return monitored_model.with_notifications(report, people)

    def close(self) -> None:
        """End the processes that `warm_up` and drawing keep, and leave endpoints running."""
        from mlops_magics.core.monitoring.charts import renderer

        super().close()
        renderer.close()

    def metrics(self, name: str) -> pd.DataFrame:
        """Return the performance that ``monitor(…, pin_metrics=True)`` kept, one row per period, metric and segment."""
        from mlops_magics.core import monitored_model

        board, version = self._locate(name)
        return monitored_model.metrics(board, version.name)

    def thresholds(
        self, name: str, limits: Iterable[str] = (), *, ignore: Iterable[str] = (), clear: bool = False
    ) -> Thresholds:
        """Return the thresholds of a model for monitoring, after adding to them.

        Parameters
        ----------
        limits
            ``"temp<=0.2"`` for the score of a feature, ``"accuracy>=0.7"`` for a metric, ``"accuracy|north>=0.6"`` for
            a metric in the segment of that name.
        ignore
            Features whose drift is not reported.
        clear
            Remove the thresholds kept before.
        """
        from mlops_magics.core import monitored_model

        board, version = self._locate(name)
        if not (limits or ignore or clear):
            return monitored_model.thresholds(board, version.name)
        return monitored_model.set_thresholds(board, version, limits, ignore, clear)

    def verdicts(self, name: str) -> VerdictTable:
        """Return the findings of each time a model was monitored, by whom, newest first, from the board."""
        from mlops_magics.core import verdicts
        from mlops_magics.core.verdict_table import VerdictTable

        board, version = self._locate(name)
        return VerdictTable.of(verdicts.of_everybody(board, version.name), board.url, version.name)

    def last_verdicts(self) -> dict[str, dict[str, Any]]:
        """Return the newest verdict of each model of the current board, by the model's name."""
        from mlops_magics.core import verdicts

        return verdicts.last(self._board_named(None).url)

    def last_report(self, name: str) -> dict[str, Any]:
        """Return the last report on a model, as `MonitorReport.wire` writes it.

        Raises
        ------
        NotFound
            When the model has no verdict yet.
        """
        from mlops_magics.core import verdicts

        board, version = self._locate(name)
        found = verdicts.report(board.url, version.name)
        if found is None:
            raise NotFound("report", f"of {version.name}", hint=f"`%monitor {version.name}` makes one.")
        return found

    def _logged(self, board: Board, version: ModelVersion) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return a version's requests and answers, and the truth that arrived later."""
        from mlops_magics.core.deploying import prediction_log

        for endpoint in self.endpoints_running():
            if endpoint.serves(version):
                endpoint.settle()
        rows = prediction_log.read(version.name, board=board.url, version=version.version)
        if rows.empty:
            raise InvalidInput(
                f"The prediction log of {version.ref} is empty: it has no request yet."
                f" `%predict {version.name} FRAME` sends one. `%monitor {version.name} --data FRAME` needs no log."
            )
        return rows, prediction_log.read_feedback(version.name, board=board.url, asked=rows[REQUEST_ID])

    def _answering(self, ref: str | ModelVersion, log: str | None = None) -> str | ModelVersion:
        """Return the version whose log is meant: a bare name means the one that answers now, or else answered last."""
        if not isinstance(ref, str) or ModelRef.parse(ref).selector is not None:
            return ref
        from mlops_magics.core.deploying import prediction_log
        from mlops_magics.core.deploying.prediction_log import replica_log

        parsed = ModelRef.parse(ref)
        if log is not None:
            shipped = replica_log.last_version(log, str(parsed.name))
            return f"{ref}@{shipped}" if shipped else ref
        board = self._board_named(parsed.board)
        serving = [
            each.version for each in self.endpoints_running() if (each.name, each.board) == (parsed.name, board.url)
        ]
        answered = serving or list(prediction_log.read(str(parsed.name), board=board.url)[VERSION].tail(1))
        return f"{ref}@{answered[0]}" if answered else ref


def _shipped(log: str, version: ModelVersion) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the requests and answers of replicas, and the truth that was sent to them.

    Raises
    ------
    InvalidInput, NotFound
    """
    from mlops_magics.core.deploying.prediction_log import replica_log

    rows = replica_log.read(log, version.name, version=version.version)
    if rows.empty:
        raise InvalidInput(f"The log {log} has no rows of {version.ref}.")
    return rows, replica_log.read_feedback(log, version.name, asked=rows[REQUEST_ID])
