"""A run of batch scoring: all parts of the input files, scored on the requested engine, and a final manifest."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlops_magics.core import phrases, progress, web_files
from mlops_magics.core.deploying.batch import engines, local_workers
from mlops_magics.core.deploying.batch.batch_task import BatchTask, InputPart, PartResult, ScoringOptions, VersionPlace
from mlops_magics.core.deploying.batch.input_files import file_system, parts_of
from mlops_magics.core.documents import page_file
from mlops_magics.core.remote_errors import remote_refusals, shown
from mlops_magics.errors import InvalidInput

if TYPE_CHECKING:
    from mlops_magics.core.versioning import Board, ModelVersion

OUTPUT = re.compile(r"-[0-9a-f]{16}\.parquet$")
"""The end of an output's name."""
MANY_PARTS = 10
"""From which a run shows its parts, with the time left. Fewer may be large, so that their rows are shown."""
SHOWN = 5
"""Parts that failed, in the text of a result."""


@dataclass(frozen=True, slots=True)
class BatchResult:
    """The result of a run.

    Attributes
    ----------
    ref, sha256
        The version.
    folder
        Where the outputs are.
    parts
        In the order of the inputs.
    manifest
        The file that lists them, written last, or None where a part failed.
    """

    ref: str
    sha256: str
    folder: str
    parts: tuple[PartResult, ...]
    manifest: str | None

    @property
    def failed(self) -> tuple[PartResult, ...]:
        """The parts that failed."""
        return tuple(each for each in self.parts if each.state == "failed")

    @property
    def rows(self) -> int:
        """The rows of all outputs."""
        return sum(each.rows for each in self.parts)

    def to_json(self) -> dict[str, Any]:
        """Return the record for the wire."""
        return {**dataclasses.asdict(self), "rows": self.rows, "failed": len(self.failed)}

    def __repr__(self) -> str:
        states = [each.state for each in self.parts]
        counts = ", ".join(f"{states.count(each)} {each}" for each in ("scored", "skipped", "failed") if each in states)
        lines = [f"{self.ref}: {phrases.counted(self.rows, 'row')} in {self.folder} ({counts})"]
        lines += [f"  {each.source}: {each.message}" for each in self.failed[:SHOWN]]
        if len(self.failed) > SHOWN:
            lines.append(f"  and {len(self.failed) - SHOWN} more")
        return "\n".join(lines)


def run(
    board: Board,
    version: ModelVersion,
    data: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    to: str,
    *,
    options: ScoringOptions | None = None,
    engine: Any = None,
    workers: int | None = None,
) -> BatchResult:
    """Score input files into a folder.

    Parameters
    ----------
    data
        A path, a folder, a pattern or a URL, or several of them: Parquet, CSV, JSON Lines or Arrow.
    to
        The folder of the outputs, by its path or URL.
    engine
        A Spark session or context, a Dask client, the module ray, or None for processes of this machine.
    workers
        Processes of this machine at once: one for each processor by default, 0 for this process alone.

    Raises
    ------
    InvalidInput
        For a board or an output that the workers of a cluster do not reach, and an output among the inputs.
    NotFound
        Where nothing is to be scored.
    NotTrusted, IntegrityError
        As `packaged_version.check`.
    """
    from mlops_magics.core.deploying.targets import packaged_version

    options = options or ScoringOptions()
    sha256 = packaged_version.check(board, version)
    if engine is not None and not engines.is_local(engine):
        _refuse_unreachable(version, to)
    place = place_of(version, sha256)
    folder = _folder(to)
    progress.report("finding the inputs")
    parts = _inputs(data, folder)
    tasks = [BatchTask(place, options, part, folder) for part in parts]
    scheduled = (
        local_workers.run(tasks, local_workers.worker_count(workers, len(tasks)))
        if engine is None
        else engines.run(engine, tasks)
    )
    found = dict(_with_progress(scheduled, len(tasks)))
    results = tuple(found[task.target] for task in tasks)
    manifest = None if any(each.state == "failed" for each in results) else _manifest(version, tasks, results)
    return BatchResult(version.ref, sha256, folder, results, manifest)


def _with_progress(scheduled: Iterable[tuple[int, PartResult | None]], total: int) -> Iterator[tuple[str, PartResult]]:
    """Yield results by their targets, and report how far the run is: in parts where they are many, else in rows."""
    rows = done = 0
    progress.report("starting the workers")
    for more, result in scheduled:
        rows += more
        done += result is not None
        if total >= MANY_PARTS:
            progress.report("scoring", done, total, "parts")
        else:
            progress.report("scoring", rows, None, "rows")
        if result is not None:
            yield result.target, result


def answer_frame(board: Board, version: ModelVersion, frame: Any, options: ScoringOptions) -> Any:
    """Return a lazy frame of an engine with its answers.

    Parameters
    ----------
    board, version
        The version that answers.
    frame
        A lazy frame of Spark, Dask or Ray.
    options
        Method, name of the answers' column, and columns that stay.

    Raises
    ------
    InvalidInput, NotTrusted, IntegrityError
        As `run`.
    """
    from mlops_magics.core.deploying.batch import lazy_frames
    from mlops_magics.core.deploying.targets import packaged_version

    sha256 = packaged_version.check(board, version)
    if not lazy_frames.is_local(frame):
        _refuse_unreachable(version)
    return lazy_frames.predict(place_of(version, sha256), frame, options)


def place_of(version: ModelVersion, sha256: str) -> VersionPlace:
    """Return a version as workers find it. One of a board in memory is copied to where they reach it."""
    from mlops_magics.core.deploying.endpoints import private_boards

    private_boards.materialise(version.board, version.name, version.version)
    return VersionPlace(private_boards.reachable(version.board), version.name, version.version, sha256)


def _refuse_unreachable(version: ModelVersion, to: str | None = None) -> None:
    """Refuse places on this machine, before a cluster starts to work.

    Raises
    ------
    InvalidInput
    """
    from mlops_magics.core.deploying.targets.packaged_version import is_reached_by_url

    for what, place in (("the board", version.board), ("the folder of the outputs", to)):
        if place is not None and not is_reached_by_url(place):
            raise InvalidInput(
                f"The workers of a cluster on other machines do not reach {what}, {place}. Copy the version to a board "
                f"with a URL, such as `%copy {version.ref} s3://bucket/models`, and write to one."
            )


def _inputs(data: str | os.PathLike[str] | Iterable[Any], folder: str) -> list[InputPart]:
    """Return the parts of the inputs, without the outputs of earlier runs.

    Raises
    ------
    InvalidInput
        Where an input is in the folder of the outputs.
    NotFound
    """
    given = [os.fspath(data)] if isinstance(data, str | os.PathLike) else list(map(os.fspath, data))
    below = f"{folder}/"
    # the outputs of an earlier run are below a folder that is read, and are not inputs
    found = [each for each in parts_of(given) if not (each.path.startswith(below) and OUTPUT.search(each.path))]
    inside = next((each.path for each in found if each.path.startswith(below)), None)
    if inside or not found:
        raise InvalidInput(f"{folder} holds inputs: choose another folder for the outputs.")
    return found


def _folder(to: str) -> str:
    """Return the folder of the outputs, in the form of its file system.

    Raises
    ------
    InvalidInput
    """
    if web_files.is_web(to):
        raise InvalidInput(f"{shown(to)} cannot be written. Name a folder, or a URL such as s3://bucket/folder.")
    system, place = file_system(to)
    local = "file" in ((system.protocol,) if isinstance(system.protocol, str) else system.protocol)
    return str(place).rstrip("/") if local else to.rstrip("/")


def _manifest(version: ModelVersion, tasks: list[BatchTask], results: tuple[PartResult, ...]) -> str:
    """Write the list of all outputs, and return its path. Equal runs give one manifest with equal bytes."""
    key = hashlib.sha256("".join(task.key for task in tasks).encode()).hexdigest()[:16]
    path = f"{tasks[0].folder}/_manifest-{key}.json"
    # no time and no count of what was skipped: a run that is repeated writes the same bytes
    parts = [{"source": each.source, "target": each.target.rpartition("/")[2], "rows": each.rows} for each in results]
    place = {"ref": version.ref, "sha256": tasks[0].place.sha256, "board": version.board}
    content = {
        **place,
        **dataclasses.asdict(tasks[0].options),
        "rows": sum(each.rows for each in results),
        "parts": parts,
    }
    _replace(path, json.dumps(content, indent=1).encode() + b"\n")
    return path


def _replace(path: str, data: bytes) -> None:
    """Write a file in place of the one that is there. On this machine a link is replaced, not followed."""
    system, place = file_system(path)
    local = "file" in ((system.protocol,) if isinstance(system.protocol, str) else system.protocol)
    if local:
        page_file.write(Path(place), data)
        return
    with remote_refusals(path, "write", "output"):
        system.pipe_file(place, data)
