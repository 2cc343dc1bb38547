"""The work of `%monitor` around a report: log, predictions, and the limits, metrics and verdicts on the board."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlops_magics.core import progress, verdicts
from mlops_magics.core.answers import Answers, by_label, probabilities_of
from mlops_magics.core.versioning import companions
from mlops_magics.core.versioning.formats import registry
from mlops_magics.core.versioning.publishing.facts import PROFILE
from mlops_magics.errors import InvalidInput, MlopsError

if TYPE_CHECKING:
    import pandas as pd

    from mlops_magics.core.monitoring import MonitorReport, ReferenceProfile
    from mlops_magics.core.monitoring.alerts.thresholds import Thresholds
    from mlops_magics.core.monitoring.scoring.model_task import ModelTask
    from mlops_magics.core.settings import Settings
    from mlops_magics.core.versioning import Board, ModelVersion

METRICS, THRESHOLDS = "metrics", "thresholds"
Held = tuple[Answers, Any]
"""Held-out rows with the model's predictions, and their truth."""


# When a version is pinned


def reference_profile(
    trained: Answers,
    truth: Any,
    task: ModelTask,
    held_out: Held | None = None,
    segments: Sequence[str] = (),
    timestamp: Any = None,
) -> bytes:
    """Return the distributions of features, target and the model's own predictions in its training data.

    Parameters
    ----------
    trained, truth
        The training rows with the model's predictions, and their target ``(n_samples,)``.
    task
        The task of the model, for reports and estimates.
    held_out
        Held-out rows with predictions, and their truth ``(n_samples,)``: from them performance can be estimated
        before the truth is known.
    segments
        Columns of the data whose values are compared one by one. A smaller profile of each is kept too.
    timestamp
        The column with the times of the rows, or the times: a smaller profile of each weekday and hour is kept too.
    """
    from mlops_magics.core import monitoring
    from mlops_magics.core.monitoring.comparing import seasonal_profiles
    from mlops_magics.core.monitoring.reporting.segments import facts as segment_facts
    from mlops_magics.core.monitoring.scoring.model_task import FACT

    several = len(task.outputs) > 1
    single = trained.predicted if _is_single(trained.predicted) else None
    profile = monitoring.profile(trained.rows, *((None, None) if several else (truth, single)))
    learned = _learned(*held_out, task) if held_out is not None and not several else {}
    if not set(learned.get("loss", {}).get("columns", ())) <= set(profile.features):
        del learned["loss"]  # learned of columns without names, which later rows do not have
    parts = {**segment_facts(trained.rows, list(segments)), **seasonal_profiles.facts(trained.rows, timestamp)}
    facts = {**profile.facts, **parts, **learned, FACT: task.to_json()}
    return dataclasses.replace(profile, facts=facts).to_bytes()


def _is_single(predicted: Any) -> bool:
    """Return whether predictions are one value for each row: all else (lists, intervals) has no distribution here."""
    if isinstance(predicted, tuple | Mapping) or getattr(getattr(predicted, "dtype", None), "names", None):
        return False
    if isinstance(predicted, list):
        return not any(isinstance(value, list | tuple | Mapping) or getattr(value, "ndim", 0) for value in predicted)
    return getattr(predicted, "ndim", 1) < 3


def _learned(answers: Answers, truth: Any, task: ModelTask) -> dict[str, Any]:
    from mlops_magics.core.monitoring.estimation import learning

    return learning.facts(answers.rows, truth, answers.predicted, answers.by_label, task)


# When it is monitored


def monitor(
    board: Board, version: ModelVersion, data: Any, *, asks_model: bool, keep: bool = False, **options: Any
) -> MonitorReport:
    """Make a report with the limits that are kept with the model, and keep its verdict.

    Parameters
    ----------
    asks_model
        Whether the model predicts rows whose predictions are not in the data.
    keep
        Keep the performance on the board, as a table that pins reads.

    Raises
    ------
    InvalidInput
        The version has no reference profile.
    """
    from mlops_magics.core import monitoring
    from mlops_magics.core.monitoring.reporting import version_changes

    if asks_model and options.get("prediction") is None:
        model = _Lazy(lambda: _of_rows(version, board.load(version)))
        options["prediction"] = lambda rows: _predicting(model()).predict(rows)
        if options.get("probabilities") is None:
            options["probabilities"] = lambda rows: by_label(*probabilities_of(_predicting(model()), rows))
    profile = profile_of(board, version)
    report = monitoring.monitor(
        profile,
        _as_table(version, data),
        name=version.name,
        version=version.version,
        thresholds=thresholds(board, version.name),
        **options,
    )
    report = dataclasses.replace(report, versions=version_changes.within(version.name, board.url, report.periods))
    if keep:
        keep_metrics(board, report)
    return _remembered(board, report)


def _predicting(model: Any) -> Any:
    """Report that a model predicts, which is often the longest part, and return it."""
    progress.report("predicting the rows")
    return model


def profile_of(board: Board, version: ModelVersion) -> ReferenceProfile:
    """Return the reference profile of a version.

    Raises
    ------
    InvalidInput
        The version has none.
    """
    from mlops_magics.core import monitoring

    if version.stored(PROFILE) is None:
        raise InvalidInput(
            f"{version.ref} has no reference profile: it was pinned without training data, or they have no columns, as "
            f"images have none. Pin it with its data: `%pin_model {version.name} MODEL --data X y`."
        )
    return monitoring.ReferenceProfile.from_bytes(board.read_file(version, PROFILE))


def _as_table(version: ModelVersion, data: Any) -> Any:
    """Return rows that have no names, in the form of the training input, as a frame with the names of the prototype."""
    from mlops_magics.core.versioning.describing.prototype import frame_of

    has_names = hasattr(data, "columns") or isinstance(data, str | Path) or type(data).__module__.startswith("pyarrow")
    is_rows = isinstance(data, list | tuple) or hasattr(data, "toarray") or hasattr(data, "dtype")
    if version.prototype is None or has_names or not is_rows:
        return data
    frame, columns = frame_of(data), version.prototype.columns
    names = [column.name for column in columns]
    if len(names) == len(frame.columns) and (version.prototype.form.is_single or not {*names} & {*frame.columns}):
        frame.columns = names
    return frame.drop(columns=[each.name for each in columns if each.kind == "tensor" and each.name in frame])


def _of_rows(version: ModelVersion, model: Any) -> Any:
    """Return a model that takes frames. One that was trained on another form gets that form, as at an endpoint."""
    known = registry.with_predict(model)
    if version.prototype is None or version.prototype.form.kind == "frame":
        return known
    from mlops_magics.core.deploying.server.in_process import ModelOfRows

    return ModelOfRows(version, known)


def _remembered(board: Board, report: MonitorReport) -> MonitorReport:
    """Keep the verdict on the board and for this user. A board that cannot be written is a note."""
    told = report.wire()
    verdict = verdicts.of_report(told)
    verdicts.remember(board.url, told, verdict)
    try:
        verdicts.publish(board, verdict)
    except MlopsError as fault:
        return dataclasses.replace(report, notes=(*report.notes, f"the verdict is kept for you only: {fault}"))
    return report


class _Lazy:
    """The model, read at its first use."""

    def __init__(self, read: Callable[[], Any]) -> None:
        self._read = read
        self._model: Any = None

    def __call__(self) -> Any:
        self._model = self._model if self._model is not None else self._read()
        return self._model


def people(wanted: Iterable[Any], settings: Settings) -> list[Callable[[dict[str, Any]], Any]]:
    """Return the notifiers of the given recipients, by default of those in the settings.

    Raises
    ------
    InvalidInput
        A recipient is of an unknown kind.
    """
    from mlops_magics.core.monitoring.alerts import targets

    named = list(wanted) or [each.strip() for each in settings.notify.split(",") if each.strip()]
    return targets.targets_of(
        named,
        smtp=settings.smtp,
        sender=settings.mail_from,
        authority=settings.smtp_ca,
        private=settings.private_webhooks,
    )


def with_notifications(report: MonitorReport, reached: Iterable[Callable[[dict[str, Any]], Any]]) -> MonitorReport:
    """Notify recipients of a report's alerts. Recipients that could not be reached are in the report's notes."""
    from mlops_magics.core.monitoring.alerts import notify

    try:
        notify.notify(report, report.alerts, *reached)
    except MlopsError as fault:
        return dataclasses.replace(report, notes=(*report.notes, str(fault)))
    return report


# Companions of a model


def keep_metrics(board: Board, report: MonitorReport) -> None:
    """Add the performance of a report to the metrics that are kept, and replace those of the same period."""
    from mlops_magics.core.monitoring.reporting import kept_metrics

    def change(before: bytes | None) -> bytes:
        kept = None if before is None else kept_metrics.from_bytes(before)
        return kept_metrics.to_bytes(kept_metrics.of_report(kept, report))

    companions.update(board, report.name, METRICS, change, "Performance per period, metric and segment")


def metrics(board: Board, name: str) -> pd.DataFrame:
    """Return the metrics that are kept of a model, in order of period. They may be empty."""
    from mlops_magics.core.monitoring.reporting import kept_metrics

    held = companions.read(board, name, METRICS)
    return kept_metrics.empty() if held is None else kept_metrics.from_bytes(held)


def thresholds(board: Board, name: str) -> Thresholds:
    """Return the limits that are kept of a model."""
    from mlops_magics.core.monitoring.alerts.thresholds import NONE, Thresholds

    held = companions.read(board, name, THRESHOLDS)
    return NONE if held is None else Thresholds.from_bytes(held)


def set_thresholds(
    board: Board, version: ModelVersion, limits: Iterable[str], ignored: Iterable[str], clear: bool
) -> Thresholds:
    """Keep limits such as ``temp<=0.2`` and ``accuracy>=0.7`` with a model, in addition to those it has.

    Parameters
    ----------
    board, version
        The model's board and one of its versions.
    limits
        Limits to add.
    ignored
        Features whose drift makes no alert.
    clear
        Whether the present limits are removed first.

    Raises
    ------
    InvalidInput
    """
    from mlops_magics.core.monitoring.alerts.thresholds import NONE, Thresholds, parse

    if version.prototype is None:
        raise InvalidInput(f"{version.ref} was pinned without data, so it has no features to set limits for.")
    features = [column.name for column in version.prototype.columns]
    words, unwanted = list(limits), list(ignored)
    kept: list[Thresholds] = []

    def change(data: bytes | None) -> bytes:
        before = NONE if data is None or clear else Thresholds.from_bytes(data)
        kept.append(parse(words, unwanted, features, before))
        return kept[-1].to_bytes()

    companions.update(board, version.name, THRESHOLDS, change, "Limits of monitoring for this model")
    return kept[-1]
