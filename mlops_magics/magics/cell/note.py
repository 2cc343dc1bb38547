"""The sentence below a version that lists the facts found in the cell: nothing is inferred in silence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from mlops_magics.magics.cell.pinning import INFERRED

if TYPE_CHECKING:
    from mlops_magics.core.session.records import ModelVersion

NO_DATA = "No training data were found: without `--data X` this version can be neither deployed nor monitored."


def note(version: ModelVersion) -> str | None:
    """Return the sentence, or ``None`` for a version whose every part was named."""
    inferred, lines = version.metadata.get(INFERRED), []
    if isinstance(inferred, Mapping) and inferred:
        found = ", ".join(f"{role} = {name}" for role, name in inferred.items())
        lines.append(f"Found in the cell: {found}. Options such as `--data` replace it.")
        lines += [NO_DATA] if version.prototype is None else []
    lines += [version.lineage.recipe] if version.lineage.recipe else []
    return "\n".join(lines) or None


def with_note(record: Any, bundle: Mapping[str, Any], draw: Callable[[str], str]) -> dict[str, Any]:
    """Add the sentence to the text and the HTML of a record's view, where it is a version that has one.

    Parameters
    ----------
    draw
        A function that returns a sentence as HTML.
    """
    sentence = note(record) if hasattr(record, "metadata") and hasattr(record, "prototype") else None
    data = dict(bundle)
    if sentence is not None:
        data["text/plain"] = f"{data.get('text/plain', record)}\n{sentence}"
        body, end, rest = data.get("text/html", "").rpartition("</section>")
        data["text/html"] = f'{body}<p class="mlops-2 mlops-below">{draw(sentence)}</p>{end}{rest}'
    return data
