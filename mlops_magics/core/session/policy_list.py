"""The policies of a model as a view lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlops_magics.core.retraining.policies.schedule import local_zone
from mlops_magics.core.session.board_labels import label
from mlops_magics.core.wire.policy_record import Policies, PolicyRow

if TYPE_CHECKING:
    from mlops_magics.core.session import Session


def of(session: Session, ref: str, name: str) -> Policies:
    """Return the policies of a model."""
    table = session.policies(ref)
    rows = tuple(map(_row, table.to_dict("records")))
    return Policies(name, label(table.attrs["board"]), local_zone(), rows)


def _row(each: dict[Any, Any]) -> PolicyRow:
    return PolicyRow(
        each["policy"],
        each["every"] or "",
        each["when"] or "",
        _moment(each["last"]),
        str(each["outcome"] or ""),
        _moment(each["next"]),
        bool(each["due"]),
        str(each["why_not"] or ""),
    )


def _moment(value: Any) -> str | None:
    """Return a time of a table, None where it is missing."""
    if value is None or value != value:  # NaT
        return None
    return str(value.isoformat()) if hasattr(value, "isoformat") else str(value)
