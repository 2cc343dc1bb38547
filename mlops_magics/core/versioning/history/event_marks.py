"""The marks of the events' files: a listing shows which file was changed since its event was read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from mlops_magics.core.versioning.history.chain import link_of
from mlops_magics.errors import IntegrityError

IDENTITY = 0
"""The number under which a store lists the file with the identity of the board."""

MOST_LOST = 1000
"""The most events that an acceptance replaces. A number further after the log is a stray file."""

Marks = Mapping[int, object]
"""Map from the number of an event to the mark of its file, or to None for a file that was changed just now."""


class EventMarks:
    """The marks that the files had before their events were read.

    Parameters
    ----------
    listed
        The marks of a listing. Events must be read after the listing, so that a later change has another mark.
    """

    def __init__(self, listed: Marks) -> None:
        self._marks = listed

    def same(self, number: int, listed: Marks) -> bool:
        """Return whether a file has the mark that it had, and so the same bytes."""
        mark = listed.get(number)
        return mark is not None and mark == self._marks.get(number)

    def agree(self, listed: Marks, links: Sequence[str], read: Callable[[int], bytes | IntegrityError | None]) -> bool:
        """Return whether all events but the last are those that were read. Only files with another mark are read again.

        Parameters
        ----------
        listed
            The present marks. A store without a listing has none, and then nothing is compared.
        links
            The hashes of the events that were read. The reader of the log compares the last one itself.
        read
            A function that reads the event of a number, and returns None for one that is gone.
        """
        for number, link in enumerate(links[:-1] if listed else [], 1):
            if not self.same(number, listed):
                data = read(number)
                if data is None or link_of(data) != link:
                    return False
        self._marks = listed
        return True


def near(listed: Iterable[int]) -> list[int]:
    """Return the numbers of events in a listing. One far after the log is not an event."""
    numbers = sorted(number for number in listed if number != IDENTITY)
    return [number for place, number in enumerate(numbers) if number <= place + 1 + MOST_LOST]


def gap_in(listed: Iterable[int]) -> str | None:
    """Return the event that is missing before a later one, as a sentence, or None."""
    numbers = near(listed)
    missing = next((number for number, found in enumerate(numbers, 1) if number != found), None)
    if missing is None:
        return None
    return f"Event {missing} of the board's log is gone, and event {numbers[missing - 1]} is there."
