"""The verbs of documents: the evidence of boards on a team and on a model, for people who do not run a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlops_magics.core import progress
from mlops_magics.core.session.policy_verbs import PolicyVerbs
from mlops_magics.errors import BoardError, InvalidInput

if TYPE_CHECKING:
    from mlops_magics.core.cards.model_card import ModelCard
    from mlops_magics.core.catalogue.site import Site
    from mlops_magics.core.dashboards.dashboard import Dashboard
    from mlops_magics.core.readiness.assessment import Readiness
    from mlops_magics.core.versioning import Board


class DocumentsVerbs(PolicyVerbs):
    """The part of a session that writes documents."""

    def readiness(
        self,
        answers: Iterable[str] = (),
        *,
        files: str | Path | None = ".",
        to: str | Path | None = None,
        keep: bool = True,
    ) -> Readiness:
        """Assess the team's readiness from the evidence of its boards, endpoints, logs and policies.

        Parameters
        ----------
        answers
            Facts not on boards, such as ``"D5=yes"`` or ``"I6=partly:by hand, once a month"``. They are kept on
            the board with who and when.
        files
            A folder to search for files that `export` wrote, or None for no folder.
        to
            A file to write: ``.html``, ``.md`` or ``.json``.
        keep
            Add the assessment to the history on the board, where it can be written.

        Raises
        ------
        NotFound, InvalidInput
            An answer to a test that does not exist, or an ending that is not known.
        BoardError, Conflict
            An answer that cannot be kept, because the board cannot be written.
        """
        from mlops_magics.core.documents import page_file
        from mlops_magics.core.readiness import evidence_reader, readiness_pin
        from mlops_magics.core.readiness.assessment import Readiness

        given = readiness_pin.answered([answers] if isinstance(answers, str) else answers or ())
        path = None if to is None else page_file.checked(to, WRITERS)
        if files is not None and not Path(files).is_dir():
            raise InvalidInput(f"{files} is not a folder. `files` is the one with the files that `export` wrote.")
        current = self.board
        known, history = readiness_pin.read(current)
        others = {each.url: label for label, each in self.boards.items() if each.url != current.url}
        progress.report("reading the boards")
        evidence = evidence_reader.read(
            {"": current, **{label: self.boards[label] for label in others.values()}},
            self.endpoints_running(),
            Path(files) if files is not None else None,
        )
        found = Readiness.of(evidence.with_answers({**known, **given}), tuple(history))
        if given or (keep and current.writable and found.evidence.models):
            _keep(current, given, found)
        if path is not None:
            _write(found, path)
        return found

    def model_card(
        self,
        ref: str,
        parts: Mapping[str, str] | None = None,
        *,
        data: Any = None,
        truth: Any = None,
        segment: str | None = None,
        to: str | Path | None = None,
    ) -> ModelCard:
        """Return the card of a version: the board's facts, and texts of people.

        Parameters
        ----------
        parts
            Texts to keep with this version, by part: ``owners``, ``intended_use``, ``limits``, ``factors``,
            ``training_data``, ``evaluation_data``, ``metric_choice``, ``ethics``, ``caveats``, ``licence``. Later
            versions inherit them. An empty text removes one.
        data, truth, segment
            Rows to measure performance on now, and a column by whose values too, by default what is kept on the board.
        to
            A file to write: ``.md`` (with the YAML head of Hugging Face's hub), ``.html`` or ``.json``.

        Raises
        ------
        NotFound, InvalidInput
        """
        from mlops_magics.core.cards import card_parts, model_card
        from mlops_magics.core.documents import page_file

        path = None if to is None else page_file.checked(to, WRITERS)
        board, version = self._locate(ref)
        if parts is not None and not isinstance(parts, Mapping):
            raise InvalidInput(f"{parts!r} is not a mapping of parts to texts, such as {{'owners': 'Ana'}}.")
        if parts:
            card_parts.write(board, version, parts)
        report = self.monitor(ref, data=data, truth=truth, segment=segment) if data is not None else None
        card = model_card.of_version(board, version, card_parts.of_version(board, version), report)
        if path is not None:
            _write(card, path)
        return card

    def dashboard(self, name: str, *, to: str | Path | None = None) -> Dashboard:
        """Write the monitoring of a model over all its verdicts and metrics as one page, which a timer can refresh.

        Parameters
        ----------
        to
            The file, by default ``NAME-dashboard.html`` in the working folder.

        Raises
        ------
        NotFound, InvalidInput
        """
        from mlops_magics.core.dashboards import dashboard
        from mlops_magics.core.documents import page_file

        board, version = self._locate(name)
        path = page_file.checked(f"{version.name}-dashboard.html" if to is None else to, (".html", ".htm"))
        return dashboard.write(board, version, path)

    def catalogue(self, *, to: str | Path = "catalogue") -> Site:
        """Write the current board as a static site: a list to search, and a page for each model that changed.

        Parameters
        ----------
        to
            A folder, or a URL of fsspec such as ``s3://bucket/site``.

        Raises
        ------
        InvalidInput, BoardError
        """
        from mlops_magics.core.catalogue import site
        from mlops_magics.core.catalogue.model_page import Address

        board = self.board
        found: dict[str, list[Address]] = {}
        for endpoint in self.endpoints_running():
            if endpoint.board != board.url:
                continue
            for name in endpoint.models:
                path = "" if name == endpoint.name else f"/{name}"
                here = Address(f"{endpoint.url}{path}", endpoint.token is not None, "this machine")
                found.setdefault(name, []).append(here)
        progress.report("writing the pages")
        return site.write(board, to, found)


def _keep(board: Board, given: Mapping[str, Mapping[str, Any]], found: Readiness) -> None:
    """Keep answers and an assessment. An assessment alone is not kept where the board turns out to be read-only."""
    from mlops_magics.core.readiness import readiness_pin

    try:
        readiness_pin.keep(board, given, found.summary())
    except BoardError:
        if given:
            raise


WRITERS = {".html": "to_html", ".md": "to_markdown", ".json": "to_json"}
"""The method of a document by the ending of its file."""


def _write(record: Readiness | ModelCard, path: Path) -> None:
    import json

    from mlops_magics.core.documents import page_file

    found = getattr(record, WRITERS[path.suffix.lower()])()
    page_file.write(path, found if isinstance(found, str) else json.dumps(found, indent=1))
