"""The records that the panel of boards, models and endpoints reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from mlops_magics.core.wire.card_record import Card
from mlops_magics.core.wire.comparison_record import Comparison
from mlops_magics.core.wire.endpoint_records import EndpointRecord, FormAnswer, Live
from mlops_magics.core.wire.policy_record import Policies
from mlops_magics.core.wire.report_record import Report
from mlops_magics.core.wire.retraining_record import RetrainingRecord
from mlops_magics.core.wire.verdict_record import VerdictRow
from mlops_magics.core.wire.version_records import AliasTarget, MetricName, ModelRow, VersionRow


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A board that a session opened.

    Attributes
    ----------
    key
        The name of the board in addresses.
    label
        The word before the colon of a reference.
    place
        Where it is: the last two words of its path, or the whole of a URL.
    opened
        Seconds since 1970.
    trouble
        Why it cannot be read now, or None where it can.
    """

    key: str
    label: str
    place: str
    url: str
    opened: float
    trusted: bool
    writable: bool
    exists: bool
    models: int
    trouble: str | None


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """Something that happened to a model."""

    time: str
    event: str
    alias: str | None
    version: str | None
    previous: str | None
    by: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Traffic:
    """Requests in bins of ``seconds`` from ``start`` (seconds since 1970), for each version that answered."""

    start: float
    seconds: float
    versions: dict[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Latency:
    """Quantiles of the latency, milliseconds."""

    p50: float | None
    p95: float | None


@dataclass(frozen=True, slots=True)
class Health:
    """The counts of a running endpoint. ``uptime`` is in seconds."""

    status: str
    requests: int
    errors: int
    rows: int
    uptime: float
    version: str
    latency_ms: Latency


@dataclass(frozen=True, slots=True)
class ChallengerRow:
    """A version that is tried out: a ``canary`` answers a share of the requests, a ``shadow`` sees all of them."""

    version: str
    mode: str
    share: float


@dataclass(frozen=True, slots=True)
class PanelEndpoint:
    """An endpoint in the list.

    Attributes
    ----------
    challengers
        By model name, the version that answers a share of the requests, or sees all in the shadow.
    number
        The number of the version among those of the model, or 0 where its board does not answer.
    trouble
        Why a running one does not answer, or None where it does.
    """

    name: str
    version: str
    number: int
    alias: str | None
    board: str
    board_key: str
    url: str
    port: int
    pid: int
    state: str
    started: str
    workers: int
    asks_for_token: bool
    challengers: dict[str, ChallengerRow]
    health: Health | None
    trouble: str | None


# Replies: one for each verb of the panel


@dataclass(frozen=True, slots=True)
class Boards:
    """The boards, the one opened last first."""

    boards: tuple[BoardRow, ...]


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The key of a board that is no longer listed."""

    forgotten: str


@dataclass(frozen=True, slots=True)
class ModelPage:
    """Some of a board's models, the most recently changed first."""

    models: tuple[ModelRow, ...]
    total: int
    offset: int


@dataclass(frozen=True, slots=True)
class VersionPage:
    """Some of a model's versions, newest first, with the metrics of all and what the aliases name."""

    metrics: tuple[MetricName, ...]
    aliases: tuple[AliasTarget, ...]
    versions: tuple[VersionRow, ...]
    total: int
    offset: int


@dataclass(frozen=True, slots=True)
class VersionReply:
    """The whole record of a version, as `ModelVersion.to_json` writes it."""

    version: dict[str, Any]


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Some of a model's events, newest first, and the number of each version."""

    history: tuple[HistoryEntry, ...]
    numbers: dict[str, int]
    total: int
    offset: int


@dataclass(frozen=True, slots=True)
class ComparisonReply:
    """Two versions compared."""

    comparison: Comparison


@dataclass(frozen=True, slots=True)
class TrafficReply:
    """A model's requests over time."""

    traffic: Traffic


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Verdicts of monitoring, newest first."""

    verdicts: tuple[VerdictRow, ...]


@dataclass(frozen=True, slots=True)
class ReportReply:
    """The last report on a model."""

    report: Report


@dataclass(frozen=True, slots=True)
class AliasChange:
    """The version that an alias names now, and the one before. ``event`` is ``promote`` or ``rollback``."""

    name: str
    alias: str
    version: str | None
    previous: str | None
    time: str
    by: str | None
    note: str | None
    event: str


@dataclass(frozen=True, slots=True)
class DeletedReply:
    """The place of a version in the trash, and what was done in one sentence."""

    place: str
    message: str


@dataclass(frozen=True, slots=True)
class MoveReply:
    """An alias that moved, and that in one sentence."""

    move: AliasChange
    message: str


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The endpoints, newest first."""

    endpoints: tuple[PanelEndpoint, ...]


@dataclass(frozen=True, slots=True)
class WholeEndpoint(PanelEndpoint):
    """One endpoint whole, for a view of its own."""

    record: EndpointRecord
    live: Live


@dataclass(frozen=True, slots=True)
class WholeEndpointReply:
    """One endpoint whole."""

    endpoint: WholeEndpoint


@dataclass(frozen=True, slots=True)
class AnswerReply:
    """The answer of an endpoint to one row."""

    answer: FormAnswer


@dataclass(frozen=True, slots=True)
class EndpointReply:
    """An endpoint after something was done to it."""

    endpoint: PanelEndpoint


@dataclass(frozen=True, slots=True)
class RetrainingReply:
    """The last retraining of a model."""

    retraining: RetrainingRecord


@dataclass(frozen=True, slots=True)
class PoliciesReply:
    """The policies of a model."""

    policies: Policies


@dataclass(frozen=True, slots=True)
class CardReply:
    """The card of a version."""

    card: Card


# Messages that the server sends by itself


@dataclass(frozen=True, slots=True)
class News:
    """Something that is worth a notification."""

    kind: str
    board: str
    name: str
    level: Literal["info", "warning"]
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """Changes on disk: keys of boards, and whether endpoints or verdicts changed."""

    boards: tuple[str, ...]
    endpoints: bool
    verdicts: bool


@dataclass(frozen=True, slots=True)
class ChangeEvent(Change):
    """Changes on disk, and those worth a notification."""

    news: tuple[News, ...]


@dataclass(frozen=True, slots=True)
class VerbRow:
    """A verb of the notebook, its first sentence, and a line to paste."""

    name: str
    summary: str
    example: str


@dataclass(frozen=True, slots=True)
class VerbList:
    """The verbs of the notebook, in the order of the journey."""

    verbs: tuple[VerbRow, ...]


EXAMPLES = {"change": ChangeEvent}
"""The records that have an example of their own, by its name."""
