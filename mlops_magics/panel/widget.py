"""The panel as a widget: JupyterLab's sidebar for front ends that have none."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mlops_magics.core.wire.panel_records import VerbList, VerbRow
from mlops_magics.panel import verbs
from mlops_magics.panel.board_pool import BoardPool
from mlops_magics.widgets.saved import listings
from mlops_magics.widgets.view import RecordView
from mlops_magics.widgets.views import VIEW, WIDGET

if TYPE_CHECKING:
    from mlops_magics.core.session import Session
    from mlops_magics.magics.mlops import Overview


class PanelView(RecordView):
    """Boards, models, versions and endpoints. The browser may call each verb of the panel."""

    view_kind = "panel"
    view_styles = ("versions", "compare", "models", "endpoint", "journey", "drift", "retraining", "card", "panel")

    def __init__(self, session: Session, listed: VerbList | None = None) -> None:
        pool = BoardPool(session)
        super().__init__(listed or VerbList(()), {name: _verb(pool, name) for name in verbs.VERBS})


def panel_bundle(overview: Overview, session: Session, *, live: bool = True) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return data and metadata for the display of `%mlops`: the panel, and its text for a saved notebook."""
    names, sentences = zip(*overview.verbs)
    page = listings.verbs(overview.state(), overview.verbs, overview.more())
    data: dict[str, Any] = {}
    if live:
        view = PanelView(session, VerbList(tuple(VerbRow(*each) for each in zip(names, sentences, overview.examples))))
        data[VIEW] = {"kind": "panel", "model_id": view.model_id}
        data[WIDGET] = {"version_major": 2, "version_minor": 0, "model_id": view.model_id}
    return {**data, "text/html": str(page), "text/plain": repr(overview)}, {}


def _verb(pool: BoardPool, verb: str) -> Callable[..., Any]:
    def run(**given: Any) -> Any:
        return verbs.call(pool, verb, given)

    return run
