"""The verbs of documents: what boards say of a team and of a model, for people who do not run a notebook."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from mlops_magics.core.session.retraining_verbs import RetrainingVerbs
from mlops_magics.errors import InvalidInput

if TYPE_CHECKING:
    from mlops_magics.core.readiness.assessment import Readiness


class DocumentsVerbs(RetrainingVerbs):
    """The part of a session that writes documents."""

    def readiness(
        self,
        answers: Iterable[str] = (),
        *,
        files: str | Path | None = ".",
        to: str | Path | None = None,
        keep: bool = True,
    ) -> Readiness:
        """Assess how ready the team is, from what its boards, endpoints, logs and policies say.

        Parameters
        ----------
        answers
            What boards cannot see, such as ``"D5=yes"`` or ``"I6=partly:by hand, once a month"``; kept on the board
            with who and when.
        files
            A folder in which files are looked for that `export` wrote; None for no folder.
        to
            A file to write: ``.html``, ``.md`` or ``.json``.
        keep
            Add the assessment to the history on the board, where it can be written.

        Raises
        ------
        NotFound, InvalidInput
            An answer to a test that does not exist; an ending that is not known.
        """
        from mlops_magics.core.readiness import evidence_reader, readiness_pin
        from mlops_magics.core.readiness.assessment import Readiness

        given = readiness_pin.answered([answers] if isinstance(answers, str) else answers)
        write = _writer(to)
        current = self.board
        known, history = readiness_pin.read(current)
        evidence = evidence_reader.read(
            {each.url: each for each in (current, *self.boards.values())}.values(),
            self.endpoints_running(),
            Path(files) if files is not None else None,
        )
        found = Readiness.of(evidence.with_answers({**known, **given}), tuple(history))
        if current.writable and (given or (keep and found.evidence.models)):
            readiness_pin.keep(current, given, found.summary())
        if write is not None and to is not None:
            Path(to).write_text(getattr(found, write)() if write != "to_json" else _json(found), encoding="utf-8")
        return found


WRITERS = {".html": "to_html", ".md": "to_markdown", ".json": "to_json"}
"""The method of a document by the ending of its file."""


def _writer(to: str | Path | None) -> str | None:
    if to is None:
        return None
    method = WRITERS.get(Path(to).suffix.lower())
    if method is None:
        raise InvalidInput(f"{to} is not a file that is written here. Endings: {', '.join(WRITERS)}.")
    return method


def _json(record: Readiness) -> str:
    import json

    return json.dumps(record.to_json(), indent=1)
