"""Scoring of one part of the input: at least once, and idempotent, since equal keys give equal bytes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlops_magics.core.deploying.batch.batch_task import BatchTask, PartResult, ScoringOptions
from mlops_magics.core.deploying.batch.input_files import Chunk, chunks_of, file_system
from mlops_magics.core.deploying.batch.scorer import Scorer, scorer_of
from mlops_magics.core.remote_errors import remote_refusals, shown
from mlops_magics.errors import InvalidInput, MlopsError

if TYPE_CHECKING:
    import pyarrow as pa

LONGEST = 400
"""Characters of a message."""
Counted = Callable[[int], None]


def score_part(task: BatchTask, counted: Counted = lambda rows: None) -> PartResult:
    """Score a part, unless its output exists, and return the result.

    Parameters
    ----------
    counted
        Called with the number of rows after each chunk.
    """
    try:
        system, place = file_system(task.target)
        with remote_refusals(task.target, "write", "output"):
            rows = _rows_of(system, place)
        if rows is not None:
            return PartResult(shown(task.part.path), task.target, "skipped", rows)
        return PartResult(shown(task.part.path), task.target, "scored", _score(task, system, place, counted))
    except FileNotFoundError:
        reason = "the file is gone"
    except MlopsError as error:
        reason = str(error)
    except MemoryError:
        reason = "the memory is not enough for one chunk"
    except Exception as error:  # whatever a file, a bucket or a model raises: the other parts go on
        reason = f"{type(error).__name__}: {error}"
    return PartResult(shown(task.part.path), task.target, "failed", message=" ".join(reason.split())[:LONGEST])


def _rows_of(system: Any, place: str) -> int | None:
    """Return the rows of an output that exists, or None."""
    import pyarrow.parquet

    if not system.exists(place):
        return None
    with system.open(place, "rb") as stream:
        return int(pyarrow.parquet.ParquetFile(stream).metadata.num_rows)


def _score(task: BatchTask, system: Any, place: str, counted: Counted) -> int:
    """Write the output next to its place, move it there when it is whole, and return the rows.

    Raises
    ------
    MlopsError, OSError
    """
    scorer = scorer_of(task.place)
    chunks = (_answered(chunk, scorer, task.options) for chunk in chunks_of(task.part))
    if "file" not in ((system.protocol,) if isinstance(system.protocol, str) else system.protocol):
        with tempfile.TemporaryDirectory() as folder:
            draft = Path(folder) / "part.parquet"
            rows = _write(draft, chunks, counted)
            # one request of the store: an object is there when it is whole, so a draft next to it is not needed
            with remote_refusals(task.target, "write", "output"):
                system.put_file(str(draft), place)
        return rows
    target = Path(place)
    target.parent.mkdir(parents=True, exist_ok=True)
    # in the same folder: a rename across file systems would be a copy, and not atomic
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".draft-", delete=False) as made:
        draft = Path(made.name)
    try:
        rows = _write(draft, chunks, counted)
        with draft.open("rb") as written:
            # before the rename: a power failure could else leave a torn file under the name, never written again
            os.fsync(written.fileno())
        # a temporary file is made for its owner alone (0600)
        draft.chmod(0o644)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return rows


def _write(draft: Path, tables: Iterator[pa.Table], counted: Counted) -> int:
    import pyarrow.parquet

    rows, writer = 0, None
    try:
        for table in tables:
            if writer is None:
                writer = pyarrow.parquet.ParquetWriter(draft, table.schema, compression="zstd")
            # a chunk of nothing but nulls has the type null, and one of whole numbers may differ from one of floats
            writer.write_table(table if table.schema.equals(writer.schema) else table.cast(writer.schema))
            rows += len(table)
            counted(len(table))
    finally:
        if writer is not None:
            writer.close()
    if not rows:
        raise InvalidInput("the file has no rows")
    return rows


def _answered(chunk: Chunk, scorer: Scorer, options: ScoringOptions) -> pa.Table:
    """Return the kept columns of a chunk with the answers.

    Raises
    ------
    DataMismatch, InvalidInput
    """
    import pyarrow as pa

    if chunk.body is not None:
        answers = scorer.columns(chunk.body, chunk.kind, options.method, options.column)
    else:
        answers = scorer.chunk(chunk.table, options.method, options.column)
    kept = {name: chunk.table.column(name) for name in _kept(chunk.table.column_names, scorer.names, options.keep)}
    twice = sorted(kept.keys() & answers.keys())
    if twice:
        raise InvalidInput(f"the input has a column {twice[0]!r} itself: choose another name with --column")
    return pa.table({**kept, **answers})


def _kept(columns: list[str], read: tuple[str, ...], keep: str) -> list[str]:
    if keep == "all":
        return columns
    if keep == "none":
        return []
    if keep == "unread":
        return [name for name in columns if name not in read]
    wanted = [name.strip() for name in keep.split(",")]
    missing = [name for name in wanted if name not in columns]
    if missing:
        raise InvalidInput(f"the input has no column {missing[0]!r} to keep")
    return wanted
