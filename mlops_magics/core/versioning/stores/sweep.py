"""The record of a sweep."""

from __future__ import annotations

from dataclasses import dataclass

from mlops_magics.core.sizes import readable_size


@dataclass(frozen=True, slots=True)
class Swept:
    """The entries that a sweep removed, and those that it left because they are held."""

    staging: tuple[str, ...]
    trash: tuple[str, ...]
    kept: tuple[str, ...]
    freed: int

    def __repr__(self) -> str:
        what = f"{len(self.staging)} abandoned drafts and {len(self.trash)} deleted versions"
        return f"swept {what}, {readable_size(self.freed)}; kept {len(self.kept)}"
